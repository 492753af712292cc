"""A six-resource app, run by the tests as a program: `six_resources.py OUTDIR`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

from cdktf import App, Fn, TerraformStack
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.dynamodb_table import DynamodbTable
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue


def synthesize(outdir: str) -> None:
    """Write the JSON of two queues, a table, a bucket, a topic and an alarm."""
    app = App(outdir=outdir)
    stack = TerraformStack(app, "six")
    AwsProvider(stack, "aws", region="eu-west-1")
    dead = SqsQueue(stack, "dead", name="dead")
    redrive = Fn.jsonencode({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 3})
    SqsQueue(stack, "queue", name="queue", redrive_policy=redrive)
    key = {"name": "id", "type": "S"}
    DynamodbTable(stack, "table", name="table", billing_mode="PAY_PER_REQUEST", hash_key="id", attribute=[key])
    S3Bucket(stack, "bucket", bucket="bucket", tags={"owner": "tests"})
    topic = SnsTopic(stack, "topic", name="topic")
    CloudwatchMetricAlarm(
        stack,
        "alarm",
        alarm_name="alarm",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        alarm_actions=[topic.arn],
    )
    app.synth()


def node_processes(parent: int) -> list[int]:
    """Return the process ids of jsii's kernel and, in stock, of the Node process above it."""
    children = [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    return [process for child in children for process in (child, *node_processes(child))]


def peak_megabytes(pid: int) -> float:
    """Return the largest resident set that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    (peak,) = (line.split()[1] for line in status if line.startswith("VmHWM:"))
    return int(peak) / 1024


if __name__ == "__main__":
    synthesize(sys.argv[1])
    report = {
        "modules": sum(name.startswith("cdktf_cdktf_provider_aws") for name in sys.modules),
        "node": node_processes(os.getpid()),
        "peak_megabytes": max(map(peak_megabytes, node_processes(os.getpid()))),
    }
    sys.stdout.write(json.dumps(report))
