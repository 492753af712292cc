"""cdktf's CLI, where only what a plan needs is installed."""

from pathlib import Path

import pytest

from config.request import PROJECT_ROOT, read_request
from ops.deployment import cdktf_cli
from ops.errors import CommandError, NoAnswerError
from tests.workspaces import workspace_of


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


@pytest.mark.parametrize(
    ("command", "named"),
    [("synth", ".venv/bin/python main.py"), ("deploy", ".venv/bin/python main.py or make plan ENV=prod TARGET=aws")],
)
def test_what_says_why_the_cli_failed_synthesizes_every_environment_as_the_cli_does(
    command: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan of one environment would succeed where the stack of another one fails."""
    failing = tmp_path / "cdktf"
    failing.write_text("#!/bin/sh\nexit 3\n")
    failing.chmod(0o755)
    monkeypatch.setattr(cdktf_cli, "CDKTF", str(failing))
    message = f"^cdktf {command} failed with status 3; if it does not say why, {named} does$"
    with pytest.raises(CommandError, match=message):
        cdktf_cli._cdktf(workspace_of(), command)  # pyright: ignore[reportPrivateUsage]
    assert (PROJECT_ROOT / cdktf_cli.APP.split()[-1]).exists()
