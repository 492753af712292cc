"""Let two writers meet between a server's look at what is stored and its write, and count who succeeds.

A program of its own, since it has to get between the steps of moto, in the process that serves. Whoever has
looked waits there for the other, for a while: if both get there, they both saw nothing, and both write.
"""

from __future__ import annotations

import contextlib
import functools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aws_emulator.server import make_server

WAIT_SECONDS = 0.3
ACCOUNT_ID = "123412341234"
REGION = "eu-central-1"


def pause_after(owner: type, name: str) -> None:
    """Make callers of a method wait for each other when it has returned."""
    look, meeting = getattr(owner, name), threading.Barrier(2)

    @functools.wraps(look)
    def look_and_wait(*args: Any, **kwargs: Any) -> Any:
        seen = look(*args, **kwargs)
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(WAIT_SECONDS)
        return seen

    setattr(owner, name, look_and_wait)


def object_writer(s3: Any) -> Callable[[], None]:
    """Make a conditional put of an object."""
    from moto.s3.models import S3Backend  # noqa: PLC0415 - after the server has set the account

    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
    pause_after(S3Backend, "get_object")
    return lambda: s3.put_object(Bucket="bucket", Key="lock", Body=b"", IfNoneMatch="*")


def item_writer(dynamodb: Any) -> Callable[[], None]:
    """Make a conditional put of an item."""
    from moto.dynamodb.models.table import Table  # noqa: PLC0415 - after the server has set the account

    dynamodb.create_table(
        TableName="table",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    pause_after(Table, "get_item")
    item = {"id": {"S": "lock"}}
    return lambda: dynamodb.put_item(TableName="table", Item=item, ConditionExpression="attribute_not_exists(id)")


def consumer(sqs: Any) -> Callable[[], None]:
    """Make a receive that finds a message whose receives are used up."""
    from moto.sqs.models import sqs_backends  # noqa: PLC0415 - after the server has set the account

    sqs.create_queue(QueueName="dlq")
    redrive = f'{{"deadLetterTargetArn":"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:dlq","maxReceiveCount":1}}'
    url = sqs.create_queue(QueueName="queue", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="poison")
    sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)

    class Policy(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            return super().__getitem__(name)

    pause_after(Policy, "__getitem__")
    queue: Any = sqs_backends[ACCOUNT_ID][REGION].queues["queue"]
    queue.redrive_policy = Policy(queue.redrive_policy)
    return lambda: sqs.receive_message(QueueUrl=url)


WRITERS: dict[str, Callable[[Any], Callable[[], None]]] = {
    "s3": object_writer,
    "dynamodb": item_writer,
    "sqs": consumer,
}


def outcome(write: Callable[[], None]) -> str:
    """Tell how a call ended, by the service's own word."""
    from botocore.exceptions import ClientError  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    try:
        write()
    except ClientError as error:
        response: Any = error.response  # pyright: ignore[reportUnknownMemberType]
        return response["Error"]["Code"]
    return "done"


def main() -> None:
    """Print for each service the outcomes of two simultaneous calls, sorted."""
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    server = make_server(ACCOUNT_ID, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    import boto3  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]
    from botocore.config import Config  # noqa: PLC0415  # pyright: ignore[reportMissingTypeStubs]

    session: Any = boto3.Session(aws_access_key_id="a", aws_secret_access_key="a", region_name=REGION)  # noqa: S106
    once = Config(retries={"total_max_attempts": 1})
    endpoint = f"http://127.0.0.1:{server.port}"
    with ThreadPoolExecutor(2) as writers:
        for service, make_writer in WRITERS.items():
            write = make_writer(session.client(service, endpoint_url=endpoint, config=once))
            print(service, *sorted(writers.map(outcome, [write, write])))


if __name__ == "__main__":
    main()
