"""Progress on stderr: what is being done, and how long it took."""

import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from check_report.printable import printable_lines

PROGRESS_SECONDS = 10


@contextmanager
def step(what: str) -> Generator[None]:
    """Print, at the end of a step, the seconds that it took; on a terminal also its begin, and that it goes on."""
    terminal = sys.stderr.isatty()
    started = time.monotonic()
    if terminal:
        _print(f"{what} ...", end="")
    try:
        with _going_on(started) if terminal else nullcontext():
            yield
    except BaseException:
        _print(" failed" if terminal else f"{what} failed")
        raise
    seconds = f"{time.monotonic() - started:.1f} s"
    _print(f" {seconds}" if terminal else f"{what}: {seconds}")


def _going_on(started: float) -> AbstractContextManager[None]:
    """Print the seconds since the begin now and then, as long as the block is at work."""

    def work(ended: threading.Event) -> None:
        while not ended.wait(PROGRESS_SECONDS):
            _print(f" {time.monotonic() - started:.0f} s ...", end="")

    return beside(work)


@contextmanager
def beside(work: Callable[[threading.Event], None]) -> Generator[None]:
    """Do other work in a thread as long as a block is at work; the event that it is given is set at the block's end."""
    ended = threading.Event()
    thread = threading.Thread(target=work, args=(ended,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def say(line: str) -> None:
    """Say something on stderr, printable whatever it holds."""
    _print(printable_lines(line))


def _print(text: str, end: str = "\n") -> None:
    """Print on stderr, after all that was printed on stdout, as a log that takes both is to have it.

    Or lose it: no command ends half-way because a log is full or its reader has gone. Nor because a signal came in the
    middle of a print, which Python lets nobody else do meanwhile: RuntimeError.
    """
    with suppress(OSError, RuntimeError):
        sys.stdout.flush()
    with suppress(OSError, RuntimeError):
        print(text, end=end, file=sys.stderr, flush=True)
