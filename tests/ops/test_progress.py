"""Progress on stderr: it never ends the command that it is about."""

import errno
import io
import os
import re
import signal
import subprocess
import sys
import threading

import pytest

from config.request import PROJECT_ROOT
from ops import progress
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


def test_what_is_said_stands_in_a_log_after_the_report_that_came_before_it() -> None:
    """As in CI, where both are one file: the reports of some stacks, then the error of another one."""
    script = "from ops.progress import say; print('vpr-async-dev: no drift'); say('orders-dev: failed'); print('last')"
    done = subprocess.run(
        (sys.executable, "-c", script),
        cwd=PROJECT_ROOT,
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["vpr-async-dev: no drift", "orders-dev: failed", "last"]


SAYS_AT_A_SIGNAL = """
import signal
from ops.progress import say
signal.signal(signal.SIGINT, lambda *_: say("noted"))
print("a report" * 100_000, flush=True)
"""


def test_a_signal_in_the_middle_of_a_print_is_told_or_not_and_ends_nothing() -> None:
    """The reader is slow; Python refuses to print on the same stream meanwhile, with an error of its own."""
    with subprocess.Popen(
        (sys.executable, "-c", SAYS_AT_A_SIGNAL),
        cwd=PROJECT_ROOT,
        env={key: value for key, value in os.environ.items() if key != "PYTHONUNBUFFERED"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
    ) as printing:
        assert printing.stdout
        begin = printing.stdout.read(1)
        printing.send_signal(signal.SIGINT)
        rest, said = printing.communicate()
    assert (printing.returncode, said) == (0, b"noted\n")
    assert begin + rest == b"a report" * 100_000 + b"\n"


class Terminal(io.StringIO):
    """A terminal, and the moment at which it shows that a step goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = threading.Event()

    def isatty(self) -> bool:
        """Return True: somebody watches."""
        return True

    def write(self, text: str, /) -> int:
        """Show the text."""
        if re.fullmatch(r" \d+ s \.\.\.", text):
            self.shown.set()
        return super().write(text)


def test_on_a_terminal_a_step_is_named_before_and_goes_on_to_show_that_it_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    assert progress.PROGRESS_SECONDS == 10
    monkeypatch.setattr(progress, "PROGRESS_SECONDS", 0.01)
    monkeypatch.setattr(sys, "stderr", terminal)
    with step("checkov on 9 files"):
        assert terminal.getvalue().startswith("checkov on 9 files ...")
        assert terminal.shown.wait(60)
    assert re.fullmatch(r"checkov on 9 files \.\.\.( \d+ s \.\.\.)+ \d+\.\d s\n", terminal.getvalue())


def test_in_a_log_a_step_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with step("terraform plan"):
        assert capsys.readouterr().err == ""
    assert re.fullmatch(r"terraform plan: \d+\.\d s\n", capsys.readouterr().err)


def test_what_a_step_raises_is_raised_whatever_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    with pytest.raises(KeyError), step("apply"):
        raise KeyError
