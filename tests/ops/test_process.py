"""Child processes, and SIGTERM or a lost terminal wherever the program happens to be."""

import errno
import io
import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ops import process
from ops.process import TerminatedError, raising_when_terminated


def retried() -> None:
    """Be told to end while a request is under way, of which botocore would catch every Exception and go on."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except Exception:  # noqa: BLE001 - as botocore does
        pytest.fail("swallowed")


def test_sigterm_is_not_swallowed_by_code_that_retries_what_failed() -> None:
    with raising_when_terminated(), pytest.raises(TerminatedError):
        retried()


@pytest.mark.parametrize("first", [signal.SIGHUP, signal.SIGTERM])
def test_a_terminal_that_goes_away_is_noticed_once_however_often_it_says_so(first: signal.Signals) -> None:
    """What is ended and kept after the first signal is not cut off by the next; a session's end sends both."""
    with raising_when_terminated():
        with pytest.raises(TerminatedError) as raised:
            signal.raise_signal(first)
        assert raised.value.number == first
        signal.raise_signal(signal.SIGHUP)


def test_a_hangup_that_is_ignored_stays_ignored() -> None:
    """As under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with raising_when_terminated():
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_child_process_outlives_the_hangup_that_a_lost_terminal_sends_to_all() -> None:
    """Terraform then saves its state and releases its lock; also where a thread started it, as `make drift` does."""
    command = ("sh", "-c", "kill -HUP $$; echo alive")
    assert process.run(command, os.environ, Path.cwd(), capture=True).stdout == "alive\n"
    with ThreadPoolExecutor() as pool:
        assert pool.submit(process.run, command, os.environ, Path.cwd(), capture=True).result().stdout == "alive\n"
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL


STUBBORN = "trap : INT; echo begun; while :; do sleep 1; done"


@pytest.mark.parametrize("script", ["echo begun; exec tail -f /dev/null", STUBBORN], ids=["heeds", "ignores"])
def test_a_process_without_an_answer_is_ended_whether_it_heeds_ctrl_c_or_not(
    script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_PATIENCE_SECONDS", 0.2)
    # A runner in the background ignores SIGINT, and so would what it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        started = process.start(("sh", "-c", script), os.environ, Path.cwd(), capture=True)
    finally:
        signal.signal(signal.SIGINT, before)
    with pytest.raises(subprocess.TimeoutExpired):
        process.finish(started, most_seconds=0.2)
    assert started.poll() is not None


class Child:
    """A child process of which it is known how each wait for its end comes out; it notes what it was asked to do."""

    args = ("terraform",)
    returncode = 0

    def __init__(self, *waits: BaseException) -> None:
        self.asked: list[object] = []
        self._waits = iter(waits)

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end, which the next interruption cuts short."""
        interruption = next(self._waits, None)
        if interruption:
            raise interruption
        return f"within {timeout} s", ""

    def terminate(self) -> None:
        """Note that SIGTERM came."""
        self.asked.append("terminate")

    def send_signal(self, number: int) -> None:
        """Note that a signal came."""
        self.asked.append(number)


NO_ANSWER = subprocess.TimeoutExpired("terraform", 1)


@pytest.mark.parametrize(
    ("interruption", "asked"),
    [
        (KeyboardInterrupt(), []),
        (TerminatedError(), ["terminate"]),
        (TerminatedError(signal.SIGHUP), ["terminate"]),
    ],
    ids=["Ctrl-C reached it from the terminal", "SIGTERM is passed on", "a lost terminal is SIGTERM to it"],
)
def test_what_interrupts_a_wait_is_raised_once_the_child_has_ended(
    interruption: BaseException, asked: list[object]
) -> None:
    """It ends well, for Terraform saves its state and releases its lock; nothing else is to begin after that."""
    child = Child(interruption)
    with pytest.raises(type(interruption)):
        process.finish(child)  # type: ignore[arg-type]
    assert child.asked == asked


@pytest.mark.parametrize(
    ("first", "second", "asked"),
    [
        (KeyboardInterrupt(), TerminatedError(signal.SIGHUP), []),
        (TerminatedError(), TerminatedError(signal.SIGHUP), ["terminate"]),
        (TerminatedError(), TerminatedError(), ["terminate", "terminate"]),
    ],
    ids=["a terminal closed after Ctrl-C", "a session's end", "SIGTERM twice"],
)
def test_a_terminal_that_goes_away_while_the_child_ends_does_not_ask_it_a_second_time(
    first: BaseException, second: BaseException, asked: list[object]
) -> None:
    """Terraform takes the second request as one to leave at once, its state unsaved."""
    child = Child(first, second)
    with pytest.raises(type(second)):
        process.finish(child)  # type: ignore[arg-type]
    assert child.asked == asked


def test_a_process_without_an_answer_is_asked_twice_before_it_is_killed() -> None:
    """The first asks Terraform to release its lock."""
    child = Child(NO_ANSWER, NO_ANSWER, NO_ANSWER)
    with pytest.raises(subprocess.TimeoutExpired):
        process.finish(child, most_seconds=1)  # type: ignore[arg-type]
    assert child.asked == [signal.SIGINT, signal.SIGINT, signal.SIGKILL]


def raising(error: BaseException) -> Callable[[], int]:
    def work() -> int:
        raise error

    return work


def test_a_program_ends_with_its_own_status_or_that_of_the_signal(capsys: pytest.CaptureFixture[str]) -> None:
    assert process.status_of(lambda: 7) == 7
    assert process.status_of(raising(KeyboardInterrupt())) == 130
    assert process.status_of(raising(TerminatedError())) == 143
    assert process.status_of(raising(TerminatedError(signal.SIGHUP))) == 129
    assert capsys.readouterr() == ("", "interrupted\nterminated\nhung up\n")


class Lost(io.StringIO):
    """A terminal that has gone."""

    def write(self, _: str) -> int:
        """Fail, as a terminal then does."""
        raise OSError(errno.EIO, "Input/output error")


def test_a_lost_terminal_that_takes_no_message_changes_no_status(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Lost())
    assert process.status_of(raising(TerminatedError(signal.SIGHUP))) == 129


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_the_way_a_signal_was_handled_before_comes_back(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with raising_when_terminated():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("place", ["nonexistent", "file", "."])
def test_a_child_process_gets_a_folder_for_temporary_files_that_is_one(place: str, tmp_path: Path) -> None:
    """Terraform makes no plan where TMPDIR names none."""
    (tmp_path / "file").write_text("")
    scratch = "." if place == "." else str(tmp_path / place)
    variables = {"PATH": os.environ["PATH"], "TMPDIR": scratch}
    done = process.run(("sh", "-c", 'cd / && touch "$TMPDIR"/it-$$ && rm "$TMPDIR"/it-$$'), variables, tmp_path)
    assert done.returncode == 0


def test_without_tmpdir_none_is_given(tmp_path: Path) -> None:
    variables = {"PATH": os.environ["PATH"]}
    done = process.run(("sh", "-c", 'echo "${TMPDIR-none}"'), variables, tmp_path, capture=True)
    assert done.stdout == "none\n"
