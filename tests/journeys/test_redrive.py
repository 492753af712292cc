"""`make redrive` on a deployed dev stack: what an interruption leaves, and that no message changes or is lost."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.checkout import Checkout
from tests.clients import client
from tests.surroundings import HANG_SECONDS

pytestmark = pytest.mark.xdist_group("deployed")

QUEUE, DLQ = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev"
MESSAGES = 200


@pytest.fixture
def sqs(deployed_dev: Checkout) -> Any:
    return client("sqs", json.loads((deployed_dev.path / ".emulator" / "dev.json").read_text())["endpoint"])


def url(sqs: Any, queue: str) -> str:
    return sqs.get_queue_url(QueueName=queue)["QueueUrl"]


def taken(sqs: Any, queue: str) -> Iterator[dict[str, Any]]:
    """Take every message of a queue."""
    address = url(sqs, queue)
    named = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"]}
    while messages := sqs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=1, **named).get(
        "Messages"
    ):
        for message in messages:
            sqs.delete_message(QueueUrl=address, ReceiptHandle=message["ReceiptHandle"])
            yield message


def test_ctrl_c_leaves_each_message_in_one_of_the_queues(deployed_dev: Checkout, sqs: Any) -> None:
    """The one that was under way is moved whole."""
    bodies = [f'{{"job_id": "{number}"}}' for number in range(MESSAGES)]
    for body in bodies:
        sqs.send_message(QueueUrl=url(sqs, DLQ), MessageBody=body)
    process = deployed_dev.start("python", "-m", "ops", "redrive", "--at-most", str(MESSAGES))
    assert process.stdout
    next(line for line in process.stdout if line.startswith(f"moved 1 of {MESSAGES}: "))
    os.kill(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=HANG_SECONDS)
    moved, left = ([message["Body"] for message in taken(sqs, queue)] for queue in (QUEUE, DLQ))
    assert process.returncode == 128 + signal.SIGINT, errors
    assert "stopping after this message" in errors
    assert "Traceback" not in errors
    assert left
    assert sorted(moved + left) == sorted(bodies)
    assert output.endswith(f"{len(moved)} message{'' if len(moved) == 1 else 's'} moved to {QUEUE}\n")


def test_a_message_comes_back_as_it_was_sent(deployed_dev: Checkout, sqs: Any) -> None:
    """Its receives are counted from 1 again."""
    attributes = {
        "job_id": {"DataType": "String", "StringValue": "7"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }
    sqs.send_message(QueueUrl=url(sqs, DLQ), MessageBody='{"job": "ü\\n"}', MessageAttributes=attributes)
    done = deployed_dev.run("python", "-m", "ops", "redrive")
    (message,) = taken(sqs, QUEUE)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(
        f"1 message moved to {QUEUE}\n{DLQ}: 0 messages left (AWS's count may lag by a minute)\n"
    )
    assert (message["Body"], message["MessageAttributes"]) == ('{"job": "ü\\n"}', attributes)
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
