"""Progress on stderr: it never ends the command that it is about."""

import errno
import io
import sys

import pytest

from ops.progress import say, step


class Full(io.StringIO):
    """A log on a full disk."""

    def write(self, _: str, /) -> int:
        """Fail as the system does."""
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_log_that_cannot_be_written_does_not_end_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """An apply, whose result is to be recorded, goes on."""
    done: list[str] = []
    monkeypatch.setattr(sys, "stderr", Full())
    with step("apply"):
        say("applying")
        done.append("applied")
    done.append("recorded")
    assert done == ["applied", "recorded"]


def test_what_a_step_raises_is_raised_whatever_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(KeyError), step("apply"):
        raise KeyError
