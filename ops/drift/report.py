"""Findings of Terraform and the verifier, merged so that each fact stands once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ops.drift.plans import Drifted, Plan, Planned, drifted, effect, pending, planned
from ops.errors import CommandError
from ops.resource_types import TYPES
from ops.verify.report import Check, Outcome

RESOURCE = "the resource"
WRITTEN = "writes it into Terraform's state, and changes nothing else"
UNMANAGED = "the resource, which is not in Terraform's state"


@dataclass(frozen=True)
class Fact:
    """One property that is not as it should be."""

    resource_type: str
    resource: str
    property: str
    """Empty when it is the resource as a whole."""
    expected: Any
    found: Any
    apply: str
    """What an apply would do about it."""
    seen_by: str
    """terraform, verifier or both."""


@dataclass(frozen=True)
class Condition:
    """Something that a reader should know and that no apply is about."""

    resource_type: str
    resource: str
    what: str


@dataclass(frozen=True)
class Comparison:
    """All that was found out about one stack."""

    drift: tuple[Fact, ...]
    also: tuple[Condition, ...]
    pending: tuple[Condition, ...]
    """What an apply would change because the synthesized stack says something new."""
    unreadable: tuple[Condition, ...]
    refused: tuple[str, ...]
    """The resources that an apply would have to delete or replace and may not, which refuses the whole apply."""


def merge(
    refresh: Plan,
    plan: Plan,
    checks: Sequence[Check],
    adoption: Callable[[Planned], str] = lambda _: "",
    written: Collection[tuple[str, tuple[str, ...]]] = (),
) -> Comparison:
    """Merge what a refresh found, a plan and the verifier's checks. Raises CommandError for values nested too deeply.

    refresh: the plan of which it was the refresh; often the same one.
    adoption: returns what an apply would do about a resource that it would create although it is there; empty if it is
    not there.
    written: addresses and paths of the drift that an apply, which changes nothing else, writes into the state.
    """
    try:
        changes = planned(plan)
        drifts = tuple(drifted(refresh, changes))
    except RecursionError:
        message = "values are nested too deeply for a plan"
        raise CommandError(message) from None
    due = [(change, adoption(change) if change.actions == ["create"] else "") for change in pending(drifts, changes)]
    unmanaged = [Fact(each.type, each.name, "", RESOURCE, UNMANAGED, apply, "both") for each, apply in due if apply]
    waiting = [change for change, apply in due if not apply]
    faults = _faults(checks)
    conditions = [check for check in faults if _is_condition(check)]
    seen = {_checked(check) for check in faults}
    told = {_subject(drift.type, drift.name, drift.path) for drift in drifts}
    for change in waiting:
        paths = change.paths if change.actions == ["update"] else {()}
        told |= {_subject(change.type, change.name, path) for path in paths}
    facts = [
        *unmanaged,
        *(
            _terraforms(drift, WRITTEN if (drift.address, drift.path) in written else effect(drift, changes), seen)
            for drift in drifts
        ),
        *(_verifiers(check) for check in faults if check not in conditions and not _around(_checked(check)) & told),
    ]
    return Comparison(
        drift=_sorted(facts),
        also=tuple(_condition(check, f"{check.found}") for check in conditions),
        pending=tuple(Condition(change.type, change.name, _what(change)) for change in waiting),
        unreadable=_unreadable(checks),
        refused=tuple(_destroyed(changes.values())) if plan.get("errored") else (),
    )


def add_state_bucket(comparison: Comparison, checks: Sequence[Check], apply: str) -> Comparison:
    """Return the comparison with what is wrong with the state bucket, which is no resource of the stack.

    apply: what sets it right.
    """
    facts = (replace(_verifiers(check), apply=apply) for check in _faults(checks))
    return replace(
        comparison,
        drift=_sorted((*comparison.drift, *facts)),
        unreadable=(*comparison.unreadable, *_unreadable(checks)),
    )


def _sorted(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    return tuple(sorted(facts, key=lambda fact: (fact.resource_type, fact.resource, fact.property)))


def _unreadable(checks: Iterable[Check]) -> tuple[Condition, ...]:
    return tuple(_condition(check) for check in checks if check.outcome is Outcome.UNREADABLE)


def _faults(checks: Iterable[Check]) -> list[Check]:
    return [check for check in checks if check.outcome not in {Outcome.OK, Outcome.UNREADABLE}]


Subject = tuple[str, str, str]
"""What a fact is about, the same for both: type, physical name and the verifier's word for the property."""


def _subject(type_: str, name: str, path: tuple[str, ...]) -> Subject:
    """Return the subject of a path of Terraform's."""
    known = TYPES.get(type_)
    if known and known.part_of:
        owner, word = known.part_of
        return owner, name, word
    if not path:
        return type_, name, ""
    other = path[0].replace("_", "")
    if path[0] == "tags_all":
        return type_, name, f"tag {path[1]}"
    return type_, name, known.aspects.get(path[0], other) if known else other


def _checked(check: Check) -> Subject:
    """Return the subject of a check of the verifier's."""
    word = check.property if check.property.startswith("tag ") else check.property.casefold()
    known = TYPES.get(check.resource_type)
    members = known.members if known else ()
    return check.resource_type, check.resource, next((each for each in members if word.startswith(f"{each} ")), word)


def _is_condition(check: Check) -> bool:
    """Return True if a check is about the life that goes on in a resource; nobody changed the resource for it."""
    known = TYPES.get(check.resource_type)
    return known is not None and check.property in known.conditions


def _around(subject: Subject) -> set[Subject]:
    """Return the subject, and the resource as a whole."""
    return {subject, (*subject[:2], "")}


def _terraforms(drift: Drifted, apply: str, seen: Collection[Subject]) -> Fact:
    both = bool(_around(_subject(drift.type, drift.name, drift.path)) & set(seen))
    if not drift.path:
        property_, expected, found = "", RESOURCE, None
    else:
        is_tag = drift.path[0] == "tags_all"
        property_ = f"tag {drift.path[1]}" if is_tag else ".".join(drift.path)
        expected, found = drift.expected, drift.found
    return Fact(drift.type, drift.name, property_, expected, found, apply, "both" if both else "terraform")


def _verifiers(check: Check) -> Fact:
    expected, found = check.expected, check.found
    if not check.property:
        expected, found = (None, RESOURCE) if check.outcome is Outcome.UNEXPECTED else (RESOURCE, None)
    undeclared = not check.property and check.outcome is Outcome.UNEXPECTED
    apply = "nothing: Terraform does not manage it" if undeclared else "nothing: Terraform sees no difference there"
    return Fact(check.resource_type, check.resource, check.property, expected, found, apply, "verifier")


def _condition(check: Check, found: str = "") -> Condition:
    what = ": ".join(filter(None, (check.property or "the resource", found, check.note)))
    return Condition(check.resource_type, check.resource, what)


def _what(change: Planned) -> str:
    if change.actions == ["update"]:
        return f"to change: {', '.join(sorted(change.changed))}"
    return f"to {change.actions[0]}" if len(change.actions) == 1 else "to replace"


def _destroyed(changes: Iterable[Planned]) -> Iterator[str]:
    return (f"{change.type} {change.name}" for change in changes if "delete" in change.actions)
