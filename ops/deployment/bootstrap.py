"""Make the state bucket, whose own state it holds in the end: `make bootstrap`."""

import dataclasses
import json
import shutil
from pathlib import Path

from config.request import PROJECT_ROOT, Request
from ops import aws, terraform, unsaved_state
from ops.command import acting
from ops.deployment import adoption, approval, saved_plan
from ops.deployment.apply import apply_saved
from ops.deployment.saved_plan import Planned
from ops.errors import CommandError
from ops.progress import say, step
from ops.workspace import BOOTSTRAPS, Workspace, lay_out, open_workspace, synthesize
from stacks.features import STATE_BACKEND

LOCAL_STATE = "terraform.tfstate"
LOCAL_BACKEND = {"terraform": {"backend": {"local": {"path": f"../{LOCAL_STATE}"}}}}


def bootstrap(request: Request) -> None:
    """Make the environment's state bucket, or adopt the one that exists; run again, it changes nothing.

    A bucket cannot hold the state of its own creation. So it is made with local state, which is then pushed into the
    bucket and removed once a plan has found it there. Whatever step is the last one done, the next run goes on.
    """
    approval.require_approver(request, "bootstrap")
    with open_workspace(request, STATE_BACKEND, command="bootstrap", keep_emulator=True) as workspace:
        settings = workspace.settings
        synthesize(workspace)
        s3 = workspace.client("s3")
        exists = aws.state_bucket_exists(s3, settings)
        if not exists or aws.state_object(s3, settings, workspace.stack) is None:
            local = _with_local_state(workspace)
            terraform.init(local)
            terraform.write_unsaved_states(local)
            _apply(request, local, (adoption.adopt(local) if exists else None) or saved_plan.make(local))
            terraform.init(workspace)
            with step(f"move the state into {settings.state_bucket}"):
                terraform.run(workspace, "state", "push", str(local.local_state_file))
        else:
            terraform.init(workspace)
            terraform.write_unsaved_states(workspace)
        _apply(request, workspace, saved_plan.make(workspace))
        shutil.rmtree(_local_folder(workspace), ignore_errors=True)
        print(f"{settings.state_bucket} on {workspace.where}: ready, with its own state in it")


def _local_folder(workspace: Workspace) -> Path:
    """Return the folder of the same stack with local state; a crash leaves that state there for the next run."""
    return BOOTSTRAPS / workspace.target / workspace.stack


def _with_local_state(workspace: Workspace) -> Workspace:
    """Return a workspace of the same stack with its state in a local file.

    A local state that cannot be read, as after a full disk, is put aside: a bucket that exists is adopted.
    """
    folder = _local_folder(workspace)
    local = dataclasses.replace(
        workspace,
        stack_directory=folder / "stack",
        local_state_file=folder / LOCAL_STATE,
        variables={**workspace.variables, "TF_DATA_DIR": str(folder / ".terraform")},
    )
    # A killed command did not keep it.
    unsaved_state.keep(local.stack_directory, local.target, local.stack)
    lay_out(workspace.stack_directory, local.stack_directory)
    # Terraform lets a file of this name override the backend that the stack declares.
    (local.stack_directory / "backend_override.tf.json").write_text(json.dumps(LOCAL_BACKEND))
    try:
        terraform.state(local)
    except CommandError as error:
        unreadable = folder / f"unreadable-{LOCAL_STATE}"
        (folder / LOCAL_STATE).replace(unreadable)
        say(f"{error}: put aside as {unreadable.relative_to(PROJECT_ROOT)}")
    return local


def _apply(request: Request, workspace: Workspace, plan: Planned) -> None:
    """Apply the plan that is saved if it changes anything and, on AWS, somebody agrees."""
    if not plan.applyable:
        say(f"{workspace.stack}: no difference")
        return
    saved_plan.require_allowed(workspace, plan, is_shown=True)
    if approval.needs_approval(request):
        approval.require_yes(f"Apply this on {workspace.where}?")
    apply_saved(workspace, plan)


COMMANDS = (acting(bootstrap),)
