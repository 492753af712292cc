"""The commands that cdktf's own CLI carries out: synth and deploy."""

from collections.abc import Sequence
from pathlib import Path

from config.request import PROJECT_ROOT, Request
from ops import process, terraform
from ops.command import acting
from ops.deployment import approval, dependents, saved_plan
from ops.errors import CommandError, NoAnswerError
from ops.progress import say
from ops.provider_waits import expectation_of_creations
from ops.synthesis import CDKTF_OUT
from ops.work_lock import CDKTF_FOLDER, at_work
from ops.workspace import Workspace, offline_workspace, open_workspaces, try_synthesis

CDKTF = str(PROJECT_ROOT / "node_modules" / ".bin" / "cdktf")
APP = ".venv/bin/python main.py"
"""What the CLI runs to synthesize every environment, as a user types it."""


def synth(request: Request) -> None:
    """Synthesize through cdktf's CLI; nothing is reached, on either target."""
    _require_cli("synth")
    workspace = offline_workspace(request)
    with at_work(CDKTF_FOLDER, "make synth", wait_seconds=request.checkout_wait_seconds):
        try_synthesis(workspace)
        _cdktf(workspace, "synth")


def deploy(request: Request) -> None:
    """Deploy through cdktf's CLI, which plans afresh and asks, unless the target is an emulator or AUTO_APPROVE=yes.

    One stack after the other; a stack that fails ends the command, as in make apply.
    """
    _require_cli("deploy")
    approval.require_approver(request, "deploy")
    approved = () if approval.needs_approval(request) else ("--auto-approve",)
    with (
        open_workspaces(request, command="deploy", keep_emulator=True) as workspaces,
        at_work(CDKTF_FOLDER, workspaces[0].make("deploy"), wait_seconds=request.checkout_wait_seconds),
    ):
        for workspace in workspaces:
            # Before any is deployed: what is asked for is all of them.
            _require_deployable(workspace)
        for workspace in workspaces:
            _deploy(workspace, approved)


def _deploy(workspace: Workspace, approved: Sequence[str]) -> None:
    """Deploy one stack, by a run of its own: the CLI gives every stack's Terraform the variables of the first."""
    if expected := expectation_of_creations(saved_plan.synthesized(workspace), terraform.state(workspace)):
        say(f"cdktf deploy {workspace.stack}: {expected}")
    try:
        # The checksums are locked already; the CLI does not know them under the host of OpenTofu's registry.
        _cdktf(workspace, "deploy", workspace.stack, "--skip-provider-lock", *approved)
    finally:
        # cdktf's Terraform runs in cdktf's own folder, which the next synthesis cleans.
        if kept := terraform.kept_state(workspace, CDKTF_OUT / "stacks" / workspace.stack):
            say(kept)


def _require_cli(command: str) -> None:
    """Require cdktf's CLI, which the set-up of other commands does not install. Raises NoAnswerError without it."""
    if not Path(CDKTF).exists():
        message = f"{Path(CDKTF).relative_to(PROJECT_ROOT)} is not installed; make {command} installs it, and runs it"
        raise NoAnswerError(message)


def _require_deployable(workspace: Workspace) -> None:
    """Require that what cdktf's CLI is about to deploy loses nothing, and is allowed. Raises CommandError."""
    terraform.prepare(workspace)
    if workspace.settings.keeps_data:
        with saved_plan.unsaved(workspace) as (_, unsaved):
            plan = saved_plan.reviewed(workspace, unsaved)
            saved_plan.require_no_loss(plan)
            saved_plan.require_allowed(workspace, plan)
            dependents.require_deletable(plan.json, workspace.client)


def _cdktf(workspace: Workspace, command: str, *arguments: str) -> None:
    """Run cdktf's CLI on all environments that are valid, after this one has been found to be.

    The CLI deletes the folder of every stack that it did not synthesize; another command may be at work in it.
    """
    everything = {key: value for key, value in workspace.variables.items() if key != "ENV"}
    done = process.run((CDKTF, command, *arguments), everything, PROJECT_ROOT)
    if done.returncode:
        # What failed may be another environment's stack, of which a plan of this one knows nothing.
        asked = [APP] if command == "synth" else [APP, workspace.make("plan")]
        shown = " ".join((command, *(each for each in arguments if not each.startswith("-"))))
        message = (
            f"cdktf {shown} failed with status {done.returncode}; if it does not say why, {' or '.join(asked)} does"
        )
        raise CommandError(message)


COMMANDS = (acting(synth), acting(deploy))
