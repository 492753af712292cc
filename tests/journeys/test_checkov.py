"""checkov on every stack and environment, and on plans of them: nothing but what is excepted."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from aws_emulator import temporary
from config.request import PROJECT_ROOT
from ops.supply_chain.harden import EXCEPTIONS, Result, findings, load_exceptions, scan
from tests.checkout import Checkout, make_checkout

PLANNED = {"vpr-async-dev": "111111111111", "vpr-async-prod": "333333333333", "state-backend-prod": "333333333333"}
"""The stacks that are planned too, in their accounts: what is retained and what is not, and dev with its topic."""
pytestmark = pytest.mark.xdist_group("hardening")
LOCAL = {"terraform": {"backend": {"local": {"path": "terraform.tfstate"}}}}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Return the JSON of each stack, and of the plans that create some; dev has what only some settings bring."""
    checkout = make_checkout(tmp_path_factory.mktemp("hardening"))
    settings = checkout.path / "environments" / "dev.toml"
    settings.write_text(
        settings.read_text()
        .replace("[vpr_async.alarms]", '[vpr_async.alarms]\nemails = ["ops@example.com"]')
        .replace("# wire = false", "wire = true")
        .replace("# dashboard = false", "dashboard = true")
    )
    done = checkout.run("python", "-O", "main.py")
    assert done.returncode == 0, done.stderr
    stacks = checkout.path / "cdktf.out" / "stacks"
    for stack, account in PLANNED.items():
        with temporary(account) as aws:
            plan(checkout, stacks / stack, aws.terraform_environment({}, "us-east-1"))
    return sorted([*stacks.glob("*/cdk.tf.json"), *stacks.glob("*/plan.json")])


def plan(checkout: Checkout, folder: Path, reach: dict[str, str]) -> None:
    """Leave the stack's first plan beside it: there is no state yet."""
    (folder / "backend_override.tf.json").write_text(json.dumps(LOCAL))
    saved = str(folder / "tfplan")
    for command in (("init", "-input=false", "-lockfile=readonly"), ("plan", "-input=false", f"-out={saved}")):
        done = checkout.terraform(folder, *command, **reach)
        assert done.returncode == 0, done.stderr
    shown = checkout.terraform(folder, "show", "-json", saved, **reach)
    (folder / "plan.json").write_text(shown.stdout)


@pytest.fixture(scope="module")
def results(files: Sequence[Path]) -> list[Result]:
    assert len(files) == 6 + len(PLANNED) == 9
    return scan(files, os.environ)


def test_nothing_fails_that_is_not_excepted_and_nothing_is_excepted_in_vain(results: list[Result]) -> None:
    exceptions = load_exceptions(EXCEPTIONS)
    assert list(findings(results, exceptions)) == []
    # Also of what only some settings have: dev has a topic here.
    for each in exceptions:
        assert any(result.failed and result.check == each.check for result in results), each


def test_every_resource_that_checkov_has_checks_for_was_judged(results: list[Result]) -> None:
    judged = Counter(result.where for result in results if "/aws_" in result.where)
    # In its plan too, which staging's, that is not planned, shows.
    twice = [where for where in judged if judged[where] > judged[where.replace("-prod/", "-staging/")]]
    assert len(twice) == sum("-prod/" in where for where in judged) == 19
    assert Counter(where.split("/")[1].split(".")[0] for where in judged) == {
        "aws_cloudwatch_log_group": 1,
        "aws_cloudwatch_metric_alarm": 9,
        "aws_dynamodb_table": 3,
        "aws_iam_policy": 9,
        "aws_s3_bucket": 6,
        "aws_s3_bucket_lifecycle_configuration": 6,
        "aws_s3_bucket_ownership_controls": 6,
        "aws_s3_bucket_policy": 6,
        "aws_s3_bucket_public_access_block": 6,
        "aws_sns_topic": 1,
        "aws_sqs_queue": 6,
    }


def test_a_weakened_stack_fails(files: Sequence[Path], tmp_path: Path) -> None:
    """A queue without encryption, as checkov sees it."""
    stack = tmp_path / "vpr-async-dev" / "cdk.tf.json"
    stack.parent.mkdir()
    shutil.copyfile(next(file for file in files if file.parent.name == "vpr-async-dev"), stack)
    content = json.loads(stack.read_text())
    content["resource"]["aws_sqs_queue"]["Jobs_Queue_57E451F9"]["sqs_managed_sse_enabled"] = False
    stack.write_text(json.dumps(content))
    weak = {
        each.check for each in scan([stack], os.environ) if each.failed and each.where.endswith("Jobs_Queue_57E451F9")
    }
    assert "CKV_AWS_27" in weak


ORDERS = {
    # Customers' keys: each service encrypts with its own, and a key is paid for and to be granted.
    ("CKV_AWS_119", "aws_dynamodb_table.Table_4C2D914F"),
    ("CKV_AWS_145", "aws_s3_bucket.Archive_Bucket_DB32D495"),
    ("CKV_AWS_158", "aws_cloudwatch_log_group.WorkerLogs_E0A15BCF"),
    # The feature's own choice: no versions, no copy elsewhere, no log of accesses, no notifications, a month of logs.
    ("CKV_AWS_21", "aws_s3_bucket.Archive_Bucket_DB32D495"),
    ("CKV_AWS_144", "aws_s3_bucket.Archive_Bucket_DB32D495"),
    ("CKV_AWS_18", "aws_s3_bucket.Archive_Bucket_DB32D495"),
    ("CKV2_AWS_62", "aws_s3_bucket.Archive_Bucket_DB32D495"),
    ("CKV_AWS_338", "aws_cloudwatch_log_group.WorkerLogs_E0A15BCF"),
}


def test_of_a_feature_of_every_construct_checkov_finds_what_is_written_here_and_nothing_else(tmp_path: Path) -> None:
    program = PROJECT_ROOT / "tests" / "bench" / "peers" / "orders.py"
    sources = [PROJECT_ROOT, *(PROJECT_ROOT / "packages" / name / "src" for name in ("cdktf-lean", "check-report"))]
    variables = {"PYTHONPATH": os.pathsep.join(map(str, sources)), "CDKTF_OUTDIR": str(tmp_path)}
    subprocess.run((sys.executable, "-O", str(program)), env={**os.environ, **variables}, check=True, cwd=PROJECT_ROOT)
    results = scan([tmp_path / "stacks" / "orders-dev" / "cdk.tf.json"], os.environ)
    assert {(each.check, each.where.split("/")[1]) for each in results if each.failed} == ORDERS
    assert {each.where.split("/")[1].split(".")[0] for each in results} >= {
        "aws_kms_key",
        "aws_sns_topic",
        "aws_sqs_queue",
    }
