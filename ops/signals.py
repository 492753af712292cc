"""Signals that wait: what is under way at AWS is brought to an end that is known, and can then be undone."""

import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from ops.process import TerminatedError
from ops.progress import say

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def deferred_signals(said: str) -> Generator[Callable[[], None]]:
    """Let the first SIGINT, SIGTERM or SIGHUP wait until the function that is returned is called.

    The next one does not wait; but a terminal that goes away sends several SIGHUP, and those are one.
    said: what to say when the first one comes.
    A call that is cut off may or may not have been served: a message could be in flight, its receipt handle lost.
    """
    handlers = {number: signal.getsignal(number) for number in ENDING}
    before = {number: handler for number, handler in handlers.items() if handler not in {signal.SIG_IGN, None}}
    noted: list[int] = []

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def note(number: int, _: FrameType | None) -> None:
        noted.append(number)
        restore()
        if number == signal.SIGHUP:
            # There may be no terminal any more to say anything on.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        else:
            say(f"{said}; once more stops at once")

    def raise_noted() -> None:
        if not noted:
            return
        number = noted.pop()
        if number == signal.SIGHUP:
            # It is ignored by now.
            raise TerminatedError(number)
        signal.raise_signal(number)

    for number in before:
        signal.signal(number, note)
    try:
        yield raise_noted
    finally:
        restore()
