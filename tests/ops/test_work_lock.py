"""The lock of a checkout: one command at a time, named to whoever meets it."""

import os
import re
from contextlib import ExitStack
from pathlib import Path

import pytest

from ops import process, work_lock
from ops.errors import NoAnswerError
from ops.work_lock import at_work


@pytest.fixture(autouse=True)
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(work_lock, "LOCKS", tmp_path / "locks")
    return tmp_path / "locks"


def test_the_command_that_is_at_work_is_named_and_the_lock_is_free_after_it() -> None:
    with at_work("dev on aws", "make apply ENV=dev TARGET=aws"):
        with pytest.raises(NoAnswerError) as refused, at_work("dev on aws", "make plan ENV=dev TARGET=aws"):
            pytest.fail("two commands are at work")
        with at_work("dev on emulator", "make plan ENV=dev"):
            assert refused.value.status == 2
    assert str(refused.value).startswith(f"dev on aws: make apply ENV=dev TARGET=aws (process {os.getpid()}, since ")
    assert str(refused.value).endswith(
        " UTC) is at work on it in this checkout; nothing was changed; try again when it has ended, or let "
        "LOCK_TIMEOUT=5m wait for it"
    )
    with at_work("dev on aws", "make plan ENV=dev TARGET=aws"):
        pass


def test_who_waits_says_for_whom_in_one_line_and_goes_on_when_that_one_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    with ExitStack() as first:
        first.enter_context(at_work("dev on emulator", "make up ENV=dev"))

        def ended(line: str) -> None:
            said.append(line)
            first.close()

        monkeypatch.setattr(work_lock, "say", ended)
        with at_work("dev on emulator", "make up ENV=dev", wait_seconds=120):
            said.append("at work")
    who = rf"make up ENV=dev \(process {os.getpid()}, since \d\d:\d\d:\d\d UTC\)"
    assert re.fullmatch(
        f"dev on emulator: {who} is at work on it in this checkout; waiting for it, 120 s at most", said[0]
    )
    assert said[1:] == ["at work"]


def test_who_may_not_wait_is_not_told_to() -> None:
    """As an apply, which is of the plan that was looked at."""
    with (
        at_work("dev on aws", "make plan"),
        pytest.raises(NoAnswerError, match=r"try again when it has ended$"),
        at_work("dev on aws", "make apply", wait_seconds=None),
    ):
        pytest.fail("two commands are at work")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"command": 1}', b"\xff", b'{"command": "c", "pid": "x"}'])
def test_a_lock_without_a_name_in_it_is_still_a_lock(locks: Path, content: bytes) -> None:
    with at_work("dev on aws", "make apply"):
        (locks / "dev on aws.json").write_bytes(content)
        with pytest.raises(NoAnswerError, match=r"^dev on aws: another command is at work"), at_work("dev on aws", "x"):
            pytest.fail("two commands are at work")


def test_a_child_that_outlives_its_command_is_still_at_work(tmp_path: Path) -> None:
    """Terraform goes on when the command that started it is killed; whoever comes then is refused."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with at_work("dev on aws", "make apply"):
        child = process.start(("cat", str(pipe)), os.environ, tmp_path, capture=True)
    with pipe.open("w") as end:
        with pytest.raises(NoAnswerError, match="make apply"), at_work("dev on aws", "make plan"):
            pytest.fail("the child is at work")
        end.write("done")
    assert process.finish(child).stdout == "done"
    with at_work("dev on aws", "make plan"):
        pass
