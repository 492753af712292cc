"""The five forms of a report."""

import argparse
from importlib import import_module

from check_report.model import Report

FORMS = ("text", "json", "junit", "sarif", "github")


def rendered(report: Report, form: str) -> str:
    """Return the report in one of FORMS; only that form's module is loaded."""
    return import_module(f"check_report._{form}").render(report)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the option `--format`, which is one of FORMS, to a command's parser."""
    parser.add_argument("--format", choices=FORMS, default="text", help="the form of the report; text if left out")
