"""Shared fixtures: surroundings of their own, and the real app, synthesized once a session."""

import tests.settled  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: the shell is to have no say

# isort: split

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import ENVIRONMENTS, Checkout, make_checkout

pytest_plugins = ("tests.slow",)

LONGEST_FIRST = (
    *("dev", "deployed", "drifted", "prod", "stock", "deployer"),
    *("saved plan", "kept plans", "adopted", "flaky", "hardening", "undeployed", "browser", "interrupted"),
)
"""The groups of tests that take minutes, which several workers share out in this order; all others come after them.

A worker whose group is one test gets the next group with it: that of `dev`, the longest, is to be short.
"""

SNAPSHOTS = PROJECT_ROOT / ".cache" / "tests"
"""Of what was deployed for a test, for the next one; `make clean` removes it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes longest, so that no worker is left with it at the end."""

    def place(item: pytest.Item) -> int:
        mark = item.get_closest_marker("xdist_group")
        return LONGEST_FIRST.index(mark.args[0]) if mark and mark.args[0] in LONGEST_FIRST else len(LONGEST_FIRST)

    items.sort(key=place)


def run_app(output: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter on main.py, or on the arguments given, as a user would: into a folder of the test's own."""
    kept = {key: value for key, value in os.environ.items() if key not in {"ENV", "TARGET"}}
    silence = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    return subprocess.run(
        (sys.executable, *(arguments or ("main.py",))),
        cwd=PROJECT_ROOT,
        env={**kept, **silence, "CDKTF_OUTDIR": str(output), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="session")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder into which the real app was synthesized, with every environment."""
    output = tmp_path_factory.mktemp("cdktf.out")
    done = run_app(output)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return output


@pytest.fixture(scope="session")
def stacks(synthesized: Path) -> Mapping[str, dict[str, Any]]:
    """Return each environment's synthesized JSON."""
    return {
        environment: json.loads((synthesized / "stacks" / f"vpr-async-{environment}" / "cdk.tf.json").read_text())
        for environment in ENVIRONMENTS
    }


@pytest.fixture(scope="session")
def deployed_dev(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    """Return a checkout whose dev stack Terraform deployed to an emulator that runs until the session ends.

    Who uses it is in the xdist group "deployed" or "drifted", each of which has its own, and leaves it as it was.
    """
    with deployed(tmp_path_factory.mktemp("deployed")) as checkout:
        yield checkout


@contextmanager
def deployed(folder: Path) -> Generator[Checkout]:
    """Give a checkout in the folder whose dev stack Terraform deployed to an emulator that runs for the block.

    Not each time: it begins with the snapshot of an earlier one, if `make up` finds that the same stacks and versions
    made it. How Terraform deploys is the subject of journeys/test_life.py and test_up_again.py, which do not.
    """
    checkout = make_checkout(folder)
    try:
        with _deployed_before(checkout.path / ".emulator"):
            made = checkout.run("python", "-m", "ops", "up", ENV="dev")
        assert made.returncode == 0, made.stderr
        yield checkout
    finally:
        assert checkout.run("python", "-m", "ops", "down", ENV="dev").returncode == 0


@contextmanager
def _deployed_before(folder: Path) -> Generator[None]:
    """Put the kept snapshot into the folder of a checkout's emulators, and keep the one that is there after the block.

    One worker at a time, so that the others begin with what the first one has deployed.
    """
    SNAPSHOTS.mkdir(parents=True, exist_ok=True)
    with (SNAPSHOTS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _copy_snapshot(SNAPSHOTS, folder)
        yield
        _copy_snapshot(folder, SNAPSHOTS)


def _copy_snapshot(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    # The record last: a snapshot without one is not used.
    for name in ("dev.snapshot", "dev.snapshot.json"):
        if (source / name).exists():
            shutil.copy(source / name, target / name)
