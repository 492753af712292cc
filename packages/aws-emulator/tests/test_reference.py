"""Permissions that calls take, against AWS's Service Authorization Reference."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest

from aws_emulator.iam.calls import Call

from service_reference import problem
from test_calls import CALLS


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sqs:SendMessages", "arn:aws:sqs:us-east-1:111111111111:jobs"),
        ("sqs:sendMessage", "arn:aws:sqs:us-east-1:111111111111:jobs"),
        ("queues:SendMessage", "arn:aws:sqs:us-east-1:111111111111:jobs"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:queue/jobs"),
        ("sqs:SendMessage", "arn:aws:sns:us-east-1:111111111111:jobs"),
        ("sqs:SendMessage", "*"),
        ("s3:GetObject", "*"),
        ("s3:GetObject", "arn:aws:s3:::results"),
        ("s3:ListBucket", "arn:aws:s3:::results/*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::results"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111111111111:table/jobs/index/key"),
        ("iam:CreatePolicy", "arn:aws:iam:us-east-1:111111111111:policy/p"),
    ],
)
def test_the_reference_sees_a_wrong_permission(action: str, resource: str) -> None:
    assert problem(action, resource) is not None


def test_every_permission_that_calls_take_is_one_of_aws() -> None:
    """Of the calls that are written by hand."""
    taken = {permission for _, _, each in CALLS for permission in each}
    assert len(taken) > 50
    assert sorted(filter(None, (problem(*permission) for permission in taken))) == []


@pytest.mark.parametrize(
    ("service", "values"),
    [
        (
            "sqs",
            {
                "QueueUrl": "https://sqs/111111111111/jobs",
                "QueueName": "jobs",
                "SourceArn": "arn:aws:sqs:us-east-1:111111111111:dlq",
            },
        ),
        (
            "sns",
            {
                "Name": "alarms",
                "TopicArn": "arn:aws:sns:us-east-1:111111111111:alarms",
                "ResourceArn": "arn:aws:sns:us-east-1:111111111111:alarms",
            },
        ),
    ],
)
def test_every_call_of_a_service_takes_a_permission_of_aws(service: str, values: dict[str, str]) -> None:
    model: Any = botocore.session.get_session().get_service_model(service)  # pyright: ignore[reportUnknownMemberType]
    found: list[str | None] = []
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        given = {name: value for name, value in values.items() if shape and name in shape.members}
        call = Call(
            service=service,
            operation=operation,
            get=given.get,
            partition="aws",
            region="us-east-1",
            account_id="111111111111",
        )
        found += [problem(taken.action, taken.resource) for taken in call.permissions()]
    assert len(found) > 20
    assert list(filter(None, found)) == []
