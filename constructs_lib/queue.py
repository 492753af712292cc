"""SQS queues, standard and FIFO, each with its dead-letter queue."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.grants import Grant
from constructs_lib.names import Service, name_faults
from constructs_lib.policies import compact_json, deny_insecure_transport, policy
from constructs_lib.validation import Checks

_TOPIC = r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+(\.fifo)?"
_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
ADVISED_TIMEOUTS = 6
"""AWS's advice for a queue that Lambda consumes: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""


@dataclass(frozen=True, kw_only=True)
class DeadLetters:
    """The dead-letter queue of a queue: where a message goes that was received too often.

    retention_seconds: 60 to 1,209,600 and longer than the queue's, because a message's age goes on counting when it
    moves; 14 days, AWS's maximum, unless given.
    max_receive_count: 1 to 1,000 receives before a message moves; 3 unless given.
    """

    name: str
    retention_seconds: int = 14 * _DAY
    max_receive_count: int = 3


@dataclass(frozen=True, kw_only=True)
class Fifo:
    """Order and exactly-once sending within each message group; the names of both queues end in `.fifo`.

    content_based_deduplication: SQS derives a message's deduplication id from its body. A sender gives it unless set.
    high_throughput: deduplication and throughput count for each message group instead of the whole queue.
    """

    content_based_deduplication: bool = False
    high_throughput: bool = False


class Queue(Construct):
    """A queue whose messages, once received too often, move to a dead-letter queue of the same kind.

    Both are encrypted with SQS's own keys and refuse requests without TLS. The dead-letter queue accepts messages
    from this queue alone. Policy, redrive and redrive-allow sit on the queues themselves: as resources of their own
    each would cost another 25 s at every apply, and the queue would stand unprotected meanwhile.

    The largest message is 262,144 bytes, because the AWS provider sends that number and accepts no larger one
    (5.100.0, its issue 43710). SQS itself has had a default and a maximum of 1,048,576 since August 2025.

    name, arn: literals. queue: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the queue
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        account: Account,
        dead_letters: DeadLetters | None,
        consumer_timeout_seconds: int,
        visibility_timeout_seconds: int | None = None,
        receive_wait_seconds: int = 20,
        retention_seconds: int = 4 * _DAY,
        delay_seconds: int = 0,
        fifo: Fifo | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        """Make the queue, and its dead-letter queue.

        dead_letters: None, for a queue whose messages expire however often they fail, has to be said.
        consumer_timeout_seconds: the longest that a consumer works on a message; 1 to 43,200.
        visibility_timeout_seconds: at least twice that, so that no message is handed out while it is worked on, and
        at most 43,200. Six times unless given, as AWS advises for Lambda.
        receive_wait_seconds: 0 to 20; long polling for 20 s unless given.
        retention_seconds: 60 to 1,209,600; 4 days, AWS's own default, unless given. Longer than delay and all receives
        take together.
        delay_seconds: how long a new message is held back, 0 to 900. Not held back unless given.
        fifo: makes both queues FIFO queues. Standard queues unless given.
        topics: ARNs of the SNS topics that may send messages, for a subscription of theirs. None unless given.

        Raises InvalidConstructError with every value that does not fit.
        """
        super().__init__(scope, id_)
        visibility = (
            ADVISED_TIMEOUTS * consumer_timeout_seconds
            if visibility_timeout_seconds is None
            else visibility_timeout_seconds
        )
        checks = Checks()
        service = Service.SQS_FIFO_QUEUE if fifo else Service.SQS_QUEUE
        checks.faults += name_faults("name", service, name)
        checks.within("consumer_timeout_seconds", consumer_timeout_seconds, 1, 12 * _HOUR)
        checks.within("visibility_timeout_seconds", visibility, 0, 12 * _HOUR)
        checks.within("receive_wait_seconds", receive_wait_seconds, 0, 20)
        checks.within("retention_seconds", retention_seconds, _MINUTE, 14 * _DAY)
        checks.within("delay_seconds", delay_seconds, 0, 15 * _MINUTE)
        for topic in topics:
            checks.that(
                re.fullmatch(_TOPIC, topic) is not None,
                f'topics: "{topic}"; allowed: ARNs of SNS topics, like "arn:aws:sns:us-east-1:111111111111:events"',
            )
        checks.that(
            visibility >= 2 * consumer_timeout_seconds,
            f"visibility_timeout_seconds = {visibility}: shorter than two consumer timeouts of "
            f"{consumer_timeout_seconds} s, so a message would be worked on twice at once; allowed: a consumer timeout "
            f"of at most {visibility // 2} s, or a visibility timeout of at least "
            f"{2 * consumer_timeout_seconds} s",
        )
        if dead_letters:
            checks.faults += name_faults("dead_letters.name", service, dead_letters.name)
            checks.that(dead_letters.name != name, f'dead_letters.name = "{name}": the queue itself; allowed: another')
            _check_dead_letters(checks, dead_letters, retention_seconds, visibility, delay_seconds)
        checks.raise_faults(self)

        self.name = name
        self.account = account
        self.is_fifo = fifo is not None
        self.arn = account.queue_arn(name)
        self.consumer_timeout_seconds = consumer_timeout_seconds
        self.visibility_timeout_seconds = visibility
        self._dead_letter_queue = self._make_dead_letter_queue(dead_letters, receive_wait_seconds, fifo)
        self.queue = SqsQueue(
            self,
            "Queue",
            name=name,
            visibility_timeout_seconds=visibility,
            receive_wait_time_seconds=receive_wait_seconds,
            message_retention_seconds=retention_seconds,
            delay_seconds=delay_seconds or None,
            sqs_managed_sse_enabled=True,
            policy=policy(
                *_allow_topics(self.arn, topics), deny_insecure_transport(action="sqs:*", resources=self.arn)
            ),
            redrive_policy=compact_json(
                {
                    "deadLetterTargetArn": account.queue_arn(dead_letters.name),
                    "maxReceiveCount": dead_letters.max_receive_count,
                }
            )
            if dead_letters
            else None,
            fifo_queue=True if fifo else None,
            content_based_deduplication=fifo.content_based_deduplication if fifo else None,
            deduplication_scope="messageGroup" if fifo and fifo.high_throughput else None,
            fifo_throughput_limit="perMessageGroupId" if fifo and fifo.high_throughput else None,
            # SQS refuses a redrive to a queue that does not exist, and the literal ARN does not say to wait for it.
            depends_on=[self._dead_letter_queue] if self._dead_letter_queue else None,
        )

    def _make_dead_letter_queue(
        self, dead_letters: DeadLetters | None, receive_wait_seconds: int, fifo: Fifo | None
    ) -> SqsQueue | None:
        if dead_letters is None:
            return None
        return SqsQueue(
            self,
            "DeadLetterQueue",
            name=dead_letters.name,
            message_retention_seconds=dead_letters.retention_seconds,
            receive_wait_time_seconds=receive_wait_seconds,
            sqs_managed_sse_enabled=True,
            policy=policy(deny_insecure_transport(action="sqs:*", resources=self.account.queue_arn(dead_letters.name))),
            redrive_allow_policy=compact_json({"redrivePermission": "byQueue", "sourceQueueArns": [self.arn]}),
            fifo_queue=True if fifo else None,
        )

    @property
    def dead_letter_queue(self) -> SqsQueue:
        """Return Terraform's resource of the dead-letter queue. Raises ValueError if there is none."""
        if self._dead_letter_queue is None:
            message = f"{self.node.path}: has no dead-letter queue"
            raise ValueError(message)
        return self._dead_letter_queue

    def send(self) -> Grant:
        """Return the grant to send messages."""
        return Grant(actions=("sqs:SendMessage",), resource=self.arn)

    def consume(self) -> Grant:
        """Return the grant to receive, delete and release messages; Lambda's poller needs it of the function's role."""
        return Grant(
            actions=(
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
            ),
            resource=self.arn,
        )


def _allow_topics(queue_arn: str, topics: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    """Return the statement that lets SNS send for these topics, or none.

    https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
    """
    statement = {
        "Sid": "AllowTopics",
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": list(topics)}},
    }
    return [statement] if topics else []


def _check_dead_letters(
    checks: Checks, dead_letters: DeadLetters, retention_seconds: int, visibility_seconds: int, delay_seconds: int
) -> None:
    count, retention = dead_letters.max_receive_count, dead_letters.retention_seconds
    checks.within("dead_letters.retention_seconds", retention, _MINUTE, 14 * _DAY)
    checks.within("dead_letters.max_receive_count", count, 1, 1000)
    delayed = f"a delay of {delay_seconds} s and " if delay_seconds else ""
    least = delay_seconds + count * visibility_seconds
    checks.that(
        least < retention_seconds,
        f"retention_seconds = {retention_seconds}: {delayed}{count} receives of {visibility_seconds} s take longer, so "
        f"a failing message would expire before it reaches the dead-letter queue; allowed: more than {least}",
    )
    checks.that(
        retention > retention_seconds,
        f"dead_letters.retention_seconds = {retention}: not longer than the queue's {retention_seconds}, so a message "
        f"could expire as it arrives; allowed: more than {retention_seconds}",
    )
