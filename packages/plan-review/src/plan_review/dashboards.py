"""CloudWatch dashboards: what each widget shows, whatever its place and look."""

from collections.abc import Mapping
from typing import Any

from plan_review.attribute_diff import told
from plan_review.masking import as_list, as_object

_SHOWN = ("metrics", "alarms", "annotations", "markdown", "query")
"""A widget's properties that say what it shows ("Dashboard body structure" in CloudWatch's API reference)."""


def widgets(body: Any) -> dict[str, Mapping[str, Any]]:
    """Return what each widget of a dashboard shows, by its title: its type and the metrics, alarms or text.

    One without a title is named by its type and its number among all: `text 3`. body: JSON as a text, or read.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for number, widget in enumerate(map(as_object, as_list(as_object(told(body)).get("widgets"))), start=1):
        properties = as_object(widget.get("properties"))
        shown = {key: properties[key] for key in _SHOWN if properties.get(key)}
        name = str(properties.get("title") or f"{widget.get('type')} {number}")
        found[f"{name} ({number})" if name in found else name] = {"type": widget.get("type"), **shown}
    return found
