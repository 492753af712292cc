"""What a verification says: its checks, how each ended, and the exit status that follows."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    DIFFERS = "differs"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    resource_type: str
    """Terraform's name of the type, like `aws_sqs_queue`."""
    resource: str
    """The physical name."""
    property: str
    """What of the resource was looked at; empty when it is the resource as a whole."""
    outcome: Outcome
    expected: Any = None
    found: Any = None
    note: str = ""
    """What a reader should know besides; a note on an ok check is shown too, and is no fault."""


@dataclass(frozen=True)
class Report:
    """A whole verification."""

    mode: str
    environment: str
    where: str
    """The target, account and region, in words."""
    checks: tuple[Check, ...]
    api_calls: int
    seconds: float

    @property
    def faults(self) -> tuple[Check, ...]:
        """The checks that did not end ok."""
        return tuple(check for check in self.checks if check.outcome is not Outcome.OK)

    @property
    def exit_status(self) -> int:
        """2 if anything was unreadable, otherwise 1 if there is a fault, otherwise 0."""
        if any(check.outcome is Outcome.UNREADABLE for check in self.checks):
            return 2
        return 1 if self.faults else 0
