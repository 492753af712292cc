"""JSON documents in attributes, and IAM policies compared by meaning: order, Sid and spelling do not matter."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

from plan_review.json_text import document
from plan_review.masking import UNKNOWN, Secret, as_list, as_object

Statement = Mapping[str, Any]
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
WHOM = ("Principal", "NotPrincipal")


def at(values: Any, path: Sequence[str | int]) -> Any:
    """Return the part that a path leads to; None if there is none. A list of blocks stands for its first."""
    for step in path:
        if isinstance(values, Secret) or values is UNKNOWN:
            return values
        if isinstance(values, str):
            values = document(values)
        if isinstance(values, list) and isinstance(step, str):
            values = next(iter(as_list(values)), None)
        if isinstance(values, dict):
            values = as_object(values).get(str(step))
        elif isinstance(values, list) and isinstance(step, int) and 0 <= step < len(as_list(values)):
            values = as_list(values)[step]
        else:
            return None
    return values


def _of_mark(value: Any) -> Any:
    return ["secret", value.hidden] if isinstance(value, Secret) else str(value)


canonical = json.JSONEncoder(sort_keys=True, default=_of_mark).encode
"""Returns text that is the same for equal values, hidden ones included; never to be shown."""


# --- policies -----------------------------------------------------------------------------------------------------


def is_policy(found: Any) -> bool:
    """Return True if a document is a policy of statements."""
    return isinstance(found, dict) and "Statement" in found


def statements(policy: Any) -> list[Statement]:
    """Return the statements of a policy, whether it is a text or has been read."""
    found = document(policy) if isinstance(policy, str) else policy
    listed = as_object(found).get("Statement")
    return [as_object(each) for each in (as_list(listed) or [listed]) if isinstance(each, dict)]


def plain(value: Any) -> Any:
    """Return a part of a document without the order of its lists, and with its scalars as text: 3 or 3.0 is "3"."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        items = [plain(each) for each in cast("list[Any]", value)]
        if all(isinstance(each, str) for each in items):
            return sorted(set(items))
        return [each for _, each in sorted({canonical(each): each for each in items}.items())]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def element(key: str, value: Any) -> Any:
    """Return one element of a statement in the one form of all that mean the same."""
    if key in WHOM:
        whom = {"AWS": value} if value == "*" else value
        kinds = as_object(whom) or {"": whom}
        return {
            kind: plain([account_of_root(each) if isinstance(each, str) else each for each in listed(names)])
            for kind, names in kinds.items()
        }
    if key in {"Action", "NotAction"}:
        return plain([str(each).lower() for each in listed(value)])
    if key in {"Resource", "NotResource"}:
        return plain(listed(value))
    if key == "Condition":
        return {
            operator.lower(): {name.lower(): plain(listed(each)) for name, each in as_object(tests).items()}
            for operator, tests in as_object(value).items()
        }
    return plain(value)


def account_of_root(principal: str) -> str:
    """Return an account's number for its root's ARN, which means the same as a principal; anything else as it is."""
    return _ROOT.sub(r"\1", principal)


def meaning(statement: Statement) -> str:
    """Return text that is the same for every way to write the statement."""
    return canonical({key: element(key, value) for key, value in statement.items() if key != "Sid"})


def listed(value: Any) -> list[Any]:
    """Return a list as it is, and what may stand for a list of one as such a list."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def difference(expected: Iterable[Statement], found: Iterable[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Return the statements that a policy lacks, and those that it has besides, each in its one form.

    A statement that is there twice counts once: AWS evaluates the statements together, whatever their number.
    """
    sides = {meaning(each) for each in expected}, {meaning(each) for each in found}
    lacking, besides = (
        [json.loads(each) for each in sorted(side)] for side in (sides[0] - sides[1], sides[1] - sides[0])
    )
    return lacking, besides


# --- evaluation ---------------------------------------------------------------------------------------------------


def read_statements(document: str | None) -> list[Statement]:
    """Return the statements of a service's answer; none if there is no policy.

    Raises ValueError for a document that is not JSON, and KeyError for one without statements.
    """
    return listed(json.loads(document)["Statement"]) if document else []


def allowed_pairs(policy: Iterable[Statement]) -> set[tuple[str, str]]:
    """Return each action that an identity's policy allows, with its resource, as they are written.

    Everything but some actions, or but some resources, is everything. Neither conditions nor a Deny take from it.
    """
    return {
        (action.lower(), resource)
        for statement in policy
        if statement["Effect"] == "Allow"
        for action in listed(statement.get("Action", "*"))
        for resource in listed(statement.get("Resource", "*"))
    }


def admits(
    policy: Sequence[Statement], service: str, action: str, resource: str, context: Mapping[str, str]
) -> bool | None:
    """Return True if a resource's policy lets a service do something; None if it has what is not evaluated here.

    context: the values of condition keys, in small letters.
    """
    applying = [(each["Effect"], _applies(each, service, action, resource, context)) for each in policy]
    if ("Deny", True) in applying:
        return False
    if ("Allow", True) in applying and ("Deny", None) not in applying:
        return True
    return None if any(answer is None for _, answer in applying) else False


def _applies(statement: Statement, service: str, action: str, resource: str, context: Mapping[str, str]) -> bool | None:
    if statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}:
        return None
    answers = [
        _is_for(statement["Principal"], service),
        any(matches(pattern, action.lower()) for pattern in element("Action", statement["Action"])),
        any(matches(pattern, resource) for pattern in listed(statement.get("Resource", "*"))),
        *(
            _holds(operator, values, context.get(key))
            for operator, tests in element("Condition", statement.get("Condition")).items()
            for key, values in tests.items()
        ),
    ]
    return every(answers)


def every(answers: Iterable[bool | None]) -> bool | None:
    """Return False if one answer is, otherwise None if one is unknown, otherwise True."""
    given = set(answers)
    return False if False in given else None if None in given else True


def _is_for(principal: Any, service: str) -> bool:
    """Return True if a statement's principal is everybody or the service; an account is not its services."""
    whom = element("Principal", principal)
    return "*" in whom.get("AWS", ()) or service in whom.get("Service", ())


def _holds(operator: str, wanted: Sequence[str], found: str | None) -> bool | None:
    if found is None:
        return None
    operator = operator.removesuffix("ifexists")
    if operator in {"stringequals", "bool"}:
        return found in wanted
    if operator in {"stringlike", "arnlike", "arnequals"}:
        return any(matches(pattern, found) for pattern in wanted)
    return None


def matches(pattern: str, text: str) -> bool:
    """Return True if a pattern of IAM's, with * and ?, fits the whole text."""
    return fnmatchcase(text, glob(pattern))


def glob(pattern: str) -> str:
    """Return a pattern of IAM's for fnmatch, which reads [..] as a set; IAM does not."""
    return pattern.replace("[", "[[]")


# --- telling statements apart -------------------------------------------------------------------------------------


def unequal(before: list[Statement], after: list[Statement]) -> tuple[list[Statement], list[Statement]]:
    """Return both without what they begin and end with alike, which is quick and mostly all."""
    least = min(len(before), len(after))
    front = next((place for place in range(least) if before[place] != after[place]), least)
    rest = least - front
    back = next((place for place in range(rest) if before[-1 - place] != after[-1 - place]), rest)
    return before[front : len(before) - back], after[front : len(after) - back]


def paired(before: list[Statement], after: list[Statement]) -> Iterator[tuple[str, Statement | None, Statement | None]]:
    """Yield the statements of two policies that differ side by side, each with its label: by Sid, else by meaning."""
    left, right = unequal(before, after)
    named = [_by_sid(side) for side in (left, right)]
    both = named[0].keys() & named[1].keys()
    yield from ((sid, named[0][sid], named[1][sid]) for sid in named[0] if sid in both)
    left, right = ([each for each in side if _sid(each) not in both] for side in (left, right))
    if left and right:
        common = Counter(map(meaning, left)) & Counter(map(meaning, right))
        left, right = _without(left, common), _without(right, common)
    if not left and not right:
        return
    labels = {
        id(each): _sid(each) or f"Statement {place}" for side in (before, after) for place, each in enumerate(side, 1)
    }
    alike = len(left) == len(right) == 1 and left[0].get("Effect") == right[0].get("Effect")
    if alike and not (_sid(left[0]) and _sid(right[0])):
        yield labels[id(right[0])], left[0], right[0]
        return
    yield from ((labels[id(each)], each, None) for each in left)
    yield from ((labels[id(each)], None, each) for each in right)


def _sid(statement: Statement) -> str:
    sid = statement.get("Sid")
    return sid if isinstance(sid, str) else ""


def _by_sid(side: list[Statement]) -> dict[str, Statement]:
    counted = Counter(map(_sid, side))
    return {_sid(each): each for each in side if _sid(each) and counted[_sid(each)] == 1}


def _without(side: list[Statement], common: Counter[str]) -> list[Statement]:
    rest, kept = Counter(common), list[Statement]()
    for each in side:
        if rest[meaning(each)]:
            rest[meaning(each)] -= 1
        else:
            kept.append(each)
    return kept
