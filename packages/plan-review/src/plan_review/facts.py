"""Facts about deployed resources: what a plan's JSON cannot show of the data that is there."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any


class Facts:
    """Answers about deployed resources, asked only where a verdict depends on them; here each is unknown.

    A subclass that can ask AWS overrides the questions. An unknown answer counts as a loss.
    """

    def count_in(self, type_: str, values: Mapping[str, Any]) -> int | str | None:
        """Return the number of things, as messages, that a resource holds; None if unknown.

        values: the resource's attributes. As text, the reason why it cannot be read.
        """

    def has_objects_older_than(self, bucket: str, days: float) -> bool | None:
        """Return True if a bucket holds an object older than that; None if unknown."""

    def has_old_versions(self, bucket: str, days: float) -> bool | None:
        """Return True if a bucket holds a version replaced longer ago than that; None if unknown."""

    def is_younger_than_a_day(self, table: str) -> bool | None:
        """Return True if a table was created within a day, so no item in it has expired; None if unknown."""


UNKNOWN_FACTS = Facts()


class RecordedFacts(Facts):
    """Facts that are asked for once: `answers` has each answer, as JSON, for a later review of the same plan."""

    def __init__(self, facts: Facts, answers: Mapping[str, Any] | None = None) -> None:
        """facts: asked for what is not among the answers."""
        self._facts = facts
        self.answers: dict[str, Any] = dict(answers or {})

    def count_in(self, type_: str, values: Mapping[str, Any]) -> int | str | None:
        """As Facts has it."""
        # The values need not be kept to be known again; one that is hidden has a repr that tells nothing.
        told = hashlib.sha256(json.dumps(values, sort_keys=True, default=repr).encode()).hexdigest()
        return self._answer(f"count in {type_} {told}", lambda: self._facts.count_in(type_, values))

    def has_objects_older_than(self, bucket: str, days: float) -> bool | None:
        """As Facts has it."""
        question = f"objects of {bucket} older than {days:g} days"
        return self._answer(question, lambda: self._facts.has_objects_older_than(bucket, days))

    def has_old_versions(self, bucket: str, days: float) -> bool | None:
        """As Facts has it."""
        question = f"versions of {bucket} replaced {days:g} days ago"
        return self._answer(question, lambda: self._facts.has_old_versions(bucket, days))

    def is_younger_than_a_day(self, table: str) -> bool | None:
        """As Facts has it."""
        return self._answer(f"{table} younger than a day", lambda: self._facts.is_younger_than_a_day(table))

    def _answer(self, question: str, ask: Callable[[], Any]) -> Any:
        if question not in self.answers:
            self.answers[question] = ask()
        return self.answers[question]
