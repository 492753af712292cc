"""Which tests are slow, and how they are collected alone: a plugin of pytest's, for tests/ and packages/."""

from pathlib import Path

import pytest

FOLDERS = tuple(
    Path(__file__).parent / name
    for name in (
        *("bench", "faults", "fuzz", "journeys", "lean", "mutation"),
        *("packages", "privileges", "review/browser", "review/golden"),
    )
)
"""Where every test is slow, without a mark of its own."""
MARK = "pytest.mark.slow"
"""What stands in every other file that has a slow test."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file unread that has no slow test, if these alone are asked for: each worker would read all of them."""
    if config.option.markexpr != "slow" or not collection_path.match("test_*.py") or _is_in_folder(collection_path):
        return None
    return None if MARK in collection_path.read_text() else True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by its folder. Raises UsageError for what nobody would find who looks for the mark."""
    for item in items:
        if _is_in_folder(item.path):
            item.add_marker("slow")
        elif item.get_closest_marker("slow") and MARK not in item.path.read_text():
            message = f"{item.nodeid}: is marked as slow, but {MARK} does not stand in its file"
            raise pytest.UsageError(message)


def _is_in_folder(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in FOLDERS)
