"""The interface of smoke runs: what a feature shows of itself once it is deployed, step by step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from stacks.settings import Settings


class UnexpectedError(Exception):
    """A step showed something else than it should."""

    def __init__(self, *, expected: str, found: str) -> None:
        self.expected = expected
        self.found = found
        super().__init__(f"expected {expected}; found {found}")


class NotShownError(Exception):
    """The target cannot show this; the message says why."""


class NotReadyError(Exception):
    """The run cannot begin; the message says what is missing, or who else is at work."""


class Identity(Protocol):
    """One identity's way to the AWS that is asked, on which each call ends within `Smoke.answer_seconds`."""

    def client(self, service: str, **config: Any) -> Any:
        """Return a boto3 client. config: arguments of botocore's Config."""

    def resource(self, service: str, **config: Any) -> Any:
        """Return one of boto3's resources, the classes above its clients."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The place and the participants of a run."""

    settings: Settings
    stack: str
    where: str
    """The target, account and region, in words."""
    emulated: bool
    operator: Identity
    """The caller, who also cleans up."""
    roles: Mapping[str, Identity]
    """Everybody else by role; the caller for a role that was not given."""
    say: Callable[[str], None]
    """Tells the caller something that belongs to no step."""
    reset: str = ""
    """The command that empties what is deployed; empty on AWS, where none does."""


class Run(Protocol):
    """One run, with all that it makes."""

    @property
    def title(self) -> str:
        """The mark of everything that the run makes, as `job 1234`."""
        ...

    def removals(self) -> Mapping[str, Callable[[], object]]:
        """Return what takes away all that the run made so far, by what is left behind if it fails.

        Each raises UnexpectedError for what it cannot find.
        """
        ...


AnyRun = TypeVar("AnyRun", bound=Run)


@dataclass(frozen=True)
class Step(Generic[AnyRun]):
    """One step: a short sentence of what is done, and what is done, which returns what it showed.

    It raises UnexpectedError for what it should not have shown, NotShownError for what the target cannot show.
    """

    actor: str
    title: str
    show: Callable[[AnyRun], str]
    needs: tuple[Callable[[AnyRun], str], ...] = ()
    """What other steps do that has to have worked."""


@dataclass(frozen=True, kw_only=True)
class Smoke(Generic[AnyRun]):
    """A feature's smoke run."""

    writes: Callable[[Settings], str]
    """Returns what a run does to an environment that serves customers, after "smoke writes"."""
    roles: Sequence[str]
    """The handlers that take part; each may be given an IAM role of its own."""
    role_example: str
    """The ARN of such a role."""
    answer_seconds: int
    """The longest time that AWS may take to answer a call."""
    begin: Callable[[Scene], AnyRun]
    """Begins a run: looks whether all is there and nobody else is at work. Raises NotReadyError."""
    steps: Sequence[Step[AnyRun]]
