"""What is said, once, when something installed is not what the lean import was written for."""

from __future__ import annotations

import sys
from functools import cache


class UnfamiliarPackageError(Exception):
    """An installed package differs from what the lazy import was written for; the text says how."""


@cache
def notice(reason: str) -> None:
    """Say once per reason, never as a warning: `-W error` must not turn slow into broken."""
    sys.stderr.write(f"cdktf_lean: {reason}. Everything still works, only slower.\n")
