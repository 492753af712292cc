"""The environments' emulators: what the commands show of one, and what to type next."""

import fcntl
import os
from pathlib import Path

import pytest

from config.environments import Environment
from ops import emulators
from ops.cli import main
from ops.errors import NoAnswerError

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the emulators' records in a folder of the test's own."""
    monkeypatch.setattr(emulators, "FOLDER", tmp_path / "emulators")
    return tmp_path / "emulators"


def test_an_emulator_is_started_found_and_stopped(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = emulators.start(Environment("dev"), "111111111111")
    try:
        assert emulators.find(Environment("dev")) == started
        assert (folder / "dev.json").exists()
        assert main(["status"]) == 0
        assert capsys.readouterr().out.startswith(
            f"dev: {started.endpoint} (account 111111111111, pid {started.pid})\nstaging: not running\n"
            "prod: not running\n"
        )
    finally:
        assert emulators.stop(Environment("dev")) is True
    assert emulators.stop(Environment("dev")) is False


def test_one_that_does_not_answer_is_shown_with_what_ends_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Something holds its log, and does not listen where the log says. Who needs it ends with status 2."""
    folder.mkdir()
    with (folder / "dev.log").open("w") as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        log.write(f"process {os.getpid()} serves account 111111111111\nlistening on http://127.0.0.1:1\n")
        log.flush()
        message = (
            f"dev: its emulator (process {os.getpid()}) runs but does not answer: it is busy, or stopped; try again, "
            "or end it, with all that it holds: make down ENV=dev"
        )
        with pytest.raises(NoAnswerError) as caught:
            emulators.find(Environment("dev"))
        assert (str(caught.value), caught.value.status) == (message, 2)
        assert main(["status"]) == 0
        assert capsys.readouterr().out.startswith(f"{message}\nstaging: not running\nprod: not running\n")


def test_an_account_that_is_none_is_refused_for_both_kinds(folder: Path) -> None:
    with pytest.raises(NoAnswerError, match="not twelve digits"):
        emulators.start(Environment("dev"), "1")
    with pytest.raises(NoAnswerError, match="not twelve digits"), emulators.temporary(Environment("dev"), "1"):
        pytest.fail("the block must not be entered")
    assert not (folder / "dev.json").exists()
