"""A state that Terraform could not write: moved to where nothing cleans, per target and stack, each kept."""

from pathlib import Path

import pytest

from ops import unsaved_state, workspace
from ops.unsaved_state import UnsavedStateError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(unsaved_state, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(unsaved_state, "UNSAVED_STATES", tmp_path / "unsaved-state")
    (tmp_path / "stack").mkdir()
    return tmp_path


def leave(folder: Path, content: str) -> Path | None:
    (folder / "stack" / "errored.tfstate").write_text(content)
    return unsaved_state.keep(folder / "stack", "aws", "vpr-async-prod")


def test_each_state_is_kept_and_none_takes_the_place_of_another(folder: Path) -> None:
    kept = [leave(folder, content) for content in ("first", "second", "third")]
    home = folder / "unsaved-state" / "aws" / "vpr-async-prod"
    assert kept == [home / "errored.tfstate", home / "errored-1.tfstate", home / "errored-2.tfstate"]
    assert unsaved_state.find("aws", "vpr-async-prod") == kept
    assert [file.read_text() for file in unsaved_state.find("aws", "vpr-async-prod")] == ["first", "second", "third"]
    assert unsaved_state.find("emulator", "vpr-async-prod") == unsaved_state.find("aws", "vpr-async-dev") == []
    assert list((folder / "stack").iterdir()) == []


def test_what_is_left_after_the_first_was_written_is_found(folder: Path) -> None:
    leave(folder, "first")
    second = leave(folder, "second")
    unsaved_state.find("aws", "vpr-async-prod")[0].unlink()
    assert unsaved_state.find("aws", "vpr-async-prod") == [second]


def test_nothing_is_kept_where_nothing_was_left(folder: Path) -> None:
    assert unsaved_state.keep(folder / "stack", "aws", "vpr-async-prod") is None
    assert not (folder / "unsaved-state").exists()


def test_a_state_that_cannot_be_moved_stays_and_stops_the_command(folder: Path) -> None:
    (folder / "unsaved-state").touch()
    with pytest.raises(UnsavedStateError, match=r"^stack/errored\.tfstate: a state that is in no bucket.*by hand$"):
        leave(folder, "first")
    assert (folder / "stack" / "errored.tfstate").read_text() == "first"


def test_a_stacks_folder_holds_what_was_synthesized_and_nothing_else(tmp_path: Path) -> None:
    """Terraform reads every file of some endings that lies beside a stack. Assets are in folders."""
    made, directory, provider = tmp_path / "made", tmp_path / "folder", tmp_path / "provider"
    for each in (made, directory, provider):
        each.mkdir()
    (made / "cdk.tf.json").write_text("{}")
    (made / "terraform.d").symlink_to("../provider")
    (made / "assets" / "code").mkdir(parents=True)
    (made / "assets" / "code" / "archive.zip").write_text("code")
    for name in ("other.tf", "imports.tf.json", "x_override.tf.json", "terraform.tfvars"):
        (directory / name).touch()
    workspace.lay_out(made, directory)
    assert sorted(path.name for path in directory.iterdir()) == ["assets", "cdk.tf.json", "terraform.d"]
    assert (directory / "assets" / "code" / "archive.zip").read_text() == "code"
    assert (directory / "terraform.d").resolve() == provider
