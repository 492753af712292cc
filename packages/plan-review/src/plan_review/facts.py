"""Facts about deployed resources: what a plan's JSON cannot show of the data that is there."""


class Facts:
    """Answers about deployed resources, asked only where a verdict depends on them; here each is unknown.

    A subclass that can ask AWS overrides the questions. An unknown answer counts as a loss.
    """

    def messages_in(self, queue_url: str) -> int | str | None:
        """Return the number of messages in a queue; as text, the reason why it cannot be read; None if unknown."""

    def has_objects_older_than(self, bucket: str, days: float) -> bool | None:
        """Return True if a bucket holds an object older than that; None if unknown."""

    def has_old_versions(self, bucket: str, days: float) -> bool | None:
        """Return True if a bucket holds a version replaced longer ago than that; None if unknown."""

    def is_younger_than_a_day(self, table: str) -> bool | None:
        """Return True if a table was created within a day, so no item in it has expired; None if unknown."""


UNKNOWN_FACTS = Facts()
