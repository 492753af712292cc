"""Runs programs in a fresh interpreter: what is tested happens once per process."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from fake_provider import write_fake_provider
from lean_programs import SOURCE, Result, Run


@pytest.fixture(scope="session")
def fake_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory holding the fake provider."""
    return write_fake_provider(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def run(fake_site: Path) -> Run:
    """Run a program that can import the checkout and the fake provider."""

    def run_(*arguments: str, **environment: str) -> Result:
        path = os.pathsep.join([str(SOURCE), str(fake_site)])
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Result(done.returncode, done.stdout, done.stderr)

    return run_


@pytest.fixture(scope="session")
def run_fake(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run like `run`, with a package cache of the tests' own: fakes must not reach the user's."""
    return partial(run, JSII_RUNTIME_PACKAGE_CACHE_ROOT=str(tmp_path_factory.mktemp("cache")))
