"""Expirations: when the lifecycle rules of a bucket delete what."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from plan_review.masking import as_list, as_object
from plan_review.values import is_hidden, words

_OBJECTS = "objects"
_COUNT = re.compile("[0-9]{1,9}")


class Expiration(NamedTuple):
    """A time at which a rule deletes objects or old versions."""

    name: str
    what: str
    scope: str
    """Its filter; empty if it is for everything."""
    days: float
    """The age at which it goes; 0 if a date says when."""
    date: str
    kept: int
    """The newest old versions, which stay."""

    @property
    def is_for_objects(self) -> bool:
        """True for current objects, false for old versions of them."""
        return self.what == _OBJECTS

    def __str__(self) -> str:
        """Return when, in words."""
        kept = f" but for the newest {self.kept}" if self.kept else ""
        return f"on {self.date}" if self.date else f"after {self.days:g} day{'s' * (self.days != 1)}{kept}"

    def covers(self, other: "Expiration") -> bool:
        """Return True if this rule is for all that the other is for."""
        return self.what == other.what and (not self.scope or self.scope == other.scope)

    def is_no_later(self, other: "Expiration") -> bool:
        """Return True if this rule deletes what both are for no later than the other; never of a date and an age."""
        return self.date <= other.date and self.days <= other.days and self.kept <= other.kept


def expirations(rules: Any) -> Iterator[Expiration]:
    """Yield each rule's deletions, with their times."""
    for rule in map(as_object, as_list(rules)):
        if rule.get("status") != "Enabled" and rule.get("enabled") is not True:
            continue
        name, scope = str(rule.get("id")), _scope(rule)
        for what, block, key in (
            (_OBJECTS, "expiration", "days"),
            ("old versions", "noncurrent_version_expiration", "noncurrent_days"),
            ("old versions", "noncurrent_version_expiration", "days"),
        ):
            for each in map(as_object, as_list(rule.get(block))):
                days, date = each.get(key), each.get("date")
                kept = str(each.get("newer_noncurrent_versions") or "0")
                if isinstance(days, int | float) and days > 0:
                    yield Expiration(name, what, scope, days, "", int(kept) if _COUNT.fullmatch(kept) else 0)
                elif is_hidden(days) or (key == "days" and date):
                    yield Expiration(name, what, scope, 0, words(days if is_hidden(days) else date).strip('"'), 0)


def _scope(rule: Mapping[str, Any]) -> str:
    said = [rule.get("prefix"), rule.get("tags"), *as_list(rule.get("filter"))]
    return repr([each for each in said if _says_something(each)] or "")[1:-1]


def _says_something(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_says_something, as_object(value).values()))
    return any(map(_says_something, as_list(value))) if isinstance(value, list) else bool(value)
