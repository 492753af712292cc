"""Emulators that end with a block, and the sessions that they have.

Whether a process is gone is learnt from the kernel and without waiting in a loop: an idle connection to it is
closed at that moment.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from aws_emulator import Emulator, temporary

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS
from emulator_processes import TELL, child, connect, is_gone, printed_by, wait_until_gone

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    pass


@pytest.mark.parametrize("ending", [None, KeyboardInterrupt])
def test_temporary_emulator_ends_with_its_block(ending: type[BaseException] | None) -> None:
    """However the block is left, the process has ended and been collected afterwards."""

    def leave() -> Emulator:
        with temporary(ACCOUNT_ID) as running:
            seen.append(running)
            if ending is not None:
                raise ending
        return running

    seen: list[Emulator] = []
    if ending is None:
        leave()
    else:
        with pytest.raises(ending):
            leave()
    assert is_gone(seen[0])
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0].pid, 0)


def test_temporary_emulator_dies_with_a_killed_parent() -> None:
    """SIGKILL of the parent, which no handler sees, ends the emulator too."""
    with child(f"with aws_emulator.temporary('{ACCOUNT_ID}') as it:\n    {TELL}\n    signal.pause()") as parent:
        running = printed_by(parent)
        connection = connect(running)
        parent.kill()
    wait_until_gone(connection)
    assert is_gone(running)


def test_temporary_emulator_ends_when_sigterm_is_turned_into_an_exception() -> None:
    """A program that turns SIGTERM into SystemExit leaves no emulator behind."""
    turn = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
    with child(f"{turn}\nwith aws_emulator.temporary('{ACCOUNT_ID}') as it:\n    {TELL}\n    signal.pause()") as parent:
        running = printed_by(parent)
        parent.terminate()
        assert parent.wait(HANG_SECONDS) == 7
    assert is_gone(running)


def test_emulator_is_out_of_reach_of_the_terminal(emulator: Emulator) -> None:
    """It has a session of its own, so Ctrl-C leaves it to Terraform, which still has to release the lock."""
    assert os.getsid(emulator.pid) == emulator.pid != os.getsid(0)
