"""Plans written by hand, as short as a test needs them."""

from collections.abc import Collection
from datetime import date
from typing import Any

from ops.review.model import Review
from ops.review.reviewing import review
from ops.review.rules import Rules

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


def plan(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": list(entries), **more}


def reviewed(*entries: dict[str, Any], harmless: Collection[str] = (), **more: Any) -> Review:
    return review(plan(*entries, **more), title="test", harmless=harmless, rules=Rules(), today=TODAY)


def told(found: Review) -> list[tuple[str, str]]:
    """Return the findings, without where they are."""
    return [(finding.kind.value, finding.sentence) for finding in found.findings]
