"""A report as GitHub's workflow commands, which show each finding beside its line."""

from check_report.lines import line, statement
from check_report.model import Check, Level, Report
from check_report.printable import printable_ascii

_COMMANDS = {Level.NOTE: "notice", Level.WARNING: "warning", Level.ERROR: "error", Level.UNREADABLE: "error"}


def render(report: Report) -> str:
    """Return a command for each check that is not ok, and the summary."""
    commands = [_command(check) for check in report.checks if check.level in _COMMANDS]
    return "\n".join([*commands, printable_ascii(report.summary)])


def _command(check: Check) -> str:
    is_unreadable = check.level is Level.UNREADABLE
    properties = {
        "file": printable_ascii(check.place.file) if check.place else None,
        "line": check.place.line if check.place else None,
        "title": "unreadable" if is_unreadable else printable_ascii(check.rule),
    }
    listed = ",".join(f"{key}={_escaped(str(value), property_=True)}" for key, value in properties.items() if value)
    message = line(check) if is_unreadable else statement(check)
    return f"::{_COMMANDS[check.level]}{f' {listed}' if listed else ''}::{_escaped(message)}"


def _escaped(value: str, *, property_: bool = False) -> str:
    codes = {"%": "%25", "\r": "%0D", "\n": "%0A"} | ({":": "%3A", ",": "%2C"} if property_ else {})
    return value.translate(str.maketrans(codes))
