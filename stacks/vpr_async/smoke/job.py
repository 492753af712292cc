"""One marked job: what it consists of, where its message is, and how all of it is taken away again."""

import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from check_report.printable import shown_value
from stacks.smoke import UnexpectedError
from stacks.vpr_async.names import Names
from stacks.vpr_async.smoke.actors import Actor, Actors

HIDDEN_SECONDS = 30
"""How long a received message stays hidden from others, should this process not come to delete it."""
SWEEP_SECONDS = 10


@dataclass(frozen=True)
class Queue:
    """One of the two queues, as it was found."""

    name: str
    url: str
    arn: str


@dataclass(frozen=True)
class Received:
    """A message of this job's, in the hands of the one who received it."""

    queue: Queue
    body: str
    attributes: Mapping[str, str]
    count: int
    """How often it was received from this queue, this time included."""
    handle: str


@dataclass
class Job:
    """One run's job, marked by its user id; no other run and no customer has its ids."""

    names: Names
    actors: Actors
    queue: Queue
    dlq: Queue
    emulated: bool
    say: Callable[[str], None]
    """Tells the caller what the run waits for."""
    job_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    url: str = ""
    """The result's presigned URL, once there is one."""
    _on_the_way: int = 0
    """Messages that were sent and not deleted yet."""
    _held: dict[str, Received] = field(default_factory=dict[str, Received])
    """Those of them that were received and neither deleted nor released, by receipt handle."""
    _in_use: set[Queue] = field(default_factory=set[Queue])
    """Queues that turned out to hold other people's messages."""
    _cut_off: bool = False
    """The last receive got no answer, so that it may have been served and hide the message."""

    @property
    def user_id(self) -> str:
        """The user, who is none: it says `smoke`."""
        return f"smoke-{self.job_id[:8]}"

    @property
    def application_id(self) -> str:
        """The application, of which there is none either."""
        return f"application-{self.job_id[:8]}"

    @property
    def idempotency_key(self) -> str:
        """The key by which a second request for the same report finds the first."""
        return f"vpr#{self.user_id}#{self.application_id}"

    @property
    def expires_at(self) -> datetime:
        """The time at which the item may go by itself: a day is enough, if nobody else takes it away."""
        return self.created_at + timedelta(days=1)

    @property
    def result_key(self) -> str:
        """The result's key in the bucket."""
        return f"results/{self.job_id}.json"

    @property
    def result(self) -> bytes:
        """The report that the worker would have had written."""
        return json.dumps({"job_id": self.job_id, "value_proposition": "smoke"}).encode()

    @property
    def body(self) -> str:
        """The message's body."""
        return json.dumps({"job_id": self.job_id, "user_id": self.user_id, "application_id": self.application_id})

    @property
    def attributes(self) -> dict[str, str]:
        """The message's attributes, strings all of them."""
        return {"job_type": "smoke", "job_id": self.job_id, "user_id": self.user_id}

    @property
    def item(self) -> dict[str, Any]:
        """The item that the submit handler puts."""
        return {
            "job_id": self.job_id,
            "idempotency_key": self.idempotency_key,
            "user_id": self.user_id,
            "application_id": self.application_id,
            "status": "PENDING",
            "created_at": self.created_at.isoformat(),
            "input_data": {"application_id": self.application_id, "smoke": True},
            "ttl": int(self.expires_at.timestamp()),
        }

    def send(self, actor: Actor, *, delay_seconds: int = 0) -> None:
        """Send the message to the jobs queue; it is handed out after delay_seconds, 0 to 900."""
        self._on_the_way += 1
        try:
            actor.sqs.send_message(
                QueueUrl=self.queue.url,
                MessageBody=self.body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in self.attributes.items()
                },
                DelaySeconds=delay_seconds,
            )
        except ClientError:
            self._on_the_way -= 1
            raise

    def receive(self, actor: Actor, queue: Queue, *, wait_seconds: int | None = None) -> Received | None:
        """Receive this job's message, if one comes while the poll lasts: the queue's own time, or wait_seconds.

        Raises UnexpectedError when somebody else's message comes; it is visible again by then, and the queue is
        not received from any more.
        """
        wait = {} if wait_seconds is None else {"WaitTimeSeconds": wait_seconds}
        self._cut_off = True
        response = actor.sqs.receive_message(
            QueueUrl=queue.url,
            MaxNumberOfMessages=1,
            VisibilityTimeout=HIDDEN_SECONDS,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
            **wait,
        )
        self._cut_off = False
        for message in response.get("Messages", []):
            if self.job_id in message["Body"]:
                given = message.get("MessageAttributes", {})
                attributes = {name: each.get("StringValue", "") for name, each in given.items()}
                count = int(message["Attributes"]["ApproximateReceiveCount"])
                received = Received(queue, message["Body"], attributes, count, message["ReceiptHandle"])
                self._held[received.handle] = received
                return received
            self._in_use.add(queue)
            _make_visible(actor, queue, message["ReceiptHandle"])
            raise UnexpectedError(
                expected="no messages but smoke's own",
                found=f"another's in {queue.name}, id {shown_value(message['MessageId'])}; it is visible again, "
                "but was received once more than its consumer knows",
            )
        return None

    def release(self, actor: Actor, received: Received) -> None:
        """Make a message visible again at once, as a handler that fails does."""
        _make_visible(actor, received.queue, received.handle)
        del self._held[received.handle]

    def delete(self, actor: Actor, received: Received) -> None:
        """Delete a message, as a handler that is done does."""
        actor.sqs.delete_message(QueueUrl=received.queue.url, ReceiptHandle=received.handle)
        del self._held[received.handle]
        self._on_the_way -= 1

    def held(self, queue: Queue) -> Received:
        """Return the message that was received from the queue last, and is still in hand."""
        return [received for received in self._held.values() if received.queue == queue][-1]

    @property
    def title(self) -> str:
        """The mark of everything that the run makes."""
        return f"job {self.job_id}"

    def removals(self) -> dict[str, Callable[[], object]]:
        """Return what takes away all that this run made, as the operator, by what is left behind if it fails."""
        operator = self.actors.operator
        return {
            f"message of job {self.job_id} in {self.queue.name} or {self.dlq.name}, which expires "
            "after 4 hours or 14 days": self._sweep,
            f"object {self.result_key} in {self.names.results_bucket}, which the bucket's rule deletes": lambda: (
                operator.s3.delete_object(Bucket=self.names.results_bucket, Key=self.result_key)
            ),
            f"item {self.job_id} in {self.names.jobs_table}, which expires after a day": lambda: (
                operator.jobs.delete_item(Key={"job_id": self.job_id})
            ),
        }

    def _sweep(self) -> None:
        """Delete the messages that are on the way still, wherever they are."""
        operator = self.actors.operator
        for received in tuple(self._held.values()):
            self.delete(operator, received)
        queues = {self.queue, self.dlq} - self._in_use
        seconds = SWEEP_SECONDS
        if self._on_the_way and self._cut_off:
            seconds += HIDDEN_SECONDS
            self.say(f"a receive was cut off, which may hide the message for {HIDDEN_SECONDS} s: waiting for it")
        deadline = time.monotonic() + seconds
        while self._on_the_way and queues and time.monotonic() < deadline:
            for queue in queues:
                received = self.receive(operator, queue, wait_seconds=1)
                if received:
                    self.delete(operator, received)
        if self._on_the_way:
            raise UnexpectedError(expected=f"to find {self._on_the_way} of them", found=f"none within {seconds} s")


def _make_visible(actor: Actor, queue: Queue, handle: str) -> None:
    actor.sqs.change_message_visibility(QueueUrl=queue.url, ReceiptHandle=handle, VisibilityTimeout=0)
