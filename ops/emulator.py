"""Start, find and stop the emulated AWS of `ops.emulated_aws`, and point other programs at it.

Two kinds: a `temporary` one lives as long as a ``with`` block and never longer than this process, however this
process ends; a background one belongs to a name (an environment's) and a directory, and runs until it is stopped.
An emulator holds its resources in memory only: stopping it deletes them.
"""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from ops.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

_PROJECT: Final = Path(__file__).resolve().parent.parent
_NAME: Final = re.compile(r"[a-z][a-z0-9-]*")
_ACCOUNT_ID: Final = re.compile(r"[0-9]{12}")
_LOG_HEAD: Final = re.compile(
    rb"process (?P<pid>[1-9][0-9]{0,9}) serves account (?P<account_id>[0-9]{12})\n"
    rb"(?:listening on (?P<endpoint>http://127\.0\.0\.1:[0-9]{1,5})\n)?"
)
"""An emulator's first words in its log."""
_IDENTITY_PATH: Final = "/_emulator"
_ANSWER_SECONDS: Final = 5.0
_END_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.1
_LOG_LINES: Final = 20
_LOG_HEAD_BYTES: Final = 200

REMOVED_PREFIXES: Final = ("AWS_", "MOTO_")
"""Variables with these prefixes never reach a program that is pointed at an emulator.

A user's profile, session token, role, service endpoint (`AWS_ENDPOINT_URL_S3`) or wish to ignore endpoints would
lead it to the real AWS, or to nowhere; so no variable of the AWS tools is passed on, whatever it is called."""


class EmulatorError(CommandError):
    """The emulator could not be started or stopped."""

    status = 2


class SilentEmulatorError(EmulatorError):
    """An emulator runs and does not answer: it is busy, or stopped. It is left as it is, with what it holds."""


@dataclass(frozen=True)
class Emulator:
    """A running emulator."""

    endpoint: str
    account_id: str
    pid: int

    def environment(self, region: str) -> dict[str, str]:
        """Return the variables that point Terraform, its S3 backend and boto3 at this emulator.

        They suffice only where the variables with `REMOVED_PREFIXES` are absent: see `child_environment`.
        """
        host = str(urllib.parse.urlsplit(self.endpoint).hostname)
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": host,
            "no_proxy": host,
        }

    def child_environment(self, base: Mapping[str, str], region: str) -> dict[str, str]:
        """Return the environment for a child process: `base` pointed at this emulator and at no other AWS.

        Hosts that `base` exempts from its proxy stay exempt.
        """
        own = self.environment(region)
        # Some programs read the one, some the other.
        exempt = dict.fromkeys(filter(None, (base.get("NO_PROXY"), base.get("no_proxy"), own["NO_PROXY"])))
        own |= dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(exempt))
        return {**without_aws(base), **own}


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` without the variables that `REMOVED_PREFIXES` names."""
    return {name: value for name, value in environment.items() if not name.startswith(REMOVED_PREFIXES)}


@contextlib.contextmanager
def temporary(account_id: str) -> Generator[Emulator]:
    """Run an emulator for the length of a ``with`` block.

    It ends when the block is left in any way, and when this process dies, even by SIGKILL: it watches a pipe that
    this process holds. For SIGTERM to leave the block, the program must turn that signal into an exception.
    """
    with tempfile.TemporaryFile() as log:
        process = _spawn(account_id, log, "--while-stdin-open", stdin=subprocess.PIPE)
        try:
            yield _ready(process, account_id, log)
        finally:
            _end(process)


def start_background(name: str, account_id: str, directory: Path) -> Emulator:
    """Start the emulator called `name`, or return it if it runs already.

    It outlives this process and its terminal. `directory` gets its record (``<name>.json``) and log (``<name>.log``).
    """
    with _starting_or_stopping(name, directory):
        running = _find(name, directory)
        if running is None:
            return _start(name, account_id, directory)
        if running.account_id != account_id:
            others = f"for account {running.account_id} instead of {account_id}"
            message = f"emulator {name!r} runs already, {others}; stop it first"
            raise EmulatorError(message)
        return running


def find_background(name: str, directory: Path) -> Emulator | None:
    """Return the running emulator called `name`, or None; the record of one that is gone is removed.

    Raises SilentEmulatorError if it runs and does not answer.
    """
    with _starting_or_stopping(name, directory):
        return _find(name, directory)


def stop_background(name: str, directory: Path) -> bool:
    """Stop the emulator called `name` and wait for its end; False if there was none."""
    with _starting_or_stopping(name, directory):
        with _log(name, directory).open("ab+") as log:
            alive = not _try_lock(log)
            if alive:
                _terminate(log)
        _record(name, directory).unlink(missing_ok=True)
        return alive


# --- One process ---------------------------------------------------------------------------------------------


def _spawn(account_id: str, log: IO[bytes], *options: str, stdin: int) -> subprocess.Popen[bytes]:
    """Start an emulator process in a session of its own.

    Of its own, because Ctrl-C in the terminal goes to every process of the session's foreground group: Terraform
    then saves its state and releases the lock, for which it needs the emulator.
    """
    if not _ACCOUNT_ID.fullmatch(account_id):
        message = f"account id {account_id!r} is not twelve digits"
        raise EmulatorError(message)
    return subprocess.Popen(
        [sys.executable, "-m", "ops.emulated_aws", "--account-id", account_id, *options],
        cwd=_PROJECT,
        env=without_aws(os.environ),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=log,
        start_new_session=True,
    )


def _ready(process: subprocess.Popen[bytes], account_id: str, log: IO[bytes]) -> Emulator:
    """Wait until the emulator says where it listens, or has ended without saying it."""
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


# --- One name ------------------------------------------------------------------------------------------------


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


def _start(name: str, account_id: str, directory: Path) -> Emulator:
    with _log(name, directory).open("ab+") as log:
        # The child inherits this lock with its standard error, and the kernel releases it with the last holder:
        # as long as it is held, the process that the log names is the emulator, and not another by reuse of its id.
        fcntl.flock(log, fcntl.LOCK_EX)
        log.truncate(0)
        process = _spawn(account_id, log, stdin=subprocess.DEVNULL)
        try:
            emulator = _ready(process, account_id, log)
            _write(_record(name, directory), json.dumps(asdict(emulator), indent=2) + "\n")
        except BaseException:
            process.kill()
            process.wait()
            raise
    # Somebody has to collect the exit status if the emulator ends before this process does.
    threading.Thread(target=process.wait, daemon=True).start()
    return emulator


def _write(path: Path, text: str) -> None:
    """Write a file so that a reader sees either the old one or the new one, whole."""
    partial = path.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _find(name: str, directory: Path) -> Emulator | None:
    """Return the emulator whose log is locked, for it alone holds that lock; write its record if that is lost."""
    with _log(name, directory).open("ab+") as log:
        if _try_lock(log):
            _record(name, directory).unlink(missing_ok=True)
            return None
        deadline = time.monotonic() + _ANSWER_SECONDS
        # Whoever started it may have been killed before it listened.
        while (found := _said_in(log)).endpoint == "" and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
    if not found.endpoint or not _answers(found):
        message = (
            f"{name}: its emulator (process {found.pid}) runs but does not answer: it is busy, or stopped; try again, "
            f"or end it, with all that it holds: make down ENV={name}"
        )
        raise SilentEmulatorError(message)
    record = json.dumps(asdict(found), indent=2) + "\n"
    if not _record(name, directory).exists() or _record(name, directory).read_text(encoding="utf-8") != record:
        _write(_record(name, directory), record)
    return found


def _said_in(log: IO[bytes]) -> Emulator:
    """Return the emulator that wrote the log; its endpoint is empty until it listens."""
    log.seek(0)
    said = _LOG_HEAD.match(log.read(_LOG_HEAD_BYTES))
    if said is None:
        message = f"some process uses {log.name}, and the log does not say which: end it, then try again"
        raise EmulatorError(message)
    endpoint, account_id = (said[part] or b"" for part in ("endpoint", "account_id"))
    return Emulator(endpoint=endpoint.decode(), account_id=account_id.decode(), pid=int(said["pid"]))


def _answers(expected: Emulator) -> bool:
    """Return True if the emulator that is expected answers at its endpoint, and not something else."""
    address = urllib.parse.urlsplit(expected.endpoint)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", _IDENTITY_PATH)
        identity = json.loads(connection.getresponse().read())
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return identity == {"account_id": expected.account_id, "pid": expected.pid}


def _try_lock(log: IO[bytes]) -> bool:
    try:
        fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _terminate(log: IO[bytes]) -> None:
    """End the emulator that holds the lock on `log`, and wait until it is gone."""
    pid = _said_in(log).pid
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
