"""The commands that act at once: up, down, status, synth, deploy, destroy."""

import shlex

from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Environment, Request, Target
from config.settings import load_settings, shown_value
from ops import approval, dependents, emulator, process, retention, saved_plan, terraform
from ops.errors import CommandError
from ops.progress import say
from ops.review.text import counts, headline, shown, sign
from ops.workspace import (
    EMULATORS,
    Workspace,
    emulator_runs,
    offline_workspace,
    open_workspace,
    synthesize,
)

MISLEADING = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}
"""Variables of a user's shell that `export` lines cannot undo."""
CDKTF = str(PROJECT_ROOT / "node_modules" / ".bin" / "cdktf")


def up(request: Request) -> None:
    """Deploy to an emulator that goes on running, and print what a handler needs as `export` lines."""
    if request.target is Target.AWS:
        message = "TARGET=aws: make up is the emulator's alone; make deploy TARGET=aws deploys to AWS"
        raise InvalidInputError([message])
    with open_workspace(request, keep_emulator=True) as workspace:
        terraform.prepare(workspace)
        with saved_plan.unsaved(workspace) as (plan_file, content):
            saved_plan.require_no_loss(workspace, content)
            terraform.apply(workspace, plan_file)
        for name, value in _exports(workspace).items():
            print(f"export {name}={shlex.quote(value)}")
        say(f"{workspace.stack} runs on {workspace.where}; make down ENV={workspace.settings.environment} ends it")
        misleading = sorted(MISLEADING & request.variables.keys())
        if misleading:
            say(f"this shell has AWS settings that would interfere with the lines above: unset {' '.join(misleading)}")


def _exports(workspace: Workspace) -> dict[str, str]:
    assert workspace.emulator
    outputs = terraform.outputs(workspace)
    handler_environment: dict[str, str] = outputs.pop("handler_environment")
    reach = workspace.emulator.environment(workspace.settings.region)
    return {
        # As the commands' own child processes have them: what the user exempts from a proxy stays exempt.
        **{name: workspace.variables[name] for name in reach},
        **{name.upper(): str(value) for name, value in sorted(outputs.items())},
        **handler_environment,
    }


def down(request: Request) -> None:
    """End the environment's emulator, with all that was deployed to it."""
    environment = request.environment_or_dev
    ended = emulator.stop_background(environment, EMULATORS)
    print(f"{environment}: {'ended' if ended else 'no emulator was running'}")


def status(_: Request) -> None:
    """Print what runs, a line an environment."""
    for environment in Environment:
        running = emulator.find_background(environment, EMULATORS)
        shown = f"{running.endpoint} (account {running.account_id}, pid {running.pid})" if running else "not running"
        print(f"{environment}: {shown}")


def synth(request: Request) -> None:
    """Synthesize through cdktf's CLI; nothing is reached, on either target."""
    _cdktf(offline_workspace(request), "synth")


def deploy(request: Request) -> None:
    """Deploy through cdktf's CLI, which plans afresh and asks, unless the target is an emulator or AUTO_APPROVE=yes."""
    approval.require_approver(request, "deploy")
    _require_no_other_apply(request)
    approved = () if approval.needs_approval(request) else ("--auto-approve",)
    with open_workspace(request, keep_emulator=True) as workspace:
        if retention.retains(workspace.settings):
            terraform.prepare(workspace)
            with saved_plan.unsaved(workspace) as (_, plan):
                saved_plan.require_no_loss(workspace, plan)
                saved_plan.require_allowed(workspace, plan)
                dependents.require_deletable(plan, workspace.client)
        _cdktf(workspace, "deploy", workspace.stack, *approved)


def _require_no_other_apply(request: Request) -> None:
    """Refuse, where data is retained, options that would have Terraform apply another plan than the one judged."""
    given = request.variables.get("TF_CLI_ARGS_apply", "")
    if given and retention.retains(load_settings(request.environment_or_dev)):
        message = (
            f"TF_CLI_ARGS_apply = {shown_value(given)}: not allowed for make deploy where data is retained: it adds to "
            "the apply what no plan has shown; unset it, or make plan and make apply"
        )
        raise InvalidInputError([message])


def destroy(request: Request) -> None:
    """Destroy the stack, unless the settings retain data; outside dev, only with CONFIRM_DATA_LOSS=<stack>.

    Refused, before anything is deleted, if AWS would refuse a part of it.
    """
    approval.require_approver(request, "destroy")
    environment = request.environment_or_dev
    settings = load_settings(environment)
    if settings.retains_data:
        message = (
            f"{settings.names.stack} retains data: refused to destroy {settings.names.jobs_table} and "
            f"{settings.names.results_bucket}; nothing was changed. "
            f'It is data_protection = "retain" in environments/{environment}.toml that says so; '
            f"{retention.RUNBOOK} has the two steps of a decommission"
        )
        raise CommandError(message)
    if not emulator_runs(request):
        print(f"{environment}: no emulator is running, so nothing is deployed")
        return
    with open_workspace(request, keep_emulator=True) as workspace:
        terraform.prepare(workspace)
        with saved_plan.unsaved(workspace, "-destroy") as (plan_file, plan):
            refusals = retention.destroy_refusals(plan, settings, request.confirm_data_loss)
            if refusals:
                raise CommandError("\n".join(refusals))
            dependents.require_deletable(plan, workspace.client)
            review = saved_plan.review_of(workspace, plan)
            lines = (f"  {sign(each)} {each.type:<52} {shown(each.name)}" for each in review.resources)
            print(f"{headline(review)}: {counts(review)}", *lines, sep="\n", flush=True)
            if approval.needs_approval(request):
                approval.require_yes(f"Destroy this on {workspace.where}?")
            terraform.apply(workspace, plan_file)


def _cdktf(workspace: Workspace, *arguments: str) -> None:
    """Run cdktf's CLI on all environments that are valid, after this one has been found to be.

    The CLI deletes the folder of every stack that it did not synthesize; another command may be at work in it.
    """
    synthesize(workspace)
    everything = {key: value for key, value in workspace.variables.items() if key != "ENV"}
    done = process.run((CDKTF, *arguments), everything, PROJECT_ROOT)
    if done.returncode:
        message = f"cdktf {arguments[0]} failed with status {done.returncode}; if it does not say why, make plan does"
        raise CommandError(message)
