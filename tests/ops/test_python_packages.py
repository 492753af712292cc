"""Python environments as set-up makes them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops import python_packages


def test_an_environment_that_is_not_in_its_place_yet_can_synthesize(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that jsii unpacks its packages during set-up, and not while somebody waits for the first plan."""
    ended: list[subprocess.CompletedProcess[str]] = []

    def run(*asked: Any, **named: Any) -> None:
        ended.append(real(*asked, **named))

    real = python_packages.run
    monkeypatch.setattr(python_packages, "run", run)
    warm = python_packages._warm  # pyright: ignore[reportPrivateUsage] - a whole installation needs a network
    # Not by its link, as whose Python it would be in its place.
    warm(python_packages.VENV.resolve(), {key: os.environ[key] for key in ("HOME", "PATH")})
    assert [done.returncode for done in ended] == [0], ended[0].stderr


def test_set_up_starts_no_python_to_see_that_its_own_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs in the environment's, which each command waited for a second time."""

    def run(*_: Any, **__: Any) -> None:
        pytest.fail("a Python was started")

    monkeypatch.setattr(sys, "executable", str(python_packages.VENV / "bin" / "python"))
    monkeypatch.setattr(subprocess, "run", run)
    assert fault(python_packages.VENV.resolve()) == ""


def test_set_up_starts_the_python_of_any_other_folder(tmp_path: Path) -> None:
    """As of the one that a change of branches goes back to, whose Python may be gone since."""
    assert fault(tmp_path) == "the Python of .venv does not start any more"


def fault(folder: Path) -> str:
    """Return why an environment's folder cannot be used, or nothing."""
    found = python_packages.python_part("p", "python", python_packages.VENV, {}, {"PATH": ""}).fault
    return found(folder)
