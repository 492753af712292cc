"""The commands of what is deployed to an emulator: up, down, status."""

from check_report.errors import InvalidInputError
from config.environments import environments
from config.request import Request, Target
from ops import emulators, terraform
from ops.command import acting
from ops.deployment import saved_plan
from ops.emulators import BusyEmulatorError
from ops.handlers.exports import exports, lines, warn_of_misleading
from ops.progress import say
from ops.workspace import Workspace, alone_with_the_emulator, open_workspaces


def up(request: Request) -> None:
    """Deploy to an emulator that goes on running, and print what a handler needs as `export` lines."""
    if request.target is Target.AWS:
        message = "TARGET=aws: make up is the emulator's alone; make deploy TARGET=aws deploys to AWS"
        raise InvalidInputError([message])
    with open_workspaces(request, command="up", keep_emulator=True) as workspaces:
        for workspace in workspaces:
            _up(workspace)
        warn_of_misleading(request)


def _up(workspace: Workspace) -> None:
    terraform.prepare(workspace)
    with saved_plan.unsaved(workspace) as (plan_file, plan):
        if workspace.settings.keeps_data:
            saved_plan.require_no_loss(saved_plan.reviewed(workspace, plan))
        terraform.apply(workspace, plan_file)
    print(lines(exports(workspace)))
    say(f"{workspace.stack} runs on {workspace.where}; make down ENV={workspace.settings.environment} ends it")


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


COMMANDS = (acting(up), acting(down), acting(status, answers=True))
