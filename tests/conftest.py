"""What all tests share: the real app, synthesized once a session."""

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT

ENVIRONMENTS = ("dev", "staging", "prod")


def app_variables(output: Path) -> dict[str, str]:
    """Return the process environment in which main.py synthesizes everything into a folder."""
    kept = {key: value for key, value in os.environ.items() if key not in {"ENV", "TARGET"}}
    return {**kept, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20", "CDKTF_OUTDIR": str(output)}


def run_app(output: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run main.py as a user would, into a folder of the test's own."""
    return subprocess.run(
        (sys.executable, "main.py"),
        cwd=PROJECT_ROOT,
        env={**app_variables(output), **variables},
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
