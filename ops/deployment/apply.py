"""The command apply: what was planned and reviewed, and nothing else."""

from pathlib import Path

from config.request import Request
from ops import terraform
from ops.command import acting
from ops.deployment import adoption, dependents, saved_plan
from ops.deployment.saved_plan import Planned
from ops.errors import CommandError
from ops.lock import held_lock
from ops.progress import say
from ops.workspace import Workspace, open_workspaces, require_emulator, synthesize
from plan_review.forms.wording import MOST_SENTENCE, done, shown


def apply(request: Request) -> None:
    """Apply exactly the plan that make plan left and somebody looked at; that was the approval, nothing is asked."""
    require_emulator(request)
    # It does not wait for another command: that one may leave another plan than was looked at.
    with open_workspaces(request, command="apply", waits=False) as workspaces:
        for workspace in workspaces:
            # Before any is applied: what was looked at is all of them.
            saved_plan.require(workspace)
            terraform.require_no_unsaved_state(workspace)
        for workspace in workspaces:
            _apply_one(workspace)


def _apply_one(workspace: Workspace) -> None:
    synthesize(workspace)
    saved_plan.lay_out_imports(workspace)
    applied = apply_saved(workspace)
    said = f"applied: {done(applied.review)}" if applied else "nothing to apply, the plan has no changes"
    print(f"{workspace.stack} on {workspace.where}: {said}")


def apply_saved(workspace: Workspace, made: Planned | None = None) -> Planned | None:
    """Apply the plan that is saved, and return it; None if it has nothing to do. An applied plan is spent.

    A plan that changes nothing is applied too if its refresh found what is to be written into the state: Terraform then
    does that alone, under the state's lock, and refuses a plan that the state has overtaken.
    made: the saved plan with its review, if this command has just made it.
    Raises CommandError if it is not the plan that was looked at, would lose data, is stopped by a rule, would meet what
    exists already, or if AWS would refuse a part of it.
    """
    with saved_plan.opened(workspace) as (file, saved):
        plan = made or saved_plan.reviewed(workspace, saved)
        if not plan.applyable:
            for note in plan.refreshed.notes:
                say(f"{workspace.stack}: {shown(note, MOST_SENTENCE)}")
            return None
        _apply(workspace, file, plan)
        return plan


def _apply(workspace: Workspace, file: Path, plan: Planned) -> None:
    saved_plan.require_no_loss(plan)
    saved_plan.require_allowed(workspace, plan)
    dependents.require_deletable(plan.json, workspace.client)
    # While another apply is at work, what exists already is its doing; Terraform then stops at the lock, or waits.
    if held_lock(workspace.client("s3"), workspace.settings, workspace.stack) is None:
        refusals = adoption.already_there(plan.json, workspace)
        if refusals:
            raise CommandError("\n".join(refusals))
    terraform.apply(workspace, file, plan.json)
    saved_plan.discard(workspace)


COMMANDS = (acting(apply),)
