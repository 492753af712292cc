"""What is looked at on the handlers' policies."""

import json
from collections.abc import Iterator
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene
from ops.verify.policies import policy_check
from ops.verify.report import Check


def _policy(scene: Scene, resource: Resource, document: Any) -> Iterator[Check]:
    expected = expectations.handler_statements(scene.settings, resource.name)
    yield policy_check(resource, expected, json.dumps(document))


LOOKS: Looks = {"policy": _policy}
