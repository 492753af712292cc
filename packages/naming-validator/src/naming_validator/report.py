"""The findings as a report, which `check_report` has five forms of."""

from collections.abc import Sequence
from typing import Any

from check_report import model
from check_report.counts import plural
from check_report.model import Check, Level, Report, Section, exit_status
from naming_validator.model import Finding, Place, Resource, Rule, Unreadable, shown


def report(
    findings: Sequence[Finding], unreadable: Sequence[Unreadable], resources: Sequence[Resource], *, strict: bool
) -> Report:
    """Return the report of a run: what was found, what could not be read, and a summary of what was checked."""
    found = tuple(_finding(each, strict=strict) for each in findings)
    failed = tuple(map(unread, unreadable))
    summary = _summary(found, failed, resources)
    rules = (model.Rule(id=rule.id, description=rule.description, level=rule.level(strict=strict)) for rule in Rule)
    return Report(
        tool="naming-validator",
        target="names",
        sections=(
            Section(key="findings", checks=found),
            Section(key="unreadable", checks=failed, in_text=False),
        ),
        summary=summary,
        rules=tuple(rules),
        head={"summary": summary, "status": exit_status(found + failed), "strict": strict},
    )


def unread(found: Unreadable) -> Check:
    """Return the check that could not be made because something could not be read."""
    data = {**_place_data(found.place), "message": found.message}
    return Check(level=Level.UNREADABLE, subject="", message=found.message, place=place_of(found.place), data=data)


def place_of(place: Place) -> model.Place:
    """Return the place in a report."""
    return model.Place(file=place.file, line=place.line, json_path=place.json_path)


def _finding(finding: Finding, *, strict: bool) -> Check:
    resource, level = finding.resource, finding.rule.level(strict=strict)
    name = f"{shown(resource.text)} " if resource.name else ""
    right = f"; right would be {shown(finding.suggestion)}" if finding.suggestion else ""
    return Check(
        level=level,
        subject=resource.address,
        rule=finding.rule.id,
        message=f"{name}{finding.message}{right}",
        place=place_of(resource.place),
        data={
            "rule": finding.rule.id,
            "severity": level,
            **_place_data(resource.place),
            "type": resource.type,
            "address": resource.address,
            "name": resource.text if resource.name else None,
            "message": finding.message,
            "suggestion": finding.suggestion,
        },
    )


def _place_data(place: Place) -> dict[str, Any]:
    return {"file": place.file, "line": place.line, "json_path": place.json_path}


def _summary(found: Sequence[Check], failed: Sequence[Check], resources: Sequence[Resource]) -> str:
    judged = sum(resource.is_judged for resource in resources)
    errors = sum(check.level is Level.ERROR for check in found)
    unknown = len(resources) - judged
    files = len({resource.place.file for resource in resources})
    return (
        f"{plural(judged, 'name')} in {plural(files, 'file')} checked"
        + (f" ({unknown} more not readable in source)" if unknown else "")
        + f": {plural(errors, 'error')}, {plural(len(found) - errors, 'warning')}"
        + (f"; {len(failed)} could not be read" if failed else "")
    )
