"""The environments' emulators: what the commands show of one, and what to type next."""

import fcntl
import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from check_report.errors import InvalidInputError
from config.environments import Environment
from config.request import read_request
from ops import clean, emulators, workspace
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


def stopped(capsys: pytest.CaptureFixture[str], *, keep: str = "") -> tuple[str, str]:
    """Run `make down`; return what it prints on each stream."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENV", "dev")
        patch.setenv("KEEP", keep)
        assert main(["down"]) == 0
    return capsys.readouterr()


TIME = r"([0-9-]{10} )?[0-9]{2}:[0-9]{2}:[0-9]{2} UTC"
SAVED = rf"what its emulator held at {TIME} is saved"


@pytest.mark.usefixtures("folder")
def test_what_is_kept_is_shown_until_it_is_discarded(capsys: pytest.CaptureFixture[str]) -> None:
    """Down keeps it and names what restores and what deletes it; status and whoever looks for the emulator show it."""
    first = emulators.start(Environment("dev"), "111111111111", keep=True)
    assert main(["status"]) == 0
    assert re.match(rf"dev: .*, pid {first.pid}\), keeps its data, last saved at {TIME}\n", capsys.readouterr().out)
    restores = "make up ENV=dev restores it"
    words = rf"dev: ended; {SAVED}: {restores}, make down ENV=dev KEEP=no deletes it\n"
    assert re.fullmatch(words, stopped(capsys)[0])
    assert main(["status"]) == 0
    assert re.match(rf"dev: not running, {SAVED}; {restores}\nstaging: not running\n", capsys.readouterr().out)
    assert workspace.find_emulator(Environment("dev")) is None
    assert re.fullmatch(rf"dev: {SAVED}; {restores}\n", capsys.readouterr().err)
    again = emulators.start(Environment("dev"), "111111111111")
    assert again.endpoint == first.endpoint
    assert re.fullmatch(rf"dev: restored from what was saved at {TIME}\n", capsys.readouterr().err)
    assert stopped(capsys, keep="no")[0] == "dev: ended; what was saved of it is deleted\n"
    assert stopped(capsys)[0] == "dev: no emulator was running\n"


@pytest.mark.usefixtures("folder")
def test_down_can_keep_what_an_emulator_holds_that_was_to_keep_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    emulators.start(Environment("dev"), "111111111111")
    assert re.match(rf"dev: ended; {SAVED}", stopped(capsys, keep="yes")[0])
    assert stopped(capsys, keep="no")[0] == "dev: no emulator was running; what was saved of it is deleted\n"


def test_that_an_emulator_died_is_said_once_with_its_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the next command that looks for it, whichever that is; the path is one that can be typed in this folder."""
    monkeypatch.setattr(emulators, "PROJECT_ROOT", folder.parent)
    started = emulators.start(Environment("dev"), "111111111111")
    os.kill(started.pid, signal.SIGKILL)
    assert main(["status"]) == 0
    words = (
        rf"dev: the emulator that ran since {TIME} ended without being stopped, last seen at {TIME}; what it held is "
        r"gone; its log: emulators/dev\.ended\.log\n"
    )
    assert re.fullmatch(words, capsys.readouterr().err)
    assert main(["status"]) == 0
    assert capsys.readouterr().err == ""


def test_clean_leaves_what_is_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It ends the emulators, and says what deletes the rest."""
    monkeypatch.setattr(clean, "MADE", ())
    monkeypatch.setattr(clean, "STACKS", tmp_path)
    monkeypatch.setattr(clean, "CDKTF_OUT", tmp_path)
    emulators.start(Environment("dev"), "111111111111", keep=True)
    emulators.start(Environment("prod"), "333333333333")
    assert main(["clean"]) == 0
    assert capsys.readouterr().out == (
        "kept: emulators/dev.state, what an emulator held; make down ENV=dev KEEP=no deletes it\n"
    )
    assert [file.name for file in folder.iterdir()] == ["dev.state"]
    assert stopped(capsys, keep="no")[0] == "dev: no emulator was running; what was saved of it is deleted\n"
    assert main(["clean"]) == 0
    assert not folder.exists()


@pytest.mark.usefixtures("folder")
def test_what_cannot_be_restored_is_refused_with_what_deletes_it(folder: Path) -> None:
    folder.mkdir()
    (folder / "dev.state").write_bytes(b"else")
    message = r"dev\.state: damaged, or not the saved state of an emulator; the file stays as it is; to delete it: "
    with pytest.raises(NoAnswerError, match=message + "make down ENV=dev KEEP=no$"):
        emulators.start(Environment("dev"), "111111111111")


@pytest.mark.usefixtures("folder")
def test_a_command_that_starts_an_emulator_restores_what_was_saved(capsys: pytest.CaptureFixture[str]) -> None:
    """Also `make plan`, whose own emulator otherwise ends with it; KEEP=no, which would hide it, is refused there."""
    request = read_request({"ENV": "dev"})
    with workspace.open_workspaces(request) as (opened, *_):
        assert opened.emulator
        assert emulators.find(Environment("dev")) is None
    with workspace.open_workspaces(replace(request, keep=True)) as (opened, *_):
        kept = opened.emulator
    assert kept
    assert emulators.find(Environment("dev")) == kept
    stopped(capsys)
    with pytest.raises(InvalidInputError, match=rf"KEEP=no: {SAVED}; make down ENV=dev KEEP=no deletes it"):
        workspace.open_workspaces(replace(request, keep=False)).__enter__()
    with workspace.open_workspaces(request) as (opened, *_):
        assert opened.emulator
        assert (opened.emulator.endpoint, opened.emulator.pid) != (kept.endpoint, kept.pid)
        assert opened.emulator.endpoint == kept.endpoint
    assert emulators.find(Environment("dev"))
    stopped(capsys, keep="no")


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
