"""Evaluation of policies, by cases written from AWS's documentation of policy evaluation."""

from typing import Any

import pytest

from aws_emulator.iam.evaluation import Decision, decide, decide_trust, is_allowed

ALLOW: dict[str, Any] = {
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:us-east-1:111111111111:jobs",
}
JOBS, OTHER = "arn:aws:sqs:us-east-1:111111111111:jobs", "arn:aws:sqs:us-east-1:111111111111:jobs-other"


def allowed(*statements: dict[str, Any], action: str = "sqs:SendMessage", resource: str = JOBS) -> bool:
    return is_allowed([{"Statement": list(statements)}], action, resource, {"aws:SecureTransport": "true"})


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (ALLOW, True),
        ({**ALLOW, "Action": ["sqs:DeleteMessage", "SQS:sendmessage"]}, True),
        ({**ALLOW, "Action": "sqs:Send*"}, True),
        ({**ALLOW, "Action": "sqs:SendMessag?"}, True),
        ({**ALLOW, "Action": "*"}, True),
        ({**ALLOW, "Action": "sqs:SendMessageBatch"}, False),
        ({**ALLOW, "Action": "sqs:Send"}, False),
        ({**ALLOW, "Resource": "*"}, True),
        ({**ALLOW, "Resource": ["arn:aws:sqs:*:111111111111:job?"]}, True),
        ({**ALLOW, "Resource": "arn:aws:sqs:us-east-1:111111111111:jo?"}, False),
        ({**ALLOW, "Action": "sqs:SendMessage?"}, False),
        ({**ALLOW, "Resource": OTHER}, False),
        ({**ALLOW, "Resource": "arn:aws:sqs:us-east-1:111111111111:job."}, False),
        ({**ALLOW, "Resource": "arn:aws:sqs:us-east-1:111111111111:JOBS"}, False),
        ({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}, True),
        ({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": False}}}, False),
        ({**ALLOW, "Condition": {"StringEquals": {"aws:PrincipalTag/team": "jobs"}}}, False),
        ({**ALLOW, "Effect": "Deny"}, False),
    ],
)
def test_a_statement_alone(statement: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - the table's
    """Actions do not heed case, ARNs do; wildcards are IAM's and no others; a condition must hold."""
    assert allowed(statement) is expected


def test_a_denial_goes_before_every_grant() -> None:
    assert allowed(ALLOW, {**ALLOW, "Effect": "Deny", "Resource": OTHER})
    assert not allowed({**ALLOW, "Effect": "Deny", "Action": "*", "Resource": "*"}, ALLOW)
    assert not is_allowed([{"Statement": ALLOW}, {"Statement": {**ALLOW, "Effect": "Deny"}}], "sqs:SendMessage", JOBS)


def test_nothing_is_allowed_without_a_statement() -> None:
    assert not is_allowed([], "sqs:SendMessage", JOBS)
    assert not allowed()


@pytest.mark.parametrize(
    "changed", [{"NotAction": "sqs:*"}, {"NotResource": "*"}, {"Condition": {"IpAddress": {"aws:SourceIp": "::1"}}}]
)
def test_what_is_not_evaluated_is_said_and_never_passed_over(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not evaluated: "):
        allowed({**ALLOW, **changed})


def test_a_role_is_taken_on_by_whom_it_trusts_alone() -> None:
    provider = "arn:aws:iam::111111111111:oidc-provider/example.com"
    trust = {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": provider},
                "Condition": {"StringLike": {"example.com:sub": "repo:acme/*"}},
            }
        ]
    }
    action, subject = "sts:AssumeRoleWithWebIdentity", "example.com:sub"

    def trusted(kind: str, principal: str, **context: str) -> bool:
        return decide_trust(trust, action, kind, {principal}, context) is Decision.ALLOWED

    assert trusted("Federated", provider, **{subject: "repo:acme/reports"})
    assert not trusted("Federated", provider, **{subject: "repo:other/acme/reports"})
    assert not trusted("Federated", provider)
    assert not trusted("Federated", f"{provider}/b", **{subject: "repo:acme/reports"})
    assert not trusted("AWS", provider, **{subject: "repo:acme/reports"})


def test_what_no_statement_allows_is_told_apart_from_what_one_denies() -> None:
    """AWS names the reason in its answer."""
    deny = {**ALLOW, "Effect": "Deny"}
    assert decide([{"Statement": []}], "sqs:SendMessage", JOBS) is Decision.NOT_ALLOWED
    assert decide([{"Statement": [{**ALLOW, "Resource": OTHER}]}], "sqs:SendMessage", JOBS) is Decision.NOT_ALLOWED
    assert decide([{"Statement": [ALLOW, deny]}], "sqs:SendMessage", JOBS) is Decision.DENIED
    trust = {"Statement": {"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": {"AWS": "a"}}}
    assert decide_trust(trust, "sts:AssumeRole", "AWS", {"a"}) is Decision.DENIED
    assert decide_trust(trust, "sts:AssumeRole", "AWS", {"b"}) is Decision.NOT_ALLOWED


@pytest.mark.parametrize("operator", ["ArnLike", "ArnEquals"])
@pytest.mark.parametrize(
    ("wanted", "is_met"),
    [
        ("arn:aws:lambda:us-east-1:111111111111:function:worker", True),
        ("arn:aws:lambda:*:111111111111:function:work*", True),
        ("arn:aws:lambda:us-east-1:111111111111:function:worker2", False),
        ("arn:aws:lambda:*", False),
        ("*", False),
    ],
)
def test_an_arn_is_compared_part_by_part(operator: str, wanted: str, *, is_met: bool) -> None:
    """As IAM's user guide has it of both operators: a wildcard stands for no colon."""
    condition = {operator: {"lambda:FunctionArn": [wanted]}}
    statement = {"Effect": "Allow", "Action": "lambda:*", "Resource": "*", "Condition": condition}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    context = {"lambda:FunctionArn": "arn:aws:lambda:us-east-1:111111111111:function:worker"}
    assert is_allowed([policy], "lambda:CreateEventSourceMapping", "*", context) is is_met
    assert not is_allowed([policy], "lambda:CreateEventSourceMapping", "*", {})
