"""A TOML file that somebody wrote by hand is read whole, or refused with the reason."""

from pathlib import Path

import pytest

from check_report.errors import InvalidInputError
from check_report.toml_file import read_toml


def read(path: Path) -> dict[str, object]:
    return read_toml(path, "rules/a.toml", most_bytes=1_000, what="rules", missing="write one")


def test_a_file_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[a]\nb = ["é", 1]\n', encoding="utf-8")
    assert read(tmp_path / "a.toml") == {"a": {"b": ["é", 1]}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a = ", "not valid TOML: Invalid value (at end of document)"),
        (b"a = 1\xff", "not UTF-8 text, which every TOML file is"),
        (b"a" + b".a" * 101 + b" = 1", "nested too deeply"),
        ("é".encode() * 501, "larger than 1,000 bytes: too large for rules"),
    ],
)
def test_what_is_not_a_file_of_tables_is_refused_with_the_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        read(tmp_path / "a.toml")
    assert caught.value.faults == (f"rules/a.toml: {reason}",)


def test_a_file_that_is_not_there_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^rules/a\.toml: no such file; write one$"):
        read(tmp_path / "a.toml")
    with pytest.raises(InvalidInputError, match=r"^rules/a\.toml: cannot be read: Is a directory$"):
        read(tmp_path)
