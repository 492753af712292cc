"""A report in words, as JSON, and as JUnit's XML."""

import json
import re
import textwrap
from collections import Counter
from itertools import groupby
from typing import Any

from junitparser import Error, Failure, JUnitXml, TestCase, TestSuite

from check_report.printable import without_commands
from ops.verify.report import Check, Outcome, Report

JSON_VERSION = 1
_COLUMNS = 80
_MOST_LINES = 12


def as_text(report: Report) -> str:
    """Return the faults by resource, then the notes, then one line that sums up; 80 columns of printable ASCII."""
    lines: list[str] = []
    for (type_, name), checks in groupby(report.faults, key=lambda check: (check.resource_type, check.resource)):
        lines.append(f"{type_} {_shown(name)}")
        for check in checks:
            lines += _fault(check)
    notes = [check for check in report.checks if check.note and check.outcome is Outcome.OK]
    lines += [line for check in notes for line in _wrapped("note: ", f"{_shown(check.resource)}: {_shown(check.note)}")]
    return "\n".join([*lines, summary(report)])


def summary(report: Report) -> str:
    """Return the line that sums up."""
    counts = Counter(check.outcome for check in report.checks)
    outcomes = ", ".join(
        f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome] or outcome is Outcome.OK
    )
    return (
        f"vpr-async-{report.environment} on {report.where}, {report.mode}: {len(report.checks)} checks: {outcomes}; "
        f"{report.api_calls} API calls, {report.seconds:.1f} s"
    )


def _fault(check: Check) -> list[str]:
    lines = [f"  {check.outcome}{': ' * bool(check.property)}{_shown(check.property)}"]
    if check.property and check.outcome is not Outcome.UNREADABLE:
        lines += _wrapped("    expected ", _json(check.expected))
        lines += _wrapped("    found    ", _json(check.found))
    return lines + _wrapped("    ", _shown(check.note))


def _json(value: Any) -> str:
    return "nothing" if value is None else without_commands(json.dumps(value, default=str))


def _wrapped(label: str, text: str) -> list[str]:
    lines = textwrap.wrap(text, _COLUMNS, initial_indent=label, subsequent_indent=" " * len(label))
    return lines if len(lines) <= _MOST_LINES else [*lines[:_MOST_LINES], f"{' ' * len(label)}..."]


def _shown(text: str) -> str:
    """Return text from outside as printable ASCII, safe for any terminal, any log and for XML."""
    return without_commands(re.sub(r"[^\x20-\x7e]", "?", text))


def as_json(report: Report) -> str:
    """Return the report as JSON; README.md says what each key is."""
    counts = Counter(check.outcome for check in report.checks)
    document = {
        "version": JSON_VERSION,
        "mode": report.mode,
        "environment": report.environment,
        "where": report.where,
        "exit_status": report.exit_status,
        "counts": {outcome: counts[outcome] for outcome in Outcome},
        "api_calls": report.api_calls,
        "seconds": round(report.seconds, 3),
        "checks": [vars(check) for check in report.checks],
    }
    return json.dumps(document, indent=2, default=str)


def as_junit(report: Report) -> str:
    """Return the report as JUnit's XML: a test case a check, a failure a fault, an error what is unreadable."""
    suite = TestSuite(f"vpr-async-{report.environment} {report.mode}")
    for check in report.checks:
        case = TestCase(_shown(check.property) or "exists", f"{check.resource_type}.{_shown(check.resource)}")
        message = "; ".join(line.strip() for line in _fault(check))
        if check.outcome is Outcome.UNREADABLE:
            case.result = [Error(message, check.outcome)]
        elif check.outcome is not Outcome.OK:
            case.result = [Failure(message, check.outcome)]
        suite.add_testcase(case)
    suite.time = report.seconds
    document = JUnitXml()
    document.add_testsuite(suite)
    return str(document.tostring(), "utf-8")  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] - lxml's
