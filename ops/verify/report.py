"""A verification: its checks, how each ended, and its report."""

import json
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from check_report import model
from check_report.model import Level, Report, Rule, Section

JSON_VERSION = 1


class Outcome(StrEnum):
    """The outcome of a check."""

    OK = "ok"
    DIFFERS = "differs"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    UNREADABLE = "unreadable"


RULES = (
    Rule(id=Outcome.DIFFERS, description="A property has the value that the requirement gives it."),
    Rule(id=Outcome.MISSING, description="What the requirement names is there."),
    Rule(id=Outcome.UNEXPECTED, description="Nothing is there that the requirement does not name."),
)


@dataclass(frozen=True)
class Check:
    """One comparison."""

    resource_type: str
    """Terraform's name of the type, like `aws_sqs_queue`."""
    resource: str
    """The physical name."""
    property: str
    """The property that was compared; empty when it is the resource as a whole."""
    outcome: Outcome
    expected: Any = None
    found: Any = None
    note: str = ""
    """What a reader should know besides; a note on an ok check is shown too, and is no finding."""
    decided: bool = False
    """True if it is as was decided against the requirement."""


@dataclass(frozen=True)
class Verification:
    """All checks of one environment."""

    mode: str
    stack: str
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
        """2 if anything was unreadable, otherwise 1 if there is a finding, otherwise 0."""
        return model.exit_status(map(_reported, self.checks))

    @property
    def report(self) -> Report:
        """The report; README.md describes each key of its JSON."""
        counts = Counter(check.outcome for check in self.checks)
        decided = sum(check.decided for check in self.checks)
        as_decided = f" ({decided} as decided)" * bool(decided)
        outcomes = (
            f"{counts[each]} {each}{as_decided * (each is Outcome.OK)}"
            for each in Outcome
            if counts[each] or each is Outcome.OK
        )
        return Report(
            tool="verify",
            target=f"{self.stack} {self.mode}",
            sections=(Section(key="checks", checks=tuple(map(_reported, self.checks))),),
            summary=f"{self.stack} on {self.where}, {self.mode}: {len(self.checks)} checks: {', '.join(outcomes)}; "
            f"{self.api_calls} API calls, {self.seconds:.1f} s",
            rules=RULES,
            head={
                "version": JSON_VERSION,
                "mode": self.mode,
                "environment": self.environment,
                "where": self.where,
                "exit_status": self.exit_status,
                "counts": {outcome: counts[outcome] for outcome in Outcome},
                "api_calls": self.api_calls,
                "seconds": round(self.seconds, 3),
            },
            seconds=self.seconds,
        )


def _reported(check: Check) -> model.Check:
    levels = {Outcome.OK: Level.NOTE if check.note else Level.OK, Outcome.UNREADABLE: Level.UNREADABLE}
    is_ok, is_compared = check.outcome is Outcome.OK, bool(check.property) and check.outcome is not Outcome.UNREADABLE
    details = {"expected": _json(check.expected), "found": _json(check.found)} if is_compared else {}
    return model.Check(
        level=levels.get(check.outcome, Level.ERROR),
        type=check.resource_type,
        subject=check.resource,
        aspect=check.property or "exists",
        rule="" if is_ok else check.outcome,
        title="" if is_ok else ": ".join(filter(None, (check.outcome, check.property))),
        details={} if is_ok else details,
        message=check.note,
        data=vars(check),
    )


def _json(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, default=str)
