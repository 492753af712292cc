"""A comparison as a report."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from check_report.model import Check, Level, Report, Section, exit_status
from ops.drift.plans import SENSITIVE
from ops.drift.report import RESOURCE, UNMANAGED, Comparison, Condition, Fact
from ops.workspace import Workspace

MOST_CHARACTERS = 600
"""Of a value; the rest is not shown."""


def report_of(workspace: Workspace, comparison: Comparison) -> Report:
    """Return the report: a paragraph a resource, what is no drift, a count at the end."""
    drift, refused = tuple(map(_fact, comparison.drift)), tuple(map(_refused, comparison.refused))
    unreadable = _conditions(Level.UNREADABLE, comparison.unreadable)
    resources = len({(fact.resource_type, fact.resource) for fact in comparison.drift})
    return Report(
        tool="drift",
        target=workspace.stack,
        heading=(workspace.stack, f"on {workspace.where}"),
        sections=(
            Section(key="drift", checks=drift),
            Section(key="refused", title="An apply is refused as a whole:", checks=refused),
            Section(key="also", title="Not drift, but worth knowing:", checks=_conditions(Level.NOTE, comparison.also)),
            Section(
                key="pending",
                title="Not drift: the synthesized stack has changes, which an apply makes:",
                checks=_conditions(Level.NOTE, comparison.pending),
            ),
            Section(key="unreadable", title="Could not be read:", checks=unreadable),
        ),
        summary=f"drift: {len(drift)} (resources: {resources})" if drift else "drift: none",
        head={
            "stack": workspace.stack,
            "where": workspace.where,
            "exit_status": exit_status(drift + unreadable),
        },
    )


def _fact(fact: Fact) -> Check:
    return Check(
        level=Level.ERROR,
        type=fact.resource_type,
        subject=fact.resource,
        aspect=fact.property or "exists",
        rule="drift",
        title=f"{fact.property or 'the resource itself'} (seen by {fact.seen_by})",
        details={"expected": _shown(fact.expected), "found": _shown(fact.found), "apply": fact.apply},
        data=asdict(fact),
    )


def _refused(resource: str) -> Check:
    type_, _, name = resource.partition(" ")
    message = "an apply would have to delete it, which prevent_destroy forbids"
    return Check(level=Level.WARNING, type=type_, subject=name, rule="prevent-destroy", message=message, data=resource)


def _conditions(level: Level, conditions: Sequence[Condition]) -> tuple[Check, ...]:
    return tuple(
        Check(level=level, type=each.resource_type, subject=each.resource, message=each.what, data=asdict(each))
        for each in conditions
    )


def _shown(value: Any) -> str:
    """Return a value as JSON, unless it is one of the words that stand for no value."""
    if value is None:
        return "(none)"
    if value in (RESOURCE, UNMANAGED, SENSITIVE):
        return value
    text = json.dumps(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}... ({len(text)} characters)"
