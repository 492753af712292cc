"""Work as a count of calls: the same on every machine, busy or idle, where seconds say more of the machine."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls(work: Callable[[], object]) -> int:
    """Return how many calls, of Python's functions and of C's, the work takes."""
    count = 0

    def seen(_: FrameType, event: str, __: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def grows_in_step(work: Callable[[int], object], size: int, times: int = 4) -> bool:
    """Return True if so many times the size takes at most a quarter more than so many times the work.

    The work is done once before it is counted, so that what is cached or imported then counts for neither size.
    """
    work(size)
    return calls(lambda: work(size * times)) <= 1.25 * times * calls(lambda: work(size))
