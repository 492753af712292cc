"""A drift report as text for 80 columns, and as JSON."""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from check_report.printable import without_commands
from ops.drift.plans import SENSITIVE
from ops.drift.report import RESOURCE, UNMANAGED, Condition, Report
from ops.workspace import Workspace

COLUMNS = 80
MOST_CHARACTERS = 600


def as_json(workspace: Workspace, report: Report) -> str:
    """Return the report as one JSON object."""
    head = {"stack": workspace.stack, "where": workspace.where, "exit_status": report.exit_status}
    return json.dumps({**head, **asdict(report)}, indent=2)


def as_text(workspace: Workspace, report: Report) -> str:
    """Return the report as text: a paragraph a resource, a count at the end."""
    return "\n".join(without_commands(re.sub(r"[^\x20-\x7e]", "?", line)) for line in _lines(workspace, report))


def _lines(workspace: Workspace, report: Report) -> Iterator[str]:
    yield workspace.stack
    yield from _wrapped("on ", workspace.where)
    for (type_, name), facts in groupby(report.drift, lambda fact: (fact.resource_type, fact.resource)):
        yield ""
        yield from _wrapped("", f"{type_} {name}")
        for fact in facts:
            yield f"  {fact.property or 'the resource itself'} (seen by {fact.seen_by})"
            yield from _wrapped("    expected: ", _shown(fact.expected))
            yield from _wrapped("    found:    ", _shown(fact.found))
            yield from _wrapped("    apply:    ", fact.apply)
    if report.refused:
        yield ""
        yield from _wrapped(
            "! ", f"An apply is refused as a whole: prevent_destroy forbids to delete {', '.join(report.refused)}."
        )
    yield from _listed("not drift, but so it is:", report.also)
    yield from _listed("not drift: the synthesized stack says something new, an apply has", report.pending)
    yield from _listed("could not be read:", report.unreadable)
    resources = len({(fact.resource_type, fact.resource) for fact in report.drift})
    yield ""
    yield f"drift: {len(report.drift)} (resources: {resources})" if report.drift else "drift: none"


def _listed(title: str, conditions: Sequence[Condition]) -> Iterator[str]:
    if conditions:
        yield ""
        yield title
    for condition in conditions:
        yield from _wrapped("  ", f"{condition.resource_type} {condition.resource}: {condition.what}")


def _shown(value: Any) -> str:
    """Return a value as JSON, unless it is one of the words that stand for no value."""
    if value is None:
        return "(none)"
    if value in (RESOURCE, UNMANAGED, SENSITIVE):
        return value
    text = json.dumps(value)
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}... ({len(text)} characters)"


def _wrapped(first: str, text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS, initial_indent=first, subsequent_indent=" " * len(first))
