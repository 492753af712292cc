"""IAM policies compared by meaning, and evaluated for one service."""

from typing import Any

import pytest

from plan_review.policy_documents import admits, allowed_pairs, difference, read_statements

ALLOW: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:q"}
TOPIC = "arn:aws:sns:us-east-1:111111111111:operations"
CLOUDWATCH = "cloudwatch.amazonaws.com"


@pytest.mark.parametrize(
    "same",
    [
        {**ALLOW, "Sid": "Other"},
        {**ALLOW, "Principal": {"AWS": "*"}},
        {**ALLOW, "Principal": {"AWS": ["*"]}},
        {**ALLOW, "Action": ["SQS:sendmessage"]},
        {**ALLOW, "Resource": ["arn:aws:sqs:q", "arn:aws:sqs:q"]},
    ],
)
def test_two_ways_to_write_a_statement_are_no_difference(same: dict[str, Any]) -> None:
    assert difference([ALLOW], [same]) == ([], [])


def test_a_statement_that_is_there_twice_counts_once() -> None:
    """AWS evaluates all statements together: "any allow, unless there is a deny"."""
    assert difference([ALLOW], [ALLOW, {**ALLOW, "Sid": "Again"}]) == ([], [])


def test_a_condition_means_the_same_with_its_value_as_json_or_text() -> None:
    tls = {**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    same = {**ALLOW, "Condition": {"bool": {"AWS:securetransport": [True]}}}
    assert difference([tls], [same]) == ([], [])


def test_an_accounts_number_stands_for_its_root_in_every_partition() -> None:
    number = {**ALLOW, "Principal": {"AWS": ["222222222222", "111111111111"]}}
    root = {
        **ALLOW,
        "Principal": {"AWS": ["arn:aws-cn:iam::111111111111:root", "arn:aws:iam::222222222222:root"]},
    }
    assert difference([number], [root]) == ([], [])


def test_a_difference_has_each_statement_in_its_one_form() -> None:
    """What a policy lacks, and what it has besides: another resource, a name's case that IAM tells apart."""
    other = {**ALLOW, "Resource": "arn:aws:sqs:Q"}
    form = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["sqs:sendmessage"]}
    assert difference([ALLOW], [other]) == (
        [{**form, "Resource": ["arn:aws:sqs:q"]}],
        [{**form, "Resource": ["arn:aws:sqs:Q"]}],
    )


def test_a_service_s_answer_that_is_no_policy_is_not_one_without_statements() -> None:
    assert read_statements(None) == []
    assert read_statements('{"Statement": {"Effect": "Deny"}}') == [{"Effect": "Deny"}]
    with pytest.raises(ValueError, match="Expecting value"):
        read_statements("none")
    with pytest.raises(KeyError):
        read_statements("{}")


def test_what_is_allowed_but_for_some_is_allowed_altogether() -> None:
    some = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"}
    rest = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::b"}
    assert allowed_pairs([some, {**some, "Effect": "Deny"}]) == {
        ("s3:getobject", "arn:aws:s3:::b/*"),
        ("s3:putobject", "arn:aws:s3:::b/*"),
    }
    assert allowed_pairs([rest]) == {("*", "*")}


def publishing(**more: Any) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": CLOUDWATCH},
        "Action": "SNS:Publish",
        "Resource": TOPIC,
        **more,
    }


def may_publish(*statements: dict[str, Any], **context: str) -> bool | None:
    given = {key.replace("__", ":"): value for key, value in context.items()}
    return admits(statements, CLOUDWATCH, "sns:Publish", TOPIC, given)


@pytest.mark.parametrize("value", ["true", ["true"], True, [True]])
def test_a_test_of_tls_is_passed_whether_its_value_is_json_or_text(value: Any) -> None:
    """JSON policies may have a Boolean with quotes or without."""
    statement = publishing(Condition={"Bool": {"aws:SecureTransport": value}})
    assert may_publish(statement, aws__securetransport="true") is True
    assert may_publish(statement, aws__securetransport="false") is False


def test_brackets_in_a_pattern_are_no_set() -> None:
    account = "arn:aws:sns:us-east-1:111111111111"
    assert may_publish(publishing(Resource=f"{account}:op*")) is True
    assert may_publish(publishing(Resource=f"{account}:[op]*")) is False


def test_a_denial_that_is_not_evaluated_leaves_it_unknown() -> None:
    denied = publishing(Effect="Deny", Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})
    assert may_publish(publishing(), denied) is None
    assert may_publish(denied) is None
    assert may_publish() is False
    assert may_publish(publishing(Principal={"AWS": "111111111111"})) is False
