"""Starting, finding and ending emulators.

Whether a process is gone is learnt from the kernel and without waiting in a loop: an idle connection to it is
closed at that moment.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ops import emulator as lifecycle
from ops.emulator import Emulator, EmulatorError, SilentEmulatorError
from tests.emulator.conftest import ACCOUNT_ID
from tests.surroundings import HANG_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = HANG_SECONDS


def connect(emulator: Emulator) -> socket.socket:
    """Open a connection to an emulator and say nothing."""
    address = urllib.parse.urlsplit(emulator.endpoint)
    return socket.create_connection((str(address.hostname), address.port or 0), timeout=PATIENCE)


def wait_until_gone(connection: socket.socket) -> None:
    """Return when the process at the other end has died; fail if it does not."""
    with connection, contextlib.suppress(ConnectionResetError):
        assert connection.recv(1) == b""


def is_gone(emulator: Emulator) -> bool:
    """Whether nothing listens at the endpoint any more."""
    try:
        connect(emulator).close()
    except ConnectionRefusedError:
        return True
    return False


def child(program: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Run a program that uses `ops.emulator` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", f"import signal, sys\nfrom pathlib import Path\nfrom ops import emulator\n{program}"]
        + [str(each) for each in arguments],
        stdout=subprocess.PIPE,
        text=True,
    )


def told_by(process: subprocess.Popen[str]) -> Emulator:
    """Read the emulator that a child prints as endpoint, account id and process id."""
    assert process.stdout is not None
    endpoint, account_id, pid = process.stdout.readline().split()
    return Emulator(endpoint, account_id, int(pid))


TELL = "print(it.endpoint, it.account_id, it.pid, flush=True)"
START = f"it = emulator.start_background('dev', '{ACCOUNT_ID}', Path(sys.argv[1]))\n{TELL}"


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Give a directory for background emulators, and end what a test left running in it."""
    yield tmp_path / "run"
    lifecycle.stop_background("dev", tmp_path / "run")


# --- The program ----------------------------------------------------------------------------------------------


def serve(*options: str) -> subprocess.Popen[str]:
    """Run the server program as a user would."""
    return subprocess.Popen(
        [sys.executable, "-m", "ops.emulated_aws", "--account-id", ACCOUNT_ID, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_program_prints_one_line_and_ends_cleanly_on_a_signal() -> None:
    """Standard output is the URL alone, standard error tells no request, and a signal ends it with exit code 0."""
    for process, ending in [(serve(), signal.SIGTERM), (serve(), signal.SIGINT)]:
        assert process.stdout is not None
        endpoint = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{endpoint}/_emulator") as answer:  # noqa: S310 - the emulator's own
            assert json.load(answer)["pid"] == process.pid
        process.send_signal(ending)
        output, log = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert output == ""
        assert log == f"process {process.pid} serves account {ACCOUNT_ID}\nlistening on {endpoint}\n"


def test_program_ends_with_its_standard_input_only_if_asked() -> None:
    """`--while-stdin-open` ties it to its standard input; without the option the end of input means nothing."""
    tied, free = serve("--while-stdin-open"), serve()
    for process in (tied, free):
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        assert process.stdin is not None
        process.stdin.close()
    assert tied.wait(PATIENCE) == 0
    assert free.poll() is None
    free.terminate()
    assert free.wait(PATIENCE) == 0
    for process in (tied, free):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()


# --- Temporary ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", [None, KeyboardInterrupt])
def test_temporary_emulator_ends_with_its_block(ending: type[BaseException] | None) -> None:
    """However the block is left, the process has ended and been collected afterwards."""

    def leave() -> Emulator:
        with lifecycle.temporary(ACCOUNT_ID) as running:
            seen.append(running)
            if ending is not None:
                raise ending
        return running

    seen: list[Emulator] = []
    if ending is None:
        leave()
    else:
        with pytest.raises(ending):
            leave()
    assert is_gone(seen[0])
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0].pid, 0)


def test_temporary_emulator_dies_with_a_killed_parent() -> None:
    """SIGKILL of the parent, which no handler sees, ends the emulator too."""
    with child(f"with emulator.temporary('{ACCOUNT_ID}') as it:\n    {TELL}\n    signal.pause()") as parent:
        running = told_by(parent)
        connection = connect(running)
        parent.kill()
    wait_until_gone(connection)
    assert is_gone(running)


def test_temporary_emulator_ends_when_sigterm_is_turned_into_an_exception() -> None:
    """A program that turns SIGTERM into SystemExit leaves no emulator behind."""
    turn = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
    with child(f"{turn}\nwith emulator.temporary('{ACCOUNT_ID}') as it:\n    {TELL}\n    signal.pause()") as parent:
        running = told_by(parent)
        parent.terminate()
        assert parent.wait(PATIENCE) == 7
    assert is_gone(running)


def test_emulator_is_out_of_reach_of_the_terminal(emulator: Emulator) -> None:
    """It has a session of its own, so Ctrl-C leaves it to Terraform, which still has to release the lock."""
    assert os.getsid(emulator.pid) == emulator.pid != os.getsid(0)


def test_failed_start_tells_the_last_lines_of_the_log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """If the process ends before it listens, the error holds what it wrote, for both kinds; no record is left."""
    monkeypatch.setattr(lifecycle, "_PROJECT", tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with pytest.raises(EmulatorError, match=r"exit code 1 instead of starting\n(?s:.*)No module named"):
        lifecycle.start_background("dev", ACCOUNT_ID, tmp_path / "run")
    assert not (tmp_path / "run/dev.json").exists()
    with (
        pytest.raises(EmulatorError, match=r"exit code 1 instead of starting\n(?s:.*)No module named"),
        lifecycle.temporary(ACCOUNT_ID),
    ):
        pytest.fail("the block must not be entered")


@pytest.mark.parametrize("account_id", ["", "123", "12341234123x", "1234123412345"])
def test_account_id_that_is_none_is_refused(account_id: str, tmp_path: Path) -> None:
    """Only twelve digits are an account id."""
    with pytest.raises(EmulatorError, match="not twelve digits"):
        lifecycle.start_background("dev", account_id, tmp_path)


# --- Background -----------------------------------------------------------------------------------------------


def test_background_emulator_outlives_its_starter(directory: Path) -> None:
    """Started by a process that has ended, it is found, started no second time, and stopped once."""
    with child(START, directory) as starter:
        started = told_by(starter)
    assert starter.returncode == 0
    assert lifecycle.find_background("dev", directory) == started
    assert lifecycle.start_background("dev", ACCOUNT_ID, directory) == started
    assert json.loads((directory / "dev.json").read_text()) == {
        "endpoint": started.endpoint,
        "account_id": ACCOUNT_ID,
        "pid": started.pid,
    }
    assert lifecycle.stop_background("dev", directory) is True
    assert is_gone(started)
    assert lifecycle.find_background("dev", directory) is None
    assert lifecycle.stop_background("dev", directory) is False


def test_concurrent_starts_end_with_one_emulator(directory: Path) -> None:
    """Whoever starts while another starts gets the other's emulator."""
    starters = [child(START, directory) for _ in range(4)]
    started = {told_by(each) for each in starters}
    assert [each.wait(PATIENCE) for each in starters] == [0] * 4
    for each in starters:
        assert each.stdout is not None
        each.stdout.close()
    assert len(started) == 1


def test_names_do_not_share_an_emulator(directory: Path) -> None:
    """Each name has an emulator and an account of its own, and stopping one leaves the other."""
    dev = lifecycle.start_background("dev", ACCOUNT_ID, directory)
    prod = lifecycle.start_background("prod", "999999999999", directory)
    try:
        assert dev.endpoint != prod.endpoint
        with pytest.raises(EmulatorError, match=f"for account {ACCOUNT_ID} instead of 999999999999"):
            lifecycle.start_background("dev", "999999999999", directory)
        assert lifecycle.stop_background("dev", directory)
        assert lifecycle.find_background("prod", directory) == prod
    finally:
        lifecycle.stop_background("prod", directory)


def test_record_of_a_killed_emulator_is_stale(directory: Path) -> None:
    """After SIGKILL it is not found, and its record is gone."""
    started = lifecycle.start_background("dev", ACCOUNT_ID, directory)
    connection = connect(started)
    os.kill(started.pid, signal.SIGKILL)
    wait_until_gone(connection)
    assert lifecycle.find_background("dev", directory) is None
    assert not (directory / "dev.json").exists()


def test_record_with_a_reused_process_id_harms_nobody(directory: Path, emulator: Emulator) -> None:
    """A record that names a living process which is not its emulator is stale, and that process lives on."""
    directory.mkdir()
    record = {"endpoint": emulator.endpoint, "account_id": emulator.account_id, "pid": emulator.pid}
    (directory / "dev.json").write_text(json.dumps(record))
    assert lifecycle.stop_background("dev", directory) is False
    assert not (directory / "dev.json").exists()
    assert not is_gone(emulator)


@pytest.mark.parametrize("damage", ["other endpoint", "no JSON", "gone"])
def test_emulator_whose_record_does_not_lead_to_it_is_found_all_the_same(
    directory: Path, emulator: Emulator, damage: str
) -> None:
    """The log that it alone can lock leads to it: looking for it ends nothing, and writes the record again."""
    started = lifecycle.start_background("dev", ACCOUNT_ID, directory)
    record = directory / "dev.json"
    content = record.read_text()
    if damage == "other endpoint":
        record.write_text(content.replace(started.endpoint, emulator.endpoint))
    elif damage == "no JSON":
        record.write_text("{")
    else:
        record.unlink()
    assert lifecycle.find_background("dev", directory) == started
    assert record.read_text() == content
    assert not is_gone(started)
    assert not is_gone(emulator)


def test_emulator_that_does_not_answer_is_left_as_it_is(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks for a busy one is told so; nothing is ended, started beside it, or taken for gone."""
    monkeypatch.setattr(lifecycle, "_ANSWER_SECONDS", 0.2)
    started = lifecycle.start_background("dev", ACCOUNT_ID, directory)
    os.kill(started.pid, signal.SIGSTOP)
    said = rf"^dev: its emulator \(process {started.pid}\) runs but does not answer: .* make down ENV=dev$"
    with pytest.raises(SilentEmulatorError, match=said) as caught:
        lifecycle.find_background("dev", directory)
    assert caught.value.status == 2
    with pytest.raises(SilentEmulatorError):
        lifecycle.start_background("dev", ACCOUNT_ID, directory)
    os.kill(started.pid, signal.SIGCONT)
    monkeypatch.undo()
    assert lifecycle.find_background("dev", directory) == started


def test_emulator_that_hangs_is_ended_by_whoever_asks_for_its_end(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that neither answers nor listens to SIGTERM is killed, and its name is free again."""
    monkeypatch.setattr(lifecycle, "_END_SECONDS", 0.5)
    started = lifecycle.start_background("dev", ACCOUNT_ID, directory)
    os.kill(started.pid, signal.SIGSTOP)
    assert lifecycle.stop_background("dev", directory) is True
    assert is_gone(started)


def test_folder_that_is_a_file_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "run").touch()
    with pytest.raises(
        EmulatorError, match=r"run: not a folder that can hold an emulator's files \(\w.*\); move it away$"
    ):
        lifecycle.find_background("dev", tmp_path / "run")


@pytest.mark.parametrize("name", ["", "../dev", "Dev", "dev.json", "a/b"])
def test_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    """A name becomes a file name, so it must be a plain one."""
    with pytest.raises(EmulatorError, match="lower-case letters"):
        lifecycle.find_background(name, tmp_path)
