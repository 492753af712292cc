"""Differences in meaning between two values of an attribute."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from plan_review.json_text import document

NAMING_KEYS = ("id", "Sid", "name")
"""What tells the blocks of a list apart, or the statements of a policy."""
Parts: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """One part of a value that is not as expected; None is one that is not there."""

    path: tuple[str, ...]
    expected: Any
    found: Any


def differences(expected: Any, found: Any, path: tuple[str, ...] = ()) -> Iterator[Difference]:
    """Yield the smallest parts that differ.

    The provider writes an attribute that is not set as null, or as its type's zero, or as an empty block, depending
    on when it read it: these are the same. So are JSON documents that say the same, and lists in another order.
    """
    if _meaning(expected) == _meaning(found):
        return
    parts = _parts(_document(expected), _document(found))
    if parts is None:
        yield Difference(path, _told(expected), _told(found))
        return
    ours, theirs = parts
    for key in sorted({*ours, *theirs}):
        yield from differences(ours.get(key), theirs.get(key), (*path, key))


def _meaning(value: Any) -> Any:
    value = _document(value)
    if not value:
        return None
    if isinstance(value, Mapping):
        meanings = {key: _meaning(each) for key, each in cast("Mapping[str, Any]", value).items()}
        return {key: each for key, each in meanings.items() if each is not None} or None
    if isinstance(value, list):
        listed = sorted((_meaning(each) for each in cast("list[Any]", value)), key=json.dumps)
        return listed[0] if len(listed) == 1 else listed
    return value


def _told(value: Any) -> Any:
    """Return a value as a reader needs it: of blocks and documents, only what is set."""
    value = _document(value)
    if isinstance(value, Mapping):
        set_ = {
            key: _told(each) for key, each in cast("Mapping[str, Any]", value).items() if _meaning(each) is not None
        }
        return set_ or None
    if isinstance(value, list):
        return [_told(each) for each in cast("list[Any]", value)] or None
    return value


def _document(value: Any) -> Any:
    """Return the content of a text of JSON, and everything else as it is."""
    found = document(value)
    return value if found is None else found


def _parts(expected: Any, found: Any) -> tuple[Parts, Parts] | None:
    """Return the parts of two objects, or of two lists of blocks under one kind of name; None if there are none."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        return cast("Parts", expected), cast("Parts", found)
    ours, theirs = _blocks(expected), _blocks(found)
    if not ours or not theirs:
        return None
    for key in NAMING_KEYS:
        sides = _named(ours, key), _named(theirs, key)
        if any(block.get(key) for block in (*ours, *theirs)) and sides[0] and sides[1]:
            return sides[0], sides[1]
    return (ours[0], theirs[0]) if len(ours) == len(theirs) == 1 else None


def _blocks(value: Any) -> list[Parts]:
    """Return the blocks of a list, or the one that stands alone; none if it is anything else."""
    listed = cast("list[Any]", value if isinstance(value, list) else [value])
    return listed if all(isinstance(block, Mapping) for block in listed) else []


def _named(blocks: list[Parts], key: str) -> Parts | None:
    """Return the blocks by their names, of which one may be missing; None if the names do not tell them apart."""
    named = {str(block.get(key) or f"(no {key})"): block for block in blocks}
    return named if len(named) == len(blocks) else None
