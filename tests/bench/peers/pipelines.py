"""Many job pipelines in one stack, of this project's own constructs: `pipelines.py COUNT`."""

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

import sys

from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.alarms import MetricAlarm
from constructs_lib.bucket import Bucket
from constructs_lib.lifecycle import Expire
from constructs_lib.metrics import function_error_rate, queue_depth
from constructs_lib.queue import DeadLetters, Queue
from constructs_lib.table import GlobalIndex, Key, Table

ACCOUNT = Account(id="111111111111", region="us-east-1")


class Pipeline(Construct):
    """Queue, dead-letter queue, table, bucket and two alarms."""

    def __init__(self, scope: Construct, id_: str, *, number: int) -> None:
        """Make pipeline `number`; its names end in it."""
        super().__init__(scope, id_)
        jobs = Queue(
            self,
            "Jobs",
            name=f"careervp-vpr-jobs-queue-{number}",
            account=ACCOUNT,
            dead_letters=DeadLetters(name=f"careervp-vpr-jobs-dlq-{number}"),
            consumer_timeout_seconds=300,
            visibility_timeout_seconds=660,
            retention_seconds=4 * 60 * 60,
        )
        Table(
            self,
            "JobsTable",
            name=f"careervp-jobs-table-{number}",
            account=ACCOUNT,
            partition_key=Key.string("job_id"),
            ttl_attribute="ttl",
            global_indexes=[GlobalIndex(name="idempotency-key-index", partition_key=Key.string("idempotency_key"))],
        )
        Bucket(
            self,
            "Results",
            name=f"careervp-{number}-vpr-results-us-east-1-0a1b2c",
            account=ACCOUNT,
            rules=[Expire(id="DeleteOldResults", days=7)],
        )
        MetricAlarm(
            self,
            "DlqAlarm",
            name=f"careervp-vpr-dlq-alarm-{number}",
            description="A job failed for good.",
            condition=queue_depth(jobs.dead_letter_queue.name).at_least(1),
        )
        MetricAlarm(
            self,
            "WorkerErrorsAlarm",
            name=f"careervp-vpr-worker-errors-alarm-{number}",
            description="Too many of the worker's invocations failed.",
            condition=function_error_rate(f"careervp-vpr-worker-lambda-{number}").above(5),
        )


app = App()
stack = TerraformStack(app, "growth")
AwsProvider(stack, "Aws", region=ACCOUNT.region)
for each in range(int(sys.argv[1])):
    Pipeline(stack, f"Pipeline{each}", number=each)
app.synth()
