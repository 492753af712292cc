"""Admission of a service by a resource's policy: yes, no, or unknown where something is not evaluated here."""

from typing import Any

import pytest

from plan_review.policy_documents import admits, every

TOPIC = "arn:aws:sns:us-east-1:111111111111:alarms"
ALLOW = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": TOPIC,
}
DENY = {**ALLOW, "Effect": "Deny"}


def admitted(*statements: dict[str, Any]) -> bool | None:
    context = {"aws:sourceaccount": "111111111111"}
    return admits(statements, "cloudwatch.amazonaws.com", "SNS:Publish", TOPIC, context)


def under(operator: str, key: str, value: str, **statement: Any) -> dict[str, Any]:
    return {**(statement or ALLOW), "Condition": {operator: {key: value}}}


def test_one_answer_of_no_decides_and_an_unknown_one_leaves_it_open() -> None:
    assert every([]) is True
    assert every([True, True]) is True
    assert every([True, None]) is None
    assert every([None, False, True]) is False


@pytest.mark.parametrize(
    ("statements", "answer"),
    [
        ([], False),
        ([ALLOW], True),
        ([ALLOW, DENY], False),
        ([{**ALLOW, "Principal": "*"}], True),
        ([{**ALLOW, "Principal": {"AWS": "arn:aws:iam::111111111111:root"}}], False),
        ([{**ALLOW, "Action": "sns:Subscribe"}], False),
        ([{**ALLOW, "Resource": f"{TOPIC}-of-others"}], False),
        ([{**ALLOW, "Action": "sns:*", "Resource": "arn:aws:sns:*:111111111111:alarm?"}], True),
    ],
)
def test_a_denial_counts_more_than_what_is_allowed(statements: list[dict[str, Any]], answer: bool) -> None:  # noqa: FBT001 - a parameter
    assert admitted(*statements) is answer


def test_a_condition_is_met_or_not_or_not_evaluated() -> None:
    assert admitted(under("StringEquals", "AWS:SourceAccount", "111111111111")) is True
    assert admitted(under("StringEquals", "aws:SourceAccount", "222222222222")) is False
    assert admitted(under("StringLike", "aws:SourceAccount", "1111*")) is True
    assert admitted(under("StringEquals", "aws:SourceArn", "arn")) is None
    assert admitted(under("StringNotEquals", "aws:SourceAccount", "222222222222")) is None
    # It is certainly not for this service, whatever its condition is worth.
    other = {**ALLOW, "Principal": {"Service": "events.amazonaws.com"}}
    assert admitted(under("StringNotEquals", "aws:SourceAccount", "222222222222", **other)) is False


def test_a_denial_that_may_apply_leaves_it_open() -> None:
    assert admitted(ALLOW, under("StringNotEquals", "aws:SourceAccount", "222222222222", **DENY)) is None
    assert admitted(ALLOW, under("StringEquals", "aws:SourceAccount", "222222222222", **DENY)) is True


def test_an_element_that_is_not_evaluated_leaves_it_open() -> None:
    assert admitted({**ALLOW, "NotAction": "sns:Subscribe"}) is None
