"""cdktf's CLI, where only what a plan needs is installed."""

from pathlib import Path

import pytest

from config.request import read_request
from ops.deployment import cdktf_cli
from ops.errors import NoAnswerError


@pytest.mark.parametrize("command", ["synth", "deploy"])
def test_a_command_by_hand_without_the_cli_says_what_installs_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after `make plan` alone: nothing is begun."""
    monkeypatch.setattr(cdktf_cli, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(cdktf_cli, "CDKTF", str(tmp_path / "node_modules" / ".bin" / "cdktf"))
    message = f"^node_modules/.bin/cdktf is not installed; make {command} installs it, and runs it$"
    with pytest.raises(NoAnswerError, match=message):
        getattr(cdktf_cli, command)(read_request({"ENV": "dev"}))
