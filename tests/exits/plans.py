"""Plans on the emulator: a state that one core made, planned by the other, both ways."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.installed import BenchError
from tests.checkout import Checkout, make_checkout
from tests.exits.ways import CDKTN, CORE, Way

STACKS = ("state-backend-dev", "vpr-async-dev")
STUB = """import os, sys
os.environ.update({variables!r})
os.execv({command!r}[0], {command!r})
"""
"""What stands in for main.py: the commands run it as they run the project's own."""
UNCHANGED = (["no-op"], ["read"])


@dataclass(frozen=True)
class Replanned:
    """One direction, at its end."""

    made_by: str
    planned_by: str
    resources: int
    """How many the two plans name."""
    changes: list[str]


def replan(folder: Path, *, leaving: bool) -> Replanned:
    """Deploy dev to an emulator of its own by one core, and plan it by the other, in a checkout in the folder.

    leaving: cdktf makes the state and cdktn plans it; otherwise the other way round.
    Raises BenchError if a command fails.
    """
    checkout = make_checkout(folder)
    own = (folder / "main.py").read_text()
    (folder / "main_of_today.py").write_text(own)
    stub = _stub(CDKTN, folder)
    try:
        made_by = _deploy(checkout, own if leaving else stub)
        planned_by = _plan(checkout, stub if leaving else own)
    finally:
        checkout.run("python", "-m", "ops", "down", ENV="dev")
    plans = [json.loads((folder / "plans" / "emulator" / stack / "plan.json").read_text()) for stack in STACKS]
    resources = sum(len(plan["resource_changes"]) for plan in plans)
    return Replanned(made_by, planned_by, resources, [each for plan in plans for each in changes(plan)])


def changes(plan: Mapping[str, Any]) -> list[str]:
    """Return what a plan would change, a line each.

    What the provider fills in at the first refresh after a creation (`resource_drift`) is no change, with either core.
    """
    named = [(each["address"], each["change"]) for each in plan.get("resource_changes", [])]
    named += [(f"output {name}", change) for name, change in plan.get("output_changes", {}).items()]
    found = [f"{name}: {'/'.join(each['actions'])}" for name, each in named if each["actions"] not in UNCHANGED]
    return found or (["something: the plan can be applied"] if plan["applyable"] else [])


def _stub(way: Way, folder: Path) -> str:
    return STUB.format(variables=way.variables(folder), command=way.command("main_of_today.py"))


def _deploy(checkout: Checkout, app: str) -> str:
    (checkout.path / "main.py").write_text(app)
    _ops(checkout, "bootstrap")
    _ops(checkout, "up")
    return _core(checkout)


def _plan(checkout: Checkout, app: str) -> str:
    (checkout.path / "main.py").write_text(app)
    _ops(checkout, "bootstrap")
    _ops(checkout, "plan")
    return _core(checkout)


def _ops(checkout: Checkout, command: str) -> None:
    done = checkout.run("python", "-m", "ops", command, ENV="dev")
    if done.returncode:
        message = f"make {command} ended with status {done.returncode}: {done.stderr.strip()[-2000:]}"
        raise BenchError(message)


def _core(checkout: Checkout) -> str:
    """Return the version of the core that made the stacks which Terraform just read; of both the same."""
    versions: set[str] = set()
    for stack in STACKS:
        value = json.loads((checkout.folder(stack) / "cdk.tf.json").read_text())
        for key in CORE:
            value = value[key]
        versions.add(str(value))
    (version,) = versions
    return version
