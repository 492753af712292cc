"""The resources of a smoke run: all of them are there, and nobody else is at work in them."""

from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from stacks.smoke import NotReadyError, Scene
from stacks.vpr_async.names import Names
from stacks.vpr_async.smoke.actors import Actor
from stacks.vpr_async.smoke.job import Queue

ABSENT = {"AWS.SimpleQueueService.NonExistentQueue", "ResourceNotFoundException", "NoSuchBucket", "404"}
COUNTS = {
    "ApproximateNumberOfMessages": "waiting",
    "ApproximateNumberOfMessagesDelayed": "delayed",
    "ApproximateNumberOfMessagesNotVisible": "in flight",
}


def find_queues(scene: Scene, names: Names, operator: Actor) -> tuple[Queue, Queue]:
    """Return the jobs queue and its dead-letter queue, both empty; the table and the bucket are there as well.

    Raises NotReadyError with all that is missing, or when there are messages: a receive would count as theirs.
    """
    sqs = operator.sqs
    looks: dict[str, Callable[[], Any]] = {
        f"queue {names.jobs_queue}": lambda: sqs.get_queue_url(QueueName=names.jobs_queue),
        f"queue {names.jobs_dlq}": lambda: sqs.get_queue_url(QueueName=names.jobs_dlq),
        f"table {names.jobs_table}": operator.jobs.load,
        f"bucket {names.results_bucket}": lambda: operator.s3.head_bucket(Bucket=names.results_bucket),
    }
    missing = [what for what, look in looks.items() if not _is_there(what, look)]
    if missing:
        message = f"{scene.stack} is not deployed as a whole on {scene.where}: no {', no '.join(missing)}"
        raise NotReadyError(message)
    return _empty_queue(scene, sqs, names.jobs_queue), _empty_queue(scene, sqs, names.jobs_dlq)


def _is_there(what: str, look: Callable[[], Any]) -> bool:
    try:
        look()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ABSENT:
            return False
        message = f"{what}: {error}"
        raise NotReadyError(message) from None
    except BotoCoreError as error:
        message = f"{what}: {error}"
        raise NotReadyError(message) from None
    return True


def _empty_queue(scene: Scene, sqs: Any, name: str) -> Queue:
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", *COUNTS])["Attributes"]
    except (ClientError, BotoCoreError) as error:
        message = f"queue {name}: {error}"
        raise NotReadyError(message) from None
    if any(int(attributes[count]) for count in COUNTS):
        counts = ", ".join(f"{attributes[count]} {state}" for count, state in COUNTS.items())
        on_aws = "run it when the queue is empty (AWS's counts may lag by a minute)"
        remedy = f"{scene.reset} empties queues, table and bucket" if scene.reset else on_aws
        message = (
            f"queue {name} is not empty ({counts}): smoke would receive these messages too, which counts as a "
            f"failed attempt of theirs; {remedy}"
        )
        raise NotReadyError(message)
    return Queue(name=name, url=url, arn=attributes["QueueArn"])
