"""A lock of this checkout: one command at a time works on an environment, or on cdktf's folder.

Plans, synthesized stacks and emulators lie in folders that commands share. The lock is held for the whole command and
by its child processes: a Terraform that outlives a killed command is still at work.
"""

import fcntl
import json
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from check_report.printable import shown_value
from config.request import PROJECT_ROOT
from ops import process
from ops.errors import NoAnswerError
from ops.progress import say

LOCKS = PROJECT_ROOT / ".cache" / "locks"
CDKTF_FOLDER = "cdktf.out"
"""What cdktf's own CLI, and everything that reads its folder, locks."""
_POLL_SECONDS = 0.2


@contextmanager
def at_work(on: str, command: str, *, wait_seconds: int | None = 0) -> Generator[None]:
    """Hold the lock `on` for a block.

    command: what the user typed, for whoever meets the lock. wait_seconds: how long to wait for another command; None
    for a command that LOCK_TIMEOUT does not let wait either.
    Raises NoAnswerError, which names the command that is at work.
    """
    LOCKS.mkdir(parents=True, exist_ok=True)
    with (LOCKS / f"{on.replace('/', '-')}.json").open("a+", encoding="utf-8") as file:
        if not _try_lock(file):
            _wait(file, on, wait_seconds)
        file.truncate(0)
        holder = {"command": command, "pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        json.dump(holder, file)
        file.flush()
        with process.handing_on(file.fileno()):
            yield


def _wait(file: IO[str], on: str, wait_seconds: int | None) -> None:
    who = _holder(file)
    if not wait_seconds:
        waiting = "" if wait_seconds is None else ", or let LOCK_TIMEOUT=5m wait for it"
        message = (
            f"{on}: {who} is at work on it in this checkout; nothing was changed; try again when it has ended{waiting}"
        )
        raise NoAnswerError(message)
    say(f"{on}: {who} is at work on it in this checkout; waiting for it, {wait_seconds} s at most")
    deadline = time.monotonic() + wait_seconds
    while not _try_lock(file):
        if time.monotonic() >= deadline:
            message = f"{on}: {_holder(file)} is still at work on it in this checkout; nothing was changed"
            raise NoAnswerError(message)
        time.sleep(_POLL_SECONDS)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: IO[str]) -> str:
    """Return the command that holds the lock, with its process and the time it began."""
    try:
        holder = json.loads(Path(file.name).read_text(encoding="utf-8"))
        command = shown_value(holder["command"])[1:-1]
        began = datetime.fromisoformat(holder["since"])
        return f"{command} (process {int(holder['pid'])}, since {began:%H:%M:%S} UTC)"
    except (OSError, ValueError, TypeError, KeyError):
        # It has locked the file and not written into it yet.
        return "another command"
