"""The interface of a feature: what main and the tools ask of it. A feature is a folder with a `FEATURE` of its own."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config.environments import Environment
from stacks.settings import Settings

if TYPE_CHECKING:
    from stacks.requirement import Requirement
    from stacks.smoke import Smoke

PROJECT = "careervp"
"""The first part of every name, and the value of the tag Project."""


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A part of the product that is deployed as a stack of its own in each environment."""

    key: str
    """The name of its table in a settings file."""
    stack: str
    """The stack's name in each environment, before `-<environment>`."""
    requirement: "Callable[[Settings], Requirement]"
    """Returns what is required of an environment. To be imported inside the function: no synthesis needs it."""
    stack_class: Callable[[], Callable[..., Any]]
    """Returns the class of its stack. To be imported inside the function: the tools start without cdktf.

    The class takes `(scope, name, *, settings)`, and raises InvalidConstructError for what the resources cannot have.
    """
    settings_tables: tuple[type[Any], ...] = ()
    """The attrs class of its table in a settings file, after the classes of the tables inside it."""
    faults: Callable[[Settings], Iterable[str]] = lambda _: ()
    """Returns the errors of an environment's settings that no key has alone."""
    alarm_recipients: str = ""
    """The settings that name the alarms' recipients, in words; empty if there are none."""
    smoke: "Callable[[], Smoke[Any]] | None" = None
    """Returns its smoke run. To be imported inside the function: no synthesis needs it. None if it has none."""
    handler_roles: Callable[[Settings], Mapping[str, str]] = lambda _: {}
    """Returns, by handler, the name of the role that stands for the handler on an emulator.

    The handlers are other projects', and so are their roles on AWS. The stack's output `<handler>_policy_arn` is the
    policy that the role has; without it, the output `handler_policy_documents` has the document by handler.
    """
    holds_state: bool = False
    """True if its bucket holds Terraform's state: `make bootstrap` alone deploys it."""

    @property
    def settings(self) -> type[Any] | None:
        """The attrs class of its table in a settings file; None if it has no settings."""
        return self.settings_tables[-1] if self.settings_tables else None

    def stack_name(self, environment: Environment) -> str:
        """Return the name of its stack in an environment."""
        return f"{self.stack}-{environment}"

    def add_stack(self, scope: Any, settings: Settings) -> Any:
        """Add an environment's stack to a construct, and return it. Raises InvalidConstructError."""
        return self.stack_class()(scope, self.stack_name(settings.environment), settings=settings)


def state_key(stack: str) -> str:
    """Return the key of a stack's state in the environment's state bucket."""
    return f"{stack}/terraform.tfstate"
