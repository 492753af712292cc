"""Python environments as set-up makes them."""

import os
import subprocess
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
