"""Emulators in processes of their own, and those that end with a ``with`` block."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Final

from aws_emulator import environment
from aws_emulator.emulator import Emulator
from aws_emulator.errors import EmulatorError

if TYPE_CHECKING:
    from collections.abc import Generator

_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
_END_SECONDS: Final = 5.0
_LOG_LINES: Final = 20


@contextlib.contextmanager
def temporary(account_id: str, port: int = 0) -> Generator[Emulator]:
    """Run an emulator for the length of a ``with`` block. port: 0 takes a free one.

    It ends when the block is left in any way, and when this process dies, even by SIGKILL: it watches a pipe that
    this process holds. For SIGTERM to leave the block, the program must turn that signal into an exception.
    """
    with tempfile.TemporaryFile() as log:
        process = spawn(account_id, port, log, "--while-stdin-open", stdin=subprocess.PIPE)
        try:
            yield ready(process, account_id, log)
        finally:
            _end(process)


def require_account_id(account_id: str) -> str:
    """Return the account id. Raises EmulatorError if it is not one."""
    if not _ACCOUNT_ID.fullmatch(account_id):
        message = f"account id {account_id!r} is not twelve digits"
        raise EmulatorError(message)
    return account_id


def spawn(account_id: str, port: int, log: IO[bytes], *options: str, stdin: int) -> subprocess.Popen[bytes]:
    """Start an emulator process in a session of its own.

    Of its own, because Ctrl-C in the terminal goes to every process of the session's foreground group: Terraform
    then saves its state and releases the lock, for which it needs the emulator.
    """
    serve = ("run", "--account-id", require_account_id(account_id), "--port", str(port), *options)
    return subprocess.Popen(
        # Safe of modules in the current folder, whichever it is.
        (sys.executable, "-P", "-m", "aws_emulator", *serve),
        env=environment.without_aws(environment.own()),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def ready(process: subprocess.Popen[bytes], account_id: str, log: IO[bytes]) -> Emulator:
    """Wait until the emulator prints where it listens. Raises EmulatorError if it ends before."""
    assert process.stdout is not None
    with process.stdout as output:
        endpoint = output.readline().decode().strip()
    if not endpoint:
        message = f"the emulator ended with exit code {process.wait()} instead of starting\n{_last_lines(log)}"
        raise EmulatorError(message.rstrip())
    return Emulator(endpoint=endpoint, account_id=account_id, pid=process.pid)


def _last_lines(log: IO[bytes]) -> str:
    log.seek(0)
    return b"\n".join(log.read().splitlines()[-_LOG_LINES:]).decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a child: closing its standard input is the request, SIGKILL what follows if it does not listen."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
