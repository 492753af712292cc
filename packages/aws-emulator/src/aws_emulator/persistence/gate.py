"""A gate that requests pass together, and that closes for a look at everything they change."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


class Gate:
    """Lets any number of requests in; closed, it lets none in, and none is inside."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._inside = 0
        self._is_shut = False

    @contextmanager
    def entered(self) -> Generator[None]:
        """Be inside for a block, as soon as the gate is open."""
        self._enter()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def left(self) -> Generator[None]:
        """Be outside for a block of a request that is inside: it waits, and has nothing half done."""
        self._leave()
        try:
            yield
        finally:
            self._enter()

    @contextmanager
    def closed(self, seconds: float) -> Generator[bool]:
        """Be closed for a block, from when the last request has left; False, and open, if that takes too long."""
        was_shut = self._is_shut
        is_empty = self.shut(seconds) or was_shut
        if not is_empty:
            self._open()
        try:
            yield is_empty
        finally:
            if not was_shut:
                self._open()

    def shut(self, seconds: float) -> bool:
        """Let no request in any more; False if one is still inside after so many seconds."""
        with self._changed:
            self._is_shut = True
            return self._changed.wait_for(lambda: self._inside == 0, seconds)

    def _open(self) -> None:
        with self._changed:
            self._is_shut = False
            self._changed.notify_all()

    def _enter(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_shut)
            self._inside += 1

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


GATE = Gate()
"""The gate of this process's emulator."""
