"""Make the state bucket, whose own state it holds in the end: `make bootstrap`."""

import dataclasses
import json
import os
import shutil
from typing import Any

from config.request import PROJECT_ROOT, Request
from ops import adoption, approval, aws, saved_plan, terraform
from ops.progress import say, step
from ops.reviewed import apply_saved
from ops.workspace import Workspace, open_workspace, synthesize

LOCAL_STATE = "terraform.tfstate"
LOCAL_BACKEND = {"terraform": {"backend": {"local": {"path": LOCAL_STATE}}}}


def bootstrap(request: Request) -> None:
    """Make the environment's state bucket, or adopt the one that exists; run again, it changes nothing.

    A bucket cannot hold the state of its own creation. So it is made with local state, which is then pushed into the
    bucket and removed once a plan has found it there. Whatever step is the last one done, the next run goes on.
    """
    approval.require_approver(request, "bootstrap")
    with open_workspace(request, keep_emulator=True, state_backend=True) as workspace:
        settings = workspace.settings
        synthesize(workspace)
        local = _with_local_state(workspace)
        s3 = workspace.client("s3")
        exists = aws.state_bucket_exists(s3, settings)
        if not exists or aws.state_object(s3, settings, workspace.stack) is None:
            _copy_stack(workspace, local)
            terraform.init(local)
            _apply(request, local, (adoption.adopt(local) if exists else None) or saved_plan.make(local))
            terraform.init(workspace)
            with step(f"move the state into {settings.state_bucket}"):
                terraform.run(workspace, "state", "push", str(local.local_state_file))
        else:
            terraform.init(workspace)
            terraform.write_unsaved_state(workspace)
        _apply(request, workspace, saved_plan.make(workspace))
        shutil.rmtree(local.stack_directory, ignore_errors=True)
        print(f"{settings.state_bucket} on {workspace.where}: ready, with its own state in it")


def _with_local_state(workspace: Workspace) -> Workspace:
    """Return the same stack in a folder of its own, in which a crash leaves the local state for the next run."""
    directory = PROJECT_ROOT / ".cache" / "bootstrap" / workspace.target / workspace.stack
    variables = {**workspace.variables, "TF_DATA_DIR": str(directory / ".terraform")}
    return dataclasses.replace(
        workspace, stack_directory=directory, local_state_file=directory / LOCAL_STATE, variables=variables
    )


def _copy_stack(workspace: Workspace, local: Workspace) -> None:
    local.stack_directory.mkdir(parents=True, exist_ok=True)
    local.imports_file.unlink(missing_ok=True)
    for name in ("cdk.tf.json", ".terraform.lock.hcl"):
        shutil.copyfile(workspace.stack_directory / name, local.stack_directory / name)
    # Terraform lets a file of this name override the backend that the stack declares.
    (local.stack_directory / "backend_override.tf.json").write_text(json.dumps(LOCAL_BACKEND))
    mirror, link = PROJECT_ROOT / "terraform.d", local.stack_directory / "terraform.d"
    if mirror.is_dir() and not link.is_symlink():
        link.symlink_to(os.path.relpath(mirror, link.parent), target_is_directory=True)


def _apply(request: Request, workspace: Workspace, plan: dict[str, Any]) -> None:
    """Apply the plan that is saved if it changes anything and, on AWS, somebody agrees."""
    if not plan["applyable"]:
        say(f"{workspace.stack}: no difference")
        return
    saved_plan.require_allowed(workspace, plan)
    if approval.needs_approval(request):
        approval.require_yes(f"Apply this on {workspace.where}?")
    apply_saved(workspace, plan)
