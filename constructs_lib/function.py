"""What a Lambda function of another project needs from the stack: messages of a queue, and a log group."""

from cdktf import Annotations
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.lambda_event_source_mapping import (
    LambdaEventSourceMapping,
    LambdaEventSourceMappingScalingConfig,
)
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.grants import Grant
from constructs_lib.names import Service, name_faults
from constructs_lib.queue import ADVISED_TIMEOUTS, Queue
from constructs_lib.validation import Checks

_MAX_BATCH, _MAX_FIFO_BATCH, _MAX_BATCH_WITHOUT_WINDOW = 10_000, 10, 10
_RETENTION_DAYS = (
    1,
    3,
    5,
    7,
    14,
    30,
    60,
    90,
    120,
    150,
    180,
    365,
    400,
    545,
    731,
    1096,
    1827,
    2192,
    2557,
    2922,
    3288,
    3653,
)
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html"""


class QueueConsumer(Construct):
    """Lambda's poller between a queue and a function, which the mapping names and another project deploys.

    The function has to be there before the mapping is made, and its role needs the grant `Queue.consume`. The poller
    leaves a message that the function names in `batchItemFailures` in the queue, and deletes the others of the batch.

    mapping: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the mapping
        self,
        scope: Construct,
        id_: str,
        *,
        queue: Queue,
        function_name: str,
        max_concurrency: int,
        batch_size: int = 1,
        batching_window_seconds: int = 0,
    ) -> None:
        """Make the mapping.

        max_concurrency: the most batches at a time, 2 to 1,000. Without this limit, batches beyond the function's
        reserved concurrency are throttled, and each throttle counts as a receive.
        batch_size: messages for one invocation, which share its timeout; 1 unless given, at most 10,000, or 10 of a
        FIFO queue.
        batching_window_seconds: how long the poller collects a batch, 0 to 300; at least 1 for batches of more than
        10 messages, always 0 for a FIFO queue. It does not wait unless given.

        Raises InvalidConstructError with every value that Lambda refuses
        (https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html). A visibility timeout below
        the one that AWS advises is a note of the synthesis, not an error.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.faults += name_faults("function_name", Service.LAMBDA_FUNCTION, function_name)
        checks.within("max_concurrency", max_concurrency, 2, 1000)
        checks.within("batch_size", batch_size, 1, _MAX_FIFO_BATCH if queue.is_fifo else _MAX_BATCH)
        checks.within("batching_window_seconds", batching_window_seconds, 0, 300)
        checks.that(
            not (queue.is_fifo and batching_window_seconds),
            f"batching_window_seconds = {batching_window_seconds}: a FIFO queue has no batching window; allowed: 0",
        )
        checks.that(
            queue.is_fifo or batch_size <= _MAX_BATCH_WITHOUT_WINDOW or batching_window_seconds >= 1,
            f"batching_window_seconds = {batching_window_seconds}: too short for batches of {batch_size} messages; "
            f"allowed: at least 1, or a batch_size of at most {_MAX_BATCH_WITHOUT_WINDOW}",
        )
        checks.raise_faults(self)
        advised = ADVISED_TIMEOUTS * queue.consumer_timeout_seconds + batching_window_seconds
        if queue.visibility_timeout_seconds < advised:
            Annotations.of(self).add_info(
                f"visibility_timeout_seconds = {queue.visibility_timeout_seconds} of {queue.name}: AWS advises at "
                f"least {advised}, six timeouts of the function and the batching window, to leave room for throttled "
                "receives"
            )

        self.mapping = LambdaEventSourceMapping(
            self,
            "Mapping",
            event_source_arn=queue.queue.arn,
            function_name=queue.account.function_arn(function_name),
            batch_size=batch_size,
            maximum_batching_window_in_seconds=batching_window_seconds or None,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config=LambdaEventSourceMappingScalingConfig(maximum_concurrency=max_concurrency),
        )


class FunctionLogs(Construct):
    """The log group of a Lambda function, made before the function logs, so that its events do not stay for ever.

    name: `/aws/lambda/` and the function's. log_group: Terraform's resource.
    """

    def __init__(
        self, scope: Construct, id_: str, *, function_name: str, account: Account, retention_days: int = 30
    ) -> None:
        """Make the log group.

        retention_days: one of the numbers that CloudWatch Logs takes, 1 to 3,653; 30 unless given.

        Raises InvalidConstructError with every value that CloudWatch Logs or Lambda refuses.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.faults += name_faults("function_name", Service.LAMBDA_FUNCTION, function_name)
        checks.that(
            retention_days in _RETENTION_DAYS,
            f"retention_days = {retention_days}: not allowed; allowed: {', '.join(map(str, _RETENTION_DAYS))}",
        )
        checks.raise_faults(self)
        self.name = f"/aws/lambda/{function_name}"
        self._arn = account.log_group_arn(self.name)
        self.log_group = CloudwatchLogGroup(self, "Logs", name=self.name, retention_in_days=retention_days)

    def write(self) -> Grant:
        """Return the grant to write log events, which the function's role needs."""
        return Grant(actions=("logs:CreateLogStream", "logs:PutLogEvents"), resource=f"{self._arn}:*")
