"""The resources that readers find, and the findings of the checks."""

import json
import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from check_report.model import Level
from check_report.printable import without_commands


@dataclass(frozen=True)
class Hole:
    """A part of a name that is unknown.

    expression: what stands there instead.
    is_token: it stands for a value that does not exist yet when the name is made.
    stack_classes: the class of the AWS CDK stack that it is the account or region of, and its bases; if the stack is
    given them, it is no token.
    """

    expression: str
    is_token: bool = False
    stack_classes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The last identifier of the expression, in braces: `var.environment` is {environment}."""
        identifiers = re.findall(r"[A-Za-z_]\w*", self.expression)
        return f"{{{identifiers[-1] if identifiers else '...'}}}"


Name: TypeAlias = tuple[str | Hole, ...]
Path: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The settings that a resource is deployed with; an unknown one is None.

    provider: the alias of the provider that deploys it; two of them may reach two accounts and regions.
    """

    name: str
    account: str | None = None
    region: str | None = None
    provider: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a file: a line or a path within JSON, as far as they are known."""

    file: str
    line: int | None = None
    path: Path = ()

    @property
    def json_path(self) -> str | None:
        """The path as JSONPath, or None."""
        steps = (f"[{step}]" if isinstance(step, int) else f"[{json.dumps(step)}]" for step in self.path)
        plain = (re.sub(r'^\["([A-Za-z_]\w*)"\]$', r".\1", step) for step in steps)
        return f"${''.join(plain)}" if self.path else None


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource that should have a name.

    name: None when it was given none.
    is_prefix: only the beginning of the name was given.
    is_fifo: None if that is unknown.
    parent: what its name is unique within, where that is smaller than account and region.
    may_repeat: the same code can make several, or one of several, so that equal names are no fault.
    """

    type: str
    address: str
    place: Place
    stack: Stack
    name: Name | None
    is_prefix: bool = False
    is_fifo: bool | None = None
    parent: str = ""
    may_repeat: bool = False

    @property
    def text(self) -> str:
        """The name with what is not known in braces."""
        return "".join(part if isinstance(part, str) else part.label for part in self.name or ())

    @property
    def literal(self) -> str | None:
        """The name if all of it is known."""
        return None if self.name is None or any(isinstance(part, Hole) for part in self.name) else self.text

    @property
    def is_judged(self) -> bool:
        """True if anything of the name is known, or known to be missing."""
        return self.name is None or any(isinstance(part, str) or part.is_token for part in self.name)


class Rule(Enum):
    """The rules, each with its description. Those of the convention are warnings unless the caller is strict."""

    TOKEN = ("name-token", "A name holds no remnant of a token: it is a literal when the stack is synthesized.")
    LENGTH = ("name-length", "A name has a length that its service accepts.")
    ALPHABET = ("name-alphabet", "A name has the characters and the shape that its service accepts.")
    RESERVED = ("name-reserved", "A name does not begin or end with what its service reserves.")
    DUPLICATE = ("name-duplicate", "A name is unique where its service demands it.")
    MISSING = ("name-missing", "A resource has a name of its own, not one that AWS or Terraform invents.")
    CONVENTION = ("name-convention", "A name has the form that the convention gives to its resource type.")
    ENVIRONMENT = ("name-environment", "A name says the environment of its stack, and no other.")
    REGION = ("name-region", "A name that says a region says its stack's.")
    ACCOUNT = ("name-account", "A name that says an account says its stack's.")

    def __init__(self, id_: str, description: str) -> None:
        self.id = id_
        self.description = description

    def level(self, *, strict: bool) -> Level:
        """Return the level of its findings: AWS would accept what breaks a rule of the convention."""
        is_convention = self in {Rule.MISSING, Rule.CONVENTION, Rule.ENVIRONMENT, Rule.REGION, Rule.ACCOUNT}
        return Level.WARNING if is_convention and not strict else Level.ERROR


@dataclass(kw_only=True)
class Environments:
    """The accounts and regions that AWS CDK stacks are given, as `env`.

    anywhere: which of account and region any `Environment` has.
    given: which of them each class of stacks is given.
    without: the classes of which an app has a stack without them.
    """

    anywhere: set[str] = field(default_factory=set[str])
    given: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    without: set[str] = field(default_factory=set[str])

    def add(self, other: "Environments") -> None:
        """Add those of another file."""
        self.anywhere |= other.anywhere
        self.without |= other.without
        for class_, attributes in other.given.items():
            self.given.setdefault(class_, set()).update(attributes)

    def settle(self, resource: Resource) -> Resource:
        """Return the resource in whose name the account or region of a stack that is given one is no token."""
        name = tuple(
            replace(part, is_token=False) if isinstance(part, Hole) and self._is_given(part) else part
            for part in resource.name or ()
        )
        return replace(resource, name=name) if resource.name else resource

    def _is_given(self, hole: Hole) -> bool:
        attribute = hole.expression.rpartition(".")[2]
        if any(attribute in self.given.get(class_, ()) for class_ in hole.stack_classes):
            return True
        is_without = not self.without.isdisjoint(hole.stack_classes)
        return bool(hole.stack_classes) and not is_without and attribute in self.anywhere


@dataclass(kw_only=True)
class Source:
    """The resources and environments of one file."""

    resources: list[Resource]
    environments: Environments = field(default_factory=Environments)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One error in one name; suggestion: the right name, if it is known."""

    rule: Rule
    resource: Resource
    message: str
    suggestion: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """Something that was to be read and could not be."""

    place: Place
    message: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """One file and what it names, or why it could not be read; or a generated folder that was not entered."""

    file: str
    source: Source | None = None
    unreadable: Unreadable | None = None
    is_generated: bool = False


def shown(text: str) -> str:
    """Return the text as one short line of printable ASCII in quotes, safe for any terminal and any log."""
    quoted = without_commands(json.dumps(text))
    most = 160
    return quoted if len(quoted) <= most else f'{quoted[:most]}..." ({len(text)} characters)'
