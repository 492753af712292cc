"""The environments: their files are all that says which there are."""

from pathlib import Path

import pytest

from check_report.errors import InvalidInputError
from config.environments import environments


def with_files(directory: Path, *names: str) -> Path:
    for name in names:
        (directory / name).write_text("")
    return directory


def test_each_settings_file_makes_an_environment(tmp_path: Path) -> None:
    """Those that everybody has come first, in the order in which a change reaches them."""
    folder = with_files(tmp_path, "qa.toml", "prod.toml", "canary2.toml", "dev.toml", "staging.toml", "README.md")
    assert environments(folder) == ("dev", "staging", "prod", "canary2", "qa")


def test_a_file_makes_one_whatever_is_in_it(tmp_path: Path) -> None:
    """It is refused when it is read; the other environments are not."""
    (tmp_path / "dev.toml").mkdir()
    (tmp_path / "qa.toml").symlink_to("nowhere")
    assert environments(tmp_path) == ("dev", "qa")


def test_hidden_files_are_nobodys(tmp_path: Path) -> None:
    assert environments(with_files(tmp_path, "dev.toml", ".#dev.toml", "._dev.toml")) == ("dev",)


@pytest.mark.parametrize("folder", ["environments", "absent"])
def test_a_folder_without_settings_is_said_to_be_one(folder: str, tmp_path: Path) -> None:
    (tmp_path / "environments").mkdir()
    with pytest.raises(InvalidInputError) as caught:
        environments(tmp_path / folder)
    assert caught.value.faults == (f"{folder}: no settings file; each environment needs one, like {folder}/dev.toml",)


@pytest.mark.parametrize("name", ["QA", "eu-qa", "eu_qa", "2nd", "dev copy", "a" * 13, "q\x1b[2J", "-"])
def test_a_name_that_no_resource_could_end_in_is_refused(name: str, tmp_path: Path) -> None:
    folder = with_files(tmp_path, "dev.toml", f"{name}.toml")
    with pytest.raises(InvalidInputError) as caught:
        environments(folder)
    (fault,) = caught.value.faults
    assert " is not an environment's file; allowed: NAME.toml, with 1 to 12 lower-case letters and digits" in fault
    assert fault.isprintable()


def test_the_longest_name_is_one_of_twelve_characters(tmp_path: Path) -> None:
    assert environments(with_files(tmp_path, "abcdefghijk1.toml")) == ("abcdefghijk1",)
