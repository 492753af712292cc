"""Emulators that outlive the program that starts them: one a name, in a folder that has their records, logs and locks.

One that keeps its state has a file for it there, from which the next one of that name is restored, until `stop` is
told to discard it. Of any other one the state ends with its process. A snapshot is a state of one moment, which an
emulator of that name begins with if it is told to; it stays as it is. A record that outlived its emulator shows that
this one was not stopped; whoever looks for it is told so, once.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Final

from aws_emulator import process
from aws_emulator.emulator import Emulator
from aws_emulator.errors import EmulatorError, SavedStateError, SilentEmulatorError
from aws_emulator.persistence import state_file
from aws_emulator.persistence.keeper import ALL_SAVED, NOT_SAVED, SNAPSHOT_SUFFIX
from aws_emulator.persistence.state_file import in_words

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from aws_emulator.persistence.state_file import Header

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
_SAVE_SECONDS: Final = 60.0
"""The time that a save may take."""
Say = Callable[[str], object]


def _say_nothing(_: str) -> None:
    """Take what a user has to know, and show it to nobody."""


def start(  # noqa: PLR0913 - what it is, how it runs, and who hears of it
    name: str,
    directory: Path,
    *,
    account_id: str,
    port: int = 0,
    keep: bool = False,
    from_snapshot: bool = False,
    say: Say = _say_nothing,
) -> Emulator:
    """Start the emulator called `name`, or return it if it runs already.

    It outlives this process and its terminal. `directory` gets its record (``<name>.json``) and log (``<name>.log``).
    port: 0 takes the one before if its state is restored, else a free one. keep: save its state, in ``<name>.state``;
    it is restored, and kept further, if there is one. from_snapshot: otherwise begin with the snapshot of this name, on
    its port if that is free. say: gets what a user has to know, a line each.
    Raises SavedStateError if the state, or the snapshot, cannot be restored.
    """
    process.require_account_id(account_id)
    with _starting_or_stopping(name, directory):
        running = _find(name, directory, say)
        if running is None:
            return _start(name, directory, account_id, port, keep=keep, from_snapshot=from_snapshot, say=say)
        others = {
            "for account": (running.account_id, account_id),
            "on port": (running.port, port or None),
        }
        for what, (has, wanted) in others.items():
            if wanted not in {has, None}:
                message = f"emulator {name!r} runs already, {what} {has} instead of {wanted}; stop it first"
                raise EmulatorError(message)
        if keep and not running.keeping(_ANSWER_SECONDS).is_on:
            begun = running.keeping(_SAVE_SECONDS, begin=True)
            if begun.problem:
                message = f"{name}: its state cannot be saved: {begun.problem}"
                raise EmulatorError(message)
        return running


def find(name: str, directory: Path, *, say: Say = _say_nothing) -> Emulator | None:
    """Return the running emulator called `name`, or None; the record of one that is gone is removed.

    Raises SilentEmulatorError if it runs and does not answer.
    """
    with _starting_or_stopping(name, directory):
        return _find(name, directory, say)


def saved(name: str, directory: Path) -> Header | None:
    """Return what is known of the saved state of the emulator called `name`, or None if none is saved.

    Raises SavedStateError if the file is no such state.
    """
    return state_file.header(state(name, directory))


def write_snapshot(name: str, directory: Path) -> None:
    """Write all that the emulator called `name` holds into its snapshot, in place of the one before.

    Raises EmulatorError if none runs, or if it cannot be written whole; the one before then stays.
    """
    with _starting_or_stopping(name, directory):
        running = _find(name, directory, _say_nothing)
        if running is None:
            message = f"{name}: no emulator runs, so there is nothing to write a snapshot of"
            raise EmulatorError(message)
        running.write_snapshot(_SAVE_SECONDS)


def stop(name: str, directory: Path, *, discard: bool = False, say: Say = _say_nothing) -> bool:
    """Stop the emulator called `name` and wait for its end; False if there was none.

    discard: delete its saved state. Raises EmulatorError if it ended and could not save its state.
    """
    with _starting_or_stopping(name, directory):
        record, file = _record(name, directory), state(name, directory)
        with _log(name, directory).open("ab+") as log:
            alive = not _try_lock(log)
            if alive:
                _terminate(log, _SAVE_SECONDS if file.exists() else _END_SECONDS)
            elif record.exists():
                say(_death(name, directory))
            record.unlink(missing_ok=True)
            if discard:
                file.unlink(missing_ok=True)
            elif alive:
                _require_saved(name, file, log)
        return alive


def state(name: str, directory: Path) -> Path:
    """Return the file for the state of the emulator called `name`; it is there if one is saved."""
    return directory / f"{name}.state"


def snapshot(name: str, directory: Path) -> Path:
    """Return the file for the snapshot of the emulator called `name`; it is there if one was written."""
    return state(name, directory).with_suffix(SNAPSHOT_SUFFIX)


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


def _start(  # noqa: PLR0913 - as `start`
    name: str, directory: Path, account_id: str, port: int, *, keep: bool, from_snapshot: bool, say: Say
) -> Emulator:
    file = state(name, directory)
    restored = state_file.read(file, account_id)[0] if file.exists() else None
    options = ("--keep" if keep or restored else "--keep-on-request", str(file))
    if from_snapshot and not restored:
        begin = snapshot(name, directory)
        state_file.read(begin, account_id)
        options += ("--snapshot", str(begin))
    with _log(name, directory).open("ab+") as log:
        # The child inherits this lock with its standard error, and the kernel releases it with the last holder:
        # as long as it is held, the process that the log names is the emulator, and not another by reuse of its id.
        fcntl.flock(log, fcntl.LOCK_EX)
        log.truncate(0)
        started = process.spawn(account_id, port, log, *options, stdin=subprocess.DEVNULL)
        try:
            emulator = process.ready(started, account_id, log)
            _write(_record(name, directory), _as_json(emulator))
        except BaseException:
            started.kill()
            started.wait()
            raise
    # Somebody has to collect the exit status if the emulator ends before this process does.
    threading.Thread(target=started.wait, daemon=True).start()
    for line in restored.in_words(emulator.port) if restored else ():
        say(f"{name}: {line}")
    return emulator


def _death(name: str, directory: Path) -> str:
    """Return the words for an emulator whose record outlived it; keep its log, which the next one's replaces."""
    log, kept = _log(name, directory), directory / f"{name}.ended.log"
    since, seen = (
        in_words(datetime.fromtimestamp(file.stat().st_mtime, UTC)) for file in (_record(name, directory), log)
    )
    shutil.copyfile(log, kept)
    words = f"{name}: the emulator that ran since {since} ended without being stopped, last seen at {seen}"
    try:
        known = saved(name, directory)
    except SavedStateError as error:
        return f"{words}; {error}; its log: {kept}"
    held = "what it held is gone"
    if known:
        held = f"what it held at {in_words(known.saved_at)} is saved, and the next start restores it"
    return f"{words}; {held}; its log: {kept}"


def _require_saved(name: str, file: Path, log: IO[bytes]) -> None:
    """Require that an emulator has saved its state at its end, if it kept it. Raises EmulatorError."""
    log.seek(0)
    lines = log.read().decode(errors="replace").splitlines()
    failed = [line for line in lines if line.startswith(NOT_SAVED)]
    if ALL_SAVED in lines or not (failed or file.exists()):
        return
    reason = failed[-1].removeprefix(NOT_SAVED) if failed else "it had to be killed"
    known = state_file.header(file)
    older = f"{file} has what it held at {in_words(known.saved_at)}" if known else "nothing of it is saved"
    message = f"{name}: ended, but its last changes could not be saved: {reason}; {older}; its log: {log.name}"
    raise EmulatorError(message)


def _as_json(emulator: Emulator) -> str:
    return json.dumps(asdict(emulator), indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader sees either the old one or the new one, whole."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _find(name: str, directory: Path, say: Say) -> Emulator | None:
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
            if record.exists():
                say(_death(name, directory))
                record.unlink()
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


def _terminate(log: IO[bytes], seconds: float) -> None:
    """End the emulator that holds the lock on `log`, and wait until it is gone."""
    pid = _named_in(log).pid
    ended = threading.Thread(target=fcntl.flock, args=(log, fcntl.LOCK_EX), daemon=True)
    ended.start()
    for request in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, request)
        ended.join(seconds)
        if not ended.is_alive():
            return
    message = f"emulator process {pid} does not end"
    raise EmulatorError(message)
