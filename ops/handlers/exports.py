"""The command env, and the `export` lines that a handler's shell needs."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from aws_emulator import environment as aws_environment
from config.request import Request
from ops import terraform
from ops.command import acting
from ops.errors import NoAnswerError
from ops.handlers import roles
from ops.handlers.deployed import deployed_stacks, require_emulator_target
from ops.progress import say
from ops.workspace import Workspace


def env(request: Request) -> None:
    """Print the `export` lines of the running emulator, for eval "$(make env)" in a new shell; nothing is planned.

    Nothing else is printed on stdout. Raises NoAnswerError if there is nothing to export, or as `merged`.
    """
    require_emulator_target(request, "env", "on AWS a handler has its own role, and the stack's outputs")
    with deployed_stacks(request) as stacks:
        exported = merged([(stack.workspace, exports(stack.workspace, stack.state)) for stack in stacks])
    print(lines(exported))
    warn_of_misleading(request)


def exports(workspace: Workspace, state: Mapping[str, Any]) -> dict[str, str]:
    """Return what a handler reads on an emulator: where it is, the stack's outputs, and the ARNs of the roles.

    state: the stack's, as Terraform stores it. The roles are made, or brought up to date with what is deployed.
    """
    assert workspace.emulator
    outputs = terraform.outputs(state)
    made = roles.make(workspace, outputs)
    handler_environment: dict[str, str] = outputs.pop("handler_environment", {})
    reach = workspace.emulator.environment(workspace.settings.region)
    return {
        # As the commands' own child processes have them: what the user exempts from a proxy stays exempt.
        **{name: workspace.variables[name] for name in reach},
        **{name.upper(): str(value) for name, value in sorted(outputs.items())},
        **handler_environment,
        **{f"{handler.upper()}_ROLE_ARN": role for handler, role in made.items()},
    }


def merged(exported: Sequence[tuple[Workspace, Mapping[str, str]]]) -> dict[str, str]:
    """Return the variables of several stacks, for one shell. exported: each stack's.

    Raises NoAnswerError if one of them has different values: a handler would work on another feature's queue.
    """
    found: dict[str, str] = {}
    differing = {
        name for _, variables in exported for name, value in variables.items() if found.setdefault(name, value) != value
    }
    if differing:
        having = [workspace for workspace, variables in exported if differing & variables.keys()]
        message = (
            f"{', '.join(sorted(differing))}: not the same in {' and '.join(each.stack for each in having)}; STACK "
            f"names the one stack, like {having[0].make('env')} STACK={having[0].feature.stack}"
        )
        raise NoAnswerError(message)
    return found


def lines(exported: dict[str, str]) -> str:
    """Return the variables as lines for a shell."""
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in exported.items())


def warn_of_misleading(request: Request) -> None:
    """Print which of the shell's own variables outweigh the lines."""
    if misleading := aws_environment.misleading(request.shell):
        say(f"this shell has AWS settings that would interfere with the lines above: unset {' '.join(misleading)}")


COMMANDS = (acting(env, answers=True),)
