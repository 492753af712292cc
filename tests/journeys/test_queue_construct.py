"""Queues with every option on the emulator, which describes them as they were declared."""

import json
from collections.abc import Generator
from typing import Any

import pytest
from cdktf import TerraformStack

from constructs_lib.queue import DeadLetters, Fifo, Queue
from tests.clients import client
from tests.journeys.constructs import ACCOUNT, deployed

pytestmark = pytest.mark.xdist_group("queue construct")


def add_queues(stack: TerraformStack) -> None:
    Queue(
        stack,
        "Payments",
        name="payments.fifo",
        account=ACCOUNT,
        dead_letters=DeadLetters(name="payments-dead.fifo", retention_seconds=1_000_000, max_receive_count=5),
        consumer_timeout_seconds=30,
        visibility_timeout_seconds=120,
        receive_wait_seconds=10,
        retention_seconds=86_400,
        delay_seconds=60,
        fifo=Fifo(content_based_deduplication=True, high_throughput=True),
    )
    Queue(stack, "Clicks", name="clicks", account=ACCOUNT, dead_letters=None, consumer_timeout_seconds=10)


@pytest.fixture(scope="module")
def sqs(tmp_path_factory: pytest.TempPathFactory) -> Generator[Any]:
    """Deploy the queues on an emulator of its own; a second plan finds nothing to change."""
    with deployed(tmp_path_factory, add_queues) as endpoint:
        yield client("sqs", endpoint)


def attributes(sqs: Any, name: str) -> dict[str, str]:
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def test_a_fifo_queue_is_described_as_it_was_declared(sqs: Any) -> None:
    found = attributes(sqs, "payments.fifo")
    wanted = {
        "FifoQueue": "true",
        "ContentBasedDeduplication": "true",
        "DeduplicationScope": "messageGroup",
        "FifoThroughputLimit": "perMessageGroupId",
        "DelaySeconds": "60",
        "VisibilityTimeout": "120",
        "ReceiveMessageWaitTimeSeconds": "10",
        "MessageRetentionPeriod": "86400",
        "SqsManagedSseEnabled": "true",
    }
    assert {key: found[key] for key in wanted} == wanted
    assert json.loads(found["RedrivePolicy"]) == {
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:444444444444:payments-dead.fifo",
        "maxReceiveCount": 5,
    }


def test_its_dead_letter_queue_takes_messages_of_it_alone(sqs: Any) -> None:
    found = attributes(sqs, "payments-dead.fifo")
    assert (found["FifoQueue"], found["MessageRetentionPeriod"]) == ("true", "1000000")
    assert json.loads(found["RedriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": ["arn:aws:sqs:us-east-1:444444444444:payments.fifo"],
    }


def test_a_queue_without_dead_letters_redrives_nowhere(sqs: Any) -> None:
    found = attributes(sqs, "clicks")
    assert "RedrivePolicy" not in found
    assert (found["VisibilityTimeout"], found["SqsManagedSseEnabled"]) == ("60", "true")
