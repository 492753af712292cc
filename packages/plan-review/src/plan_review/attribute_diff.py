"""The smallest parts in which two values differ, and which of them differ only in how they are written."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

from plan_review.json_text import OPENING, document
from plan_review.masking import UNKNOWN, Secret, as_list, hidden_words
from plan_review.model import Known, Value
from plan_review.policy_documents import Statement, canonical, element, is_policy, paired, plain, statements

NAMING_KEYS = ("id", "Id", "sid", "name", "key", "attribute_name", "rule_id")
"""Attributes that tell the blocks of a list apart."""
_MOST_SHOWN_WHOLE = 12
"""Maximum items of a list that is shown whole; of a longer one only what differs is."""
_WITHOUT_ORDER = {"redrive_policy", "redrive_allow_policy"}
"""Documents of which no list has an order."""
_SIMPLE = frozenset((bool, int, float))
_CLEAR = frozenset((bool, int, float, str, type(None)))
_CONTAINERS = (dict, list)
_DEEPEST = 40
TOO_DEEP = "(nested too deeply to be shown)"
Path = tuple[str, ...]
ABSENT = Value(known=Known.ABSENT)
_UNKNOWN = Value(known=Known.UNKNOWN)
_SENSITIVE = Value(known=Known.SENSITIVE)
_VALUE = Known.VALUE


class Part(NamedTuple):
    """One part in which the values differ; hidden parts are still marked."""

    path: Path
    before: Any
    after: Any
    formal: bool
    """They mean the same."""
    sides: tuple[Value, Value] | None = None
    """Both as the model has them, of a part of a document: equal documents share them. None of any other part."""


def parts(before: Any, after: Any, path: Path) -> Iterator[Part]:
    """Yield the parts that differ, smallest first found; nothing if the values are equal."""
    if before == after and type(before) is type(after):
        return
    if _is_plain(before) and _is_plain(after):
        yield Part(path, before, after, formal=not (before or after) and _is_empty(before) and _is_empty(after))
    elif _is_empty(before) and _is_empty(after):
        yield Part(path, before, after, formal=True)
    elif _is_mark(before) or _is_mark(after) or len(path) > _DEEPEST:
        yield Part(path, before, after, formal=False)
    elif _is(before, after, str):
        yield from _texts(before, after, path)
    elif _is(before, after, dict):
        yield from _objects(before or {}, after or {}, path)
    elif _is(before, after, list):
        yield from _lists(as_list(before), as_list(after), path)
    else:
        yield Part(path, before, after, formal=False)


def told(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON for a reader: documents read, words for what is hidden, and not too deep."""
    if isinstance(value, str):
        found = document(value) if value[:1] in OPENING else None
        return value if found is None else told(found, depth + 1)
    if not isinstance(value, _CONTAINERS):
        return value if type(value) in _CLEAR else hidden_words(value)
    if depth > _DEEPEST:
        return TOO_DEEP
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return [each if _is_plain(each) else told(each, depth + 1) for each in items]
    return {
        key: each if _is_plain(each) else told(each, depth + 1)
        for key, each in cast("dict[str, Any]", value).items()
        if each or (each is not None and not isinstance(each, _CONTAINERS))
    }


def side(value: Any) -> Value:
    """Return one side of a difference as the model has it."""
    if value is None:
        return ABSENT
    if type(value) is str and value[:1] not in OPENING:
        return _text(value)
    if _is_plain(value):
        return Value(known=_VALUE, value=value)
    if isinstance(value, Secret):
        return _SENSITIVE
    if value is UNKNOWN:
        return _UNKNOWN
    return Value(known=_VALUE, value=told(value))


@lru_cache(maxsize=1024)
def _text(text: str) -> Value:
    """Return a text as the model has it; kept, because the same few stand in most resources."""
    return Value(known=_VALUE, value=text)


def is_open(value: Any) -> bool:
    """Return True if nothing within the value is hidden or unknown."""
    if not isinstance(value, _CONTAINERS):
        return not _is_mark(value)
    items = cast("dict[str, Any]", value).values() if isinstance(value, dict) else cast("list[Any]", value)
    return all(is_open(each) for each in items if type(each) not in _CLEAR)


def _is_mark(value: Any) -> bool:
    return value is UNKNOWN or isinstance(value, Secret)


def _is_plain(value: Any) -> bool:
    """Return True if a value is shown as it is: there is nothing within it, and nothing of it is hidden."""
    return value[:1] not in OPENING if type(value) is str else value is None or type(value) in _SIMPLE


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _is(before: Any, after: Any, type_: type) -> bool:
    """Return True if one side is of the type, and the other too, or absent."""
    return (before is None or isinstance(before, type_)) and (after is None or isinstance(after, type_))


def _objects(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Part]:
    if (not before or not after) and path[1:] and is_open(before) and is_open(after):
        yield Part(path, before or None, after or None, formal=False)
        return
    for key in {**before, **after}:
        yield from parts(before.get(key), after.get(key), (*path, key))


# --- lists --------------------------------------------------------------------------------------------------------


def _lists(before: list[Any], after: list[Any], path: Path) -> Iterator[Part]:
    ours, theirs = _named(before), _named(after)
    if ours is not None and theirs is not None:
        for key in {**ours, **theirs}:
            yield from parts(ours.get(key), theirs.get(key), (*path, key))
        if list(ours) != list(theirs) and ours == theirs:
            yield Part(path, before, after, formal=False)
    elif _are_scalars(before) and _are_scalars(after) and max(len(before), len(after)) <= _MOST_SHOWN_WHOLE:
        yield Part(path, before, after, formal=False)
    elif max(len(before), len(after)) == 1:
        one, other = (items[0] if items else None for items in (before, after))
        yield from parts(one, other, path)
    else:
        yield from _members(before, after, path)


def _members(before: list[Any], after: list[Any], path: Path) -> Iterator[Part]:
    """Compare items that nothing tells apart: what is on both sides is the same, and the rest is paired as it comes."""
    seen: dict[str, list[int]] = {}
    for index, item in enumerate(before):
        seen.setdefault(canonical(item), []).append(index)
    new: list[int] = []
    for index, item in enumerate(after):
        places = seen.get(canonical(item))
        if places:
            places.pop()
        else:
            new.append(index)
    gone = sorted(index for places in seen.values() for index in places)
    if not gone and not new:
        yield Part(path, before, after, formal=False)
    elif len(gone) == len(new):
        for old, young in zip(gone, new, strict=True):
            yield from parts(before[old], after[young], (*path, str(young)))
    else:
        for index in gone:
            yield from parts(before[index], None, (*path, str(index)))
        for index in new:
            yield from parts(None, after[index], (*path, str(index)))


def _named(items: list[Any]) -> dict[str, Any] | None:
    """Return the blocks of a list by their names, which are all under the same key; None if nothing names them."""
    if not all(isinstance(item, dict) for item in items):
        return None
    for key in NAMING_KEYS:
        found = [item.get(key) for item in items]
        if all(isinstance(name, str) and name for name in found) and len(set(found)) == len(found):
            return dict(zip(found, items, strict=True))
    return None


def _are_scalars(items: list[Any]) -> bool:
    return not any(isinstance(item, dict | list) or _is_mark(item) for item in items)


# --- documents ----------------------------------------------------------------------------------------------------


def _texts(before: str | None, after: str | None, path: Path) -> Iterable[Part]:
    if all(text is None or document(text) is not None for text in (before, after)):
        return _documents(before, after, path)
    return [Part(path, before, after, formal=False)]


@lru_cache(maxsize=64)
def _documents(before: str | None, after: str | None, path: Path) -> tuple[Part, ...]:
    """Return the parts in which two documents differ; kept, because many resources of a large plan have equal ones."""
    ours, theirs = document(before), document(after)
    if _is(ours, theirs, dict) and (is_policy(ours) or is_policy(theirs)):
        found = list(_policies(ours or {}, theirs or {}, path))
    else:
        meaning = plain if path[0] in _WITHOUT_ORDER else _as_text
        found = [
            part._replace(formal=part.formal or meaning(part.before) == meaning(part.after))
            for part in parts(ours, theirs, path)
        ]
    differing = tuple(part._replace(sides=(side(part.before), side(part.after))) for part in found if not part.formal)
    return differing or (Part(path, before, after, formal=before is not None and after is not None),)


def _as_text(value: Any) -> Any:
    """Return a scalar as text: a service takes 3 and "3" for the same."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def _policies(before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Part]:
    for key in {**before, **after}:
        if key not in {"Statement", "Id"}:
            yield from parts(before.get(key), after.get(key), (*path, key))
    for label, one, other in paired(statements(before), statements(after)):
        if one is None or other is None:
            yield Part((*path, label), one, other, formal=False)
        else:
            yield from _elements(one, other, (*path, label))


def _elements(before: Statement, after: Statement, path: Path) -> Iterator[Part]:
    for key in {**before, **after}:
        one, other = before.get(key), after.get(key)
        if key != "Sid" and (one is None or other is None or element(key, one) != element(key, other)):
            yield Part((*path, key), one, other, formal=False)
