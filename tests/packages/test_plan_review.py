"""plan-review alone: installed in an empty environment, it judges every golden plan as the project does."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from tests.surroundings import HANG_SECONDS

from golden_plans import PLANS, content

pytestmark = pytest.mark.xdist_group("packages")
NOTHING, CREATES, CHANGES = "nothing to do", "safe: only creates", "changes in place"
DANGER = "DANGER: would delete or replace data"
JUDGED = {
    "first-deploy": ("staging", 0, CREATES),
    "state-backend": ("staging", 0, CREATES),
    "no-change": ("prod", 0, NOTHING),
    "visibility": ("prod", 0, CHANGES),
    "key-schema": ("prod", 1, DANGER),
    "key-schema-dev": ("dev", 0, DANGER),
    "bucket-renamed": ("prod", 1, DANGER),
    "bucket-renamed-dev": ("dev", 0, DANGER),
    "lifecycle": ("prod", 1, DANGER),
    "index-removed": ("prod", 1, CHANGES),
    "policy-widened": ("prod", 1, CHANGES),
    "policy-reordered": ("prod", 0, NOTHING),
    "policy-rewritten": ("prod", 0, CHANGES),
    "tag": ("prod", 0, CHANGES),
    "alarm-removed": ("prod", 0, CHANGES),
    "drift": ("prod", 0, CHANGES),
    "import": ("prod", 0, CHANGES),
    "destroy": ("prod", 1, DANGER),
    "destroy-dev": ("dev", 0, DANGER),
}
"""The environment, the exit status and the verdict."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of an empty environment in which the package is installed."""
    folder = tmp_path_factory.mktemp("environment")
    for command in (
        (sys.executable, "-m", "venv", str(folder)),
        (str(folder / "bin" / "pip"), "install", "--quiet", str(PROJECT_ROOT / "packages" / "plan-review")),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
        assert done.returncode == 0, done.stderr
    return folder / "bin"


def test_every_golden_plan_is_judged() -> None:
    assert {path.name.removesuffix(".json.gz") for path in PLANS.iterdir()} == set(JUDGED)


@pytest.mark.parametrize("name", JUDGED)
def test_a_plan_has_the_same_verdict_and_status_as_inside(name: str, programs: Path, tmp_path: Path) -> None:
    environment, status, verdict = JUDGED[name]
    (tmp_path / "plan.json").write_bytes(content(name))
    rules = str(PROJECT_ROOT / "review.toml")
    options = ("--rules", rules, "--environment", environment, *(["--retains-data"] * (environment != "dev")))
    done = subprocess.run(
        (str(programs / "plan-review"), "plan.json", *options),
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )
    review = json.loads((tmp_path / "review.json").read_text())
    assert (done.returncode, done.stderr, review["verdict"]) == (status, "", verdict)
    assert review["environment"] == environment
    assert done.stdout.startswith(f"plan.json: {verdict}")
    assert {path.name for path in tmp_path.iterdir()} == {"plan.json", "review.md", "review.html", "review.json"}


def test_the_environment_has_neither_boto3_nor_cdktf(programs: Path) -> None:
    done = subprocess.run((str(programs / "pip"), "list"), capture_output=True, text=True, check=True)
    found = {line.split()[0].lower() for line in done.stdout.splitlines() if line}
    assert "plan-review" in found
    assert found & {"boto3", "botocore", "cdktf", "jsii", "attrs"} == set()


def test_its_schema_is_printed(programs: Path) -> None:
    done = subprocess.run(
        (str(programs / "python"), "-m", "plan_review.schema"), capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["required"][:3] == ["version", "exit_status", "blocked"]
