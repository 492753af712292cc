"""Comparison of expected with found values, one property a check."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ops.requirement import as_decided
from ops.resource_types.interface import Account, Look, Seen, UnknownError, UnreadableError, look_of
from ops.verify.report import Check, Outcome
from plan_review.attribute_diff import told
from plan_review.comparison import is_as_required
from plan_review.decisions import Decided, Same, settled
from plan_review.model import DecisionState
from plan_review.policy_documents import difference, read_statements
from stacks.requirement import AtMost, Document, Expected, Members, Noted, Statements


@dataclass(frozen=True)
class Resource:
    """The resource that is checked."""

    type: str
    """Terraform's name of the type."""
    name: str
    decided: Mapping[str, Sequence[Decided]] = field(default_factory=dict[str, Sequence[Decided]])
    """The decisions against the requirement by property."""

    def check(self, property_: str, expected: Any, found: Any, note: str = "", same: Same = is_as_required) -> Check:
        """Compare one property, with what was decided on it; None means that it is not set."""
        expected, decisions = settled(property_, expected, found, self.decided.get(property_, ()), same)
        if same(expected, found):
            outcome = Outcome.OK
        elif found is None:
            outcome = Outcome.MISSING
        elif expected is None:
            outcome = Outcome.UNEXPECTED
        else:
            outcome = Outcome.DIFFERS
        parts = (each.property.removeprefix(property_).removeprefix(".") for each in decisions)
        told = (
            f"{part}: {each.sentence}" if part else each.sentence for part, each in zip(parts, decisions, strict=True)
        )
        return Check(
            self.type,
            self.name,
            property_,
            outcome,
            expected,
            found,
            note="; ".join(filter(None, (note, *told))),
            decided=outcome is Outcome.OK and any(each.state is DecisionState.APPLIES for each in decisions),
        )

    def members(self, kind: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Check]:
        """Compare two collections by their members' names; every member that is not expected matters."""
        for name in sorted({*expected, *found}):
            value, note = _value(found.get(name))
            yield self.check(f"{kind} {name}", expected.get(name), value, note)


def resource_of(account: Account, type_: str, name: str) -> Resource:
    """Return a resource of the feature's, with what was decided on it."""
    decided: defaultdict[str, list[Decided]] = defaultdict(list)
    for each in account.requirement.decided:
        if (each.type, each.name) == (type_, name):
            decided[each.deployed.property].append(as_decided(each, each.deployed))
    return Resource(type_, name, dict(decided))


Read = Callable[[], list[Check]]
"""Makes one look at a resource, and returns its checks."""


def reads(  # noqa: PLR0913 - each is a part of the look
    account: Account,
    resource: Resource,
    looks: Mapping[str, Look],
    expected: Expected,
    *,
    described: Any = None,
    as_one: bool = False,
) -> list[Read]:
    """Return the looks at a resource for which something is expected.

    described: the resource's entry in the listing. as_one: a look that cannot be made counts for all of the resource.
    """
    return [
        partial(
            take,
            resource,
            "" if as_one else look,
            partial(_checks, account, resource, described, look_of(looks, look, resource.type), wanted),
        )
        for look, wanted in expected.items()
    ]


def take(resource: Resource, property_: str, checks: Callable[[], Iterable[Check]]) -> list[Check]:
    """Return the checks, or the one that says why there are none."""
    try:
        return list(checks())
    except UnknownError as error:
        return [resource.check(error.aspect, None, None, str(error))]
    except UnreadableError as error:
        note = str(error)
    except Exception as error:  # noqa: BLE001 - whatever was answered, it is not what was to be seen
        note = f"an answer that is not understood ({type(error).__name__}: {error})"
    return [Check(resource.type, resource.name, property_, Outcome.UNREADABLE, note=note)]


def _checks(
    account: Account, resource: Resource, described: Any, look: Look, expected: Mapping[str, Any]
) -> Iterator[Check]:
    found = look.read(account, resource.name, described)
    for property_, wanted in expected.items():
        # A thing that is not there has no properties.
        if not property_ or found.get("", "exists") is not None:
            yield from compared(resource, property_, wanted, *_value(found.get(property_)))
    for property_, value in found.items():
        if property_ not in expected and isinstance(value, Seen) and value.note:
            yield resource.check(property_, value.value, value.value, value.note)


def compared(resource: Resource, property_: str, expected: Any, found: Any, note: str = "") -> Iterator[Check]:
    """Yield the checks of one property, which are several for the members of a collection."""
    match expected:
        case Statements(statements):
            yield _shortened(resource.check(property_, list(statements), read_statements(found), note, _is_same_policy))
        case Document(content):
            yield resource.check(property_, content, told(found), note)
        case Members(kind, members):
            yield from resource.members(kind, members, found or {})
        case AtMost(kind, names):
            every: Mapping[str, Any] = found or {}
            others = {name: value for name, value in every.items() if name not in names}
            yield from resource.members(kind, {}, others)
            for name in sorted(names & every.keys()):
                if f"{kind} {name}" in resource.decided:
                    yield resource.check(f"{kind} {name}", *[_value(every[name])[0]] * 2)
        case Noted(value, of_others):
            yield resource.check(property_, value, found, note if is_as_required(value, found) else of_others)
        case _:
            yield resource.check(property_, expected, found, note)


def _is_same_policy(required: Any, found: Any) -> bool:
    return difference(required or [], found or []) == ([], [])


def _shortened(check: Check) -> Check:
    """Return the check of a policy with the statements alone that are on one side."""
    lost, added = difference(check.expected or [], check.found or [])
    outcome = check.outcome
    if outcome is not Outcome.OK:
        outcome = Outcome.DIFFERS if lost and added else Outcome.MISSING if lost else Outcome.UNEXPECTED
    return replace(check, outcome=outcome, expected=lost or None, found=added or None)


def _value(found: Any) -> tuple[Any, str]:
    """Return a value and its note."""
    return (found.value, found.note) if isinstance(found, Seen) else (found, "")
