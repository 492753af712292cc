"""A plan in few words: the counts, a line a resource, and what nobody would be told."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

NAME_KEYS = ("name", "bucket", "alarm_name", "function_name", "id")
NOTHING = "no changes"
_SIGNS = {
    ("create",): ("+", "to create"),
    ("update",): ("~", "to change"),
    ("delete", "create"): ("!", "to replace"),
    ("create", "delete"): ("!", "to replace"),
    ("delete",): ("-", "to delete"),
    ("forget",): (".", "to forget"),
}
_IMPORT = ("=", "to import")
ALWAYS_COUNTED = ("to create", "to change", "to replace", "to delete")
COUNTED = (*ALWAYS_COUNTED, "to forget", "to import")


def summary_lines(plan: Mapping[str, Any]) -> list[str]:
    """Return the counts first, then one line for each resource that changes, in the order of their addresses."""
    counts: Counter[str] = Counter()
    lines: list[str] = []
    for change in plan.get("resource_changes", []):
        imported = "importing" in change["change"]
        sign = _SIGNS.get(tuple(change["change"]["actions"]), _IMPORT if imported else None)
        if change["mode"] != "managed" or sign is None:
            continue
        counts.update({sign[1], _IMPORT[1]} if imported else {sign[1]})
        lines.append(f"  {sign[0]} {change['type']:<52} {_physical_name(change['change'])}")
    if not lines:
        outputs = [name for name, change in plan.get("output_changes", {}).items() if change["actions"] != ["no-op"]]
        return [f"outputs alone change: {', '.join(outputs)}" if outputs else NOTHING]
    shown = ", ".join(f"{counts[kind]} {kind}" for kind in COUNTED if kind in ALWAYS_COUNTED or counts[kind])
    return [shown, *lines]


def silent_alarms(plan: Mapping[str, Any]) -> list[str]:
    """Return the names of the alarms that would notify nobody."""
    return [
        after["alarm_name"]
        for change in plan.get("resource_changes", [])
        if change["type"] == "aws_cloudwatch_metric_alarm"
        and (after := change["change"]["after"])
        and not after.get("alarm_actions")
    ]


def _physical_name(change: Mapping[str, Any]) -> str:
    values: dict[str, Any] = change["after"] or change["before"] or {}
    return next((values[key] for key in NAME_KEYS if values.get(key)), "(named by AWS)")
