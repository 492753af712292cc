"""Names of resources that occur in the values of others: a constructed ARN refers, though Terraform does not see it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

WORD = re.compile(r"[A-Za-z0-9_-]+(?:\.+[A-Za-z0-9_-]+)*")
LEAST = 6
"""Characters of a name that may be meant."""
TELLING = re.compile(r"(?=.*[A-Za-z])(?=.*[-_.0-9])")
"""A name that no sentence and no other attribute has by chance: not `default`, and not an account's number."""
TELLS_NOTHING = ("description", "comment", "tags", "tags_all")
"""Endings of attributes that people write for people."""
GIVEN = {"id", "arn"}
"""Attributes by which a resource is known: it does not refer by these, though they may hold another's name."""


def own_names(type_: str, values: Mapping[str, Any], sensitive: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that a resource of the type gives itself: `bucket` of a bucket, but not of its policy."""
    kind = type_.rsplit("_", 1)[-1]
    for attribute in ("name", "identifier", kind, f"{kind}_name", f"{kind}_identifier"):
        name = values.get(attribute)
        if type_ == "aws_kms_alias" and isinstance(name, str):
            # Others name it with or without what every alias begins with.
            name = name.removeprefix("alias/")
        if isinstance(name, str) and not sensitive.get(attribute) and _may_be_meant(name):
            yield name


def _may_be_meant(name: str) -> bool:
    return len(name) >= LEAST and WORD.fullmatch(name) is not None and TELLING.match(name) is not None


def mentions(
    type_: str, values: Mapping[str, Any], sensitive: Mapping[str, Any], owners: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield each attribute of a resource in which a name occurs, and the name's owner."""
    own = set(own_names(type_, values, sensitive))
    for attribute, value in values.items():
        if attribute in GIVEN or attribute.endswith(TELLS_NOTHING) or not value:
            continue
        for text in _texts(value, sensitive.get(attribute)):
            if text in own:
                continue
            words = set(WORD.findall(text))
            if not owners.keys().isdisjoint(words):
                yield from ((attribute, owners[word]) for word in owners.keys() & words)


def _texts(value: Any, sensitive: Any) -> Iterator[str]:
    """Yield the strings in a value, without those that are sensitive."""
    waiting = [(value, sensitive)]
    while waiting:
        part, mark = waiting.pop()
        if mark is True:
            continue
        if isinstance(part, str):
            if len(part) >= LEAST:
                yield part
        elif isinstance(part, dict):
            marks = cast("dict[str, Any]", mark) if isinstance(mark, dict) else {}
            waiting.extend((each, marks.get(key)) for key, each in cast("dict[str, Any]", part).items())
        elif isinstance(part, list):
            listed = cast("list[Any]", part)
            marked = cast("list[Any]", mark) if isinstance(mark, list) else []
            waiting.extend((each, marked[i] if i < len(marked) else None) for i, each in enumerate(listed))
