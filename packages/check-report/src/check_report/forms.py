"""The five forms of a report."""

from importlib import import_module

from check_report.model import Report

FORMS = ("text", "json", "junit", "sarif", "github")


def rendered(report: Report, form: str) -> str:
    """Return the report in one of FORMS; only that form's module is loaded."""
    return import_module(f"check_report._{form}").render(report)
