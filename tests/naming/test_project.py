"""The project's own names: clean in strict mode, and seen to be looked at; broken ones are noticed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from ops.naming.command import main
from tests.naming.run import findings, write

SOURCE = [str(PROJECT_ROOT / name) for name in ("main.py", "config", "constructs_lib", "stacks")]


def paths(*names: str) -> list[str]:
    return [argument for name in names for argument in ("--path", name)]


def test_what_is_synthesized_and_its_source_are_clean(synthesized: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nine names an environment: two queues, a table, an index, two buckets and three alarms."""
    assert main([*paths(str(synthesized), *SOURCE), "--strict"]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("36 names in 11 files checked (11 more not readable in source): 0 errors, 0 warnings")
    assert shown.err == ""


def test_another_projects_convention_is_that_table_alone(tmp_path: Path) -> None:
    """Other environments, and the environment first."""
    shutil.copytree(PROJECT_ROOT / "ops" / "naming", tmp_path / "ops" / "naming")
    shutil.copytree(PROJECT_ROOT / "config", tmp_path / "config")
    table = tmp_path / "ops" / "naming" / "convention.py"
    text = table.read_text()
    for ours, theirs in (
        ('PROJECT = "careervp"', 'PROJECT = "shop"'),
        ('"dev": ("develop", "development", "devel", "devs")', '"test": ("testing",)'),
        ('"{project}-{feature}-{type}-{env}"', '"{env}.{project}.{feature}.{type}"'),
        ("forms=(BUCKET, STATE_BUCKET)", 'types=("store",)'),
    ):
        assert text.count(ours) == 1
        text = text.replace(ours, theirs)
    table.write_text(text)
    names = ("test.shop.orders.table", "shop.test.orders.table", "testing.shop.orders.table", "orders")
    tables = {f"T{index}": {"name": name} for index, name in enumerate(names)}
    buckets = {"B": {"bucket": "test.shop.orders.store"}}
    write(tmp_path, {"shop-test/cdk.tf.json": {"resource": {"aws_dynamodb_table": tables, "aws_s3_bucket": buckets}}})
    run = "import sys; from ops.naming.command import main; sys.exit(main())"
    command = (sys.executable, "-c", run, "--path", "shop-test", "--strict", "--format", "json")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert [(each["name"], each["rule"], each["suggestion"]) for each in json.loads(done.stdout)["findings"]] == [
        ("shop.test.orders.table", "name-convention", "test.shop.orders.table"),
        ("testing.shop.orders.table", "name-environment", "test.shop.orders.table"),
        ("orders", "name-convention", "test.shop.orders.table"),
    ]


def rename(type_: str, key: str, new: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        next(iter(document["resource"][type_].values()))[key] = new

    return change


def forget(type_: str, key: str) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        del next(iter(document["resource"][type_].values()))[key]

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (rename("aws_s3_bucket", "bucket", "careervp-dev-vpr-results-us-east-1-${toke"), "name-token"),
        (rename("aws_s3_bucket", "bucket", "careervp-dev-vpr-results-us-east-2-f6121f"), "name-region"),
        (rename("aws_sqs_queue", "name", "careervp-vpr-jobs-dlq-prod"), "name-environment"),
        (rename("aws_sqs_queue", "name", "careervp-vpr-jobs-queue-dev"), "name-duplicate"),
        (rename("aws_cloudwatch_metric_alarm", "alarm_name", "careervp-vpr-queue-depth-alarm-dev"), "name-duplicate"),
        (rename("aws_dynamodb_table", "name", "careervp-jobs-dev"), "name-convention"),
        (forget("aws_sqs_queue", "name"), "name-missing"),
        (forget("aws_dynamodb_table", "name"), "name-missing"),
    ],
)
def test_one_wrong_name_in_a_stack_is_found(
    change: Callable[[dict[str, Any]], None],
    rule: str,
    stacks: dict[str, dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for environment, document in stacks.items():
        copy = json.loads(json.dumps(document))
        if environment == "dev":
            change(copy)
        folder = tmp_path / "stacks" / f"vpr-async-{environment}"
        folder.mkdir(parents=True)
        (folder / "cdk.tf.json").write_text(json.dumps(copy, indent=2))
    assert [each[2] for each in findings(tmp_path, capsys)] == [rule]
