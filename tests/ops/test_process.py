"""Child processes, and SIGTERM wherever the program happens to be."""

import os
import signal
import subprocess
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
