"""Checks of the handlers' policies."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene
from ops.verify.policies import allowed, policy_check
from ops.verify.report import Check


def _policy(scene: Scene, resource: Resource, policy: Mapping[str, Any]) -> Iterator[Check]:
    expected = expectations.handler_statements(scene.settings, resource.name)
    versions: Sequence[Mapping[str, Any]] = policy["PolicyVersionList"]
    (document,) = (each["Document"] for each in versions if each["IsDefaultVersion"])
    # An update leaves the version before it: what that one allows more is no fault, as long as it is not in force.
    wider = [
        each["VersionId"]
        for each in versions
        if not each["IsDefaultVersion"] and allowed(each["Document"]) - allowed({"Statement": expected})
    ]
    note = (
        f"version {', '.join(wider)} is not in force and allows more; if nobody needs it: aws iam "
        f"delete-policy-version --policy-arn {policy['Arn']} --version-id {wider[0]}"
        if wider
        else ""
    )
    yield policy_check(resource, expected, json.dumps(document), note)


def _attachments(scene: Scene, resource: Resource, policy: Mapping[str, Any]) -> Iterator[Check]:
    """Check that neither a user nor a group has a handler's access; name the roles, which other projects make."""
    entities = {}
    if policy["AttachmentCount"]:
        entities = scene.ask("iam", "list_entities_for_policy", PolicyArn=policy["Arn"])
    for kind in ("User", "Group"):
        found = sorted(each[f"{kind}Name"] for each in entities.get(f"Policy{kind}s", []))
        yield resource.check(f"attached to {kind.lower()}s", None, found or None)
    roles = sorted(each["RoleName"] for each in entities.get("PolicyRoles", []))
    note = f"role {', '.join(roles)} has it: see that each is a handler's" if roles else ""
    yield resource.check("attached to roles", roles, roles, note)


LOOKS: Looks = {"policy": _policy, "attachments": _attachments}
