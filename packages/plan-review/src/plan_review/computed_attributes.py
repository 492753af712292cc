"""Attributes that the AWS provider alone sets: a resource's condition."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

TABLE = Path(__file__).with_name("computed_attributes.json")
"""By type, the attributes; written by `python -m tests.review.computed` from the provider's own schema.

Left out is what shows that the resource is another one, or has other content: see there.
"""
_ATTRIBUTES: Mapping[str, Sequence[str]] = json.loads(TABLE.read_text(encoding="utf-8"))


def is_condition(type_: str, path: Sequence[str]) -> bool:
    """Return True if a part belongs to an attribute that nobody can declare, and shows a condition alone.

    Such a value changes in normal use: a policy is attached, an address confirms. No apply would set it.
    path: the steps that lead to the part; between those of the schema there may be others, as an item's name.
    """
    return any(_leads(attribute.split("."), path) for attribute in _ATTRIBUTES.get(type_, ()))


def _leads(attribute: Sequence[str], path: Sequence[str]) -> bool:
    steps = iter(path[1:])
    return attribute[0] == path[0] and all(step in steps for step in attribute[1:])
