"""A report as text: ASCII, wrapped at 80 columns where it is prose, one line a finding where it is a list."""

from collections.abc import Iterator
from itertools import groupby

from check_report.lines import line, statement, subject
from check_report.model import Check, Level, Report, Section
from check_report.printable import printable_ascii

COLUMNS = 80
MOST_LINES = 12
"""A longer detail is cut."""


def render(report: Report) -> str:
    """Return the heading, the sections with whatever is not ok in them, and the summary."""
    lines = [each for text in report.heading for each in wrapped("", text)]
    sections = [shown for section in report.sections if section.in_text and (shown := list(_section(section)))]
    for shown in sections:
        lines += shown if lines else shown[not shown[0] :]
    is_spaced = any(not each for each in lines) or any(not shown[0] for shown in sections) or bool(report.heading)
    return "\n".join([*lines, *[""] * is_spaced, printable_ascii(report.summary)])


def _section(section: Section) -> Iterator[str]:
    """Yield the lines of a section, an empty one before each paragraph."""
    checks = [check for check in section.checks if check.level is not Level.OK]
    if section.title:
        if checks:
            yield from ("", section.title)
        for check in checks:
            yield from wrapped("  ", statement(check))
        return
    for _, group in groupby((check for check in checks if check.title), subject):
        yield from _paragraph(list(group))
    yield from (each for check in checks if not check.title for each in _plain(check))


def _plain(check: Check) -> list[str]:
    # A line with a place or a rule is for editors and grep, which take it whole.
    return [line(check)] if check.place or check.rule else wrapped(f"{check.level}: ", statement(check))


def _paragraph(checks: list[Check]) -> Iterator[str]:
    yield ""
    yield from wrapped("", subject(checks[0]))
    for check in checks:
        yield from wrapped("  ", check.title)
        width = max(map(len, check.details), default=0) + 2
        for label, text in check.details.items():
            yield from wrapped(f"    {f'{label}: ':{width}}", text)
        yield from wrapped("    ", check.message)


def wrapped(label: str, text: str) -> list[str]:
    """Return the text as lines behind a label."""
    import textwrap  # noqa: PLC0415 - a list of findings has no prose

    indent = " " * len(label)
    lines = textwrap.wrap(printable_ascii(text), COLUMNS, initial_indent=label, subsequent_indent=indent)
    return lines if len(lines) <= MOST_LINES else [*lines[:MOST_LINES], f"{indent}..."]
