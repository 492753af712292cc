"""SIGKILL, at many points of an apply: the next run recovers, and nothing is lost or made twice."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.scene import Scene, scene


@dataclass(frozen=True)
class Point:
    """When to kill: once Terraform has said something, and some seconds after that."""

    said: str
    seconds: float = 0.0


MADE = (
    "aws_sqs_queue.Jobs_DeadLetterQueue",
    "aws_sqs_queue.Jobs_Queue",
    "aws_dynamodb_table.JobsTable",
    "aws_s3_bucket.Results_Bucket",
    "aws_s3_bucket_public_access_block.",
    "aws_s3_bucket_ownership_controls.",
    "aws_s3_bucket_server_side_encryption_configuration.",
    "aws_s3_bucket_policy.",
    "aws_s3_bucket_lifecycle_configuration.",
    "aws_cloudwatch_metric_alarm.DlqAlarm",
    "aws_cloudwatch_metric_alarm.QueueDepth",
    "aws_cloudwatch_metric_alarm.WorkerErrors",
)
POINTS = {
    "as it begins": Point("terraform init"),
    **{f"after {address}": Point(f"{address}*: Creation complete") for address in MADE},
    **{f"while making {address}": Point(f"{address}*: Creating...") for address in (MADE[0], MADE[2], MADE[3])},
    **{f"{seconds} s into it": Point("Creating...", seconds) for seconds in (0.2, 1, 12, 22, 40)},
}


def kill(name: str, path: Path) -> str:
    """Kill an apply at that point, recover, and look at everything; return what recovering took."""
    with scene(path) as prod:
        prod.succeeds("plan")
        killed_apply(prod, POINTS[name])
        held = prod.put_something_into_all_that_is_there()
        was_locked = prod.is_locked()
        told = prod.recover()
        assert ("unlocked" in told) is was_locked
        assert set(prod.holding_something()) >= set(held), "something was lost"
        prod.is_whole()
        return f"{told}; kept what {len(held)} held"


def killed_apply(prod: Scene, point: Point) -> None:
    """Run an apply in a process group of its own, and kill that group at the point."""
    process = prod.checkout.start("python", "-m", "ops", "apply", ENV="prod")
    assert process.stderr
    heard = _listener(point.said)
    for line in process.stderr:
        if heard(line):
            break
    else:
        message = f"never said: {point.said}"
        raise AssertionError(message)
    # What it goes on to say must not fill the pipe and hold it up.
    threading.Thread(target=process.stderr.read, daemon=True).start()
    threading.Event().wait(point.seconds)
    assert process.poll() is None, "it had ended already"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=60)


def _listener(said: str) -> Callable[[str], bool]:
    start, _, end = said.rpartition("*")
    return lambda line: line.startswith(start) and end in line
