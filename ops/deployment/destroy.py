"""The command destroy."""

from config.request import Request
from ops import terraform
from ops.command import acting
from ops.deployment import approval, dependents, retention, saved_plan
from ops.errors import CommandError
from ops.handlers import roles
from ops.workspace import Workspace, emulator_runs, features_of, on_aws, open_workspaces
from plan_review.forms.wording import counts, headline, shown, sign
from stacks.features import load_settings


def destroy(request: Request) -> None:
    """Destroy the stack, unless the settings retain data; outside dev, only with CONFIRM_DATA_LOSS=<stack>.

    Refused, before anything is deleted, if AWS would refuse a part of it.
    """
    approval.require_approver(request, "destroy")
    environment = request.environment_or_dev
    settings = load_settings(environment)
    features = features_of(request)
    if settings.retains_data:
        stacks = [feature.stack_name(environment) for feature in features]
        holding = [name for feature in features for name in retention.holding(feature, settings)]
        message = (
            f"{' and '.join(stacks)} {'retain' if len(stacks) > 1 else 'retains'} data: refused to destroy "
            f"{' and '.join(holding)}; nothing was changed. "
            f'It is data_protection = "retain" in environments/{environment}.toml that says so; '
            f"{retention.RUNBOOK} has the two steps of a decommission"
        )
        raise CommandError(message)
    if settings.keeps_data and len(features) > 1:
        stacks = ", ".join(f"STACK={feature.stack}" for feature in features)
        message = (
            f"CONFIRM_DATA_LOSS names one stack, and {environment} has {len(features)}: nothing was changed; "
            f"destroy one after the other, with {stacks}; {retention.RUNBOOK} has the two steps of a decommission"
        )
        raise CommandError(message)
    if not emulator_runs(request):
        print(f"{environment}: no emulator is running, so nothing is deployed to one{on_aws(request, 'destroy')}")
        return
    with open_workspaces(request, command="destroy", keep_emulator=True) as workspaces:
        for workspace in workspaces:
            _destroy(request, workspace)


def _destroy(request: Request, workspace: Workspace) -> None:
    terraform.prepare(workspace)
    with saved_plan.unsaved(workspace, "-destroy") as (plan_file, plan):
        refusals = retention.destroy_refusals(
            plan.content, workspace.settings, workspace.stack, request.confirm_data_loss, workspace.make
        )
        if refusals:
            raise CommandError("\n".join(refusals))
        dependents.require_deletable(plan.content, workspace.client)
        review = saved_plan.reviewed(workspace, plan).review
        lines = (f"  {sign(each)} {each.type:<52} {shown(each.name)}" for each in review.resources)
        print(f"{headline(review)}: {counts(review)}", *lines, sep="\n", flush=True)
        if approval.needs_approval(request):
            approval.require_yes(f"Destroy this on {workspace.where}?")
        terraform.apply(workspace, plan_file, plan.content)
    if workspace.emulator:
        roles.remove(workspace)


COMMANDS = (acting(destroy),)
