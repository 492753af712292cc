"""plan-review alone: installed in an empty environment, it judges every golden plan as the project does."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from tests.packages.installed import Installed

from golden_plans import PLANS, content

pytestmark = pytest.mark.xdist_group("packages")
NOTHING, SAFE, CREATES, STATE, CHANGES = "nothing to do", "safe", "only creates", "state only", "changes"
DELETES, DANGER, STOPPED = "deletes (no data)", "DANGER", "STOPPED"
JUDGED = {
    "first-deploy": ("staging", 0, CREATES),
    "state-backend": ("staging", 0, SAFE),
    "no-change": ("prod", 0, NOTHING),
    "visibility": ("prod", 0, CHANGES),
    "key-schema": ("prod", 1, STOPPED),
    "key-schema-dev": ("dev", 0, DANGER),
    "bucket-renamed": ("prod", 1, STOPPED),
    "bucket-renamed-dev": ("dev", 0, DANGER),
    "lifecycle": ("prod", 1, STOPPED),
    "index-removed": ("prod", 1, STOPPED),
    "policy-widened": ("prod", 1, STOPPED),
    "policy-reordered": ("prod", 0, NOTHING),
    "policy-rewritten": ("prod", 0, CHANGES),
    "tag": ("prod", 0, CHANGES),
    "alarm-removed": ("prod", 0, DELETES),
    "drift": ("prod", 0, CHANGES),
    "import": ("prod", 0, STATE),
    "destroy": ("prod", 1, STOPPED),
    "destroy-dev": ("dev", 0, DANGER),
}
"""The environment, the exit status and the verdict."""


def test_every_golden_plan_is_judged() -> None:
    assert {path.name.removesuffix(".json.gz") for path in PLANS.iterdir()} == set(JUDGED)


@pytest.mark.parametrize("name", JUDGED)
def test_a_plan_has_the_same_verdict_and_status_as_inside(
    name: str, installed: Callable[[str], Installed], tmp_path: Path
) -> None:
    environment, status, verdict = JUDGED[name]
    (tmp_path / "plan.json").write_bytes(content(name))
    rules = str(PROJECT_ROOT / "review.toml")
    options = ("--rules", rules, "--environment", environment, *(["--retains-data"] * (environment != "dev")))
    done = installed("plan-review").run("plan-review", "plan.json", *options, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (status, "")
    review = json.loads((tmp_path / "review.json").read_text())
    assert (review["verdict"], review["environment"]) == (verdict, environment)
    assert f"{verdict}: " in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"plan.json", "review.md", "review.html", "review.json"}


def test_it_needs_neither_boto3_nor_cdktf(installed: Callable[[str], Installed]) -> None:
    names = ("boto3", "botocore", "cdktf", "jsii", "plan_review")
    found = installed("plan-review").run(
        "python", "-c", f"from importlib.util import find_spec; print([name for name in {names} if find_spec(name)])"
    )
    assert (found.stdout, found.stderr) == ("['plan_review']\n", "")


def test_its_schema_is_printed(installed: Callable[[str], Installed]) -> None:
    done = installed("plan-review").run("python", "-m", "plan_review.schema")
    assert json.loads(done.stdout)["required"][:3] == ["version", "exit_status", "blocked"]
