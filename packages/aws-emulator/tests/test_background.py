"""Emulators in the background: starting, finding and ending them.

Whether a process is gone is learnt from the kernel and without waiting in a loop: an idle connection to it is
closed at that moment.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import socket
from typing import TYPE_CHECKING

import pytest

from aws_emulator import Emulator, EmulatorError, SilentEmulatorError, background, temporary

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS
from emulator_processes import START, child, connect, is_gone, printed_by, wait_until_gone

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Give a directory for background emulators, and end what a test left running in it."""
    yield tmp_path / "run"
    background.stop("dev", tmp_path / "run")


def test_failed_start_shows_the_last_lines_of_the_log(directory: Path) -> None:
    """If the process ends before it listens, the error holds what it wrote, for both kinds; no record is left."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = rf"exit code 2 instead of starting\n.*\naws-emulator: port {port}: Address already in use$"
        with pytest.raises(EmulatorError, match=shown):
            background.start("dev", directory, account_id=ACCOUNT_ID, port=port)
        assert not (directory / "dev.json").exists()
        with pytest.raises(EmulatorError, match=shown), temporary(ACCOUNT_ID, port):
            pytest.fail("the block must not be entered")


@pytest.mark.parametrize("account_id", ["", "123", "12341234123x", "1234123412345"])
def test_account_id_that_is_none_is_refused(account_id: str, tmp_path: Path) -> None:
    """Only twelve digits are an account id."""
    with pytest.raises(EmulatorError, match="not twelve digits"):
        background.start("dev", tmp_path, account_id=account_id)


def test_background_emulator_outlives_its_starter(directory: Path) -> None:
    """Started by a process that has ended, it is found, started no second time, and stopped once."""
    with child(START, directory) as starter:
        started = printed_by(starter)
    assert starter.returncode == 0
    assert background.find("dev", directory) == started
    assert background.start("dev", directory, account_id=ACCOUNT_ID) == started
    assert json.loads((directory / "dev.json").read_text()) == {
        "endpoint": started.endpoint,
        "account_id": ACCOUNT_ID,
        "pid": started.pid,
    }
    assert background.stop("dev", directory) is True
    assert is_gone(started)
    assert background.find("dev", directory) is None
    assert background.stop("dev", directory) is False


def test_concurrent_starts_end_with_one_emulator(directory: Path) -> None:
    """Whoever starts while another starts gets the other's emulator."""
    starters = [child(START, directory) for _ in range(4)]
    started = {printed_by(each) for each in starters}
    assert [each.wait(HANG_SECONDS) for each in starters] == [0] * 4
    for each in starters:
        assert each.stdout is not None
        each.stdout.close()
    assert len(started) == 1


def test_names_do_not_share_an_emulator(directory: Path) -> None:
    """Each name has an emulator and an account of its own, and stopping one leaves the other."""
    dev = background.start("dev", directory, account_id=ACCOUNT_ID)
    prod = background.start("prod", directory, account_id="999999999999")
    try:
        assert dev.endpoint != prod.endpoint
        with pytest.raises(EmulatorError, match=f"for account {ACCOUNT_ID} instead of 999999999999"):
            background.start("dev", directory, account_id="999999999999")
        assert background.stop("dev", directory)
        assert background.find("prod", directory) == prod
    finally:
        background.stop("prod", directory)


def test_record_of_a_killed_emulator_is_stale(directory: Path) -> None:
    """After SIGKILL it is not found, and its record is gone. That it died is said once, with where its log is kept."""
    started = background.start("dev", directory, account_id=ACCOUNT_ID)
    log = (directory / "dev.log").read_text()
    connection = connect(started)
    os.kill(started.pid, signal.SIGKILL)
    wait_until_gone(connection)
    said: list[str] = []
    assert background.find("dev", directory, say=said.append) is None
    assert not (directory / "dev.json").exists()
    assert background.find("dev", directory, say=said.append) is None
    background.start("dev", directory, account_id=ACCOUNT_ID, say=said.append)
    assert background.stop("dev", directory, say=said.append) is True
    assert background.find("dev", directory, say=said.append) is None
    assert len(said) == 1
    time = r"([0-9-]{10} )?[0-9]{2}:[0-9]{2}:[0-9]{2} UTC"
    kept = directory / "dev.ended.log"
    words = (
        rf"dev: the emulator that ran since {time} ended without being stopped, last seen at {time}; what it held is "
        rf"gone; its log: {kept}"
    )
    assert re.fullmatch(words, said[0])
    assert kept.read_text() == log


def test_whoever_stops_an_emulator_that_died_is_told_so(directory: Path) -> None:
    """And, if it kept its state, that this is saved."""
    started = background.start("dev", directory, account_id=ACCOUNT_ID, keep=True)
    connection = connect(started)
    os.kill(started.pid, signal.SIGKILL)
    wait_until_gone(connection)
    with (directory / "dev.log").open() as log:
        # The kernel frees it a moment after it closed the connection.
        fcntl.flock(log, fcntl.LOCK_EX)
    said: list[str] = []
    assert background.stop("dev", directory, say=said.append) is False
    assert re.search(r"; what it held at .* UTC is saved, and the next start restores it; its log: ", said[0])
    assert background.stop("dev", directory, discard=True, say=said.append) is False
    assert len(said) == 1
    assert sorted(file.name for file in directory.iterdir()) == ["dev.ended.log", "dev.lock", "dev.log"]


def test_record_with_a_reused_process_id_harms_nobody(directory: Path, emulator: Emulator) -> None:
    """A record that names a living process which is not its emulator is stale, and that process lives on."""
    directory.mkdir()
    record = {"endpoint": emulator.endpoint, "account_id": emulator.account_id, "pid": emulator.pid}
    (directory / "dev.json").write_text(json.dumps(record))
    assert background.stop("dev", directory) is False
    assert not (directory / "dev.json").exists()
    assert not is_gone(emulator)


@pytest.mark.parametrize("damage", ["other endpoint", "no JSON", "gone"])
def test_emulator_whose_record_does_not_lead_to_it_is_found_all_the_same(
    directory: Path, emulator: Emulator, damage: str
) -> None:
    """The log that it alone can lock leads to it: looking for it ends nothing, and writes the record again."""
    started = background.start("dev", directory, account_id=ACCOUNT_ID)
    record = directory / "dev.json"
    content = record.read_text()
    if damage == "other endpoint":
        record.write_text(content.replace(started.endpoint, emulator.endpoint))
    elif damage == "no JSON":
        record.write_text("{")
    else:
        record.unlink()
    assert background.find("dev", directory) == started
    assert record.read_text() == content
    assert not is_gone(started)
    assert not is_gone(emulator)


def test_emulator_that_does_not_answer_is_left_as_it_is(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks for a busy one is told so; nothing is ended, started beside it, or taken for gone."""
    monkeypatch.setattr(background, "_ANSWER_SECONDS", 0.2)
    started = background.start("dev", directory, account_id=ACCOUNT_ID)
    os.kill(started.pid, signal.SIGSTOP)
    message = rf"^dev: its emulator \(process {started.pid}\) runs but does not answer: it is busy, or stopped$"
    with pytest.raises(SilentEmulatorError, match=message):
        background.find("dev", directory)
    with pytest.raises(SilentEmulatorError):
        background.start("dev", directory, account_id=ACCOUNT_ID)
    os.kill(started.pid, signal.SIGCONT)
    monkeypatch.undo()
    assert background.find("dev", directory) == started


def test_emulator_that_hangs_is_ended_by_whoever_asks_for_its_end(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that neither answers nor listens to SIGTERM is killed, and its name is free again."""
    monkeypatch.setattr(background, "_END_SECONDS", 0.5)
    started = background.start("dev", directory, account_id=ACCOUNT_ID)
    os.kill(started.pid, signal.SIGSTOP)
    assert background.stop("dev", directory) is True
    assert is_gone(started)


def test_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(
        EmulatorError, match=r"run: not a folder that can hold an emulator's files \(\w.*\); move it away$"
    ):
        background.find("dev", tmp_path / "run")


@pytest.mark.parametrize("name", ["", "../dev", "Dev", "dev.json", "a/b"])
def test_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    """A name becomes a file name, so it must be a plain one."""
    with pytest.raises(EmulatorError, match="lower-case letters"):
        background.find(name, tmp_path)
