"""Let the kernel load packages while Python goes on: what it answers is read when something else is asked."""

from __future__ import annotations

import atexit
import json
import os
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsii._kernel.providers import process
from jsii._kernel.types import LoadRequest
from jsii.errors import JavaScriptError, JSIIError

from cdktf_lean import _kernel
from cdktf_lean._difference import show
from cdktf_lean._kernel import KernelError, ended

if TYPE_CHECKING:
    from collections.abc import Callable

_USED = ("start", "stop", "send", "handshake", "_next_message")

_OF_THE_SYSTEM = re.compile(r"E[A-Z0-9]{2,}: ")
"""Begins the message of an error of the operating system, as Node has it: ENOSPC, EACCES, EROFS, ..."""

_stock: Any = process._NodeProcess  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - checked before it is used
_excused: dict[str, Callable[[Exception], None]] = {}


def install() -> str | None:
    """Make the kernel's process, unless it runs already, a lean one; say what stands in the way, if anything."""
    missing = [name for name in _USED if not callable(getattr(_stock, name, None))]
    if missing:
        return f"jsii's process has no {', '.join(missing)}"
    process._NodeProcess = _LeanProcess  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
    return None


def excuse(package: str, say: Callable[[Exception], None]) -> None:
    """Have the failure to load a package told to `say` instead of raised."""
    _excused[package] = say


# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# jsii's process has no types; what is used of it is named in _USED.


class _LeanProcess(_stock):
    """A kernel process that owes answers: its greeting, and those to loads, whose content nobody uses.

    An error among them is raised to the program as ever, at its next call instead of at its import.
    """

    def __init__(self) -> None:
        super().__init__()
        self._owed: list[str | None] = []
        self._posting: str | None = None
        self._process: Any = None
        self._owner = os.getpid()
        self._has_raised = False

    def start(self) -> None:
        """Take a kernel that is reached directly, where there is one. Raises KernelError where there is no Node."""
        _kernel.require_node()
        kernel = _kernel.take()
        if kernel is None:
            self._start_as_stock()
            return
        with kernel.connection as connection:
            self._process = kernel.process
            self._process.stdin = connection.makefile("wb")
            self._process.stdout = connection.makefile("rb")
        # Stock jsii relays what the kernel prints; here the kernel prints by itself, and these two stay idle.
        self._process.stderr = Path(os.devnull).open("rb")  # noqa: SIM115 - stop() closes it
        self.sink_thread = threading.Thread()
        self._ctx_stack.callback(kernel.folder.remove)
        atexit.register(self.stop)
        self.handshake()

    def _start_as_stock(self) -> None:
        try:
            super().start()
        except OSError as error:
            message = f"jsii's kernel cannot be started: {error}"
            raise KernelError(message) from None

    def stop(self) -> None:
        """Stop the kernel, after what it still owes: a load that failed is reported even if nothing followed it.

        In a fork nothing is done: the kernel is its parent's.
        """
        if self._process is None or os.getpid() != self._owner:
            return
        try:
            if not self._has_raised:
                self._settle()
        except KernelError as error:
            show(str(error.code))
        finally:
            try:
                super().stop()
            except ConnectionError:
                # The kernel has ended already; now its connection counts as closed, and the rest is done.
                super().stop()

    def handshake(self) -> None:
        """Leave the greeting for later."""
        self._owed.append(None)

    def send(self, request: Any, response_type: Any) -> Any:
        """Post a load; send anything else once all that was posted is answered."""
        if os.getpid() != self._owner:
            message = "jsii's kernel is the parent process's; after os.fork only the parent can use cdktf"
            raise KernelError(message)
        try:
            if isinstance(request, LoadRequest):
                self._posting = request.name
                # What it names may lie in a folder that goes at the exit, made since: the kernel is to be done before.
                atexit.unregister(self.stop)
                atexit.register(self.stop)
            else:
                self._settle()
            return super().send(request, response_type)
        except ConnectionError:
            raise self._ended() from None
        finally:
            self._posting = None

    def _next_message(self) -> Any:
        if self._posting is None:
            return self._read()
        self._owed.append(self._posting)
        return {"ok": {"assembly": self._posting, "types": 0}}

    def _read(self) -> Any:
        try:
            return super()._next_message()
        except ConnectionError:
            raise self._ended() from None
        except json.JSONDecodeError as error:
            if error.doc:
                raise
            raise self._ended() from None

    def _ended(self) -> KernelError:
        self._has_raised = True
        return ended(self._process.wait())

    def _settle(self) -> None:
        excused: list[tuple[str, Exception]] = []
        while self._owed:
            package = self._owed.pop(0)
            if package is None:
                super().handshake()
                continue
            answer: dict[str, Any] = self._read()
            if "error" not in answer:
                continue
            kind = JSIIError if answer.get("name") == "@jsii/kernel.Fault" else RuntimeError
            error = kind(answer["error"])
            if _OF_THE_SYSTEM.match(answer["error"]):
                self._has_raised = True
                message = f"jsii cannot unpack {package}: {answer['error']}"
                raise KernelError(message)
            if package not in _excused:
                self._has_raised = True
                raise error from JavaScriptError(answer.get("stack", ""))
            excused.append((package, error))
        # Only now: if what they were to help failed too, that error stands alone.
        for package, error in excused:
            _excused[package](error)
