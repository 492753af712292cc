"""Text from outside, made safe to print: in a terminal, a file or the log of a CI system."""

import json
import re
from datetime import date
from typing import Any

# Letters and marks to Unicode, but nothing that an eye sees.
_INVISIBLE = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_GITHUB = (
    *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "internal-set-repo-path"),
    *("notice", "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning"),
)
_COMMAND = re.compile(rf"::(?=(?:{'|'.join(_GITHUB)})(?![\w-]))|##(?=\w*\[)", re.IGNORECASE)
"""The start of a command that GitHub's runner obeys at the beginning of a line (`::error::`), or Azure's anywhere
(`##vso[`).

The rest of the command does not matter: the sentence around the text may supply the two colons that end it."""
_json = json.JSONEncoder(default=str).encode


def printable(text: str) -> str:
    r"""Return the text as one line, with an escape like \u202e for each invisible character and for CI commands."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(mark if mark.isprintable() else _escaped(mark) for mark in text)
        text = _INVISIBLE.sub(lambda found: _escaped(found[0]), text)
    return without_commands(text)


def printable_lines(text: str) -> str:
    """Return the text with its lines and tabs, each line printable."""
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def printable_ascii(text: str) -> str:
    r"""Return the text as one line of ASCII: a letter that only looks like another one shows as an escape."""
    text = printable(text)
    return text if text.isascii() else text.encode("ascii", "backslashreplace").decode()


def without_commands(text: str) -> str:
    r"""Return the text with an escape where a CI system would obey its log: \x3a:error::."""
    return (
        _COMMAND.sub(lambda found: rf"\x{ord(found[0][0]):x}{found[0][1:]}", text)
        if "::" in text or "##" in text
        else text
    )


def shown_value(value: Any) -> str:
    """Return the value as one short line of printable ASCII, safe for any terminal and any log.

    A text has quotes, and a date of TOML none, as either is written.
    """
    if isinstance(value, date):
        return str(value)
    try:
        text = without_commands(_json(value))
    except (RecursionError, ValueError):
        # Nested more deeply, or of more digits, than Python writes.
        return "(too large to be shown)"
    most = 80
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"


def _escaped(mark: str) -> str:
    return mark.encode("unicode_escape").decode()
