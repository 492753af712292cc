"""Changes of policies: what they allow or refuse that they did not, and the other way round."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from config.settings import shown_value
from ops.review.changes import Change, name_in
from ops.review.coverage import is_everything, is_public, requires_tls, rest, uncovered
from ops.review.documents import Statement, element, meaning, paired, statements, unequal
from ops.review.hidden import UNKNOWN, Secret, as_list, as_object
from ops.review.model import Action, Kind
from ops.review.watched import POLICIES

_MOST_ASKED = 10_000
"""Of greater policies it is not asked which statement covers which other. In doubt it is told."""
_MOST_PARTS = 3
"""Parts of one statement that are shown, each of which is lost or new."""
_ALLOWED = ("Action", "Resource", "Principal")
_OTHERWISE = ("NotAction", "NotResource", "NotPrincipal", "Condition")
_SAID = ("NotAction", "Action", "NotResource", "Resource", "NotPrincipal", "Principal")
Told = tuple[Kind, str]


def changed(change: Change) -> Iterator[Told]:
    """Yield, of each policy of a changed resource, what it would allow or refuse otherwise than now."""
    for attribute, before, after in _policies(change):
        if before == after:
            continue
        if isinstance(before, Secret) or isinstance(after, Secret):
            yield Kind.SECURITY, f"{attribute} changes, but is sensitive: whether it allows more cannot be told"
        elif after is UNKNOWN:
            if before and change.declares((attribute,)):
                yield Kind.SECURITY, f"{attribute} is known only after the apply: perhaps it allows more than now"
        else:
            yield from _compared(attribute, statements(before), statements(after))


def refused(change: Change) -> Iterator[str]:
    """Say what each policy of a deleted resource refuses now."""
    for attribute, before, _ in _policies(change):
        yield from (
            sentence for kind, sentence in _compared(attribute, statements(before), []) if kind is Kind.SECURITY
        )


def allowed(change: Change) -> str:
    """Say what the policies of a deleted resource allow now; empty if they allow nothing."""
    found = ((attribute, each) for attribute, before, _ in _policies(change) for each in statements(before))
    return "; ".join(f"{attribute}: {_said(each)}" for attribute, each in found if each.get("Effect") == "Allow")


def created(change: Change, *, is_for_existing: bool) -> Iterator[Told]:
    """Yield what a new policy allows to everyone; of one for a resource that is there already, all that it says."""
    for attribute, _, after in _policies(change):
        new = statements(after)
        if not is_for_existing:
            new = [each for each in new if is_public(each) or is_everything(each)]
        yield from _compared(attribute, [], new)


def _policies(change: Change) -> Iterator[tuple[str, Any, Any]]:
    old, new = name_in(change.before), name_in(change.after)
    for attribute in POLICIES:
        before, after = change.before.get(attribute), change.after.get(attribute)
        if change.action is Action.REPLACE and isinstance(before, str) and old and new and old != new:
            # What was said of the resource that goes is to be said of the one that comes.
            before = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])", lambda _: new, before)
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


def _compared(attribute: str, before: list[Statement], after: list[Statement]) -> Iterator[Told]:
    gone, new = unequal(before, after)
    earlier, later = dict[int, Statement](), dict[int, Statement]()
    for _, one, other in paired(gone, new):
        if one is not None and other is not None and one.get("Effect") == other.get("Effect"):
            earlier[id(other)], later[id(one)] = one, other
    for each, left in _not_in(new, gone, before):
        said = f"{attribute}: {_name(each)}"
        if each.get("Effect") == "Allow":
            yield Kind.SECURITY, f"{said} would allow {_gained(earlier.get(id(each)), each, left)}"
        elif not requires_tls(each):
            yield Kind.CLIENTS, f"{said} would deny {_gained(earlier.get(id(each)), each, left)}"
    for each, left in _not_in(gone, new, after):
        said = f"{attribute}: {_name(each)}"
        if each.get("Effect") == "Allow":
            yield Kind.CLIENTS, f"{said} would {_lost(each, later.get(id(each)), left)}"
        else:
            lost = "TLS would no longer be required" if requires_tls(each) else "it would refuse less"
            yield Kind.SECURITY, f"{said}, which denies {_said(each)}, would be removed or narrowed: {lost}"


def _not_in(
    these: list[Statement], those: list[Statement], all_of_them: list[Statement]
) -> Iterator[tuple[Statement, list[Statement]]]:
    """Yield each statement that others do not cover, with those parts of it; of the others, `those` may be new."""
    meanings = {meaning(each) for each in those}
    others = all_of_them if len(all_of_them) * len(these) <= _MOST_ASKED else []
    for each in these:
        known = each.get("Effect") in {"Allow", "Deny"} and meaning(each) not in meanings
        if known and (left := rest(each, others)):
            yield each, left


def _name(statement: Mapping[str, Any]) -> str:
    sid = statement.get("Sid")
    return f"statement {shown_value(sid)}" if sid else "a statement without Sid"


def _said(statement: Statement, keys: Iterable[str] = _SAID) -> str:
    """Say what a statement is about, short."""
    what = ", ".join(f"{key} {shown_value(statement[key])}" for key in keys if key in statement)
    return f"{what}{', under conditions' if statement.get('Condition') else ''}"


def _gained(before: Statement | None, after: Statement, left: Sequence[Statement]) -> str:
    """Say what a statement allows, or denies, that it or others did not."""
    if left != [after]:
        return f"{'more: ' if before else ''}{_parts(after, left)}"
    news = _news(before, after) if before else ""
    return f"more: {news}" if news else _said(after)


def _lost(before: Statement, after: Statement | None, left: Sequence[Statement]) -> str:
    """Say what a statement allows that neither it nor others would allow any more."""
    if left != [before]:
        return f"no longer allow {_parts(before, left)}"
    if after is None:
        return f"no longer allow {_said(before)}"
    changes = [key for key in (*_ALLOWED, *_OTHERWISE) if element(key, before.get(key)) != element(key, after.get(key))]
    told = [f"{key} {_set(before.get(key))} -> {_set(after.get(key))}" for key in changes]
    return f"allow less: {_beside(told, _said(before, [key for key in _SAID if key not in changes]))}"


def _parts(whole: Statement, parts: Sequence[Statement]) -> str:
    """Say what parts of a statement are about, and in brackets what they have in common with it."""
    told: list[str] = []
    for part in parts[:_MOST_PARTS]:
        smaller = [key for key in _SAID if part.get(key) != whole.get(key)]
        own = ", ".join(f"{key} {shown_value(part[key])}" for key in smaller)
        told.append(_beside([own], _said(part, [key for key in _SAID if key not in smaller])))
    more = [f"{len(parts) - _MOST_PARTS} more"] if len(parts) > _MOST_PARTS else []
    return "; ".join([*told, *more])


def _news(before: Statement, after: Statement) -> str:
    """Say what a statement has that it had not, and in brackets what for; empty if that is all of it."""
    more = {key: uncovered(key, before.get(key), after[key]) for key in _ALLOWED if key in after}
    told = [f"{key} {shown_value(each)}" for key, each in more.items() if each]
    told += [
        f"{key} {_set(before.get(key))} -> {_set(after.get(key))}"
        for key in _OTHERWISE
        if before.get(key) != after.get(key)
    ]
    same = _said(after, [key for key in _SAID if not more.get(key) and before.get(key) == after.get(key)])
    return _beside(told, same) if told else ""


def _beside(told: Sequence[str], same: str) -> str:
    return f"{'; '.join(told)}{f' ({same})' if same else ''}"


def _set(value: Any) -> str:
    return "(not set)" if value is None else shown_value(value)
