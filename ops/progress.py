"""Progress on stderr: what is being done, and how long it took."""

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager

from config.printable import printable_lines


@contextmanager
def step(what: str) -> Generator[None]:
    """Say what is being done and, when it is done, the seconds it took."""
    terminal = sys.stderr.isatty()
    if terminal:
        print(f"{what} ...", end="", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        print(" failed" if terminal else f"{what} failed", file=sys.stderr)
        raise
    seconds = f"{time.monotonic() - started:.1f} s"
    print(f" {seconds}" if terminal else f"{what}: {seconds}", file=sys.stderr)


def say(line: str) -> None:
    """Say something on stderr, printable whatever it holds."""
    print(printable_lines(line), file=sys.stderr, flush=True)
