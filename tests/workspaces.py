"""Workspaces for tests of what works on one, without an AWS."""

from pathlib import Path
from typing import Any

from config.environments import Environment
from config.request import Target
from ops.workspace import Workspace
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC

NOWHERE = Path("nowhere")


def workspace_of(environment: str = "prod", **others: Any) -> Workspace:
    """Return a workspace on AWS, of the VPR stack as shipped, in a folder that is not there.

    others: further arguments of Workspace, in place of these.
    """
    made: dict[str, Any] = {
        "settings": load_settings(Environment(environment)),
        "target": Target.AWS,
        "variables": {},
        "emulator": None,
        "feature": VPR_ASYNC,
        "stack_directory": NOWHERE,
    }
    return Workspace(**(made | others))
