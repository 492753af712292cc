"""Signals that wait: what is under way at AWS is brought to an end that is known, and can then be undone."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from ops.progress import say

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def deferred_signals() -> Generator[Callable[[], None]]:
    """Let the first SIGINT or SIGTERM wait until the function that is returned is called; the next one does not wait.

    A call that is cut off may or may not have been served: a message could be in flight, its receipt handle lost.
    """
    before = {number: handler for number in ENDING if callable(handler := signal.getsignal(number))}
    noted: list[int] = []

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, _: FrameType | None) -> None:
        noted.append(number)
        restore()
        say("stopping after this step, and cleaning up; once more stops at once")

    def raise_noted() -> None:
        if noted:
            signal.raise_signal(noted.pop())

    for number in before:
        signal.signal(number, note)
    try:
        yield raise_noted
    finally:
        restore()
