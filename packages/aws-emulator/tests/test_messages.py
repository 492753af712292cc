"""A queue's messages, read and deleted without a receive."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from emulator_helpers import attributes_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from aws_emulator import Emulator

COUNTS = tuple(f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed"))


@pytest.fixture
def queue(sqs: Any, unique: str) -> str:
    """Create a queue; return its URL."""
    return sqs.create_queue(QueueName=unique)["QueueUrl"]


def fill(sqs: Any, queue: str) -> None:
    """Put a message in flight, one that waits and one that is delayed into a queue."""
    sqs.send_message(QueueUrl=queue, MessageBody="in flight")
    sqs.receive_message(QueueUrl=queue, VisibilityTimeout=900)
    text = {"DataType": "String", "StringValue": "smoke"}
    sqs.send_message(QueueUrl=queue, MessageBody="waiting", MessageAttributes={"job_type": text})
    sqs.send_message(QueueUrl=queue, MessageBody="delayed", DelaySeconds=900)


def test_messages_are_shown_whole_and_stay_as_they_are(emulator: Emulator, sqs: Any, queue: str) -> None:
    """Twice, so that a look that counts as a receive, or hides a message, is seen by the second one."""
    fill(sqs, queue)
    arn = attributes_of(sqs, queue)["QueueArn"]
    for _ in range(2):
        seen = emulator.messages(arn)
        assert [(each["body"], each["state"], each["receives"], each["attributes"]) for each in seen] == [
            ("in flight", "in flight", 1, {}),
            ("waiting", "waiting", 0, {"job_type": "smoke"}),
            ("delayed", "delayed", 0, {}),
        ]
        assert all(each["sent"].startswith("20") and each["sent"].endswith("+00:00") and each["id"] for each in seen)
    assert [attributes_of(sqs, queue)[count] for count in COUNTS] == ["1", "1", "1"]


def test_all_messages_are_deleted_also_twice_within_a_minute(emulator: Emulator, sqs: Any, queue: str) -> None:
    """A purge by SQS itself is refused the second time. Another queue keeps its messages."""
    other = sqs.create_queue(QueueName=f"{queue.rpartition('/')[2]}-other")["QueueUrl"]
    sqs.send_message(QueueUrl=other, MessageBody="another's")
    arn = attributes_of(sqs, queue)["QueueArn"]
    for _ in range(2):
        fill(sqs, queue)
        assert emulator.delete_messages(arn) == 3
        assert [attributes_of(sqs, queue)[count] for count in COUNTS] == ["0", "0", "0"]
    assert emulator.delete_messages(arn) == 0
    assert [each["body"] for each in emulator.messages(attributes_of(sqs, other)["QueueArn"])] == ["another's"]


def test_a_queue_that_is_not_there_has_no_messages(emulator: Emulator, sqs: Any, queue: str) -> None:
    arn = f"{attributes_of(sqs, queue)['QueueArn']}-gone"
    assert emulator.messages(arn) == []
    assert emulator.delete_messages(arn) == 0
