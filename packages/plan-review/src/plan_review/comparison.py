"""The comparison of a required value with one that is planned, or that a service has told of what is there."""

from typing import Any

from plan_review.attribute_diff import told
from plan_review.policy_documents import plain


def is_as_required(required: Any, found: Any) -> bool:
    """Return True if both mean the same to a service.

    Neither the order of a list matters nor how a scalar is written: 3 is "3". What is empty counts as not set. A
    policy's statements are compared by `policy_documents.difference` instead.
    """
    return _plain(required) == _plain(found)


def _plain(value: Any) -> Any:
    return None if value in (None, "", [], {}) else plain(told(value))
