"""Text from outside, made harmless to whoever reads it: a terminal, or the log of a CI system."""

import json
import re
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
"""How a line begins that GitHub's runner obeys (`::error::`), and what it and Azure's obey anywhere (`##vso[`).

What follows is not asked: the two colons that end such a command may be put there by the sentence around the text."""


def printable(text: str) -> str:
    r"""Return the text in one line, with whatever cannot be seen, or is obeyed, as an escape like \u202e."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(mark if mark.isprintable() else _escaped(mark) for mark in text)
        text = _INVISIBLE.sub(lambda found: _escaped(found[0]), text)
    return disobeyed(text)


def printable_lines(text: str) -> str:
    """Return the text in the lines that it has, each of them printable; tabs stay."""
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def disobeyed(text: str) -> str:
    r"""Return the text with what a CI system would take from its log for a command as an escape: \x3a:error::."""
    return (
        _COMMAND.sub(lambda found: rf"\x{ord(found[0][0]):x}{found[0][1:]}", text)
        if "::" in text or "##" in text
        else text
    )


def _escaped(mark: str) -> str:
    return mark.encode("unicode_escape").decode()


def shown_value(value: Any) -> str:
    """Return the value as one short line of printable ASCII, safe for any terminal and any log."""
    try:
        text = disobeyed(json.dumps(value, default=str))
    except (RecursionError, ValueError):
        # Nested more deeply, or of more digits, than Python writes.
        return "(too large to be shown)"
    most = 80
    return text if len(text) <= most else f"{text[:most]}... ({len(text)} characters)"
