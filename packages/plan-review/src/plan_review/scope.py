"""Declared scope: the resources that a change is meant for, and what a plan does outside of it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from plan_review.model import Action, Reviewed

_DECLARATION = re.compile(r"^[ \t>*-]*`?plan-review: only (?P<pattern>[^\r\n]*)", re.MULTILINE)


def read_scope(file: Path) -> list[str]:
    """Return the patterns of the lines `plan-review: only PATTERN` in a file, as the text of a pull request.

    Raises InvalidInputError if the file cannot be read.
    """
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except OSError as error:
        raise InvalidInputError([f"{file}: cannot be read: {error.strerror}"]) from None
    return list(dict.fromkeys(filter(None, map(_pattern, _DECLARATION.finditer(text)))))


def _pattern(match: re.Match[str]) -> str:
    return match["pattern"].strip().strip("`").strip()


def outside(only: Sequence[str], resources: Iterable[Reviewed]) -> tuple[str, ...]:
    """Return the addresses of the resources that the plan changes and no pattern matches; none without a pattern."""
    if not only:
        return ()
    strangers = (each.address for each in _changed(resources) if not any(_matches(each, pattern) for pattern in only))
    return tuple(dict.fromkeys(strangers))


def unused(only: Sequence[str], resources: Iterable[Reviewed]) -> Iterator[str]:
    """Yield a note on each pattern that matches nothing that the plan changes."""
    changed = list(_changed(resources))
    for pattern in dict.fromkeys(only):
        if not any(_matches(each, pattern) for each in changed):
            yield f"declared scope: the plan changes no resource whose address or name matches {shown_value(pattern)}"


def _changed(resources: Iterable[Reviewed]) -> Iterator[Reviewed]:
    return (each for each in resources if each.action is not Action.READ)


def _matches(resource: Reviewed, pattern: str) -> bool:
    # An address has brackets around its keys; as a set of characters they would match none of them.
    literal = pattern.replace("[", "[[]")
    return any(fnmatchcase(text, literal) for text in (resource.address, resource.name))
