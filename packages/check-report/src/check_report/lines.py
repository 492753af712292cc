"""Checks as lines of printable ASCII."""

from check_report.model import Check, Level, Place
from check_report.printable import printable_ascii


def place_line(place: Place) -> str:
    """Return the place as `file:line`, or with the path within JSON if the line is unknown."""
    file = printable_ascii(place.file)
    if place.line:
        return f"{file}:{place.line}"
    return f"{file}: {printable_ascii(place.json_path)}" if place.json_path else file


def subject(check: Check) -> str:
    """Return the subject of a check, with its type."""
    return printable_ascii(f"{check.type} {check.subject}".strip())


def sentence(check: Check) -> str:
    """Return what is to be said of the check's subject in one sentence, all details included."""
    details = (f"{label}: {text}" for label, text in check.details.items())
    return printable_ascii("; ".join(filter(None, (check.title, *details, check.message))))


def statement(check: Check) -> str:
    """Return the subject and what is to be said of it."""
    return ": ".join(filter(None, (subject(check), sentence(check))))


def line(check: Check) -> str:
    """Return the check as compilers print theirs: `file:line: level [rule] subject: message`."""
    if check.level is Level.UNREADABLE:
        kind = ""
    else:
        kind = f"{check.level} [{printable_ascii(check.rule)}] " if check.rule else f"{check.level}: "
    where = f"{place_line(check.place)}: " if check.place else ""
    return f"{where}{kind}{statement(check)}"
