"""Plans written by hand, as short as a test needs them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from plan_review.facts import UNKNOWN_FACTS, Facts
from plan_review.model import Review
from plan_review.review import review
from plan_review.rules import Rules

TODAY = date(2030, 1, 1)
ACTIONS = {
    "create": ["create"],
    "update": ["update"],
    "replace": ["delete", "create"],
    "delete": ["delete"],
    "no-op": ["no-op"],
    "read": ["read"],
    "forget": ["forget"],
}


def entry(type_: str, action: str, before: Any = None, after: Any = None, **more: Any) -> dict[str, Any]:
    """One entry of resource_changes at the address `<type_>.this`; what `more` has goes into its change."""
    change: dict[str, Any] = {"actions": ACTIONS[action], "before": before, "after": after, "after_unknown": {}}
    marks: dict[str, Any] = {"before_sensitive": {}, "after_sensitive": {}}
    return {
        "address": f"{type_}.this",
        "mode": "managed",
        "type": type_,
        "name": "this",
        "change": {**change, **marks, **more},
    }


def values(path: Sequence[str], value: Any) -> dict[str, Any]:
    """Return a resource's values with one attribute in blocks: the outermost is empty if the attribute is not set."""
    if value is None:
        return {path[0]: None if len(path) == 1 else []}
    for name in reversed(path[1:]):
        value = [{name: value}]
    return {path[0]: value}


def plan(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": list(entries), **more}


def reviewed(*entries: dict[str, Any], facts: Facts = UNKNOWN_FACTS, **more: Any) -> Review:
    return review(plan(*entries, **more), title="test", facts=facts, rules=Rules(), today=TODAY)


def told(found: Review) -> list[tuple[str, str]]:
    """Return the findings, without where they are."""
    return [(finding.kind.value, finding.sentence) for finding in found.findings]


class KnownFacts(Facts):
    """A queue of so many messages, a bucket with one object of such an age, a table of such an age; None is unknown."""

    def __init__(
        self, *, messages: int | str | None = None, object_days: int | None = None, table_hours: int | None = None
    ) -> None:
        self._messages = messages
        self._object_days = object_days
        self._table_hours = table_hours

    def count_in(self, type_: str, values: Mapping[str, Any]) -> int | str | None:
        """Return them for the queue of the tests."""
        return self._messages if type_ == "aws_sqs_queue" and values["url"] == "https://sqs/queue" else None

    def has_objects_older_than(self, bucket: str, days: float) -> bool | None:
        """Compare the age of the object."""
        assert bucket == "results"
        return None if self._object_days is None else self._object_days > days

    def has_old_versions(self, bucket: str, days: float) -> bool | None:
        """Return False where the objects are known."""
        assert (bucket, days > 0) == ("results", True)
        return None if self._object_days is None else False

    def is_younger_than_a_day(self, table: str) -> bool | None:
        """Compare the age of the table."""
        assert table == "jobs"
        return None if self._table_hours is None else self._table_hours < 24
