"""The script that verifies from anywhere: it runs as the command does."""

import runpy
import signal
import sys

import pytest

from config.request import PROJECT_ROOT

SCRIPT = PROJECT_ROOT / "scripts" / "verify_aws_state.py"


def test_a_connection_that_is_reset_does_not_end_the_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGPIPE stays ignored, as Python has it: otherwise a write to a closed connection ends the process, silently."""
    found: list[object] = []

    def main(arguments: list[str]) -> int:
        found.extend((arguments, signal.getsignal(signal.SIGPIPE)))
        return 1

    before = signal.getsignal(signal.SIGPIPE)
    monkeypatch.setattr("ops.cli.main", main)
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), "--mode", "clean"])
    monkeypatch.setattr(sys, "path", [*sys.path])
    try:
        with pytest.raises(SystemExit) as ended:
            runpy.run_path(str(SCRIPT), run_name="__main__")
    finally:
        signal.signal(signal.SIGPIPE, before)
    assert ended.value.code == 1
    assert found == [["verify", "--mode", "clean"], signal.SIG_IGN]
