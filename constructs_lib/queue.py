"""An SQS queue with its dead-letter queue."""

from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue
from constructs import Construct

from constructs_lib.policies import compact_json, deny_insecure_transport, policy, queue_arn
from constructs_lib.validation import Checks

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR


class QueueWithDeadLetterQueue(Construct):
    """A standard queue whose messages, once received too often, move to a dead-letter queue.

    Both are encrypted with SQS's own keys and refuse requests without TLS. The dead-letter queue accepts messages
    from this queue alone. Policy, redrive and redrive-allow sit on the queues themselves: as resources of their own
    each would cost another 25 s at every apply, and the queue would stand unprotected meanwhile.

    The largest message is 262,144 bytes, because the AWS provider sends that number and accepts no larger one
    (5.100.0, its issue 43710). SQS itself has had a default and a maximum of 1,048,576 since August 2025.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the queue
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        dead_letter_name: str,
        account_id: str,
        region: str,
        consumer_timeout_seconds: int,
        visibility_timeout_seconds: int,
        receive_wait_seconds: int = 20,
        retention_seconds: int = 4 * _DAY,
        dead_letter_retention_seconds: int = 14 * _DAY,
        max_receive_count: int = 3,
    ) -> None:
        """Make the two queues.

        consumer_timeout_seconds: the longest that a consumer works on a message; 1 to 43,200.
        visibility_timeout_seconds: at least twice that, so that no message is handed out while it is worked on.
        receive_wait_seconds: 0 to 20; long polling for 20 s unless given.
        retention_seconds: 60 to 1,209,600; 4 days, AWS's own default, unless given. Longer than all receives take.
        dead_letter_retention_seconds: longer than retention_seconds, for a message's age goes on counting when it
        moves; 14 days, AWS's most, unless given.
        max_receive_count: 1 to 1,000 receives before a message moves; 3 unless given.

        Raises InvalidConstructError with every value that does not fit.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.within("consumer_timeout_seconds", consumer_timeout_seconds, 1, 12 * _HOUR)
        checks.within("visibility_timeout_seconds", visibility_timeout_seconds, 0, 12 * _HOUR)
        checks.within("receive_wait_seconds", receive_wait_seconds, 0, 20)
        checks.within("retention_seconds", retention_seconds, _MINUTE, 14 * _DAY)
        checks.within("dead_letter_retention_seconds", dead_letter_retention_seconds, _MINUTE, 14 * _DAY)
        checks.within("max_receive_count", max_receive_count, 1, 1000)
        checks.that(
            visibility_timeout_seconds >= 2 * consumer_timeout_seconds,
            f"visibility_timeout_seconds = {visibility_timeout_seconds}: shorter than two consumer timeouts of "
            f"{consumer_timeout_seconds} s, so a message would be worked on twice at once; allowed: a consumer timeout "
            f"of at most {visibility_timeout_seconds // 2} s, or a visibility timeout of at least "
            f"{2 * consumer_timeout_seconds} s",
        )
        checks.that(
            max_receive_count * visibility_timeout_seconds < retention_seconds,
            f"retention_seconds = {retention_seconds}: {max_receive_count} receives of {visibility_timeout_seconds} s "
            f"take longer, so a failing message would expire before it reaches the dead-letter queue; "
            f"allowed: more than {max_receive_count * visibility_timeout_seconds}",
        )
        checks.that(
            dead_letter_retention_seconds > retention_seconds,
            f"dead_letter_retention_seconds = {dead_letter_retention_seconds}: not longer than the queue's "
            f"{retention_seconds}, so a message could expire as it arrives; allowed: more than {retention_seconds}",
        )
        checks.raise_faults(self)

        arn = queue_arn(name=name, account_id=account_id, region=region)
        dead_letter_arn = queue_arn(name=dead_letter_name, account_id=account_id, region=region)
        self.dead_letter_queue = SqsQueue(
            self,
            "DeadLetterQueue",
            name=dead_letter_name,
            message_retention_seconds=dead_letter_retention_seconds,
            receive_wait_time_seconds=receive_wait_seconds,
            sqs_managed_sse_enabled=True,
            policy=policy(deny_insecure_transport(action="sqs:*", resources=dead_letter_arn)),
            redrive_allow_policy=compact_json({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}),
        )
        self.queue = SqsQueue(
            self,
            "Queue",
            name=name,
            visibility_timeout_seconds=visibility_timeout_seconds,
            receive_wait_time_seconds=receive_wait_seconds,
            message_retention_seconds=retention_seconds,
            sqs_managed_sse_enabled=True,
            policy=policy(deny_insecure_transport(action="sqs:*", resources=arn)),
            redrive_policy=compact_json({"deadLetterTargetArn": dead_letter_arn, "maxReceiveCount": max_receive_count}),
            # SQS refuses a redrive to a queue that does not exist, and the literal ARN does not say to wait for it.
            depends_on=[self.dead_letter_queue],
        )
