"""Comparison of expected with found values, one property a check."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ops.resource_types.interface import Account, Look, Seen, UnknownError, UnreadableError, look_of
from ops.verify.report import Check, Outcome
from plan_review.attribute_diff import told
from plan_review.comparison import is_as_required
from plan_review.policy_documents import difference, read_statements
from stacks.requirement import AtMost, Document, Expected, Members, Noted, Statements


@dataclass(frozen=True)
class Resource:
    """The resource that is checked."""

    type: str
    """Terraform's name of the type."""
    name: str

    def check(self, property_: str, expected: Any, found: Any, note: str = "") -> Check:
        """Compare one property; None means that it is not set."""
        if is_as_required(expected, found):
            outcome = Outcome.OK
        elif found is None:
            outcome = Outcome.MISSING
        elif expected is None:
            outcome = Outcome.UNEXPECTED
        else:
            outcome = Outcome.DIFFERS
        return Check(self.type, self.name, property_, outcome, expected, found, note)

    def members(self, kind: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Check]:
        """Compare two collections by their members' names; every member that is not expected matters."""
        for name in sorted({*expected, *found}):
            value, note = _value(found.get(name))
            yield self.check(f"{kind} {name}", expected.get(name), value, note)


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
            lost, added = difference(statements, read_statements(found))
            yield resource.check(property_, lost or None, added or None, note)
        case Document(content):
            yield resource.check(property_, content, told(found), note)
        case Members(kind, members):
            yield from resource.members(kind, members, found or {})
        case AtMost(kind, names):
            every: Mapping[str, Any] = found or {}
            others = {name: value for name, value in every.items() if name not in names}
            yield from resource.members(kind, {}, others)
        case Noted(value, of_others):
            yield resource.check(property_, value, found, note if is_as_required(value, found) else of_others)
        case _:
            yield resource.check(property_, expected, found, note)


def _value(found: Any) -> tuple[Any, str]:
    """Return a value and its note."""
    return (found.value, found.note) if isinstance(found, Seen) else (found, "")
