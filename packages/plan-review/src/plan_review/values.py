"""Values of a plan in words, with nothing in them that is hidden."""

from typing import Any

from check_report.printable import shown_value
from plan_review.attribute_diff import told
from plan_review.masking import UNKNOWN, Secret, hidden_words


def is_hidden(value: Any) -> bool:
    """Return True if a value is sensitive or not known yet."""
    return value is UNKNOWN or isinstance(value, Secret)


def words(value: Any) -> str:
    """Return a value as one short line, and nothing that is hidden."""
    if is_hidden(value):
        return hidden_words(value)
    return "(not set)" if value is None else shown_value(told(value))
