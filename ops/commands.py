"""The commands that act at once: up, down, status, synth, deploy, destroy."""

import shlex
import shutil

from aws_emulator import environment as aws_environment
from config.environments import environments
from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Request, Target
from ops import emulators, process, terraform, unsaved_state
from ops.command import Command, acting
from ops.deployment import approval, dependents, retention, saved_plan
from ops.emulators import BusyEmulatorError
from ops.errors import CommandError
from ops.progress import say
from ops.synthesis import CDKTF_OUT
from ops.work_lock import CDKTF_FOLDER, at_work
from ops.workspace import (
    STACKS,
    Workspace,
    alone_with_the_emulator,
    emulator_runs,
    features_of,
    offline_workspace,
    on_aws,
    open_workspaces,
    try_synthesis,
)
from plan_review.forms.wording import counts, headline, shown, sign
from stacks.features import load_settings

MADE = (
    *(".cache/bootstrap", ".cache/cdktf", ".cache/stacks", ".cache/synthesis", ".cache/terraform", ".emulator"),
    *(".hypothesis", ".pytest_cache", ".ruff_cache", "cdktf.out", "plans", "sbom"),
)
"""What `make clean` removes. Not in it: `unsaved-state`, which holds the only copy of what it has."""
CDKTF = str(PROJECT_ROOT / "node_modules" / ".bin" / "cdktf")


def up(request: Request) -> None:
    """Deploy to an emulator that goes on running, and print what a handler needs as `export` lines."""
    if request.target is Target.AWS:
        message = "TARGET=aws: make up is the emulator's alone; make deploy TARGET=aws deploys to AWS"
        raise InvalidInputError([message])
    with open_workspaces(request, command="up", keep_emulator=True) as workspaces:
        for workspace in workspaces:
            _up(workspace)
        if misleading := aws_environment.misleading(request.shell):
            say(f"this shell has AWS settings that would interfere with the lines above: unset {' '.join(misleading)}")


def _up(workspace: Workspace) -> None:
    terraform.prepare(workspace)
    with saved_plan.unsaved(workspace) as (plan_file, content):
        if retention.retains(workspace.settings):
            saved_plan.require_no_loss(saved_plan.reviewed(workspace, content))
        terraform.apply(workspace, plan_file)
    for name, value in _exports(workspace).items():
        print(f"export {name}={shlex.quote(value)}")
    say(f"{workspace.stack} runs on {workspace.where}; make down ENV={workspace.settings.environment} ends it")


def _exports(workspace: Workspace) -> dict[str, str]:
    assert workspace.emulator
    outputs = terraform.outputs(workspace)
    handler_environment: dict[str, str] = outputs.pop("handler_environment", {})
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
    with alone_with_the_emulator(request, "down"):
        ended = emulators.stop(environment)
    print(f"{environment}: {'ended' if ended else 'no emulator was running'}")


def status(_: Request) -> None:
    """Print what runs, a line an environment."""
    for environment in environments():
        try:
            running = emulators.find(environment)
        except BusyEmulatorError as error:
            print(error)
            continue
        print(f"{environment}: {running or 'not running'}")


def synth(request: Request) -> None:
    """Synthesize through cdktf's CLI; nothing is reached, on either target."""
    workspace = offline_workspace(request)
    with at_work(CDKTF_FOLDER, "make synth", wait_seconds=request.lock_timeout_seconds):
        try_synthesis(workspace)
        _cdktf(workspace, "synth")


def deploy(request: Request) -> None:
    """Deploy through cdktf's CLI, which plans afresh and asks, unless the target is an emulator or AUTO_APPROVE=yes."""
    approval.require_approver(request, "deploy")
    approved = () if approval.needs_approval(request) else ("--auto-approve",)
    with (
        open_workspaces(request, command="deploy", keep_emulator=True) as workspaces,
        at_work(CDKTF_FOLDER, workspaces[0].make("deploy"), wait_seconds=request.lock_timeout_seconds),
    ):
        for workspace in workspaces:
            _require_deployable(workspace)
        try:
            _cdktf(workspaces[0], "deploy", *(workspace.stack for workspace in workspaces), *approved)
        finally:
            for workspace in workspaces:
                # cdktf's Terraform runs in cdktf's own folder, which the next synthesis cleans.
                left = unsaved_state.keep(CDKTF_OUT / "stacks" / workspace.stack, workspace.target, workspace.stack)
                if left:
                    where = left.relative_to(PROJECT_ROOT)
                    say(f"the state could not be written; it is in {where}; make plan writes it")


def _require_deployable(workspace: Workspace) -> None:
    """Require that what cdktf's CLI is about to deploy loses nothing, and is allowed. Raises CommandError."""
    terraform.prepare(workspace)
    if retention.retains(workspace.settings):
        with saved_plan.unsaved(workspace) as (_, content):
            plan = saved_plan.reviewed(workspace, content)
            saved_plan.require_no_loss(plan)
            saved_plan.require_allowed(workspace, plan)
            dependents.require_deletable(content, workspace.client)


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
            plan, workspace.settings, workspace.stack, request.confirm_data_loss, workspace.make
        )
        if refusals:
            raise CommandError("\n".join(refusals))
        dependents.require_deletable(plan, workspace.client)
        review = saved_plan.reviewed(workspace, plan).review
        lines = (f"  {sign(each)} {each.type:<52} {shown(each.name)}" for each in review.resources)
        print(f"{headline(review)}: {counts(review)}", *lines, sep="\n", flush=True)
        if approval.needs_approval(request):
            approval.require_yes(f"Destroy this on {workspace.where}?")
        terraform.apply(workspace, plan_file)


def clean(_: Request) -> None:
    """Remove what the commands made, and end the emulators; what set-up installed stays, and any unsaved state."""
    for environment in environments():
        emulators.stop(environment)
    # A state that is in no bucket may still lie where a killed Terraform left it.
    for folder in (*STACKS.glob("*/*"), *CDKTF_OUT.glob("stacks/*")):
        target = folder.parent.name if folder.is_relative_to(STACKS) else "by-hand"
        if kept := unsaved_state.keep(folder, target, folder.name):
            print(f"kept: {kept.relative_to(PROJECT_ROOT)}, a state that is in no bucket")
    for name in MADE:
        shutil.rmtree(PROJECT_ROOT / name, ignore_errors=True)


def _cdktf(workspace: Workspace, *arguments: str) -> None:
    """Run cdktf's CLI on all environments that are valid, after this one has been found to be.

    The CLI deletes the folder of every stack that it did not synthesize; another command may be at work in it.
    """
    everything = {key: value for key, value in workspace.variables.items() if key != "ENV"}
    done = process.run((CDKTF, *arguments), everything, PROJECT_ROOT)
    if done.returncode:
        message = f"cdktf {arguments[0]} failed with status {done.returncode}; if it does not say why, make plan does"
        raise CommandError(message)


COMMANDS = (
    Command(
        name="up",
        summary="Deploy to an emulator that goes on running, and print what a handler needs as export lines.",
        run=acting(up),
    ),
    Command(name="down", summary="End the environment's emulator, with all that was deployed to it.", run=acting(down)),
    Command(name="status", summary="Print what runs, a line an environment.", run=acting(status), answers=True),
    Command(
        name="synth",
        summary="Synthesize through cdktf's CLI; nothing is reached, on either target.",
        run=acting(synth),
    ),
    Command(
        name="deploy",
        summary="Deploy through cdktf's CLI, which plans afresh and asks, unless the target is an emulator or "
        "AUTO_APPROVE=yes.",
        run=acting(deploy),
    ),
    Command(name="destroy", summary="Destroy the stack, unless the settings retain data.", run=acting(destroy)),
    Command(name="clean", summary="Remove what the commands made, and end the emulators.", run=acting(clean)),
)
