"""The notice, printed once, that something installed is not what the lean import was written for."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import cache


class UnfamiliarPackageError(Exception):
    """An installed package differs from what the lazy import was written for; the text says how."""


@cache
def notice(reason: str) -> None:
    """Show once per reason, never as a warning: `-W error` must not turn slow into broken."""
    show(f"cdktf_lean: {reason}. Everything still works, only slower.")


def show(line: str) -> None:
    """Write a line to stderr, or lose it where stderr is closed or full."""
    if sys.stderr:
        with suppress(OSError):
            sys.stderr.write(f"{line}\n")
