"""Emulators that outlive the program that starts them: one a name, in a folder that has their records, logs and locks.

An emulator holds its resources in memory only: stopping it deletes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.parse
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Final

from aws_emulator import process
from aws_emulator.emulator import Emulator
from aws_emulator.errors import EmulatorError, SilentEmulatorError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_LOG_HEAD: Final = re.compile(
    rb"process (?P<pid>[1-9][0-9]{0,9}) serves account (?P<account_id>[0-9]{12})\n"
    rb"(?:listening on (?P<endpoint>http://127\.0\.0\.1:[0-9]{1,5})\n)?"
)
"""An emulator's first words in its log."""
_ANSWER_SECONDS: Final = 5.0
_END_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.1
_LOG_HEAD_BYTES: Final = 200


def start(name: str, directory: Path, *, account_id: str, port: int = 0) -> Emulator:
    """Start the emulator called `name`, or return it if it runs already. port: 0 takes a free one.

    It outlives this process and its terminal. `directory` gets its record (``<name>.json``) and log (``<name>.log``).
    """
    with _starting_or_stopping(name, directory):
        running = _find(name, directory)
        if running is None:
            return _start(name, directory, process.require_account_id(account_id), port)
        others = {
            "for account": (running.account_id, account_id),
            "on port": (urllib.parse.urlsplit(running.endpoint).port, port or None),
        }
        for what, (has, wanted) in others.items():
            if wanted not in {has, None}:
                message = f"emulator {name!r} runs already, {what} {has} instead of {wanted}; stop it first"
                raise EmulatorError(message)
        return running


def find(name: str, directory: Path) -> Emulator | None:
    """Return the running emulator called `name`, or None; the record of one that is gone is removed.

    Raises SilentEmulatorError if it runs and does not answer.
    """
    with _starting_or_stopping(name, directory):
        return _find(name, directory)


def stop(name: str, directory: Path) -> bool:
    """Stop the emulator called `name` and wait for its end; False if there was none."""
    with _starting_or_stopping(name, directory):
        with _log(name, directory).open("ab+") as log:
            alive = not _try_lock(log)
            if alive:
                _terminate(log)
        _record(name, directory).unlink(missing_ok=True)
        return alive


def _record(name: str, directory: Path) -> Path:
    return directory / f"{name}.json"


def _log(name: str, directory: Path) -> Path:
    return directory / f"{name}.log"


@contextlib.contextmanager
def _starting_or_stopping(name: str, directory: Path) -> Generator[None]:
    """Let one process at a time start, look for or stop the emulator called `name`."""
    if not _NAME.fullmatch(name):
        message = f"emulator name {name!r} must be lower-case letters, digits and hyphens, and start with a letter"
        raise EmulatorError(message)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / f"{name}.lock").open("ab")
    except OSError as error:
        message = f"{directory}: not a folder that can hold an emulator's files ({error.strerror}); move it away"
        raise EmulatorError(message) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(name: str, directory: Path, account_id: str, port: int) -> Emulator:
    with _log(name, directory).open("ab+") as log:
        # The child inherits this lock with its standard error, and the kernel releases it with the last holder:
        # as long as it is held, the process that the log names is the emulator, and not another by reuse of its id.
        fcntl.flock(log, fcntl.LOCK_EX)
        log.truncate(0)
        started = process.spawn(account_id, port, log, stdin=subprocess.DEVNULL)
        try:
            emulator = process.ready(started, account_id, log)
            _write(_record(name, directory), _as_json(emulator))
        except BaseException:
            started.kill()
            started.wait()
            raise
    # Somebody has to collect the exit status if the emulator ends before this process does.
    threading.Thread(target=started.wait, daemon=True).start()
    return emulator


def _as_json(emulator: Emulator) -> str:
    return json.dumps(asdict(emulator), indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader sees either the old one or the new one, whole."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _find(name: str, directory: Path) -> Emulator | None:
    """Return the emulator whose log is locked, for it alone holds that lock; write its record if that is lost."""
    record = _record(name, directory)
    deadline = time.monotonic() + _ANSWER_SECONDS
    with _log(name, directory).open("ab+") as log:
        # It may not listen yet, if whoever started it was killed, and may listen no more, if it is ending.
        while not _try_lock(log):
            found = _named_in(log)
            if found.endpoint and found.answers(_ANSWER_SECONDS):
                break
            if time.monotonic() >= deadline:
                message = f"{name}: its emulator (process {found.pid}) runs but does not answer: it is busy, or stopped"
                raise SilentEmulatorError(message)
            time.sleep(_POLL_SECONDS)
        else:
            record.unlink(missing_ok=True)
            return None
    if not record.exists() or record.read_text(encoding="utf-8") != _as_json(found):
        _write(record, _as_json(found))
    return found


def _named_in(log: IO[bytes]) -> Emulator:
    """Return the emulator that wrote the log; its endpoint is empty until it listens."""
    log.seek(0)
    head = _LOG_HEAD.match(log.read(_LOG_HEAD_BYTES))
    if head is None:
        message = f"some process uses {log.name}, and the log does not say which: end it, then try again"
        raise EmulatorError(message)
    endpoint, account_id = (head[part] or b"" for part in ("endpoint", "account_id"))
    return Emulator(endpoint=endpoint.decode(), account_id=account_id.decode(), pid=int(head["pid"]))


def _try_lock(log: IO[bytes]) -> bool:
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _terminate(log: IO[bytes]) -> None:
    """End the emulator that holds the lock on `log`, and wait until it is gone."""
    pid = _named_in(log).pid
    ended = threading.Thread(target=fcntl.flock, args=(log, fcntl.LOCK_EX), daemon=True)
    ended.start()
    for request in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, request)
        ended.join(_END_SECONDS)
        if not ended.is_alive():
            return
    message = f"emulator process {pid} does not end"
    raise EmulatorError(message)
