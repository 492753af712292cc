"""Terraform, run on a synthesized stack."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from ops import process
from ops.errors import CommandError
from ops.progress import step
from ops.workspace import Workspace


def init(workspace: Workspace) -> None:
    """Make the stack's folder ready: state backend and provider. Raises CommandError."""
    with step("terraform init"):
        # A backend that was set up for another bucket is set up anew; no state is moved.
        _quiet(workspace, "init", "-input=false", "-no-color", "-lockfile=readonly", "-reconfigure")


def plan(workspace: Workspace, saved_plan: Path) -> None:
    """Plan into a file. Raises CommandError."""
    with step("terraform plan"):
        _quiet(workspace, "plan", "-input=false", "-no-color", f"-out={saved_plan}")


def plan_json(workspace: Workspace, saved_plan: Path) -> str:
    """Return the saved plan as the JSON that Terraform documents."""
    with step("terraform show"):
        return _quiet(workspace, "show", "-json", "-no-color", str(saved_plan)).stdout


def unlocked_plan_json(workspace: Workspace, saved_plan: Path, *options: str) -> str:
    """Return a plan that is only looked at: made without the state's lock, so that it never keeps an apply waiting.

    A plan that prevent_destroy refuses is returned too, with `errored` set. Raises CommandError for other errors.
    """
    arguments = ("plan", "-input=false", "-no-color", "-lock=false", *options, f"-out={saved_plan}")
    done = process.run(("terraform", *arguments), workspace.variables, workspace.stack_directory, capture=True)
    errors = re.findall(r"^Error: (.*)$", done.stderr, re.MULTILINE)
    if done.returncode and not (saved_plan.exists() and set(errors) == {"Instance cannot be destroyed"}):
        message = f"terraform plan failed on {workspace.where}:\n{done.stderr.strip()}"
        raise CommandError(message)
    return _quiet(workspace, "show", "-json", "-no-color", str(saved_plan)).stdout


def apply(workspace: Workspace) -> None:
    """Apply what is synthesized, showing Terraform's own progress. Raises CommandError."""
    done = process.run(
        ("terraform", "apply", "-input=false", "-no-color", "-auto-approve", "-compact-warnings"),
        workspace.variables,
        workspace.stack_directory,
        to_stderr=True,
    )
    if done.returncode:
        message = f"terraform apply failed with status {done.returncode}; what it says above is why"
        raise CommandError(message)


def outputs(workspace: Workspace) -> dict[str, Any]:
    """Return the deployed stack's outputs by name."""
    shown: dict[str, dict[str, Any]] = json.loads(_quiet(workspace, "output", "-json", "-no-color").stdout)
    return {name: output["value"] for name, output in shown.items()}


def _quiet(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = process.run(("terraform", *arguments), workspace.variables, workspace.stack_directory, capture=True)
    if done.returncode:
        message = f"terraform {arguments[0]} failed on {workspace.where}:\n{(done.stderr or done.stdout).strip()}"
        raise CommandError(message)
    return done
