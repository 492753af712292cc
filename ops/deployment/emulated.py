"""The commands of what is deployed to an emulator: up, down, status."""

import shlex

from aws_emulator import environment as aws_environment
from check_report.errors import InvalidInputError
from config.environments import environments
from config.request import Request, Target
from ops import emulators, terraform
from ops.command import acting
from ops.deployment import saved_plan
from ops.emulators import BusyEmulatorError
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
        if misleading := aws_environment.misleading(request.shell):
            say(f"this shell has AWS settings that would interfere with the lines above: unset {' '.join(misleading)}")


def _up(workspace: Workspace) -> None:
    terraform.prepare(workspace)
    with saved_plan.unsaved(workspace) as (plan_file, plan):
        if workspace.settings.keeps_data:
            saved_plan.require_no_loss(saved_plan.reviewed(workspace, plan))
        terraform.apply(workspace, plan_file, plan.content)
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


COMMANDS = (acting(up), acting(down), acting(status, answers=True))
