"""The app's run, which may begin before anybody asks how it ended."""

import sys
from pathlib import Path

import pytest

from config.request import read_request
from ops import synthesis

APP = """#!/bin/sh
echo "$ENV" >> {runs}
echo "$2 of $ENV"
exit 3
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file in which each run of the app, which is no app here, leaves its environment."""
    file, interpreter = tmp_path / "runs", tmp_path / "python"
    file.touch()
    interpreter.write_text(APP.format(runs=file))
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    return file


def test_what_was_begun_is_what_is_asked_for_and_only_once(runs: Path) -> None:
    synthesis.begin(read_request({"ENV": "prod"}))
    assert synthesis.is_begun()
    with synthesis.run({"ENV": "staging"}) as first:
        assert (first.done.returncode, first.done.stdout) == (3, "main.py of prod\n")
    assert not synthesis.is_begun()
    with synthesis.run({"ENV": "staging"}) as second:
        assert second.done.stdout == "main.py of staging\n"
    assert runs.read_text().split() == ["prod", "staging"]


def test_nothing_is_begun_on_aws_where_the_credentials_may_be_refused(runs: Path) -> None:
    synthesis.begin(read_request({"TARGET": "aws", "ENV": "prod"}))
    synthesis.end()
    assert runs.read_text() == ""


def test_what_nobody_asked_for_has_ended_when_the_command_ends(runs: Path) -> None:
    synthesis.begin(read_request({}))
    synthesis.end()
    assert runs.read_text().split() == ["dev"]
