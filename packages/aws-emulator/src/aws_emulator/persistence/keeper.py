"""Saves of an emulator's state: what changes it, when it is saved, and how that went."""

# ruff: noqa: PLC0415
# `pickling` is imported inside functions: it imports moto, which reads its account id at its first import.

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from aws_emulator.errors import EmulatorError
from aws_emulator.persistence import state_file
from aws_emulator.persistence.gate import GATE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from wsgiref.types import WSGIEnvironment

SAVE_SECONDS: Final = 3.0
"""The age that an unsaved change may have."""
ALL_SAVED: Final = "ended, with its state saved"
"""The log's last line of an emulator that kept its state to its end."""
SNAPSHOT_SUFFIX: Final = ".snapshot"
"""Ends, in place of the state's own suffix, the name of the file that a snapshot is written into."""
NOT_SAVED: Final = "not saved: "
"""Begins the log's line of a save that failed."""
_BUSY: Final = "a request has been under way for long"
_SHARE: Final = 10
"""A save is followed by so many times its own duration without one: saving takes a tenth of a core at most."""
_GATE_SECONDS: Final = 0.5
"""So long the other requests wait for a slow one; the save is then left to the next time."""
_LAST_GATE_SECONDS: Final = 2.0
_READING: Final = ("BatchGet", "Describe", "Get", "List", "Query", "Scan")
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")


@dataclass(kw_only=True)
class Keeper:
    """Keeps one emulator's state in one file, from when it is switched on."""

    file: Path
    account_id: str
    log: Callable[[str], None]
    is_on: bool = False
    snapshot: Path | None = None
    """The snapshot that the emulator begins with, unless it has a state of its own."""
    port: int = 0
    """The port that queue URLs have."""
    restored: state_file.Header | None = None
    saved: str = ""
    """When the state was last saved, in ISO 8601; empty if never."""
    problem: str = ""
    """Why the last save failed; empty if it did not."""
    left_out: tuple[str, ...] = ()
    """The services whose state cannot be saved."""
    _changes: int = field(default=0, repr=False)
    _saved_changes: int = field(default=-1, repr=False)
    """How many of the changes are saved."""
    _not_before: float = field(default=0.0, repr=False)
    _one: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def port_before(self) -> int:
        """Return the port of the emulator whose state is to be restored; 0 if there is none."""
        known = state_file.header(self.file) if self.is_on else None
        return known.port if known else 0

    def port_of_snapshot(self) -> int:
        """Return the port of the emulator whose snapshot is to be restored; 0 if there is none."""
        known = state_file.header(self.snapshot) if self.snapshot else None
        return known.port if known else 0

    def restore(self) -> None:
        """Let moto hold the saved state, or else the snapshot; without a saved state, save what it then holds.

        That shows that it can be saved. Raises EmulatorError if anything fails.
        """
        if self.is_on and self.file.exists():
            header = self._load(self.file)
            self.restored, self.saved, self.left_out, self._saved_changes = header, header.saved, header.left_out, 0
            return
        if self.snapshot:
            self._load(self.snapshot)
        if self.is_on and not self._save(0):
            message = f"{self.file}: cannot be written: {self.problem}"
            raise EmulatorError(message)

    def _load(self, file: Path) -> state_file.Header:
        from aws_emulator.persistence import pickling

        header, content = state_file.read(file, self.account_id)
        try:
            pickling.loads(content)
        except Exception as error:
            message = f"{file}: cannot be restored: {type(error).__name__}: {error}; the file stays"
            raise EmulatorError(message) from error
        return header

    def write_snapshot(self) -> dict[str, str]:
        """Write all that moto holds into a file beside that of the saves; return the problem, empty if there is none.

        A snapshot without a service is none: it would look whole.
        """
        from aws_emulator.persistence import pickling

        problem = ""
        try:
            with self._one, GATE.closed(_LAST_GATE_SECONDS) as is_closed:
                content, left_out = pickling.dumps() if is_closed else (b"", ())
            if not is_closed:
                problem = _BUSY
            elif left_out:
                problem = f"the state of {', '.join(left_out)} cannot be saved"
            else:
                file = self.file.with_suffix(SNAPSHOT_SUFFIX)
                state_file.write(file, content, account_id=self.account_id, port=self.port)
        except Exception as error:  # noqa: BLE001 - the emulator goes on without a snapshot, whatever it was
            problem = f"{type(error).__name__}: {error}"
        return {"problem": problem}

    def begin(self) -> dict[str, Any]:
        """Keep the state from now on; return how the first save went."""
        self.is_on = self._save(_LAST_GATE_SECONDS)
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """Return what a user wants to know about the saves."""
        return {
            "is_on": self.is_on,
            "is_saved": self.is_on and self._is_saved(),
            "saved": self.saved,
            "problem": self.problem,
            "left_out": self.left_out,
        }

    def notice(self, environ: WSGIEnvironment) -> None:
        """Remember that a request has changed something, unless it is known to read only."""
        if not _reads(environ):
            self._changes += 1

    def _is_saved(self) -> bool:
        return self._changes == self._saved_changes

    def save_if_due(self) -> None:
        """Save what has changed, unless saving takes too much of the time."""
        if self.is_on and not self._is_saved() and time.monotonic() >= self._not_before:
            self._save(_GATE_SECONDS)

    def end(self) -> bool:
        """Answer no request any more, and save what has changed; False if that failed."""
        # A request that takes longer gets no answer: what it has changed so far may or may not be saved.
        GATE.shut(_LAST_GATE_SECONDS)
        return self._is_saved() or self._save(0)

    def _save(self, gate_seconds: float) -> bool:
        """Save the state as it is between two requests; False if that failed."""
        from aws_emulator.persistence import pickling

        with self._one:
            began = time.monotonic()
            try:
                with GATE.closed(gate_seconds) as is_closed:
                    if not is_closed:
                        self.problem = _BUSY
                        return False
                    content, left_out = pickling.dumps()
                    changes = self._changes
                header = state_file.write(
                    self.file, content, account_id=self.account_id, port=self.port, left_out=left_out
                )
            except Exception as error:  # noqa: BLE001 - the emulator goes on without a save, whatever it was
                problem = f"{type(error).__name__}: {error}"
                if problem != self.problem:
                    self.log(f"{NOT_SAVED}{problem}")
                self.problem = problem
                return False
            finally:
                self._not_before = time.monotonic() + _SHARE * (time.monotonic() - began)
            if left_out != self.left_out:
                self.log(f"saved without these services, whose state cannot be saved: {', '.join(left_out) or 'none'}")
            self.saved, self.left_out, self.problem, self._saved_changes = header.saved, left_out, "", changes
            return True


def _reads(environ: WSGIEnvironment) -> bool:
    """Return True for a request that changes nothing, as far as its head shows it."""
    operation = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if environ["REQUEST_METHOD"] in _SAFE_METHODS:
        operation = parse_qs(environ.get("QUERY_STRING", "")).get("Action", ["Get"])[0]
    return operation.startswith(_READING)
