"""Attributes that the provider alone sets: the table is the provider's own, and drift counts none of them."""

import json
from typing import Any

import pytest

from ops.drift.report import merge
from plan_review.computed_attributes import TABLE, is_condition
from plan_review.known_types import unclassified
from tests.review.computed import conditions, schema

from plan_builder import entry, reviewed

pytestmark = pytest.mark.slow

POLICY = {"name": "careervp-vpr-submit-policy-dev", "attachment_count": 0, "policy_id": "ANPA1", "arn": "arn:1"}
SUBSCRIPTION = {"endpoint": "ops@example.com", "pending_confirmation": True, "confirmation_was_authenticated": False}
NORMAL_USE: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws_iam_policy", POLICY, {"attachment_count": 1}),
    ("aws_sns_topic_subscription", SUBSCRIPTION, {"pending_confirmation": False}),
    (
        "aws_sns_topic_subscription",
        SUBSCRIPTION,
        {"pending_confirmation": False, "confirmation_was_authenticated": True},
    ),
]
ANOTHER: list[tuple[str, dict[str, Any], dict[str, Any], str]] = [
    ("aws_iam_policy", POLICY, {"attachment_count": 1, "policy_id": "ANPA2"}, "policy_id"),
    ("aws_iam_policy", POLICY, {"arn": "arn:2"}, "arn"),
    ("aws_iam_policy", POLICY, {"path": "/other/"}, "path"),
    ("aws_s3_bucket", {"bucket": "b", "region": "us-east-1"}, {"region": "eu-west-1"}, "region"),
    ("aws_lambda_function", {"function_name": "f", "code_sha256": "a"}, {"code_sha256": "b"}, "code_sha256"),
    ("aws_kms_key", {"key_id": "k", "tags_all": {"A": "1"}}, {"tags_all": {"A": "2"}}, "tags_all"),
]
"""A change that shows another resource, or what somebody set."""


def test_every_type_of_the_installed_provider_is_classified() -> None:
    """A newer provider brings types: add each to plan-review's held_data.py or holding_nothing.txt."""
    schemas = {"provider_schemas": {"aws": {"resource_schemas": schema()}}}
    assert unclassified(schemas) == []


def test_the_table_is_that_of_the_installed_provider() -> None:
    """`python -m tests.review.computed` writes it."""
    assert json.loads(TABLE.read_text()) == conditions(schema())


@pytest.mark.parametrize(("type_", "before", "changed"), NORMAL_USE)
def test_normal_use_is_no_drift(type_: str, before: dict[str, Any], changed: dict[str, Any]) -> None:
    """Neither in `make drift` nor in a review, whose JSON stays the same."""
    drift = entry(type_, "update", before, {**before, **changed})
    assert merge({"resource_drift": [drift]}, {}, ()).drift == ()
    assert reviewed(resource_drift=[drift], applyable=False) == reviewed(applyable=False)


@pytest.mark.parametrize(("type_", "before", "changed", "attribute"), ANOTHER)
def test_another_resource_or_what_somebody_set_is_drift(
    type_: str, before: dict[str, Any], changed: dict[str, Any], attribute: str
) -> None:
    drift = entry(type_, "update", before, {**before, **changed})
    (fact,) = merge({"resource_drift": [drift]}, {}, ()).drift
    assert fact.property.split(".")[0] in {attribute, "tag A"}
    (resource,) = reviewed(resource_drift=[drift]).drift
    assert [each.path[0] for each in resource.differences] == [attribute]


def test_a_resource_that_is_gone_is_drift_whatever_it_had() -> None:
    drift = entry("aws_iam_policy", "delete", POLICY, None)
    assert len(merge({"resource_drift": [drift]}, {}, ()).drift) == 1
    assert len(reviewed(resource_drift=[drift]).drift) == 1


@pytest.mark.parametrize(
    ("type_", "path", "expected"),
    [
        ("aws_iam_policy", ("attachment_count",), True),
        ("aws_iam_policy", ("policy",), False),
        ("aws_iam_policy", ("policy", "attachment_count"), False),
        ("aws_dynamodb_table", ("replica", "eu-west-1", "stream_label"), True),
        ("aws_dynamodb_table", ("replica", "eu-west-1"), False),
        ("aws_dynamodb_table", ("replica",), False),
        ("google_thing", ("attachment_count",), False),
    ],
)
def test_a_condition_is_an_attribute_of_its_type_or_a_part_of_it(
    type_: str,
    path: tuple[str, ...],
    expected: bool,  # noqa: FBT001 - the table's
) -> None:
    assert is_condition(type_, path) is expected
