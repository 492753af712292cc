"""Changes of policies: what they allow or refuse that they did not, and the other way round."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, wraps
from typing import Any, ParamSpec

from check_report.printable import shown_value
from plan_review.accounts import accounts_in
from plan_review.changes import Change
from plan_review.forms.wording import first
from plan_review.masking import UNKNOWN, Secret, as_list, as_object
from plan_review.model import Action, Kind, Remark
from plan_review.physical_names import name_in
from plan_review.policy_coverage import is_escalating, is_everything, is_public, requires_tls, rest, uncovered
from plan_review.policy_documents import WHOM, Statement, element, listed, meaning, paired, statements, unequal
from plan_review.risk_tables import POLICIES

_MOST_ASKED = 10_000
"""Larger policies are compared by equality alone. In doubt there is a finding."""
_MOST_PARTS = 3
"""Parts of one statement that are shown, each of which is lost or new."""
_TRUST = "assume_role_policy"
_READING = re.compile(
    r"^\*|:(?:\*|\w*\*|(?:batch)?get|list|receive|read|scan|query|select|decrypt|describe|export|download|subscribe|copy)"
)
"""Actions by which data is read."""
_ALLOWED = ("Action", "Resource", "Principal")
_OTHERWISE = ("NotAction", "NotResource", "NotPrincipal", "Condition")
_SUMMARY = ("NotAction", "Action", "NotResource", "Resource", "NotPrincipal", "Principal")


_Asked = ParamSpec("_Asked")


def _once_per_text(find: Callable[_Asked, Iterator[Remark]]) -> Callable[_Asked, tuple[Remark, ...]]:
    """Return a function that keeps its last answers: many resources of a large plan have equal texts as policies."""

    def found(*asked: _Asked.args, **named: _Asked.kwargs) -> tuple[Remark, ...]:
        return tuple(find(*asked, **named))

    kept = lru_cache(maxsize=64)(found)

    @wraps(find)
    def once(*asked: _Asked.args, **named: _Asked.kwargs) -> tuple[Remark, ...]:
        # What is no text cannot be compared with an earlier one in one look, or is hidden.
        are_texts = all(isinstance(each, str | frozenset | None) for each in asked)
        return (kept if are_texts else found)(*asked, **named)

    return once


def changed(change: Change) -> Iterator[Remark]:
    """Yield, of each policy of a changed resource, what it would allow or refuse otherwise than now."""
    for attribute, before, after in _policies(change):
        if before == after:
            continue
        if isinstance(before, Secret) or isinstance(after, Secret):
            yield Remark(
                _perhaps(change, attribute), f"{attribute} changes, and is sensitive: perhaps it allows more than now"
            )
        elif after is UNKNOWN:
            if before and change.declares((attribute,)):
                yield Remark(
                    _perhaps(change, attribute),
                    f"{attribute} is known only after the apply: perhaps it allows more than now",
                )
        else:
            yield from _compared(attribute, before, after)


def is_unread(change: Change) -> bool:
    """Return True if a new resource has a policy that is known only after the apply."""
    is_new = change.action is Action.CREATE and change.mode == "managed"
    return is_new and any(
        change.after.get(attribute) is UNKNOWN and change.declares((attribute,)) for attribute in POLICIES
    )


def refused(change: Change) -> Iterator[Remark]:
    """Yield a remark for each statement by which a deleted resource's policies refuse something now."""
    for attribute, before, _ in _policies(change):
        yield from (found for found in _compared(attribute, before, None) if found.kind is not Kind.CLIENTS)


def allowed(change: Change) -> str:
    """Return the present permissions of a deleted resource's policies; empty if they allow nothing."""
    found = ((attribute, each) for attribute, before, _ in _policies(change) for each in statements(before))
    return "; ".join(f"{attribute}: {_summary(each)}" for attribute, each in found if each.get("Effect") == "Allow")


def created(change: Change, *, is_for_existing: bool, accounts: frozenset[str]) -> Iterator[Remark]:
    """Yield the statements of a new policy that allow everyone, another account or everything.

    Of one for a resource that is there already, yield all that it says. accounts: the plan's own, empty if unknown.
    """
    for attribute, _, after in _policies(change):
        yield from _compared(attribute, None, after) if is_for_existing else _new(attribute, after, accounts)


@_once_per_text
def _new(attribute: str, policy: Any, accounts: frozenset[str]) -> Iterator[Remark]:
    """Yield the statements of a policy of a new resource that allow everyone, another account or everything."""
    new = statements(policy)
    # Where no account is known to be the plan's own, only a role's trust tells of another one.
    tells = bool(accounts) or attribute == _TRUST
    yield from _elsewhere(attribute, new, accounts)
    notable = [each for each in new if _is_notable(each) or (tells and _principals([each]) - accounts)]
    yield from _remarks(attribute, [], notable)


def _elsewhere(attribute: str, new: Iterable[Statement], accounts: frozenset[str]) -> Iterator[Remark]:
    """Yield the actions in another account that statements let an identity do, where the plan's own are known."""
    for each in new if accounts else ():
        if each.get("Effect") == "Allow" and not each.keys() & set(WHOM) and not _is_notable(each):
            for resource in listed(each.get("Resource")):
                for account in sorted(accounts_in(resource) - accounts):
                    what = f"could {_actions(each)} on {shown_value(resource)} of account {account}, another one"
                    yield Remark(Kind.PRIVILEGE, f"{attribute}: {_name(each)} {what}")


def _is_notable(statement: Statement) -> bool:
    return is_public(statement) or is_everything(statement) or is_escalating(statement)


def _principals(those: Iterable[Statement]) -> set[str]:
    """Return the accounts that statements allow something."""
    return {
        account
        for each in those
        if each.get("Effect") == "Allow"
        for account in accounts_in(each.get("Principal"), "principal")
    }


def _perhaps(change: Change, attribute: str) -> Kind:
    is_identity = attribute == _TRUST or change.type.startswith("aws_iam_")
    return Kind.PRIVILEGE if is_identity else Kind.EXPOSURE


def _widened(attribute: str, statement: Statement) -> Kind:
    """Return the kind of what more a statement lets happen: reading by others, or doing more."""
    if attribute == _TRUST or not (statement.keys() & set(WHOM)):
        return Kind.PRIVILEGE
    actions = [str(each).lower() for each in listed(statement.get("Action", "*"))]
    return Kind.EXPOSURE if any(map(_READING.search, actions)) else Kind.PRIVILEGE


def _policies(change: Change) -> Iterator[tuple[str, Any, Any]]:
    old, new = name_in(change.before), name_in(change.after)
    for attribute in POLICIES:
        before, after = change.before.get(attribute), change.after.get(attribute)
        if change.action is Action.REPLACE and isinstance(before, str) and old and new and old != new:
            # A policy on the old resource counts as one on its successor.
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


@_once_per_text
def _compared(attribute: str, before: Any, after: Any) -> Iterator[Remark]:
    return _remarks(attribute, statements(before), statements(after))


def _remarks(attribute: str, before: list[Statement], after: list[Statement]) -> Iterator[Remark]:
    gone, new = unequal(before, after)
    earlier, later = dict[int, Statement](), dict[int, Statement]()
    for _, one, other in paired(gone, new) if gone and new else ():
        if one is not None and other is not None and one.get("Effect") == other.get("Effect"):
            earlier[id(other)], later[id(one)] = one, other
    for each, left in _not_in(new, gone, before):
        statement = f"{attribute}: {_name(each)}"
        if each.get("Effect") == "Allow":
            yield Remark(
                _widened(attribute, each),
                f"{statement} would allow {_gained(earlier.get(id(each)), each, left)}",
                brief=f"anyone could {_actions(each)} on" if is_public(each) else "",
            )
        elif not requires_tls(each):
            yield Remark(Kind.CLIENTS, f"{statement} would deny {_gained(earlier.get(id(each)), each, left)}")
    for each, left in _not_in(gone, new, after):
        statement = f"{attribute}: {_name(each)}"
        if each.get("Effect") == "Allow":
            yield Remark(Kind.CLIENTS, f"{statement} would {_lost(each, later.get(id(each)), left)}")
        else:
            lost = "TLS would no longer be required" if requires_tls(each) else "it would refuse less"
            kind = Kind.SECURITY if requires_tls(each) else _widened(attribute, each)
            yield Remark(kind, f"{statement}, which denies {_summary(each)}, would be removed or narrowed: {lost}")


def _actions(statement: Statement) -> str:
    """Return the first actions of a statement in words."""
    found = [each for each in listed(statement.get("Action")) if isinstance(each, str)]
    if not found or "*" in found:
        return "do everything" if found else "do nearly everything"
    return first(found, _MOST_PARTS)


def _not_in(
    these: list[Statement], those: list[Statement], all_of_them: list[Statement]
) -> Iterator[tuple[Statement, list[Statement]]]:
    """Yield each statement that others do not cover, with those parts of it; of the others, `those` may be new."""
    meanings = {meaning(each) for each in those}
    others = all_of_them if len(all_of_them) * len(these) <= _MOST_ASKED else []
    for each in these:
        known = each.get("Effect") in {"Allow", "Deny"} and not (meanings and meaning(each) in meanings)
        if known and (left := rest(each, others)):
            yield each, left


def _name(statement: Mapping[str, Any]) -> str:
    sid = statement.get("Sid")
    return f"statement {shown_value(sid)}" if sid else "a statement without Sid"


def _summary(statement: Statement, keys: Iterable[str] = _SUMMARY) -> str:
    """Return a summary of a statement, in one line."""
    what = ", ".join(f"{key} {shown_value(statement[key])}" for key in keys if key in statement)
    return f"{what}{', under conditions' if statement.get('Condition') else ''}"


def _gained(before: Statement | None, after: Statement, left: Sequence[Statement]) -> str:
    """Return the parts that a statement allows, or denies, and neither it nor another did before."""
    if left != [after]:
        return f"{'more: ' if before else ''}{_parts(after, left)}"
    news = _news(before, after) if before else ""
    return f"more: {news}" if news else _summary(after)


def _lost(before: Statement, after: Statement | None, left: Sequence[Statement]) -> str:
    """Return what a statement allows that neither it nor another would allow any more."""
    if left != [before]:
        return f"no longer allow {_parts(before, left)}"
    if after is None:
        return f"no longer allow {_summary(before)}"
    changes = [key for key in (*_ALLOWED, *_OTHERWISE) if element(key, before.get(key)) != element(key, after.get(key))]
    shown = [f"{key} {_set(before.get(key))} -> {_set(after.get(key))}" for key in changes]
    return f"allow less: {_beside(shown, _summary(before, [key for key in _SUMMARY if key not in changes]))}"


def _parts(whole: Statement, parts: Sequence[Statement]) -> str:
    """Return what parts of a statement are about, and in brackets what they have in common with it."""
    shown: list[str] = []
    for part in parts[:_MOST_PARTS]:
        smaller = [key for key in _SUMMARY if part.get(key) != whole.get(key)]
        own = ", ".join(f"{key} {shown_value(part[key])}" for key in smaller)
        shown.append(_beside([own], _summary(part, [key for key in _SUMMARY if key not in smaller])))
    more = [f"{len(parts) - _MOST_PARTS} more"] if len(parts) > _MOST_PARTS else []
    return "; ".join([*shown, *more])


def _news(before: Statement, after: Statement) -> str:
    """Return what a statement has that it had not, and in brackets what for; empty if that is all of it."""
    more = {key: uncovered(key, before.get(key), after[key]) for key in _ALLOWED if key in after}
    shown = [f"{key} {shown_value(each)}" for key, each in more.items() if each]
    shown += [
        f"{key} {_set(before.get(key))} -> {_set(after.get(key))}"
        for key in _OTHERWISE
        if before.get(key) != after.get(key)
    ]
    same = _summary(after, [key for key in _SUMMARY if not more.get(key) and before.get(key) == after.get(key)])
    return _beside(shown, same) if shown else ""


def _beside(shown: Sequence[str], same: str) -> str:
    return f"{'; '.join(shown)}{f' ({same})' if same else ''}"


def _set(value: Any) -> str:
    return "(not set)" if value is None else shown_value(value)
