"""Child processes that are never cut short: Terraform must save its state and release its lock, whatever comes."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATIENCE_SECONDS = 30
"""So long a process that was asked to end is given."""
_handed_on: list[int] = []


@contextmanager
def handing_on(descriptor: int) -> Generator[None]:
    """Have the processes that are started in a block hold this descriptor open, as that of a lock, until they end."""
    _handed_on.append(descriptor)
    try:
        yield
    finally:
        _handed_on.remove(descriptor)


class TerminatedError(BaseException):
    """SIGTERM told this process to end; like KeyboardInterrupt, no handler of failures takes it."""


@contextmanager
def raising_on_sigterm() -> Generator[None]:
    """Raise TerminatedError where SIGTERM would end the process at once, so that what was started is ended first."""

    def leave(*_: object) -> None:
        raise TerminatedError

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def prepare_streams() -> None:
    """Open the standard streams that the caller closed, and have none fail on a letter that its encoding has not.

    What is printed to a closed one is lost. Otherwise it is None, and the next file that is opened gets the number that
    a child process prints to.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # The lowest number that is free, which is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003
            setattr(sys, name, os.fdopen(number, "w" if number else "r"))
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:
        reconfigure(errors="backslashreplace")


def drop_unprinted() -> None:
    """Drop what cannot be printed, because its reader has gone or a disk is full: Python would end with status 120."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def status_of(work: Callable[[], int]) -> int:
    """Return the exit status that a program's work returns; 130 or 143, told on stderr, if a signal ended it."""
    try:
        with raising_on_sigterm():
            return work()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    except TerminatedError:
        print("terminated", file=sys.stderr)
        return 128 + signal.SIGTERM


def run(
    command: Sequence[str],
    variables: Mapping[str, str],
    directory: Path,
    *,
    capture: bool = False,
    to_stderr: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    capture: keep its output for the caller; otherwise it is shown as it comes.
    to_stderr: show its standard output on stderr as it comes, even if the rest is kept.
    Ctrl-C reaches the command from the terminal, SIGTERM is passed on to it; either is raised once it has ended.
    """
    return finish(start(command, variables, directory, capture=capture, to_stderr=to_stderr))


def start(
    command: Sequence[str],
    variables: Mapping[str, str],
    directory: Path,
    *,
    capture: bool = False,
    to_stderr: bool = False,
) -> subprocess.Popen[str]:
    """Start a command as `run` does; `finish` is to be called.

    Terraform takes what TMPDIR says as it is; it gets the folder that Python has found to be one.
    """
    kept = subprocess.PIPE if capture else None
    output = sys.stderr if to_stderr else kept
    scratch = {"TMPDIR": str(Path(tempfile.gettempdir()).absolute())} if "TMPDIR" in variables else {}
    return subprocess.Popen(
        command,
        cwd=directory,
        env={**variables, **scratch},
        stdout=output,
        stderr=kept,
        text=True,
        pass_fds=tuple(_handed_on),
    )


def finish(process: subprocess.Popen[str], most_seconds: float | None = None) -> subprocess.CompletedProcess[str]:
    """Wait for the end of what was started, and return what it left; a signal is passed on and raised as `run` does.

    most_seconds: end it after that time, as Ctrl-C would; None waits for ever. Raises TimeoutExpired once it has ended.
    """
    stopped: KeyboardInterrupt | TerminatedError | subprocess.TimeoutExpired | None = None
    # The first asks Terraform to release its lock, the second to leave at once.
    endings = iter((signal.SIGINT, signal.SIGINT, signal.SIGKILL))
    while True:
        try:
            output, errors = process.communicate(timeout=most_seconds)
        except KeyboardInterrupt as error:
            stopped = error
        except TerminatedError as error:
            stopped = error
            process.terminate()
        except subprocess.TimeoutExpired as error:
            stopped = stopped or error
            process.send_signal(next(endings, signal.SIGKILL))
            most_seconds = _PATIENCE_SECONDS
        else:
            break
    if stopped:
        raise stopped
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)
