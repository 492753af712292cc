"""Coverage of policy statements: what one allows or denies, and others do not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from math import prod
from typing import Any, cast

from plan_review.masking import as_object
from plan_review.policy_documents import Statement, account_of_root, canonical, element, glob, listed, matches

_PARTS = ("Principal", "Action", "Resource")
_WHOLE = ""
"""The one atom of a part that a statement does not have, or has by what it is not for."""
_MOST_COMPARED = 20_000
"""Comparisons; of more it is asked by equality alone what covers what."""
_WIDER_WITH_MORE = re.compile(
    r"(for(all|any)values?:)?(string(equals|equalsignorecase|like)|arn(equals|like)|ipaddress)(ifexists)?"
)
"""Operators of conditions under which more values let more pass."""
_WIDER_WITH_FEWER = re.compile(
    r"(string(notequals|notequalsignorecase|notlike)|arnnot(equals|like)|notipaddress)(ifexists)?"
)
"""Operators of conditions under which more values let less pass."""

_Covered = tuple[set[str], ...]
"""For each part, those of a statement's atoms that another statement is for."""


def rest(statement: Statement, others: Sequence[Statement]) -> list[Statement]:
    """Return the parts of a statement that no other of its effect is for; the statement itself if that is all of it.

    What several others cover together is covered. In doubt, it is not.
    """
    holders = [
        each for each in others if each.get("Effect") == statement.get("Effect") and _passes_more(each, statement)
    ]
    if not holders:
        return [statement]
    atoms = [_atoms(statement, key) for key in _PARTS]
    covered = list(_all_covered(statement, holders, atoms))
    if any(all(len(found) == len(each) for found, each in zip(parts, atoms, strict=True)) for parts in covered):
        return []
    if not covered or prod(map(len, atoms)) * len(covered) > _MOST_COMPARED:
        return [statement]
    parts = [_part(statement, chosen, atoms) for chosen in _left(atoms, covered)]
    return [statement] if len(parts) == 1 and all(parts[0][key] == statement[key] for key in parts[0]) else parts


def uncovered(key: str, wide: Any, narrow: Any) -> Any:
    """Return what of a part of a statement the same part of another is not for, as it is written; None if nothing."""
    atoms = dict(_patterns(key, narrow))
    missing = atoms.keys() - _matched(key, wide, atoms)
    return (
        _written(narrow, {pattern: each for pattern, each in atoms.items() if pattern in missing}) if missing else None
    )


def is_all(part: Any) -> bool:
    """Return True if a part of a statement is for everything, or everyone."""
    return "*" in listed(as_object(part).get("AWS") if isinstance(part, dict) else part)


def is_public(statement: Statement) -> bool:
    """Return True if the statement allows something to everyone, with nothing that narrows it."""
    return statement.get("Effect") == "Allow" and is_all(statement.get("Principal")) and not statement.get("Condition")


def is_everything(statement: Statement) -> bool:
    """Return True if the statement allows whole services, or all but something, on every resource, or all but some."""
    actions = [each for each in listed(statement.get("Action")) if isinstance(each, str)]
    whole = "NotAction" in statement or any(each == "*" or each.endswith(":*") for each in actions)
    everywhere = "NotResource" in statement or is_all(statement.get("Resource"))
    return statement.get("Effect") == "Allow" and whole and everywhere


_ESCALATING = ("iam:passrole", "iam:createaccesskey", "iam:attachrolepolicy", "iam:putrolepolicy", "sts:assumerole")
"""Actions by which an identity that may do them to everything gets whatever others may do."""


def is_escalating(statement: Statement) -> bool:
    """Return True if the statement lets an identity become whom it likes, with nothing that narrows it."""
    is_wide = "NotResource" in statement or is_all(statement.get("Resource"))
    if statement.get("Effect") != "Allow" or statement.get("Condition") or not is_wide:
        return False
    actions = [str(each).lower() for each in listed(statement.get("Action", []))]
    return any(matches(pattern, action) for pattern in actions for action in _ESCALATING)


def requires_tls(statement: Statement) -> bool:
    """Return True if the statement refuses access without TLS, and nothing else."""
    insecure = {(operator, "aws:securetransport"): {canonical("false")} for operator in ("bool", "boolifexists")}
    return statement.get("Effect") == "Deny" and any(
        insecure.get(test) == values for test, values in _tests(statement).items()
    )


# --- atoms --------------------------------------------------------------------------------------------------------


def _atoms(statement: Statement, key: str) -> dict[str, tuple[str, Any]]:
    """Return each pattern of a part, with its kind and as it is written."""
    return dict(_patterns(key, statement[key])) if key in statement else {_WHOLE: ("", None)}


def _patterns(key: str, value: Any, kind: str = "") -> Iterator[tuple[str, tuple[str, Any]]]:
    if isinstance(value, dict):
        for inner, each in cast("dict[str, Any]", value).items():
            yield from _patterns(key, each, inner)
        return
    for each in listed(value):
        text = str(each)
        if key in {"Action", "NotAction"}:
            text = text.lower()
        elif key == "Principal":
            # A principal of everyone is "*" or {"AWS": "*"}.
            text = f"{kind or 'AWS'}:{account_of_root(text)}"
        yield text, (kind, each)


def _part(statement: Statement, chosen: tuple[frozenset[str], ...], atoms: Sequence[Mapping[str, Any]]) -> Statement:
    """Return a statement for the chosen atoms alone, each as it is written."""
    part = dict(statement)
    for key, kept, all_ in zip(_PARTS, chosen, atoms, strict=True):
        if key in statement and len(kept) < len(all_):
            part[key] = _written(statement[key], {each: all_[each] for each in all_ if each in kept})
    return part


def _written(value: Any, atoms: Mapping[str, tuple[str, Any]]) -> Any:
    if not isinstance(value, dict):
        found = [each for _, each in atoms.values()]
        return found[0] if len(found) == 1 else found
    kinds = dict.fromkeys(kind for kind, _ in atoms.values())
    return {kind: _written(None, {key: each for key, each in atoms.items() if each[0] == kind}) for kind in kinds}


# --- comparing ----------------------------------------------------------------------------------------------------


def _all_covered(
    statement: Statement, holders: Sequence[Statement], atoms: Sequence[Mapping[str, Any]]
) -> Iterator[_Covered]:
    """Yield what each of the holders covers of each part, if it is something of every part."""
    for holder in holders:
        covered: list[set[str]] = []
        for key, each in zip(_PARTS, atoms, strict=True):
            found = _covered(holder, statement, key, each)
            if not found:
                break
            covered.append(found)
        else:
            yield tuple(covered)


def _covered(wide: Statement, narrow: Statement, key: str, atoms: Mapping[str, Any]) -> set[str]:
    """Return those atoms of a statement's part that another statement's part is for."""
    negation = f"Not{key}"
    if key in narrow:
        if key in wide:
            return _matched(key, wide[key], atoms)
        if negation in wide and key != "Principal":
            excluded = [pattern for pattern, _ in _patterns(key, wide[negation])]
            return {each for each in atoms if all(_are_apart(each, pattern) for pattern in excluded)}
        return set()
    if negation in narrow:
        if negation in wide:
            # It is for more if it leaves out no more.
            left_out = dict(_patterns(key, wide[negation]))
            covers = len(_matched(key, narrow[negation], left_out)) == len(left_out)
        else:
            covers = is_all(wide.get(key))
    else:
        covers = key not in wide and negation not in wide
    return {_WHOLE} if covers else set()


def _matched(key: str, wide: Any, atoms: Mapping[str, Any]) -> set[str]:
    """Return those patterns for which a part has the same pattern, or a wider one."""
    if wide is None or is_all(wide):
        return set(atoms if wide else ())
    patterns = {pattern for pattern, _ in _patterns(key, wide)}
    found = patterns & atoms.keys()
    globs = [pattern for pattern in patterns if "*" in pattern or "?" in pattern]
    missing = atoms.keys() - found
    if not globs or len(globs) * len(missing) > _MOST_COMPARED:
        return found
    globs = [glob(pattern) for pattern in globs]
    return found | {each for each in missing if any(fnmatchcase(each, pattern) for pattern in globs)}


def _are_apart(one: str, other: str) -> bool:
    """Return True if no text fits both patterns, as far as what stands before their first wildcards says."""
    left, right = (re.split(r"[*?]", pattern, maxsplit=1) for pattern in (one, other))
    if len(left) == 1 and len(right) == 1:
        return one != other
    if len(left) == 1 or len(right) == 1:
        literal, pattern = (one, other) if len(left) == 1 else (other, one)
        return not matches(pattern, literal)
    return not left[0].startswith(right[0]) and not right[0].startswith(left[0])


def _left(
    atoms: Sequence[Mapping[str, Any]], covered: Sequence[_Covered]
) -> Iterator[tuple[frozenset[str], frozenset[str], frozenset[str]]]:
    """Yield the combinations of principals, actions and resources that nothing covers, as few as need be."""
    principals, actions, resources = atoms
    by_rest: dict[frozenset[tuple[str, str]], list[str]] = {}
    for action in actions:
        holders = [(found[2], found[0]) for found in covered if action in found[1]]
        left = frozenset(
            (resource, principal)
            for resource in resources
            for principal in principals
            if not any(resource in one and principal in other for one, other in holders)
        )
        by_rest.setdefault(left, []).append(action)
    for left, those in by_rest.items():
        by_principals: dict[frozenset[str], list[str]] = {}
        for resource in resources:
            for_whom = frozenset(principal for principal in principals if (resource, principal) in left)
            by_principals.setdefault(for_whom, []).append(resource)
        for for_whom, on in by_principals.items():
            if for_whom:
                yield for_whom, frozenset(those), frozenset(on)


def _tests(statement: Statement) -> dict[tuple[str, str], set[str]]:
    """Return the values of each condition, each of which narrows the statement."""
    found = element("Condition", statement.get("Condition"))
    return {
        (operator, name): set(map(canonical, listed(value)))
        for operator, tests in found.items()
        for name, value in as_object(tests).items()
    }


def _passes_more(wide: Statement, narrow: Statement) -> bool:
    """Return True if whatever passes one statement's conditions passes the other's."""
    if not wide.get("Condition"):
        return True
    tests = _tests(narrow)
    return all(_implies(test, tests.get(test), values) for test, values in _tests(wide).items())


def _implies(test: tuple[str, str], narrow: set[str] | None, wide: set[str]) -> bool:
    if narrow is None or narrow == wide:
        return narrow is not None
    if _WIDER_WITH_MORE.fullmatch(test[0]):
        return narrow < wide
    return _WIDER_WITH_FEWER.fullmatch(test[0]) is not None and narrow > wide
