"""Providers: a plan and a configuration deploy to as many accounts and regions as they have providers."""

from pathlib import Path
from typing import Any

import pytest

from naming_run import findings, write

NAME = "acmecorp-rpt-jobs-queue-dev"
ROLE = "acmecorp-rpt-worker-role-dev"


def constant(**values: Any) -> dict[str, Any]:
    return {"expressions": {key: {"constant_value": value} for key, value in values.items()}}


def planned(address: str, **values: Any) -> dict[str, Any]:
    type_, label = address.split(".")[-2:]
    return {"address": address, "mode": "managed", "type": type_, "name": label, "values": values}


def configured(key: str, *addresses: str) -> list[dict[str, Any]]:
    return [{"address": address, "mode": "managed", "provider_config_key": key} for address in addresses]


def plan(
    providers: dict[str, Any], root: dict[str, Any], planned_root: dict[str, Any], **more: Any
) -> dict[str, dict[str, Any]]:
    """Return a plan's file: its providers, its root module as configured and as planned."""
    document = {
        "format_version": "1.2",
        "configuration": {"provider_config": providers, "root_module": root},
        "planned_values": {"root_module": planned_root},
        **more,
    }
    return {"rpt-dev/plan.json": document}


EAST = constant(region="us-east-1", allowed_account_ids=["111111111111"])
WEST = constant(region="us-west-2", allowed_account_ids=["111111111111"])
TWO = {"aws": EAST, "aws.west": WEST}


def test_each_resource_of_a_plan_is_where_its_provider_deploys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two regions may have the same name, and a name must say its own region."""
    root = {
        "resources": [
            *configured("aws", "aws_sqs_queue.a", "aws_s3_bucket.a", "aws_s3_bucket.wrong"),
            *configured("aws.west", "aws_sqs_queue.b", "aws_s3_bucket.b", "aws_sqs_queue.c"),
        ]
    }
    resources = [
        planned("aws_sqs_queue.a", name=NAME),
        planned("aws_sqs_queue.b", name=NAME),
        planned("aws_sqs_queue.c", name=NAME),
        planned("aws_s3_bucket.a", bucket="acmecorp-dev-rpt-results-us-east-1-0a1b2c"),
        planned("aws_s3_bucket.b", bucket="acmecorp-dev-rpt-results-us-west-2-0a1b2d"),
        planned("aws_s3_bucket.wrong", bucket="acmecorp-dev-rpt-results-us-west-2-0a1b2e"),
    ]
    write(tmp_path, plan(TWO, root, {"resources": resources}))
    assert [each[2:] for each in findings(tmp_path, capsys)] == [
        ("name-duplicate", "aws_sqs_queue.c"),
        ("name-region", "aws_s3_bucket.wrong"),
    ]


def test_modules_and_their_instances_have_the_providers_that_their_calls_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Terraform 1.11.4 writes it: the key is the root's; count and for_each are in the planned addresses alone."""
    inner = {"resources": configured("aws.west", "aws_s3_bucket.b")}
    called = {
        "resources": configured("aws.west", "aws_sqs_queue.q"),
        "module_calls": {"deep": {"source": "./n", "module": inner}},
    }
    root = {
        "resources": configured("aws", "aws_sqs_queue.q"),
        "module_calls": {"passed": {"source": "./m", "module": called}},
    }
    at = 'module.passed["a.b]c"]'
    modules = [
        {
            "address": at,
            "resources": [planned(f"{at}.aws_sqs_queue.q", name=NAME) | {"address": f"{at}.aws_sqs_queue.q[0]"}],
            "child_modules": [
                {
                    "address": f"{at}.module.deep",
                    "resources": [
                        planned(f"{at}.module.deep.aws_s3_bucket.b", bucket="acmecorp-dev-rpt-results-us-west-2-0a1b2c")
                    ],
                }
            ],
        }
    ]
    planned_root = {"resources": [planned("aws_sqs_queue.q", name=NAME)], "child_modules": modules}
    write(tmp_path, plan(TWO, root, planned_root))
    assert findings(tmp_path, capsys) == []


def test_a_module_may_have_a_provider_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    providers = {"aws": EAST, "module.m:aws": {"module_address": "module.m", **WEST}}
    called = {"resources": configured("module.m:aws", "aws_s3_bucket.b")}
    bucket = planned("module.m.aws_s3_bucket.b", bucket="acmecorp-dev-rpt-results-us-west-2-0a1b2c")
    root = {"module_calls": {"m": {"module": called}}}
    write(tmp_path, plan(providers, root, {"child_modules": [{"resources": [bucket]}]}))
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize(
    ("west", "expected"),
    [
        # Another region, or one that is not known.
        (constant(region="us-west-2"), []),
        ({"expressions": {"region": {"references": ["var.region"]}}}, []),
        # The same region of another account.
        (constant(region="us-east-1", allowed_account_ids=["222222222222"]), []),
        ({"expressions": {"assume_role": [{"role_arn": {"constant_value": "arn:aws:iam::222222222222:role/d"}}]}}, []),
        # The same region of the same account.
        (EAST, ["name-duplicate"]),
        (
            {
                "expressions": {
                    "region": {"constant_value": "us-east-1"},
                    "assume_role": [{"role_arn": {"constant_value": "arn:aws:iam::111111111111:role/deploy"}}],
                }
            },
            ["name-duplicate"],
        ),
    ],
)
def test_a_name_is_shared_only_in_one_region_of_one_account(
    west: dict[str, Any], expected: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = {"resources": [*configured("aws", "aws_sqs_queue.a"), *configured("aws.west", "aws_sqs_queue.b")]}
    resources = [planned("aws_sqs_queue.a", name=NAME), planned("aws_sqs_queue.b", name=NAME)]
    write(tmp_path, plan({"aws": EAST, "aws.west": west}, root, {"resources": resources}))
    assert [each[2] for each in findings(tmp_path, capsys)] == expected


UNKNOWN_REGION = {"region": {"references": ["var.region"]}, "allowed_account_ids": {"constant_value": ["111111111111"]}}
UNKNOWN_ACCOUNT = {"region": {"constant_value": "us-east-1"}, "profile": {"references": ["var.profile"]}}


@pytest.mark.parametrize("expressions", [UNKNOWN_REGION, UNKNOWN_ACCOUNT])
def test_two_providers_of_which_nothing_is_known_may_have_one_name(
    expressions: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Their unknown regions or accounts may differ; the name is a duplicate within one of them."""
    provider = {"expressions": expressions}
    root = {
        "resources": [*configured("aws", "aws_sqs_queue.a"), *configured("aws.b", "aws_sqs_queue.b", "aws_sqs_queue.c")]
    }
    resources = [planned(f"aws_sqs_queue.{label}", name=NAME) for label in "abc"]
    write(tmp_path, plan({"aws": provider, "aws.b": provider}, root, {"resources": resources}))
    assert [each[2:] for each in findings(tmp_path, capsys)] == [("name-duplicate", "aws_sqs_queue.c")]


def test_a_role_is_one_in_all_regions_of_an_account(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = {"resources": [*configured("aws", "aws_iam_role.a"), *configured("aws.west", "aws_iam_role.b")]}
    resources = [planned("aws_iam_role.a", name=ROLE), planned("aws_iam_role.b", name=ROLE)]
    write(tmp_path, plan(TWO, root, {"resources": resources}))
    assert [each[2:] for each in findings(tmp_path, capsys)] == [("name-duplicate", "aws_iam_role.b")]


def test_a_resource_may_have_a_region_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The provider's version 6 has it for every resource, in plans and in configurations."""
    bucket = "acmecorp-dev-rpt-results-us-west-2-0a1b2c"
    root = {"resources": configured("aws", "aws_s3_bucket.b", "aws_sqs_queue.a", "aws_sqs_queue.b")}
    resources = [
        planned("aws_s3_bucket.b", bucket=bucket, region="us-west-2"),
        planned("aws_sqs_queue.a", name=NAME, region="us-east-1"),
        planned("aws_sqs_queue.b", name=NAME, region="us-west-2"),
    ]
    text = f"""\
provider "aws" {{
  region = "us-east-1"
}}
resource "aws_s3_bucket" "b" {{
  bucket = "{bucket[:-1]}d"
  region = "us-west-2"
}}
resource "aws_s3_bucket" "unknown" {{
  bucket = "{bucket[:-1]}e"
  region = var.region
}}
"""
    write(tmp_path, plan(TWO, root, {"resources": resources}) | {"other-dev/main.tf": text})
    assert findings(tmp_path, capsys) == []


def test_changes_without_planned_values_have_their_providers_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change = {
        "address": "aws_s3_bucket.b",
        "mode": "managed",
        "type": "aws_s3_bucket",
        "change": {"actions": ["create"], "after": {"bucket": "acmecorp-dev-rpt-results-us-west-2-0a1b2c"}},
    }
    document = plan(TWO, {"resources": configured("aws.west", "aws_s3_bucket.b")}, {}, resource_changes=[change])
    del document["rpt-dev/plan.json"]["planned_values"]
    write(tmp_path, document)
    assert findings(tmp_path, capsys) == []


def test_a_provider_in_another_file_has_an_unknown_region(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its alias in this file makes its names another account's or region's, and never the default provider's."""
    text = f"""\
provider "aws" {{
  region = "us-east-1"
}}
resource "aws_sqs_queue" "here" {{
  name = "{NAME}"
}}
resource "aws_sqs_queue" "there" {{
  provider = aws.west
  name     = "{NAME}"
}}
resource "aws_s3_bucket" "there" {{
  provider = aws.west
  bucket   = "acmecorp-dev-rpt-results-us-west-2-0a1b2c"
}}
"""
    body = {
        "//": {"metadata": {"stackName": "rpt-dev"}},
        "provider": {"aws": [{"region": "us-east-1"}, {"alias": "west", "region": "us-west-2"}]},
        "resource": {"aws_sqs_queue": {"a": {"name": NAME}, "b": {"name": NAME, "provider": "aws.west"}}},
    }
    write(tmp_path, {"net-dev/main.tf": text, "rpt-dev/cdk.tf.json": body})
    assert findings(tmp_path, capsys) == []
