"""A report as JSON: the tool's own keys, then each section's checks."""

import json

from check_report.model import Report


def render(report: Report) -> str:
    """Return one JSON object in ASCII."""
    sections = {section.key: [check.data for check in section.checks] for section in report.sections}
    return json.dumps({**report.head, **sections}, indent=2, default=str)
