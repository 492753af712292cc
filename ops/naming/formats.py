"""A report as text, JSON, SARIF or the commands of a GitHub workflow. What came from files is shown as safe ASCII."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ops.naming.model import Finding, Place, Read, Report, Rule, Unreadable, counted, shown

SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def text(report: Report) -> str:
    """Return a line for each finding, and the summary."""
    lines = [
        f"{_where(finding.resource.place)}: {report.severity(finding)} [{finding.rule.id}] {_said(finding)}"
        for finding in report.findings
    ]
    return "\n".join([*lines, report.summary])


def unreadable(found: Unreadable) -> str:
    """Return one line on what could not be read."""
    return f"{_where(found.place)}: {safe(found.message)}"


def as_read(read: Read) -> list[str]:
    """Return a line on a file that was read, and one for each name in it."""
    resources = read.source.resources if read.source else []
    lines = [
        f"  {_where(each.place)}: {safe(each.address)}: {shown(each.text) if each.name else 'no name'}"
        for each in resources
    ]
    return [f"{safe(read.file)}: {counted(len(resources), 'name')}", *lines] if read.source else []


def as_json(report: Report) -> str:
    """Return the whole report as one JSON object."""
    document = {
        "summary": report.summary,
        "status": report.status,
        "strict": report.strict,
        "findings": [
            {
                "rule": finding.rule.id,
                "severity": report.severity(finding),
                **_place(finding.resource.place),
                "type": finding.resource.type,
                "address": finding.resource.address,
                "name": finding.resource.text if finding.resource.name else None,
                "message": finding.message,
                "suggestion": finding.suggestion,
            }
            for finding in report.findings
        ],
        "unreadable": [{**_place(found.place), "message": found.message} for found in report.unreadable],
    }
    return json.dumps(document, indent=2)


def sarif(report: Report) -> str:
    """Return the report as SARIF 2.1.0."""
    rules = list(Rule)
    driver = {
        "name": "validate_naming",
        "rules": [
            {
                "id": rule.id,
                "shortDescription": {"text": rule.description},
                "defaultConfiguration": {"level": "warning" if rule.is_convention and not report.strict else "error"},
            }
            for rule in rules
        ],
    }
    results = [
        {
            "ruleId": finding.rule.id,
            "ruleIndex": rules.index(finding.rule),
            "level": report.severity(finding),
            "message": {"text": _unlinked(_said(finding))},
            "locations": [
                {
                    **_physical(finding.resource.place),
                    "logicalLocations": [
                        {
                            "name": finding.resource.address,
                            "fullyQualifiedName": finding.resource.place.json_path or finding.resource.address,
                            "kind": "resource",
                        }
                    ],
                }
            ],
        }
        for finding in report.findings
    ]
    notifications = [
        {"level": "error", "message": {"text": _unlinked(unreadable(found))}, "locations": [_physical(found.place)]}
        for found in report.unreadable
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {"executionSuccessful": not report.unreadable, "toolExecutionNotifications": notifications},
        ],
        "results": results,
    }
    return json.dumps({"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def github(report: Report) -> str:
    """Return a workflow command for each finding, which GitHub shows beside the line, and the summary."""
    commands = [
        _command(report.severity(finding), finding.resource.place, finding.rule.id, _said(finding))
        for finding in report.findings
    ]
    commands += [_command("error", found.place, "unreadable", unreadable(found)) for found in report.unreadable]
    return "\n".join([*commands, report.summary])


FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text, "json": as_json, "sarif": sarif, "github": github}


def _said(finding: Finding) -> str:
    resource = finding.resource
    name = f"{shown(resource.text)} " if resource.name else ""
    right = f"; right would be {shown(finding.suggestion)}" if finding.suggestion else ""
    return f"{safe(resource.address)}: {name}{finding.message}{right}"


def _unlinked(message: str) -> str:
    """Return a message in which SARIF's viewers see no link, which would be written [text](address)."""
    return message.replace("](", r"\](")


def safe(value: str) -> str:
    """Return a text that is no name, such as an address, safe for any terminal and any log, without quotes."""
    return shown(value)[1:].rstrip('"') if shown(value) != f'"{value}"' else value


def _where(place: Place) -> str:
    where = safe(place.file)
    if place.line:
        return f"{where}:{place.line}"
    return f"{where}: {safe(place.json_path)}" if place.json_path else where


def _place(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "json_path": place.json_path}


def _physical(place: Place) -> dict[str, Any]:
    path = Path(place.file)
    uri = path.as_uri() if path.is_absolute() else Path(os.sep, path).as_uri().removeprefix("file:///")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if place.line:
        physical["region"] = {"startLine": place.line}
    return {"physicalLocation": physical}


def _command(severity: str, place: Place, title: str, message: str) -> str:
    properties = {"file": safe(place.file), "line": place.line, "title": title}
    listed = ",".join(f"{key}={_escaped(str(value), property_=True)}" for key, value in properties.items() if value)
    return f"::{severity} {listed}::{_escaped(message)}"


def _escaped(value: str, *, property_: bool = False) -> str:
    codes = {"%": "%25", "\r": "%0D", "\n": "%0A"} | ({":": "%3A", ",": "%2C"} if property_ else {})
    return value.translate(str.maketrans(codes))
