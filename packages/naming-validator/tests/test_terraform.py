"""Terraform's own forms: HCL, JSON configuration, plans; and names that several resources share."""

from pathlib import Path
from typing import Any

import pytest

from naming_run import findings, write

HCL = """\
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111111111111"]
}
provider "aws" {
  alias  = "west"
  region = "us-west-2"
}
resource "aws_sqs_queue" "good" {
  name = "acmecorp-rpt-jobs-queue-${var.environment}"
}
resource "aws_sqs_queue" "bad" {
  # A comment.
  name = "acmecorp_${var.environment}_queue"
}
resource "aws_sqs_queue" "untold" { name = var.name }
resource "aws_sqs_queue" "unnamed" {}
resource "aws_sqs_queue" "begun" {
  name_prefix = "acmecorp-rpt-jobs-queue-"
}
resource "aws_dynamodb_table" "table" {
  name = "${local.prefix}-table-${var.env}"
  global_secondary_index {
    name = "idempotency-key-index"
  }
  global_secondary_index {
    name = "idempotency key"
  }
}
resource "aws_s3_bucket" "here" {
  bucket = "acmecorp-prod-rpt-results-us-west-2-0a1b2c"
}
resource "aws_s3_bucket" "there" {
  provider = aws.west
  bucket   = "acmecorp-prod-rpt-results-us-west-2-ffffff"
}
resource "aws_s3_bucket" "unknown" {
  bucket = "acmecorp-${terraform.workspace}-rpt-results-us-east-1-${random_id.x.hex}"
}
resource "aws_s3_bucket" "cut" {
  bucket = "acmecorp-prod-rpt-results-us-east-1-tftoken[t"
}
resource "aws_sqs_queue" "escaped" { name = "acmecorp-rpt-$${x}-queue-prod" }
data "aws_sqs_queue" "other" { name = "not ours" }
module "other" { name = "not ours" }
"""


def test_hcl_is_judged_by_its_blocks_with_their_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"prod/main.tf": HCL})
    assert findings(tmp_path, capsys) == [
        ("prod/main.tf", 14, "name-convention", "aws_sqs_queue.bad"),
        ("prod/main.tf", 17, "name-missing", "aws_sqs_queue.unnamed"),
        ("prod/main.tf", 19, "name-missing", "aws_sqs_queue.begun"),
        ("prod/main.tf", 27, "name-alphabet", "aws_dynamodb_table.table.global_secondary_index[1]"),
        ("prod/main.tf", 31, "name-region", "aws_s3_bucket.here"),
        ("prod/main.tf", 41, "name-token", "aws_s3_bucket.cut"),
        ("prod/main.tf", 43, "name-token", "aws_sqs_queue.escaped"),
    ]


def test_an_interpolation_is_legal_in_configuration_and_a_token_in_what_was_synthesized(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queue = {"resource": [{"aws_sqs_queue": {"q": [{"name": "acmecorp-rpt-jobs-queue-${var.environment}"}]}}]}
    write(tmp_path, {"hand/main.tf.json": queue, "stacks/rpt-dev/cdk.tf.json": queue})
    assert findings(tmp_path, capsys) == [("stacks/rpt-dev/cdk.tf.json", 7, "name-token", "aws_sqs_queue.q")]


def planned(address: str, type_: str, **values: Any) -> dict[str, Any]:
    return {"address": address, "mode": "managed", "type": type_, "values": values}


def test_a_plan_is_judged_by_what_it_would_make(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Root and nested modules, count and for_each; but no data, and nothing that goes."""
    plan = {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {
                "resources": [
                    planned("aws_sqs_queue.a[0]", "aws_sqs_queue", name="acmecorp-rpt-jobs-queue-prod"),
                    planned("aws_sqs_queue.a[1]", "aws_sqs_queue", name="acmecorp-rpt-jobs-queue-prod"),
                    planned("aws_sqs_queue.b", "aws_sqs_queue", fifo_queue=False),
                    {**planned("data.aws_sqs_queue.d", "aws_sqs_queue", name="not ours"), "mode": "data"},
                ],
                "child_modules": [
                    {
                        "child_modules": [
                            {
                                "resources": [
                                    planned('module.m["x"].aws_sns_topic.t["y"]', "aws_sns_topic", name="Topic"),
                                    planned(
                                        "module.m.aws_dynamodb_table.t",
                                        "aws_dynamodb_table",
                                        name="acmecorp-jobs-table-prod",
                                        global_secondary_index=[{"name": "a-index"}, {"name": "a-index"}],
                                    ),
                                    planned(
                                        "module.m.aws_s3_bucket.b",
                                        "aws_s3_bucket",
                                        bucket="acmecorp-prod-rpt-results-eu-west-1-0a1b2c",
                                    ),
                                ]
                            }
                        ]
                    }
                ],
            }
        },
        "resource_changes": [{"address": "aws_sqs_queue.gone", "change": {"actions": ["delete"], "after": None}}],
        "configuration": {
            "provider_config": {"aws": {"expressions": {"region": {"constant_value": "us-east-1"}}}},
        },
    }
    write(tmp_path, {"rpt-async-prod/plan.json": plan})
    assert [each[2:] for each in findings(tmp_path, capsys)] == [
        ("name-duplicate", "aws_sqs_queue.a[1]"),
        ("name-missing", "aws_sqs_queue.b"),
        ("name-convention", 'module.m["x"].aws_sns_topic.t["y"]'),
        ("name-duplicate", "module.m.aws_dynamodb_table.t.global_secondary_index[1]"),
        ("name-region", "module.m.aws_s3_bucket.b"),
    ]


def stack(name: str, resources: dict[str, Any], *, account: str = "111111111111", region: str = "us-east-1") -> Any:
    provider = {"region": region, "allowed_account_ids": [account]}
    return {"//": {"metadata": {"stackName": name}}, "provider": {"aws": [provider]}, "resource": resources}


QUEUE = {"aws_sqs_queue": {"Q": {"name": "acmecorp-rpt-jobs-queue-dev"}}}
BUCKET = {"aws_s3_bucket": {"B": {"bucket": "acmecorp-terraform-state-dev-111111111111"}}}
ROLE = {"aws_iam_role": {"R": {"name": "acmecorp-rpt-worker-role-dev"}}}


@pytest.mark.parametrize(
    ("resources", "other", "expected"),
    [
        (QUEUE, {}, ["name-duplicate"]),
        (QUEUE, {"region": "eu-west-1"}, []),
        (QUEUE, {"account": "222222222222"}, []),
        (ROLE, {"region": "eu-west-1"}, ["name-duplicate"]),
        (ROLE, {"account": "222222222222"}, []),
        (BUCKET, {}, ["name-duplicate"]),
        (BUCKET, {"account": "222222222222"}, ["name-account", "name-duplicate"]),
    ],
)
def test_a_name_is_unique_where_its_service_demands_it(
    resources: dict[str, Any],
    other: dict[str, str],
    expected: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = stack("a-dev", resources), stack("b-dev", resources, **other)
    write(tmp_path, {"stacks/a-dev/cdk.tf.json": first, "stacks/b-dev/cdk.tf.json": second})
    assert [each[2] for each in findings(tmp_path, capsys)] == expected


def test_iam_names_that_differ_in_case_alone_are_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Queues' names that do are two, and all that is wrong is the convention."""
    shouted = {
        "aws_iam_role": {"S": {"name": "Acmecorp-rpt-worker-role-dev"}},
        "aws_sqs_queue": {"S": {"name": "Acmecorp-rpt-jobs-queue-dev"}},
    }
    both = {key: {**{**QUEUE, **ROLE}[key], **shouted[key]} for key in shouted}
    write(tmp_path, {"a-dev/cdk.tf.json": stack("a-dev", both)})
    found = [each[2:] for each in findings(tmp_path, capsys)]
    assert [each for each in found if each[0] == "name-duplicate"] == [("name-duplicate", "aws_iam_role.S")]
    assert len(found) == 3


def test_the_same_stack_as_json_and_as_plan_is_no_duplicate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = planned("aws_sqs_queue.Q", "aws_sqs_queue", name="acmecorp-rpt-jobs-queue-dev")
    expressions = {
        "allowed_account_ids": {"constant_value": ["111111111111"]},
        "region": {"constant_value": "us-east-1"},
    }
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [values]}},
        "configuration": {"provider_config": {"aws": {"expressions": expressions}}},
    }
    write(tmp_path, {"stacks/a-dev/cdk.tf.json": stack("a-dev", QUEUE), "plans/a-dev/plan.json": plan})
    assert findings(tmp_path, capsys) == []
    write(tmp_path, {"plans/b-dev/plan.json": plan})
    assert [each[2] for each in findings(tmp_path, capsys)] == ["name-duplicate"]


def test_expressions_that_are_no_block_give_a_provider_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [planned("aws_sqs_queue.Q", "aws_sqs_queue", name="x")]}},
        "configuration": {"provider_config": {"aws": {"expressions": ["us-east-1"]}}},
    }
    write(tmp_path, {"plans/a-dev/plan.json": plan})
    assert [each[2] for each in findings(tmp_path, capsys)] == ["name-convention"]
