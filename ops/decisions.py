"""Decisions against the requirement: `decisions.toml`, and what becomes of a requirement by them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NewType

import attrs

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from check_report.toml_file import read_toml
from config.request import PROJECT_ROOT
from config.tables import DAY, FILLED_TEXT, Kind, Tables, text
from ops.requirement_places import find, named, places, planned
from plan_review.forms.wording import NOT_SET
from plan_review.rules import a_year_after
from stacks.requirement import DecidedPart, DecidedValue, Requirement

DECISIONS = PROJECT_ROOT / "decisions.toml"
_MOST_BYTES = 65_536

Resource = NewType("Resource", str)
Value = NewType("Value", object)
LastDay = NewType("LastDay", date)


@attrs.frozen(kw_only=True)
class Decision:
    """One property of one resource, or of several whose names are alike, that is to be otherwise than required."""

    resource: Resource
    """Terraform's type, a space, and the physical name; in the name `*` stands for any characters."""
    property: str
    value: Value
    reason: str
    until: LastDay

    def covers(self, type_: str, name: str) -> bool:
        """Return True if it is about a resource."""
        wanted_type, _, pattern = self.resource.partition(" ")
        return type_ == wanted_type and fnmatchcase(name, pattern)


@attrs.frozen(kw_only=True)
class _File:
    decision: list[Decision] = attrs.field(factory=list[Decision])


def load(path: Path | None = None, *, today: date | None = None) -> Sequence[Decision]:
    """Read a file of decisions, the project's own if none is given. Raises InvalidInputError with every error of it."""
    path = path or DECISIONS
    missing = "it has what is decided against the requirement, and may be empty"
    raw = read_toml(path, path.name, most_bytes=_MOST_BYTES, what="decisions", missing=missing)
    if not raw:
        return ()
    last = a_year_after(today or _today())
    kinds = {
        str: FILLED_TEXT,
        Resource: Kind(
            'a Terraform type and a name, as review and verify show them, like "aws_s3_bucket reports-*"',
            text(r"[a-z][a-z0-9_]*_[a-z0-9_]+ \S(.*\S)?"),
        ),
        Value: Kind(
            f'a text, a number, true, false, a list or a table; "{NOT_SET}" for nothing',
            lambda value: isinstance(value, str | int | float | list | dict),
        ),
        LastDay: Kind(
            f"a date without quotes, at most one year from today, so until {last}",
            lambda value: DAY.accepts(value) and value <= last,
        ),
    }
    return Tables(kinds, (Decision, _File)).read(raw, _File, shown=path.name).decision


def _today() -> date:
    return datetime.now(UTC).date()


# --- what becomes of a requirement --------------------------------------------------------------------------------


def applied(requirement: Requirement, decided: Sequence[Decision], *, today: date | None = None) -> Requirement:
    """Return a requirement as it was decided; a decision that has expired changes nothing, and is noted."""
    today = today or _today()
    found = requirement
    values: list[DecidedValue] = []
    for each, type_, name in _covered(requirement, decided):
        if (place := find(requirement, type_, name, each.property, each.value)) is None:
            continue
        value = place.value_of(each.value)
        is_expired = each.until < today
        if not is_expired:
            found = place.put(found, value)
        values.append(
            DecidedValue(
                type=type_,
                name=name,
                deployed=DecidedPart(
                    property=place.aspect,
                    path=place.path,
                    value=place.shown(value),
                    required=place.shown(place.required),
                ),
                planned=tuple(planned(requirement, place, value)),
                reason=each.reason,
                until=each.until,
                is_expired=is_expired,
            )
        )
    return replace(found, decided=tuple(values))


def _covered(requirement: Requirement, decided: Sequence[Decision]) -> Iterator[tuple[Decision, str, str]]:
    for each in decided:
        for type_, resources in requirement.resources.items():
            yield from ((each, type_, name) for name in resources if each.covers(type_, name))


def require_known(decided: Sequence[Decision], requirements: Sequence[Requirement], *, are_all: bool = True) -> None:
    """Require that each decision is about something that a requirement has, of a value that it may have, and alone.

    requirements: those of every environment. are_all: False if the settings of some cannot be read, to which a decision
    on an unknown resource may belong. Raises InvalidInputError with every error.
    """
    known = [
        each for each in enumerate(decided, 1) if are_all or any(any(_covered(one, [each[1]])) for one in requirements)
    ]
    faults = [(number, fault) for number, each in known if (fault := _fault(each, requirements))]
    faults += _twice(decided, requirements)
    if faults:
        raise InvalidInputError([f"{DECISIONS.name}: decision {number}: {fault}" for number, fault in sorted(faults)])


def _twice(decided: Sequence[Decision], requirements: Sequence[Requirement]) -> set[tuple[int, str]]:
    """Return the decisions on what an earlier one has decided, by number, each with its error."""
    first: dict[tuple[str, ...], int] = {}
    faults: set[tuple[int, str]] = set()
    for requirement in requirements:
        for number, each in enumerate(decided, 1):
            for _, type_, name in _covered(requirement, [each]):
                if place := find(requirement, type_, name, each.property, each.value):
                    other = first.setdefault((type_, name, place.printed), number)
                    if other != number:
                        message = f"{shown_value(each.property)} is decided by decision {other}; allowed: one of them"
                        faults.add((number, message))
    return faults


def _fault(decision: Decision, requirements: Sequence[Requirement]) -> str:
    resources = {
        (type_, name): requirement
        for requirement in requirements
        for type_, of_type in requirement.resources.items()
        for name in of_type
    }
    covered = {key: requirement for key, requirement in resources.items() if decision.covers(*key)}
    if not covered:
        return (
            f"resource = {shown_value(decision.resource)}: no environment's requirement has it"
            f"{_meant(decision.resource, [' '.join(key) for key in resources])}"
        )
    names: set[str] = set()
    misfits: list[str] = []
    for (type_, name), requirement in covered.items():
        if find(requirement, type_, name, decision.property, decision.value):
            return ""
        known = list(places(requirement, type_, name))
        names |= {place.printed for place in known}
        misfits += [
            place.allowed
            for place in (*named(requirement, type_, name, decision.property), *known)
            if place.printed == decision.property
        ]
    if misfits:
        return f"value = {shown_value(decision.value)}: not allowed; allowed: {misfits[0]}"
    of = " ".join(next(iter(covered)))
    return (
        f"property = {shown_value(decision.property)}: {of} has no such property in the requirement"
        f"{_meant(decision.property, names)}"
    )


def _meant(given: str, known: Sequence[str] | set[str]) -> str:
    meant = get_close_matches(given, sorted(known), n=1)
    return f"; did you mean {shown_value(meant[0])}?" if meant else "; remove the decision"
