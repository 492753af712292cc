"""A report as SARIF 2.1.0."""

import json
import os
from pathlib import Path
from typing import Any

from check_report.lines import line, statement
from check_report.model import Check, Level, Place, Report, Rule

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.NOTE: "note", Level.WARNING: "warning", Level.ERROR: "error"}


def render(report: Report) -> str:
    """Return one run: its rules, a result for each finding and note, a notification for what is unreadable."""
    results = [check for check in report.checks if check.level in _LEVELS]
    failed = [check for check in report.checks if check.level is Level.UNREADABLE]
    rules = {rule.id: rule for rule in report.rules}
    for check in results:
        id_ = _rule(check)
        rules.setdefault(id_, Rule(id=id_, description=id_, level=check.level))
    indices = list(rules)
    run = {
        "tool": {"driver": {"name": report.tool, "rules": [_descriptor(rule) for rule in rules.values()]}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not failed,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": _unlinked(line(check))},
                        "locations": [_physical(check.place)] if check.place else [],
                    }
                    for check in failed
                ],
            },
        ],
        "results": [
            {
                "ruleId": _rule(check),
                "ruleIndex": indices.index(_rule(check)),
                "level": _LEVELS[check.level],
                "message": {"text": _unlinked(statement(check))},
                "locations": [
                    {**(_physical(check.place) if check.place else {}), "logicalLocations": [_logical(check)]}
                ],
            }
            for check in results
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(check: Check) -> str:
    return check.rule or check.level


def _descriptor(rule: Rule) -> dict[str, Any]:
    configuration = {"level": _LEVELS[rule.level]}
    return {"id": rule.id, "shortDescription": {"text": rule.description}, "defaultConfiguration": configuration}


def _logical(check: Check) -> dict[str, str]:
    full = check.place.json_path if check.place else None
    return {"name": check.subject, "fullyQualifiedName": full or check.subject, "kind": check.type or "resource"}


def _physical(place: Place) -> dict[str, Any]:
    path = Path(place.file)
    uri = path.as_uri() if path.is_absolute() else Path(os.sep, path).as_uri().removeprefix("file:///")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def _unlinked(message: str) -> str:
    """Return the message without links, which SARIF's viewers show for [text](address)."""
    return message.replace("](", r"\](")
