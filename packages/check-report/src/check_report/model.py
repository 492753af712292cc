"""The report of a check: what was checked, how each check ended, and the exit status."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """The outcome of one check."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; not a finding."""
    WARNING = "warning"
    """A finding that does not change the exit status."""
    ERROR = "error"
    UNREADABLE = "unreadable"
    """The check could not be made, which never counts as ok."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in a file: a line, or a path within JSON, as far as they are known."""

    file: str
    line: int | None = None
    json_path: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule that checks apply; level: the level of its findings."""

    id: str
    description: str
    level: Level = Level.ERROR


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check of one thing.

    type, subject: the thing, such as `aws_sqs_queue` and its name. A subject need not have a type.
    aspect: the property that was checked; empty for the thing as a whole.
    rule: the id of the rule that was applied.
    title, details: in text, a heading under the subject, and a line for each detail by its label ("expected", "found").
    Without a title, the check is one line.
    data: the check in JSON.
    """

    level: Level
    subject: str
    type: str = ""
    aspect: str = ""
    rule: str = ""
    title: str = ""
    details: Mapping[str, str] = field(default_factory=dict[str, str])
    message: str = ""
    place: Place | None = None
    data: Any = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """Checks under one key of the JSON and, if there is one, under one title in text.

    in_text: False if the program prints the checks elsewhere, for example on stderr.
    """

    key: str
    checks: tuple[Check, ...]
    title: str = ""
    in_text: bool = True


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report.

    tool: the program's name. target: what was checked.
    heading: the first lines of the text. summary: its last line.
    rules: the rules that can be applied, for SARIF; those of findings are added.
    head: the keys of the JSON before the sections.
    """

    tool: str
    target: str
    sections: tuple[Section, ...]
    summary: str
    heading: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    head: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seconds: float | None = None

    @property
    def checks(self) -> Iterator[Check]:
        """The checks of all sections."""
        return (check for section in self.sections for check in section.checks)

    @property
    def exit_status(self) -> int:
        """The exit status of the program that made the report."""
        return exit_status(self.checks)


def exit_status(checks: Iterable[Check]) -> int:
    """Return 2 if a check could not be made, otherwise 1 if there is an error, otherwise 0."""
    levels = {check.level for check in checks}
    return 2 if Level.UNREADABLE in levels else int(Level.ERROR in levels)
