"""Grants, and the policies that hold them."""

import json
from typing import Any

import pytest
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy

from constructs_lib.grants import Grant, ManagedPolicy, access_document
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import new_stack, resources, synth

QUEUE = "arn:aws:sqs:eu-west-1:444444444444:orders"
SEND = Grant(actions=("sqs:SendMessage",), resource=QUEUE)


def test_a_policy_allows_each_grant_under_its_id_and_nothing_else() -> None:
    stack = new_stack()
    publish = Grant(
        actions=("cloudwatch:PutMetricData",),
        resource="*",
        condition={"StringEquals": {"cloudwatch:namespace": "Orders"}},
    )
    logs = Grant(actions=("logs:PutLogEvents",), resource="arn:aws:logs:eu-west-1:444444444444:log-group:/orders:*")
    grants = {"Send": SEND, "Metrics": publish, "Logs": logs}
    ManagedPolicy(stack, "Submit", name="orders-submit", description="Send orders.", grants=grants)
    (made,) = resources(synth(stack), IamPolicy.TF_RESOURCE_TYPE)
    assert (made["name"], made["description"]) == ("orders-submit", "Send orders.")
    assert json.loads(made["policy"]) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Send", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": QUEUE},
            {
                "Sid": "Metrics",
                "Effect": "Allow",
                "Action": ["cloudwatch:PutMetricData"],
                "Resource": "*",
                "Condition": {"StringEquals": {"cloudwatch:namespace": "Orders"}},
            },
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": ["logs:PutLogEvents"],
                "Resource": "arn:aws:logs:eu-west-1:444444444444:log-group:/orders:*",
            },
        ],
    }


def test_grants_on_one_resource_are_joined_without_repeating_an_action() -> None:
    receive = Grant(actions=("sqs:ReceiveMessage", "sqs:SendMessage"), resource=QUEUE)
    assert (SEND | receive) == Grant(actions=("sqs:SendMessage", "sqs:ReceiveMessage"), resource=QUEUE)


@pytest.mark.parametrize(
    "other",
    [{"resource": f"{QUEUE}-dead"}, {"resource": QUEUE, "condition": {"Bool": {"aws:SecureTransport": "true"}}}],
)
def test_grants_on_different_resources_or_conditions_stay_two_statements(other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="grants with one resource and condition can be joined"):
        _ = SEND | Grant(actions=("sqs:SendMessage",), **other)


REFUSED: list[tuple[dict[str, Grant], str]] = [
    ({}, "grants: none; allowed: at least one"),
    ({"Send messages": SEND}, 'statement "Send messages": allowed: an id of letters and digits'),
    ({"Send": Grant(actions=(), resource=QUEUE)}, 'statement "Send": no action; allowed: at least one'),
    ({"All": Grant(actions=("sqs:*",), resource=QUEUE)}, 'statement "All": action "sqs:*"; allowed: an action with'),
    ({"All": Grant(actions=("*",), resource=QUEUE)}, 'statement "All": action "*"; allowed'),
    (
        {"Any": Grant(actions=("sqs:SendMessage",), resource="*")},
        'statement "Any": resource "*" without a condition; allowed: an ARN, or a condition for an action without one',
    ),
    *(
        ({"Read": Grant(actions=("s3:GetObject",), resource=resource)}, f'statement "Read": resource "{resource}"; ')
        for resource in (
            "orders",
            "arn:aws:s3:::orders/results*",
            "arn:aws:s3:::orders/re?ults/*",
            "arn:aws:s3:::orders/*/*",
            "arn:aws:s3:::orders/${aws:username}/*",
        )
    ),
]


@pytest.mark.parametrize(("grants", "fault"), REFUSED)
def test_a_policy_refuses_wildcards_and_what_iam_refuses(grants: dict[str, Grant], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        access_document("stack/Submit", grants)
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(f"stack/Submit: {fault}")


def test_a_policy_of_more_characters_than_iam_takes_is_refused() -> None:
    """A statement like these takes 115 characters, so 53 of them and the frame are 6,133."""
    fitting = {f"S{number:02}": SEND for number in range(53)}
    assert len(access_document("p", fitting)) == 6133
    with pytest.raises(InvalidConstructError, match=r"policy: 6248 characters; allowed: at most 6144, IAM's quota"):
        access_document("p", {**fitting, "S53": SEND})


def test_a_name_that_iam_refuses_is_reported_together_with_the_grants() -> None:
    with pytest.raises(InvalidConstructError) as caught:
        ManagedPolicy(new_stack(), "Submit", name="or ders", grants={})
    assert [fault.split("; ")[0] for fault in caught.value.faults] == [
        'other/Submit: name = "or ders" is no IAM policy name',
        "other/Submit: grants: none",
    ]
