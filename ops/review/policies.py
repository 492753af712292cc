"""What a plan does to policies: whether somebody may do more than now, or is no longer refused something."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.settings import shown_value
from ops.review.changes import Change, name_in
from ops.review.documents import Statement, covers, is_all, is_public, meaning, requires_tls, statements, unequal
from ops.review.hidden import UNKNOWN, Secret, as_list, as_object
from ops.review.model import Action
from ops.review.watched import POLICIES

_MOST_ASKED = 10_000
"""Of greater policies it is not asked which statement covers which other. In doubt it is told."""


def widened(change: Change) -> Iterator[str]:
    """Say of each policy of a changed resource what is worse."""
    for attribute, before, after in _policies(change):
        if before == after:
            continue
        if isinstance(before, Secret) or isinstance(after, Secret):
            yield f"{attribute} changes, but is sensitive: whether it allows more cannot be told"
        elif after is UNKNOWN:
            if before and change.declares((attribute,)):
                yield f"{attribute} is known only after the apply: perhaps it allows more than now"
        else:
            yield from _compared(attribute, statements(before), statements(after))


def removed_with(change: Change) -> Iterator[str]:
    """Say what a deleted policy refuses now."""
    for attribute, before, _ in _policies(change):
        yield from _compared(attribute, statements(before), [])


def created(change: Change, *, is_for_existing: bool) -> Iterator[str]:
    """Say what a new policy allows to everyone; of one for a resource that is there already, all that it allows."""
    for attribute, _, after in _policies(change):
        new = statements(after)
        if not is_for_existing:
            new = [each for each in new if is_public(each) or _is_everything(each)]
        yield from _compared(attribute, [], new)


def _policies(change: Change) -> Iterator[tuple[str, Any, Any]]:
    old, new = name_in(change.before), name_in(change.after)
    for attribute in POLICIES:
        before, after = change.before.get(attribute), change.after.get(attribute)
        if change.action is Action.REPLACE and isinstance(before, str) and old and new:
            # What was said of the resource that goes is to be said of the one that comes.
            before = before.replace(old, new)
        if before is not None or after is not None:
            yield attribute, before, after
    yield from _inline(change)


def _inline(change: Change) -> Iterator[tuple[str, Any, Any]]:
    """Yield a role's inline policies, each with the one of the same name before."""
    sides = [change.before.get("inline_policy"), change.after.get("inline_policy")]
    if any(isinstance(each, Secret) or each is UNKNOWN for each in sides):
        yield "inline_policy", sides[0], sides[1]
        return
    before, after = (
        {str(each.get("name")): each.get("policy") for each in map(as_object, as_list(side))} for side in sides
    )
    for name in {**before, **after}:
        yield f"inline_policy {shown_value(name)}", before.get(name), after.get(name)


def _compared(attribute: str, before: list[Statement], after: list[Statement]) -> Iterator[str]:
    gone, new = unequal(before, after)
    holders, keepers = (
        side if len(side) * len(each) <= _MOST_ASKED else [] for side, each in ((before, new), (after, gone))
    )
    there, kept = ({meaning(each) for each in side} for side in (gone, new))
    for each in new:
        if (
            each.get("Effect") == "Allow"
            and meaning(each) not in there
            and not any(covers(old, each) for old in holders)
        ):
            yield f"{attribute}: {_name(each)} would allow {_said(each)}"
    for each in gone:
        if (
            each.get("Effect") == "Deny"
            and meaning(each) not in kept
            and not any(covers(other, each) for other in keepers)
        ):
            lost = "TLS would no longer be required" if requires_tls(each) else "it would refuse less"
            yield f"{attribute}: {_name(each)}, which denies {_said(each)}, would be removed or narrowed: {lost}"


def _name(statement: Mapping[str, Any]) -> str:
    sid = statement.get("Sid")
    return f"statement {shown_value(sid)}" if sid else "a statement without Sid"


def _said(statement: Statement) -> str:
    """Say what a statement is about, short."""
    what = ", ".join(
        f"{key} {shown_value(statement[key])}"
        for key in ("NotAction", "Action", "NotResource", "Resource", "NotPrincipal", "Principal")
        if key in statement
    )
    return f"{what}{', under conditions' if statement.get('Condition') else ''}"


def _is_everything(statement: Statement) -> bool:
    """Whether a statement allows every action on every resource."""
    return statement.get("Effect") == "Allow" and is_all(statement.get("Action")) and is_all(statement.get("Resource"))
