"""What a plan does to policies: whether somebody may do more than now, or is no longer refused something."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config.settings import shown_value
from ops.review.changes import Change, name_in
from ops.review.documents import (
    Statement,
    covers,
    is_everything,
    is_public,
    meaning,
    paired,
    requires_tls,
    statements,
    uncovered,
    unequal,
)
from ops.review.hidden import UNKNOWN, Secret, as_list, as_object
from ops.review.model import Action
from ops.review.watched import POLICIES

_MOST_ASKED = 10_000
"""Of greater policies it is not asked which statement covers which other. In doubt it is told."""
_ALLOWED = ("Action", "Resource", "Principal")
_OTHERWISE = ("NotAction", "NotResource", "NotPrincipal", "Condition")
_SAID = ("NotAction", "Action", "NotResource", "Resource", "NotPrincipal", "Principal")


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
            new = [each for each in new if is_public(each) or is_everything(each)]
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
    earlier = {id(other): one for _, one, other in paired(gone, new) if other is not None}
    for each in new:
        if (
            each.get("Effect") == "Allow"
            and meaning(each) not in there
            and not any(covers(old, each) for old in holders)
        ):
            news = _news(earlier.get(id(each)), each)
            yield f"{attribute}: {_name(each)} would allow {f'more: {news}' if news else _said(each)}"
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


def _said(statement: Statement, keys: Iterable[str] = _SAID) -> str:
    """Say what a statement is about, short."""
    what = ", ".join(f"{key} {shown_value(statement[key])}" for key in keys if key in statement)
    return f"{what}{', under conditions' if statement.get('Condition') else ''}"


def _news(before: Statement | None, after: Statement) -> str:
    """Say what a statement allows that it did not, and in brackets what for; empty if that is all of it."""
    if before is None or before.get("Effect") != after.get("Effect"):
        return ""
    more = {key: uncovered(key, before.get(key), after[key]) for key in _ALLOWED if key in after}
    told = [f"{key} {shown_value(each)}" for key, each in more.items() if each]
    told += [
        f"{key} {_set(before.get(key))} -> {_set(after.get(key))}"
        for key in _OTHERWISE
        if before.get(key) != after.get(key)
    ]
    same = _said(after, [key for key in _SAID if not more.get(key) and before.get(key) == after.get(key)])
    return f"{'; '.join(told)}{f' ({same})' if same else ''}" if told else ""


def _set(value: Any) -> str:
    return "(not set)" if value is None else shown_value(value)
