"""The app's run, which may begin before anybody asks how it ended."""

import os
import subprocess
import sys
from collections.abc import Iterator
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
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield the file in which each run of the app, which is no app here, leaves its environment."""
    file, interpreter = tmp_path / "runs", tmp_path / "python"
    file.touch()
    interpreter.write_text(APP.format(runs=file))
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    yield file
    synthesis.end()


def test_what_was_begun_is_what_a_command_asks_for_and_it_runs_once(runs: Path) -> None:
    synthesis.begin(read_request({"ENV": "prod"}))
    assert synthesis.is_begun()
    first = synthesis.run({"ENV": "prod"})
    assert (first.done.returncode, first.done.stdout) == (3, "main.py of prod\n")
    assert not synthesis.is_begun()
    assert synthesis.run({"ENV": "prod", "TF_DATA_DIR": "another stack's"}) is first
    assert runs.read_text().split() == ["prod"]


def test_the_next_command_runs_the_app_again_and_what_it_wrote_is_removed(runs: Path) -> None:
    first = synthesis.run({"ENV": "staging"})
    first.folder.mkdir(parents=True)
    synthesis.end()
    assert not first.folder.exists()
    assert synthesis.run({"ENV": "staging"}) is not first
    assert runs.read_text().split() == ["staging", "staging"]


def test_nothing_is_begun_on_aws_where_the_credentials_may_be_refused(runs: Path) -> None:
    synthesis.begin(read_request({"TARGET": "aws", "ENV": "prod"}))
    synthesis.end()
    assert runs.read_text() == ""


def test_what_nobody_asked_for_has_ended_when_the_command_ends(runs: Path) -> None:
    synthesis.begin(read_request({}))
    synthesis.end()
    assert runs.read_text().split() == ["dev"]


def test_the_folders_of_processes_that_were_killed_are_removed_and_no_others(
    runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runs.read_text() == ""
    monkeypatch.setattr(synthesis, "_FOLDERS", tmp_path / "synthesis")
    ended = subprocess.Popen(("true",))
    ended.wait()
    gone, living = (tmp_path / "synthesis" / str(pid) for pid in (ended.pid, os.getppid()))
    gone.mkdir(parents=True)
    living.mkdir()
    synthesis.run({"ENV": "dev"})
    synthesis.end()
    assert not gone.exists()
    assert living.exists()
