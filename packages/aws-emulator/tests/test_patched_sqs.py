"""Patches of SQS, seen as a client of AWS sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from emulator_helpers import attributes_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    pass


def make_dlq(sqs: Any, name: str) -> str:
    """Create a queue to fail into; return its ARN."""
    return attributes_of(sqs, sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"])["QueueArn"]


def test_redrive_policy_is_returned_without_spaces(sqs: Any, unique: str) -> None:
    """The provider compares RedrivePolicy as text: it comes back compact, as AWS writes it."""
    compact = f'{{"deadLetterTargetArn":"{make_dlq(sqs, unique)}","maxReceiveCount":3}}'
    url = sqs.create_queue(QueueName=unique, Attributes={"RedrivePolicy": compact})["QueueUrl"]
    assert attributes_of(sqs, url)["RedrivePolicy"] == compact


@pytest.mark.parametrize("asked_for", ["All", "RedriveAllowPolicy"])
def test_redrive_allow_policy_is_returned(sqs: Any, unique: str, asked_for: str) -> None:
    """A stored RedriveAllowPolicy can be read back, by name and among all attributes."""
    policy = '{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-central-1:123412341234:source"]}'
    url = sqs.create_queue(QueueName=unique, Attributes={"RedriveAllowPolicy": policy})["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[asked_for])
    assert answer["Attributes"]["RedriveAllowPolicy"] == policy


def test_emptied_redrive_allow_policy_is_absent(sqs: Any, unique: str) -> None:
    """Set to the empty string, RedriveAllowPolicy is removed; a queue that never had one has none either."""
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    assert "RedriveAllowPolicy" not in attributes_of(sqs, url)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'})
    assert attributes_of(sqs, url)["RedriveAllowPolicy"] == '{"redrivePermission":"denyAll"}'
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in attributes_of(sqs, url)


def test_queue_policy_survives_a_change_of_other_attributes(sqs: Any, unique: str) -> None:
    """SetQueueAttributes without Policy leaves the policy alone, and with an empty one removes it."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    url = sqs.create_queue(QueueName=unique, Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "700"})
    assert json.loads(attributes_of(sqs, url)["Policy"]) == policy
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in attributes_of(sqs, url)
