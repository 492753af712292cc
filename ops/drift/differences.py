"""Where two values of an attribute differ in what they mean, and not only in how they are written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

NAMING_KEYS = ("id", "Sid", "name")
"""What tells the blocks of a list apart, or the statements of a policy."""


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
    ours, theirs = _parts(expected), _parts(found)
    if ours is None or theirs is None:
        yield Difference(path, _told(expected), _told(found))
        return
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
    """Return what a text of JSON holds, and everything else as it is."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _parts(value: Any) -> Mapping[str, Any] | None:
    """Return the named parts of an object, a block or a list of blocks; None for what has none."""
    value = _document(value)
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    if not isinstance(value, list) or not value:
        return None
    blocks = cast("list[Any]", value)
    if not all(isinstance(block, Mapping) for block in blocks):
        return None
    for key in NAMING_KEYS:
        names = [str(block.get(key) or "") for block in blocks]
        if all(names) and len(set(names)) == len(names):
            return dict(zip(names, blocks, strict=True))
    return blocks[0] if len(blocks) == 1 else None
