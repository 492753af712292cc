"""JSON documents that are the text of an attribute."""

import json
from functools import lru_cache
from typing import Any, cast

OPENING = frozenset("{[ \t\r\n")
"""The first characters of a text that may be a document."""
_MOST_CHARACTERS = 1_000_000


def document(value: Any) -> Any:
    """Return the object or list in a text of JSON; None for all else. Not to be changed."""
    if not isinstance(value, str) or value[:1] not in OPENING or not 1 < len(value) < _MOST_CHARACTERS:
        return None
    return _read(value)


@lru_cache(maxsize=64)
def _read(text: str) -> Any:
    if "\\ud" in text or "\\uD" in text:
        return None
    try:
        found = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError):
        return None
    return cast("Any", found) if isinstance(found, dict | list) else None


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0:
        raise ValueError(text)
    return number
