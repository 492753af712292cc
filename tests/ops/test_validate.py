"""The project's own names and script: the names are clean in strict mode, and broken ones are noticed."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from naming_validator.command import main

pytestmark = pytest.mark.slow

SOURCE = [str(PROJECT_ROOT / name) for name in ("main.py", "config", "constructs_lib", "stacks")]
CONVENTION = f"--convention={PROJECT_ROOT / 'naming.toml'}"
SCRIPT = str(PROJECT_ROOT / "scripts" / "validate_naming.py")


def paths(*names: str) -> list[str]:
    return [argument for name in names for argument in ("--path", name)]


def test_what_is_synthesized_and_its_source_are_clean(synthesized: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nine names an environment: two queues, a table, an index, two buckets and three alarms."""
    assert main([*paths(str(synthesized), *SOURCE), "--strict", CONVENTION]) == 0
    shown = capsys.readouterr()
    assert shown.out.startswith("37 names in 16 files checked (12 more not readable in source): 0 errors, 0 warnings")
    assert shown.err == ""


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
    assert main(["--path", str(tmp_path), "--strict", "--format", "json", CONVENTION]) == 1
    assert [each["rule"] for each in json.loads(capsys.readouterr().out)["findings"]] == [rule]


def synthesize(folder: Path, name: str) -> None:
    document = {"resource": {"aws_sqs_queue": {"q": {"name": name}}}}
    (folder / "cdk.tf.json").write_text(json.dumps(document, indent=1))


def test_the_script_needs_no_package_but_for_hcl(tmp_path: Path) -> None:
    """It has this project's convention, wherever what it checks is."""
    synthesize(tmp_path, "bad_name")
    (tmp_path / "a.tf").write_text('resource "aws_sqs_queue" "q" {}\n')
    command = (sys.executable, "-S", SCRIPT, "--path", ".")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    needs = "No module named 'hcl2'; this Python lacks a package that HCL needs: pip install python-hcl2"
    assert (done.returncode, done.stderr) == (2, f"a.tf: cannot be read: {needs}\n")
    assert "cdk.tf.json:5: warning [name-convention]" in done.stdout
    assert "the form is careervp-{feature}-{type}-{env}" in done.stdout


def test_the_script_loads_a_reader_only_for_its_files(tmp_path: Path) -> None:
    """Each takes longer to load than all else together, HCL's parser most."""
    synthesize(tmp_path, "careervp-vpr-jobs-queue-dev")
    command = (sys.executable, "-X", "importtime", SCRIPT, "--path", "cdk.tf.json", "--strict")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "1 name in 1 file checked: 0 errors, 0 warnings\n")
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "naming_validator.json_reader" in imported
    assert imported.isdisjoint({"hcl2", "lark", "naming_validator.python_reader", "cdktf", "config", "ops"})
