"""Coverage of a statement by others, and the purposes that a statement can have."""

from typing import Any

import pytest

from plan_review.policy_coverage import is_everything, is_public, requires_tls, rest

ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": ["111111111111", "222222222222"]},
    "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"],
    "Resource": "arn:aws:sqs:us-east-1:111111111111:jobs",
}


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*"]}, {"AWS": ["111111111111", "*"]}])
def test_whoever_allows_everyone_is_public_however_that_is_written(principal: Any) -> None:
    assert is_public({**ALLOW, "Principal": principal})
    assert not is_public({**ALLOW, "Principal": principal, "Effect": "Deny"})
    assert not is_public({**ALLOW, "Principal": principal, "Condition": {"StringEquals": {"aws:SourceAccount": "1"}}})


@pytest.mark.parametrize("principal", [{"AWS": "111111111111"}, {"Service": "*"}, None])
def test_whoever_allows_somebody_is_not_public(principal: Any) -> None:
    assert not is_public({**ALLOW, "Principal": principal})


def test_everything_is_whole_services_on_every_resource() -> None:
    assert is_everything({"Effect": "Allow", "Action": "sqs:*", "Resource": "*"})
    assert is_everything({"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:x"})
    assert not is_everything({"Effect": "Allow", "Action": "sqs:Send*", "Resource": "*"})
    assert not is_everything({"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:x"})
    assert not is_everything({"Effect": "Deny", "Action": "*", "Resource": "*"})


def test_tls_is_required_by_a_denial_of_what_goes_without_and_of_nothing_else() -> None:
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    assert requires_tls({"Effect": "Deny", "Condition": insecure})
    assert requires_tls({"Effect": "Deny", "Condition": {"BoolIfExists": {"AWS:securetransport": [False]}}})
    assert not requires_tls({"Effect": "Allow", "Condition": insecure})
    assert not requires_tls({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "true"}}})
    assert not requires_tls({"Effect": "Deny"})


def test_what_others_of_the_same_effect_cover_together_is_covered() -> None:
    first, second = ({**ALLOW, "Action": action} for action in ALLOW["Action"])
    assert rest(ALLOW, [first, second]) == []
    assert rest(ALLOW, [first]) == [{**ALLOW, "Action": "sqs:ReceiveMessage"}]
    assert rest(ALLOW, [{**ALLOW, "Effect": "Deny"}]) == [ALLOW]
    assert rest(ALLOW, [{**ALLOW, "Action": "sqs:*", "Principal": "*", "Resource": "*"}]) == []
    assert rest(ALLOW, []) == [ALLOW]


@pytest.mark.parametrize(
    ("operator", "wide", "narrow"),
    [
        ("StringEquals", ["1", "2"], ["1"]),
        ("StringNotEquals", ["1"], ["1", "2"]),
        ("ArnLike", ["arn:a", "arn:b"], ["arn:b"]),
    ],
)
def test_a_condition_covers_a_narrower_one_and_no_wider_one(operator: str, wide: list[str], narrow: list[str]) -> None:
    loose, strict = ({**ALLOW, "Condition": {operator: {"aws:PrincipalArn": values}}} for values in (wide, narrow))
    assert rest(strict, [loose]) == []
    assert rest(loose, [strict]) == [loose]
    assert rest(ALLOW, [loose]) == [ALLOW]
    assert rest(loose, [ALLOW]) == []
