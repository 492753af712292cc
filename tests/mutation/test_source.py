"""Definitions are found by their names, wherever they stand and whatever stands beside them."""

from pathlib import Path

import pytest

from tests.mutation.source import NotFoundError, find

MODULE = '''
LIMIT: int = 3
"""Words about it."""


def limit():
    return 3


class Queue:
    LIMIT = (
        4,
    )

    @property
    @cached
    def limit(self):
        def limit():
            return 5
        return limit
'''
SETTINGS = """
limit = 1
[queue]
limit = 2
[queue.dead]
limit = 3
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    source = tmp_path / "packages" / "some-tool" / "src" / "some_tool"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("VERSION = 1\n")
    (source / "queues.py").write_text(MODULE)
    (tmp_path / "main.py").write_text("def main(): pass\n")
    (tmp_path / "dev.toml").write_text(SETTINGS)
    return tmp_path


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("main:main", "def main(): pass\n"),
        ("some_tool:VERSION", "VERSION = 1\n"),
        ("some_tool.queues:LIMIT", "LIMIT: int = 3\n"),
        ("some_tool.queues:limit", "def limit():\n    return 3\n"),
        ("some_tool.queues:Queue.LIMIT", "    LIMIT = (\n        4,\n    )\n"),
        ("some_tool.queues:Queue.limit.limit", "        def limit():\n            return 5\n"),
        ("dev.toml", SETTINGS),
        ("dev.toml:queue", "[queue]\nlimit = 2\n"),
        ("dev.toml:queue.dead", "[queue.dead]\nlimit = 3\n"),
    ],
)
def test_a_name_stands_for_its_own_lines(root: Path, where: str, text: str) -> None:
    assert find(where, root).text == text


def test_a_method_has_its_decorators(root: Path) -> None:
    assert find("some_tool.queues:Queue.limit", root).text.startswith(
        "    @property\n    @cached\n    def limit(self):"
    )


def test_other_lines_in_their_place_leave_the_rest_of_the_file_as_it_is(root: Path) -> None:
    source = find("some_tool.queues:limit", root)
    assert source.with_text("def limit():\n    return 9\n") == MODULE.replace("return 3", "return 9")


def test_a_module_that_moved_has_another_name_and_the_same_definitions(root: Path) -> None:
    (root / "ops" / "deployment").mkdir(parents=True)
    moved = root / "ops" / "deployment" / "queues.py"
    (root / "packages" / "some-tool" / "src" / "some_tool" / "queues.py").rename(moved)
    assert find("ops.deployment.queues:limit", root).file == moved


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (
            "some_tool.queues:Queue.size",
            "packages/some-tool/src/some_tool/queues.py defines Queue.size 0 times, not once",
        ),
        ("some_tool.topics:limit", "0 files are module some_tool.topics, not one"),
        ("prod.toml:queue", "there is no file prod.toml"),
        ("dev.toml:topic", "dev.toml has 0 tables topic, not one"),
    ],
)
def test_a_name_that_stands_for_nothing_is_reported(root: Path, where: str, message: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        find(where, root)
    assert str(raised.value) == message


def test_a_name_that_stands_for_two_definitions_is_reported(root: Path) -> None:
    (root / "main.py").write_text("def main(): pass\ndef main(): pass\n")
    with pytest.raises(NotFoundError, match=r"^main\.py defines main 2 times, not once$"):
        find("main:main", root)
