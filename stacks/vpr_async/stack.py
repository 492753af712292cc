"""The infrastructure under asynchronous report generation: queue, table, bucket and alarms."""

from collections.abc import Mapping
from typing import NamedTuple

from cdktf import TerraformOutput
from constructs import Construct

from constructs_lib.alarms import MetricAlarm
from constructs_lib.bucket import Bucket
from constructs_lib.grants import ManagedPolicy, access_document
from constructs_lib.lifecycle import Expire
from constructs_lib.metrics import Condition, function_error_rate, queue_depth
from constructs_lib.queue import DeadLetters, Queue
from constructs_lib.table import GlobalIndex, Key, Table
from constructs_lib.topic import AlarmTopic, Subscription
from constructs_lib.validation import InvalidConstructError
from stacks.environment import EnvironmentStack
from stacks.settings import HandlerPolicies, Settings
from stacks.vpr_async.names import FEATURE, Names, names_of
from stacks.vpr_async.settings import Alarms, own

IDEMPOTENCY_INDEX = "idempotency-key-index"
RESULTS_PREFIX = "results/"
FORMER_SUBSCRIPTION = "aws_sns_topic_subscription.AlarmTopic_Email_AFB89F75"
"""The address in Terraform's state that the one subscription had."""
RESULTS_DAYS = 7
VISIBILITY_SECONDS = 660
WAITING_JOBS = 50
FAILED_PERCENT = 5
WORKER_CONCURRENCY = 5
"""The worker's reserved concurrency."""


class _Conditions(NamedTuple):
    """The conditions of the alarms."""

    dlq: Condition
    worker_errors: Condition
    queue_depth: Condition


def _conditions(*, queue: str, dlq: str, worker_function: str) -> _Conditions:
    return _Conditions(
        dlq=queue_depth(dlq).at_least(1),
        worker_errors=function_error_rate(worker_function).above(FAILED_PERCENT),
        queue_depth=queue_depth(queue).above(WAITING_JOBS),
    )


def _too_slow(timeout_seconds: int) -> InvalidConstructError:
    """Return the error of a worker's timeout, by the key that the settings have."""
    message = (
        f"the queue hides a message for {VISIBILITY_SECONDS} s (VISIBILITY_SECONDS in stacks/vpr_async/stack.py), less "
        "than twice that, so a message would be worked on twice; "
        f"allowed: at most {VISIBILITY_SECONDS // 2}, or raise the other to at least {2 * timeout_seconds}"
    )
    return InvalidConstructError(f"vpr_async.worker.timeout_seconds = {timeout_seconds}", [message])


class VprAsyncStack(EnvironmentStack):
    """One environment's VPR infrastructure, with the outputs that the handlers' teams build on."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        """Compose the stack `name`.

        Raises InvalidConstructError when the settings break an invariant of the resources.
        """
        names, vpr = names_of(settings), own(settings)
        super().__init__(scope, name, settings=settings, feature=FEATURE)
        if 2 * vpr.worker.timeout_seconds > VISIBILITY_SECONDS:
            raise _too_slow(vpr.worker.timeout_seconds)
        jobs = Queue(
            self,
            "Jobs",
            name=names.jobs_queue,
            account=self.account,
            dead_letters=DeadLetters(name=names.jobs_dlq, retention_seconds=14 * 24 * 60 * 60, max_receive_count=3),
            consumer_timeout_seconds=vpr.worker.timeout_seconds,
            visibility_timeout_seconds=VISIBILITY_SECONDS,
            receive_wait_seconds=20,
            retention_seconds=4 * 60 * 60,
        )
        table = Table(
            self,
            "JobsTable",
            name=names.jobs_table,
            account=self.account,
            partition_key=Key.string("job_id"),
            ttl_attribute="ttl",
            global_indexes=[GlobalIndex(name=IDEMPOTENCY_INDEX, partition_key=Key.string("idempotency_key"))],
            retain_data=settings.retains_data,
        )
        results = Bucket(
            self,
            "Results",
            name=names.results_bucket,
            account=self.account,
            rules=[Expire(id="DeleteOldResults", days=RESULTS_DAYS)],
            retain_data=settings.retains_data,
        )
        self._alarm(vpr.alarms, names, jobs)
        self._publish(jobs, table, results)
        self._grant(settings, names, jobs, table, results)
        if vpr.worker.wire:
            self._wire(names, jobs)
        if vpr.dashboard:
            self._show(names, vpr.worker.timeout_seconds)

    def _alarm(self, alarms: Alarms, names: Names, jobs: Queue) -> None:
        actions: list[str] = [*alarms.topic_arns]
        if alarms.emails:
            first, *others = alarms.emails
            topic = AlarmTopic(
                self,
                "AlarmTopic",
                name=names.alarm_topic,
                account=self.account,
                # Settings had one address before they had a list; its consent counts on.
                subscriptions=[
                    Subscription.email(first, moved_from=FORMER_SUBSCRIPTION),
                    *map(Subscription.email, others),
                ],
            )
            actions.append(topic.arn)
        raised = _conditions(
            queue=jobs.queue.name, dlq=jobs.dead_letter_queue.name, worker_function=names.worker_function
        )
        MetricAlarm(
            self,
            "DlqAlarm",
            name=names.dlq_alarm,
            description="A VPR job failed for good: its message is in the dead-letter queue. "
            "Runbook: docs/runbooks/alarm-dlq.md",
            condition=raised.dlq,
            actions=actions,
        )
        MetricAlarm(
            self,
            "WorkerErrorsAlarm",
            name=names.worker_errors_alarm,
            description=f"More than {FAILED_PERCENT} % of the VPR worker's invocations failed within five minutes. "
            "Runbook: docs/runbooks/alarm-worker-errors.md",
            condition=raised.worker_errors,
            actions=actions,
        )
        MetricAlarm(
            self,
            "QueueDepthAlarm",
            name=names.queue_depth_alarm,
            description=f"More than {WAITING_JOBS} VPR jobs wait: the worker does not keep up. "
            "Runbook: docs/runbooks/alarm-queue-depth.md",
            condition=raised.queue_depth,
            actions=actions,
        )

    def _publish(self, jobs: Queue, table: Table, results: Bucket) -> None:
        queue_url, table_name, bucket_name = jobs.queue.url, table.table.name, results.bucket.bucket
        outputs: dict[str, str | Mapping[str, str]] = {
            "jobs_queue_url": queue_url,
            "jobs_queue_arn": jobs.queue.arn,
            "jobs_dlq_url": jobs.dead_letter_queue.url,
            "jobs_table_name": table_name,
            "jobs_table_arn": table.table.arn,
            "results_bucket_name": bucket_name,
            "results_bucket_arn": results.bucket.arn,
            "handler_environment": {
                "SQS_QUEUE_URL": queue_url,
                "VPR_JOBS_TABLE_NAME": table_name,
                "VPR_RESULTS_BUCKET_NAME": bucket_name,
            },
        }
        self._output(outputs)

    def _grant(self, settings: Settings, names: Names, jobs: Queue, table: Table, results: Bucket) -> None:
        # Submit marks the job as failed when its message cannot be sent.
        submit = {
            "PutAndUpdateJobs": table.put() | table.update(),
            "FindJobsByIdempotencyKey": table.query(IDEMPOTENCY_INDEX),
            "SendMessages": jobs.send(),
        }
        worker = {
            "ConsumeMessages": jobs.consume(),
            "ReadAndUpdateJobs": table.get() | table.update(),
            "WriteResults": results.write(RESULTS_PREFIX),
        }
        # Whoever opens a presigned URL does so with the permissions of the role that signed it.
        status = {"ReadJobs": table.get(), "ReadResults": results.read(RESULTS_PREFIX)}
        if own(settings).handlers.policies is HandlerPolicies.DOCUMENTS:
            documents = {
                handler: access_document(f"{self.node.path}/{handler}", grants)
                for handler, grants in (("submit", submit), ("worker", worker), ("status", status))
            }
            self._output({"handler_policy_documents": documents})
            return
        handlers = Construct(self, "Handlers")
        policies = {
            "submit_policy_arn": ManagedPolicy(
                handlers,
                "Submit",
                name=names.submit_policy,
                description=f"Put jobs into {names.jobs_table} and send their messages to {names.jobs_queue}.",
                grants=submit,
            ),
            "worker_policy_arn": ManagedPolicy(
                handlers,
                "Worker",
                name=names.worker_policy,
                description=f"Work on the messages of {names.jobs_queue}: update jobs and write results.",
                grants=worker,
            ),
            "status_policy_arn": ManagedPolicy(
                handlers,
                "Status",
                name=names.status_policy,
                description=f"Read the jobs of {names.jobs_table} and their results.",
                grants=status,
            ),
        }
        self._output({name: policy.arn for name, policy in policies.items()})

    def _wire(self, names: Names, jobs: Queue) -> None:
        # Most environments leave this to the worker's own project, and synthesize faster without the modules.
        from constructs_lib.function import FunctionLogs, QueueConsumer  # noqa: PLC0415

        QueueConsumer(
            self,
            "Worker",
            queue=jobs,
            function_name=names.worker_function,
            max_concurrency=WORKER_CONCURRENCY,
            batch_size=1,
        )
        FunctionLogs(
            self,
            "WorkerLogs",
            function_name=names.worker_function,
            account=self.account,
            retention_days=30,
        )

    def _show(self, names: Names, worker_timeout_seconds: int) -> None:
        # As with the wiring: the module is loaded where it is needed.
        from constructs_lib.dashboard import Dashboard, ShownFunction, ShownQueue, ShownTable  # noqa: PLC0415

        Dashboard(
            self,
            "Dashboard",
            name=names.dashboard,
            account=self.account,
            queues=[ShownQueue(names.jobs_queue, names.jobs_dlq)],
            functions=[ShownFunction(names.worker_function, worker_timeout_seconds)],
            tables=[ShownTable(names.jobs_table, [IDEMPOTENCY_INDEX])],
            conditions=_conditions(queue=names.jobs_queue, dlq=names.jobs_dlq, worker_function=names.worker_function),
        )

    def _output(self, outputs: Mapping[str, str | Mapping[str, str]]) -> None:
        for name, value in outputs.items():
            TerraformOutput(self, name, value=value, static_id=True)
