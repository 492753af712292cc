"""SIGKILL, at many points of an apply: the next run recovers, and nothing is lost or made twice."""

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults.scene import STATE_BUCKET, Scene, scene
from tests.surroundings import HANG_SECONDS


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
    "aws_iam_policy.Handlers_Submit",
    "aws_iam_policy.Handlers_Worker",
    "aws_iam_policy.Handlers_Status",
)
POINTS = {
    "as it begins": Point("synthesize"),
    **{f"after {address}": Point(f"{address}*: Creation complete") for address in MADE},
    **{f"while making {address}": Point(f"{address}*: Creating...") for address in (MADE[0], MADE[2], MADE[3])},
    **{f"{seconds} s into it": Point("Creating...", seconds) for seconds in (0.2, 1, 12, 22, 40)},
}

BOOTSTRAP_POINTS = {
    "as it begins": Point("terraform init"),
    "while making the state bucket": Point("aws_s3_bucket.*: Creating..."),
    "after the state bucket": Point("aws_s3_bucket.*: Creation complete"),
    "after its versioning": Point("aws_s3_bucket_versioning.*: Creation complete"),
    "after its last part": Point("aws_s3_bucket_lifecycle_configuration.*: Creation complete"),
    "when it was all made": Point("Apply complete!"),
    "when the state was moved": Point("move the state into"),
}

REFRESH_POINTS = {
    "as it begins": Point("synthesize"),
    **{f"{seconds} s after it was shown": Point("terraform show", seconds) for seconds in (0.5, 1, 2, 4)},
    "when it was all written": Point("Apply complete!"),
}


def kill(name: str, path: Path) -> str:
    """Kill an apply at that point, recover, and look at everything; return what recovering took."""
    with scene(path) as prod:
        prod.succeeds("plan")
        killed(prod, "apply", POINTS[name])
        held = prod.put_something_into_all_that_is_there()
        was_locked = prod.is_locked()
        told = prod.recover()
        assert ("unlocked" in told) is was_locked
        assert set(prod.holding_something()) >= set(held), "something was lost"
        prod.is_whole()
        return f"{told}; kept what {len(held)} held"


def kill_bootstrap(name: str, path: Path) -> str:
    """Kill a bootstrap at that point; the next one completes it, and the one after that finds no difference."""
    with scene(path) as prod:
        killed(prod, "bootstrap", BOOTSTRAP_POINTS[name])
        made = prod.present()["buckets"]
        told: list[str] = []
        assert prod.whatever_is_locked("bootstrap", told).status == 0
        assert prod.present()["buckets"] == [STATE_BUCKET]
        again = prod.succeeds("bootstrap")
        assert "state-backend-prod: no difference" in again.errors
        assert "Apply complete!" not in again.errors
        assert len(prod.state("state-backend-prod")["resources"]) == 7
        return ", ".join([f"{len(made)} bucket there", *told])


def kill_refresh(name: str, path: Path) -> str:
    """Kill, at that point, an apply that only writes what the refresh found; the state is the old or the new one."""
    with scene(path) as prod:
        for command in ("plan", "apply"):
            prod.succeeds(command)
        prod.forget("aws_sqs_queue", "max_message_size")
        forgetful = prod.state()
        assert ": state only: 2 to refresh" in prod.succeeds("plan").output
        killed(prod, "apply", REFRESH_POINTS[name])
        is_written = prod.knows("aws_sqs_queue", "max_message_size")
        assert is_written or prod.state() == forgetful
        was_locked = prod.is_locked()
        told = prod.recover()
        assert ("unlocked" in told) is was_locked
        prod.is_whole()
        assert prod.knows("aws_sqs_queue", "max_message_size")
        assert prod.succeeds("drift").output.endswith("drift: none\n")
        return f"{'written' if is_written else 'not written'}; {told}"


def killed(prod: Scene, command: str, point: Point) -> None:
    """Run a command in a process group of its own, and kill that group at the point."""
    process = prod.checkout.start("python", "-m", "ops", command, ENV="prod")
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
    process.wait(timeout=HANG_SECONDS)


def _listener(said: str) -> Callable[[str], bool]:
    start, _, end = said.rpartition("*")
    return lambda line: line.startswith(start) and end in line
