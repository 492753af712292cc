"""Files of saved states: what is read back, and what is refused, with the file left as it is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aws_emulator import SavedStateError
from aws_emulator.persistence import state_file
from aws_emulator.version import VERSION

from emulator_helpers import ACCOUNT_ID

CONTENT = b"\x80\x05content\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a file with a saved state."""
    path = tmp_path / "dev.state"
    state_file.write(path, CONTENT, account_id=ACCOUNT_ID, port=4000, left_out=("batch",))
    return path


def test_a_state_is_read_back_with_what_is_known_of_it(file: Path) -> None:
    header, content = state_file.read(file, ACCOUNT_ID)
    assert content == CONTENT
    assert (header.account_id, header.port, header.left_out) == (ACCOUNT_ID, 4000, ("batch",))
    assert state_file.header(file) == header
    assert state_file.header(file.with_name("prod.state")) is None


def test_only_its_owner_can_read_or_write_it(file: Path) -> None:
    """It holds keys, and restoring it runs what is in it."""
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["dev.state"]
    file.chmod(0o620)
    with pytest.raises(
        SavedStateError, match=r"dev\.state: other users could have written it; the file stays as it is$"
    ):
        state_file.read(file, ACCOUNT_ID)


def test_a_write_that_fails_leaves_the_state_before(file: Path) -> None:
    (file.parent / "dev.state.partial").mkdir()
    with pytest.raises(OSError, match="partial"):
        state_file.write(file, b"newer", account_id=ACCOUNT_ID, port=4000)
    assert state_file.read(file, ACCOUNT_ID)[1] == CONTENT


def test_a_partial_file_of_a_killed_emulator_does_not_hinder_a_write(file: Path) -> None:
    (file.parent / "dev.state.partial").write_bytes(b"half")
    state_file.write(file, b"newer", account_id=ACCOUNT_ID, port=4000)
    assert state_file.read(file, ACCOUNT_ID)[1] == b"newer"


def test_another_account_is_refused(file: Path) -> None:
    with pytest.raises(
        SavedStateError, match=f"saved for account {ACCOUNT_ID} instead of 999999999999; the file stays"
    ):
        state_file.read(file, "999999999999")
    assert file.exists()


@pytest.mark.parametrize(
    ("ours", "theirs"), [(f"aws-emulator {VERSION}", "aws-emulator 0.0.9"), ("moto 5.2.5", "moto 5.2.4"), ("cpy", "py")]
)
def test_another_version_is_refused(file: Path, ours: str, theirs: str) -> None:
    """Of this package, of moto, or of Python: each decides which objects stand in it."""
    file.write_bytes(file.read_bytes().replace(ours.encode(), theirs.encode(), 1))
    with pytest.raises(SavedStateError, match=rf"saved by .*{theirs}.*, and this is .*{ours}.*; the file stays"):
        state_file.read(file, ACCOUNT_ID)
    assert file.exists()


DAMAGES: list[tuple[Callable[[bytes], bytes], str]] = [
    (lambda whole: whole[:-1], "damaged: it does not hold what was saved"),
    (lambda whole: whole[:-4] + b"else", "damaged: it does not hold what was saved"),
    (lambda whole: whole[:60], "damaged, or not the saved state of an emulator"),
    (lambda whole: whole.replace(b'"port": 4000', b'"port": null'), "damaged, or not the saved state"),
    (lambda whole: whole.replace(b'"saved"', b'"other"'), "damaged, or not the saved state"),
    (lambda _: b"aws-emulator state\n[]\n", "damaged, or not the saved state"),
    (lambda _: b"", "damaged, or not the saved state"),
    (lambda _: CONTENT, "damaged, or not the saved state"),
]


@pytest.mark.parametrize(("damage", "reason"), DAMAGES)
def test_a_damaged_file_is_refused(file: Path, damage: Callable[[bytes], bytes], reason: str) -> None:
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(SavedStateError, match=rf"dev\.state: {reason}.*; the file stays as it is$"):
        state_file.read(file, ACCOUNT_ID)
    assert file.exists()


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SavedStateError, match="Is a directory"):
        state_file.header(tmp_path)
    with pytest.raises(SavedStateError, match="Is a directory"):
        state_file.read(tmp_path, ACCOUNT_ID)


def test_a_time_of_another_day_is_shown_with_the_day() -> None:
    today = datetime.now(UTC).replace(hour=4, minute=5, second=6)
    assert state_file.in_words(today) == "04:05:06 UTC"
    assert state_file.in_words(datetime(2024, 2, 29, 4, 5, 6, tzinfo=UTC)) == "2024-02-29 04:05:06 UTC"


def test_the_version_is_the_packages() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
