"""Facts about deployed resources: what a plan's JSON cannot show of the data that is there."""

from collections.abc import Mapping
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
