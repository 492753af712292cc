"""The commands of what is deployed to an emulator: up, down, status."""

from collections.abc import Sequence

from check_report.errors import InvalidInputError
from config.environments import environments
from config.request import Request, Target
from ops import emulators, terraform
from ops.command import acting
from ops.deployment import saved_plan
from ops.deployment.snapshot import Start, move_state
from ops.emulators import NoEmulatorError
from ops.errors import NoAnswerError
from ops.handlers.deployed import require_emulator_target
from ops.handlers.exports import exports, lines, merged, warn_of_misleading
from ops.progress import say
from ops.workspace import Workspace, alone_with_the_emulator, open_workspaces, synthesize


def up(request: Request) -> None:
    """Deploy to an emulator that goes on running, and print what a handler needs as `export` lines."""
    if request.target is Target.AWS:
        message = "TARGET=aws: make up is the emulator's alone; make deploy TARGET=aws deploys to AWS"
        raise InvalidInputError([message])
    start = Start(keep=bool(request.keep))
    with open_workspaces(request, command="up", keep_emulator=True, restored=start.emulator) as workspaces:
        for workspace in workspaces:
            if start.is_restored and not start.port_before:
                synthesize(workspace)
            else:
                _deploy(workspace, start.port_before)
        start.write_snapshot(workspaces)
        _show(workspaces)
        warn_of_misleading(request)


def _deploy(workspace: Workspace, port_before: int) -> None:
    """Deploy a stack. port_before: the one that its state names, if it was restored on another one; otherwise 0."""
    terraform.prepare(workspace)
    if port_before:
        move_state(workspace, port_before)
    with saved_plan.unsaved(workspace) as (plan_file, plan):
        if workspace.settings.keeps_data:
            saved_plan.require_no_loss(saved_plan.reviewed(workspace, plan))
        terraform.apply(workspace, plan_file, plan.content)


def _show(workspaces: Sequence[Workspace]) -> None:
    exported = [(workspace, exports(workspace, terraform.state(workspace))) for workspace in workspaces]
    try:
        print(lines(merged(exported)))
    except NoAnswerError as error:
        # The stacks are deployed all the same.
        say(str(error))
    for workspace in workspaces:
        assert workspace.emulator
        say(f"in a browser, {workspace.emulator.page} shows what it holds")
        say(f"{workspace.stack} runs on {workspace.where}; make down ENV={workspace.settings.environment} ends it")


def down(request: Request) -> None:
    """End the environment's emulator; its data are saved if it keeps them, and deleted with KEEP=no."""
    require_emulator_target(request, "down", "make destroy TARGET=aws destroys what is deployed to AWS")
    environment = request.environment_or_dev
    with alone_with_the_emulator(request, "down"):
        if request.keep and (running := emulators.find(environment)):
            emulators.start(environment, running.account_id, keep=True)
        discards = request.keep is False and emulators.has_saved(environment)
        ended = emulators.stop(environment, discard=discards)
    held = ""
    if discards:
        held = "; what was saved of it is deleted"
    elif saved := emulators.saved(environment):
        held = f"; {saved}: make up ENV={environment} restores it, make down ENV={environment} KEEP=no deletes it"
    print(f"{environment}: {'ended' if ended else 'no emulator was running'}{held}")


def status(_: Request) -> None:
    """Print what runs, a line an environment."""
    for environment in environments():
        try:
            running = emulators.find(environment)
            if running:
                kept = emulators.keeping(running)
            elif kept := emulators.saved(environment):
                kept += f"; make up ENV={environment} restores it"
        except NoEmulatorError as error:
            print(error)
            continue
        print(f"{environment}: {running or 'not running'}{f', {kept}' if kept else ''}")


COMMANDS = (acting(up), acting(down), acting(status, answers=True))
