"""Progress on stderr: what is being done, and how long it took."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

from check_report.printable import printable_lines


@contextmanager
def step(what: str) -> Generator[None]:
    """Print a step that begins and, at its end, the seconds that it took."""
    terminal = sys.stderr.isatty()
    if terminal:
        _print(f"{what} ...", end="")
    started = time.monotonic()
    try:
        yield
    except BaseException:
        _print(" failed" if terminal else f"{what} failed")
        raise
    seconds = f"{time.monotonic() - started:.1f} s"
    _print(f" {seconds}" if terminal else f"{what}: {seconds}")


def say(line: str) -> None:
    """Say something on stderr, printable whatever it holds."""
    _print(printable_lines(line))


def _print(text: str, end: str = "\n") -> None:
    """Print on stderr, or lose it: no command ends half-way because a log is full or its reader has gone."""
    with suppress(OSError):
        print(text, end=end, file=sys.stderr, flush=True)
