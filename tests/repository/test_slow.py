"""Slow tests are collected alone without one being lost."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests import slow


@pytest.mark.parametrize(
    ("asked", "source", "left"),
    [
        ("slow", "def test_it() -> None: ...", True),
        ("slow", f"@{slow.MARK}", None),
        ("slow", f"pytestmark = [{slow.MARK}, other]", None),
        ("not slow", "def test_it() -> None: ...", None),
        ("", "def test_it() -> None: ...", None),
    ],
)
def test_a_file_is_left_unread_only_if_slow_tests_are_asked_for_and_it_has_none(
    tmp_path: Path, asked: str, source: str, left: object
) -> None:
    (tmp_path / "test_it.py").write_text(source)
    config = cast("pytest.Config", SimpleNamespace(option=SimpleNamespace(markexpr=asked)))
    assert slow.pytest_ignore_collect(tmp_path / "test_it.py", config) is left


def test_in_a_folder_of_slow_tests_every_test_is_slow_without_a_mark() -> None:
    marked: list[str] = []
    item: Any = SimpleNamespace(path=Path(slow.__file__).parent / "journeys" / "test_life.py", add_marker=marked.append)
    slow.pytest_collection_modifyitems([item])
    assert marked == ["slow"]
    config = cast("pytest.Config", SimpleNamespace(option=SimpleNamespace(markexpr="slow")))
    assert slow.pytest_ignore_collect(item.path, config) is None


def test_a_mark_that_would_not_be_found_is_refused(tmp_path: Path) -> None:
    """As one that another module gives a name."""
    (tmp_path / "test_it.py").write_text("pytestmark = OURS")
    item: Any = SimpleNamespace(path=tmp_path / "test_it.py", nodeid="test_it", get_closest_marker=bool)
    with pytest.raises(pytest.UsageError, match=r"^test_it: is marked as slow, but pytest\.mark\.slow does not stand"):
        slow.pytest_collection_modifyitems([item])
