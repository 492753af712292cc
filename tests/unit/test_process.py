"""Child processes, and SIGTERM wherever the program happens to be."""

import os
import signal
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
