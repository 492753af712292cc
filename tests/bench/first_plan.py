"""Seconds and bytes of the first `make plan` of a fresh clone, beside those of an earlier commit."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from ops.progress import say
from tests.bench.installed import BenchError
from tests.bench.measure import measure
from tests.checkout import plain_variables

BEFORE = "d0edfa3"
"""The last commit at which pip installed, before each command, all that a developer needs."""
PAIRS = 3
CACHES = ("JSII_RUNTIME_", "PIP_CACHE_DIR", "TF_PLUGIN_CACHE_DIR", "UV_CACHE_DIR", "XDG_", "npm_config_cache")
"""Variables that name a place outside of the home directory, which is not empty."""


def measure_first_plan() -> dict[str, Any]:
    """Return, by commit, what each first plan took and left: the earlier commit's and this one's, by turns.

    Each has a clone and a home directory of its own, which is empty. Raises BenchError.
    """
    commits = (_commit(BEFORE), _commit("HEAD"))
    found: dict[str, dict[str, list[float]]] = {
        commit: {"wall_seconds": [], "cpu_seconds": [], "megabytes": []} for commit in commits
    }
    # All are removed at the end, as for the synthesis.
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        for number in range(1, PAIRS + 1):
            for commit in commits:
                for quantity, value in _first_plan(Path(directory, f"{number}-{commit}"), commit).items():
                    found[commit][quantity].append(value)
            last = ", ".join(f"{commit} {took['wall_seconds'][-1]:.0f}" for commit, took in found.items())
            say(f"first-plan: pair {number} of {PAIRS}, seconds: {last}")
    return found


def _first_plan(folder: Path, commit: str) -> dict[str, float]:
    clone, home = folder / "clone", folder / "home"
    home.mkdir(parents=True)
    # Without the history, which is nobody's choice of what to install.
    _git("clone", "--quiet", "--shared", "--no-checkout", str(PROJECT_ROOT), str(clone))
    _git("-C", str(clone), "checkout", "--quiet", "--detach", commit)
    variables = {key: value for key, value in plain_variables().items() if not key.startswith(CACHES)}
    took = measure(("make", "plan"), {**variables, "HOME": str(home)}, clone)
    # Together, so that a file that is linked from one into the other counts once.
    used = subprocess.run(
        ("du", "--summarize", "--total", "--block-size=1", str(clone), str(home)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {
        "wall_seconds": round(took.wall_seconds, 1),
        "cpu_seconds": round(took.cpu_seconds, 1),
        "megabytes": round(int(used.splitlines()[-1].split()[0]) / 1e6),
    }


def _commit(name: str) -> str:
    try:
        return _git("rev-parse", "--quiet", "--short=7", "--verify", f"{name}^{{commit}}").strip()
    except BenchError as error:
        message = f"first-plan: this clone has no commit {name}; git fetch --unshallow brings the whole history"
        raise BenchError(message) from error


def _git(*arguments: str) -> str:
    done = subprocess.run(("git", *arguments), cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        message = f"first-plan: git {arguments[0]}: {done.stderr.strip()[-500:]}"
        raise BenchError(message)
    return done.stdout
