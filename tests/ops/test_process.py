"""Child processes, and SIGTERM wherever the program happens to be."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ops import process
from ops.process import TerminatedError, raising_on_sigterm


def retried() -> None:
    """Be told to end while a request is under way, of which botocore would catch every Exception and go on."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except Exception:  # noqa: BLE001 - as botocore does
        pytest.fail("swallowed")


def test_sigterm_is_not_swallowed_by_code_that_retries_what_failed() -> None:
    with raising_on_sigterm(), pytest.raises(TerminatedError):
        retried()


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
    [(KeyboardInterrupt(), []), (TerminatedError(), ["terminate"])],
    ids=["Ctrl-C reached it from the terminal", "SIGTERM is passed on"],
)
def test_what_interrupts_a_wait_is_raised_once_the_child_has_ended(
    interruption: BaseException, asked: list[object]
) -> None:
    """It ends well, for Terraform saves its state and releases its lock; nothing else is to begin after that."""
    child = Child(interruption)
    with pytest.raises(type(interruption)):
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
    assert capsys.readouterr() == ("", "interrupted\nterminated\n")


def test_the_way_sigterm_was_handled_before_comes_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with raising_on_sigterm():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


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
