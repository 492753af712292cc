"""Deployed stacks, and their resources that hold data, as Terraform's state has them."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from check_report.counts import plural
from check_report.errors import InvalidInputError
from config.request import Request, Target
from ops import terraform
from ops.errors import NoAnswerError
from ops.progress import say
from ops.resource_types import TYPES
from ops.resource_types.interface import ResourceType
from ops.workspace import Workspace, open_workspaces, require_deployment
from plan_review.physical_names import physical_name


@dataclass(frozen=True)
class Held:
    """A deployed resource of a type that holds data; values: its attributes."""

    type: ResourceType
    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Deployed:
    """A deployed stack; state: Terraform's, read when the command began."""

    workspace: Workspace
    state: Mapping[str, Any]


def require_emulator_target(request: Request, command: str, otherwise: str) -> None:
    """Refuse a command of the emulator's alone on AWS. otherwise: what to do there, or why not.

    Raises InvalidInputError.
    """
    if request.target is Target.AWS:
        message = f"TARGET=aws: make {command} is the emulator's alone; {otherwise}"
        raise InvalidInputError([message])


@contextmanager
def deployed_stacks(request: Request, on_aws_as: str = "") -> Generator[list[Deployed]]:
    """Give each stack that is deployed, with its state; no emulator is started.

    on_aws_as: as `require_deployment` has it. Raises NoAnswerError, with what to type, if no emulator is running or no
    stack is deployed.
    """
    require_deployment(request, on_aws_as)
    with open_workspaces(request, keep_emulator=True) as workspaces:
        stacks = [Deployed(workspace, terraform.state(workspace)) for workspace in workspaces]
        deployed = [stack for stack in stacks if list(_managed(stack.state))]
        if not deployed:
            names = " and ".join(workspace.stack for workspace in workspaces)
            make = workspaces[0].make
            remedy = f"{make('up')} deploys it" if workspaces[0].emulator else f"{make('plan')} begins a deployment"
            message = f"{names}: not deployed on {workspaces[0].where}; {remedy}"
            raise NoAnswerError(message)
        for stack in stacks:
            if stack not in deployed:
                say(f"{stack.workspace.stack}: not deployed, so nothing is shown of it")
        yield deployed


def held(state: Mapping[str, Any]) -> list[Held]:
    """Return a state's resources that hold data, in the order of their types and names."""
    order = list(TYPES)
    found = (
        Held(TYPES[type_], physical_name(type_, values), values)
        for type_, values in _managed(state)
        if type_ in TYPES and TYPES[type_].peek
    )
    return sorted(found, key=lambda each: (order.index(each.type.name), each.name))


def _managed(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the attributes of each managed resource in a state, with its type."""
    for resource in state.get("resources", ()):
        if resource["mode"] == "managed":
            for instance in resource["instances"]:
                yield resource["type"], instance["attributes"]


def counted(counts: Mapping[str, int]) -> str:
    """Return the numbers in words: `1 waiting, 0 in flight`, `1 item`, `2 items`."""
    words = {name.replace("_", " "): number for name, number in counts.items()}
    return ", ".join(plural(number, word.removesuffix("s"), word) for word, number in words.items())
