"""Child processes that are never cut short: Terraform must save its state and release its lock, whatever comes."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO

from ops.progress import beside, say

_PATIENCE_SECONDS = 30
"""So long a process that was asked to end is given."""
_FOLLOWING_SECONDS = 0.1
_handed_on: list[int] = []
_ENDED_BY: Mapping[int, str] = {signal.SIGINT: "interrupted", signal.SIGTERM: "terminated", signal.SIGHUP: "hung up"}


@contextmanager
def handing_on(descriptor: int) -> Generator[None]:
    """Have the processes that are started in a block hold this descriptor open, as that of a lock, until they end."""
    _handed_on.append(descriptor)
    try:
        yield
    finally:
        _handed_on.remove(descriptor)


class TerminatedError(BaseException):
    """SIGTERM, or a lost terminal's SIGHUP, told this process to end; no handler of failures takes it."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.number = number
        """The signal's."""


@contextmanager
def raising_when_terminated() -> Generator[None]:
    """Raise TerminatedError where SIGTERM or SIGHUP would end the process, so that what was started is ended first.

    A SIGHUP that is ignored, as under nohup, stays ignored.
    """

    def leave(number: int, _: object) -> None:
        # A terminal that goes away sends several, and a session that ends sends one after SIGTERM: those are one.
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        raise TerminatedError(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if (number, handler) != (signal.SIGHUP, signal.SIG_IGN):
            signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    """Return the exit status that a program's work returns; 129, 130 or 143, said on stderr, if a signal ended it."""
    try:
        with raising_when_terminated():
            return work()
    except KeyboardInterrupt:
        number = signal.SIGINT
    except TerminatedError as error:
        number = error.number
    # There may be no terminal any more.
    with suppress(OSError):
        print(_ENDED_BY[number], file=sys.stderr)
    return 128 + number


def run(
    command: Sequence[str], variables: Mapping[str, str], directory: Path, *, capture: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end.

    capture: keep its output for the caller; otherwise it is shown as it comes.
    Ctrl-C reaches the command from the terminal, SIGTERM is passed on to it, and a lost terminal's SIGHUP as SIGTERM;
    each is raised once it has ended.
    """
    return finish(start(command, variables, directory, capture=capture))


def run_shown(
    command: Sequence[str], variables: Mapping[str, str], directory: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command as `run` does; show its standard output on stderr as it comes, and return its errors.

    If a signal ends it, its errors are shown as well. It writes into files: a pipe whose reader has gone, as `| tee`
    after Ctrl-C, would end Terraform at once, its state unsaved.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile("w+", errors="backslashreplace") as errors:

        def given() -> str:
            errors.seek(0)
            return errors.read()

        try:
            with _following(output.fileno()):
                done = finish(_start(command, variables, directory, output, errors))
        except (KeyboardInterrupt, TerminatedError):
            if said := given().strip():
                say(said)
            raise
        return subprocess.CompletedProcess(done.args, done.returncode, "", given())


def _following(descriptor: int) -> AbstractContextManager[None]:
    """Show on stderr what is written to a file in a block, as it comes; it is lost if stderr takes nothing."""

    def work(ended: threading.Event) -> None:
        shown = 0
        is_last = False
        while not is_last:
            is_last = ended.wait(_FOLLOWING_SECONDS)
            while given := os.pread(descriptor, 65536, shown):
                shown += len(given)
                with suppress(OSError):
                    while given:
                        given = given[os.write(sys.stderr.fileno(), given) :]

    return beside(work)


def start(
    command: Sequence[str], variables: Mapping[str, str], directory: Path, *, capture: bool = False
) -> subprocess.Popen[str]:
    """Start a command as `run` does; `finish` is to be called."""
    kept = subprocess.PIPE if capture else None
    return _start(command, variables, directory, kept, kept)


def _start(
    command: Sequence[str],
    variables: Mapping[str, str],
    directory: Path,
    output: int | IO[bytes] | None,
    errors: int | IO[str] | None,
) -> subprocess.Popen[str]:
    """Start a command that ignores SIGHUP; a lost terminal sends it to all processes, and would end Terraform at once.

    Terraform takes what TMPDIR says as it is; it gets the folder that Python has found to be one.
    """
    scratch = {"TMPDIR": str(Path(tempfile.gettempdir()).absolute())} if "TMPDIR" in variables else {}
    return subprocess.Popen(
        command,
        cwd=directory,
        env={**variables, **scratch},
        stdout=output,
        stderr=errors,
        text=True,
        pass_fds=tuple(_handed_on),
        preexec_fn=_ignore_hangup,  # noqa: PLW1509 - it imports nothing and takes no lock, whatever threads there are
    )


def _ignore_hangup() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


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
            # Terraform takes the second request as one to leave at once, its state unsaved: a hangup is no second one.
            if not stopped or error.number == signal.SIGTERM:
                process.terminate()
            stopped = error
        except subprocess.TimeoutExpired as error:
            stopped = stopped or error
            process.send_signal(next(endings, signal.SIGKILL))
            most_seconds = _PATIENCE_SECONDS
        else:
            break
    if stopped:
        raise stopped
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)
