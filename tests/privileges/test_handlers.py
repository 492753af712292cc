"""The handlers' policies, as Terraform made them, on an emulator that holds everybody to theirs."""

import itertools
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_emulator.identities import Identity
from tests.journeys.test_smoke import smoke
from tests.privileges.conftest import (
    BUCKET,
    DLQ,
    GRANTED,
    INDEX,
    OTHER_BUCKET,
    OTHER_QUEUE,
    OTHER_TABLE,
    QUEUE,
    TABLE,
    Scene,
    denied_without,
    roles_for,
)
from tests.surroundings import HANG_SECONDS

pytestmark = pytest.mark.xdist_group("deployed")


def test_a_job_goes_through_with_each_step_under_its_handlers_policy(scene: Scene) -> None:
    done = smoke(scene.checkout, *roles_for(scene, {}))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "18 ok, 1 not shown, 0 failed, 0 skipped" in done.stdout
    taken = {
        (call["caller"].split("/")[1], call["action"]): call["resource"]
        for call in scene.administrator.calls()
        if "assumed-role/vpr-" in call["caller"]
    }
    assert set(taken) >= {(f"vpr-{handler}", action) for handler, grants in GRANTED.items() for action, _ in grants}


@pytest.mark.parametrize(
    ("handler", "action"),
    [("submit", "sqs:SendMessage"), ("worker", "dynamodb:UpdateItem"), ("status", "s3:GetObject")],
)
def test_without_an_action_a_job_does_not_go_through(scene: Scene, handler: str, action: str) -> None:
    """One of each handler's; `make privileges` takes every action away."""
    assert action in denied_without(scene, handler, action)


Act = Callable[[Scene, Identity], Any]


def send(queue: str) -> Act:
    return lambda scene, who: who.client("sqs").send_message(QueueUrl=scene.url(queue), MessageBody="{}")


def receive(queue: str) -> Act:
    return lambda scene, who: who.client("sqs").receive_message(QueueUrl=scene.url(queue), WaitTimeSeconds=0)


def on_queue(call: str, queue: str = QUEUE, **arguments: Any) -> Act:
    return lambda scene, who: getattr(who.client("sqs"), call)(QueueUrl=scene.url(queue), **arguments)


def on_table(call: str, table: str = TABLE, **arguments: Any) -> Act:
    return lambda _, who: getattr(who.client("dynamodb"), call)(TableName=table, **arguments)


def on_bucket(call: str, bucket: str = BUCKET, **arguments: Any) -> Act:
    return lambda _, who: getattr(who.client("s3"), call)(Bucket=bucket, **arguments)


def presigned(key: str, bucket: str = BUCKET) -> Act:
    def read(_: Scene, who: Identity) -> None:
        url = who.client("s3").generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=HANG_SECONDS) as answer:
            assert answer.read() == b"{}"

    return read


KEY: dict[str, Any] = {"Key": {"job_id": {"S": "1"}}}
ITEM: dict[str, Any] = {"Item": {"job_id": {"S": "1"}}}
CHANGE: dict[str, Any] = {**KEY, "UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "b"}}}
BY_KEY: dict[str, Any] = {
    "KeyConditionExpression": "idempotency_key = :k",
    "ExpressionAttributeValues": {":k": {"S": "k"}},
}
BY_JOB: dict[str, Any] = {"KeyConditionExpression": "job_id = :k", "ExpressionAttributeValues": {":k": {"S": "1"}}}
RESULT: dict[str, Any] = {"Key": "results/1.json"}
USER: dict[str, Any] = {"Key": {"user_id": {"S": "1"}}}
OF_NOBODY: dict[str, Any] = {"ReceiptHandle": "nobody's"}

FORBIDDEN: dict[str, tuple[str, Act]] = {
    "submit reads a job": ("submit", on_table("get_item", **KEY)),
    "submit queries the table itself": ("submit", on_table("query", **BY_JOB)),
    "submit scans the table": ("submit", on_table("scan")),
    "submit scans the index": ("submit", on_table("scan", IndexName=INDEX)),
    "submit updates another table": ("submit", on_table("update_item", OTHER_TABLE, **{**CHANGE, **USER})),
    "submit deletes a job": ("submit", on_table("delete_item", **KEY)),
    "submit puts into another table": ("submit", on_table("put_item", OTHER_TABLE, Item={"user_id": {"S": "1"}})),
    "submit reads a result": ("submit", on_bucket("get_object", **RESULT)),
    "submit signs a URL of a result": ("submit", presigned("results/1.json")),
    "submit writes a result": ("submit", on_bucket("put_object", **RESULT, Body=b"")),
    "submit receives messages": ("submit", receive(QUEUE)),
    "submit purges the queue": ("submit", on_queue("purge_queue")),
    "submit sends to the DLQ": ("submit", send(DLQ)),
    "submit sends to another queue": ("submit", send(OTHER_QUEUE)),
    "worker sends messages": ("worker", send(QUEUE)),
    "worker purges the queue": ("worker", on_queue("purge_queue")),
    "worker deletes the queue": ("worker", on_queue("delete_queue")),
    "worker changes the queue": ("worker", on_queue("set_queue_attributes", Attributes={"VisibilityTimeout": "0"})),
    "worker receives from the DLQ": ("worker", receive(DLQ)),
    "worker deletes from the DLQ": ("worker", on_queue("delete_message", DLQ, **OF_NOBODY)),
    "worker receives from another queue": ("worker", receive(OTHER_QUEUE)),
    "worker puts a job": ("worker", on_table("put_item", **ITEM)),
    "worker deletes a job": ("worker", on_table("delete_item", **KEY)),
    "worker queries the index": ("worker", on_table("query", IndexName=INDEX, **BY_KEY)),
    "worker updates another table": (
        "worker",
        on_table("update_item", OTHER_TABLE, **{**CHANGE, **USER}),
    ),
    "worker turns the time to live off": (
        "worker",
        on_table("update_time_to_live", TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}),
    ),
    "worker reads a result": ("worker", on_bucket("get_object", **RESULT)),
    "worker deletes a result": ("worker", on_bucket("delete_object", **RESULT)),
    "worker lists the results": ("worker", on_bucket("list_objects_v2")),
    "worker writes outside results/": ("worker", on_bucket("put_object", Key="private/2.json", Body=b"")),
    "worker writes beside results/": ("worker", on_bucket("put_object", Key="results.json", Body=b"")),
    "worker writes to another bucket": ("worker", on_bucket("put_object", OTHER_BUCKET, **RESULT, Body=b"")),
    "worker changes the bucket's policy": ("worker", on_bucket("put_bucket_policy", Policy="{}")),
    "status puts a job": ("status", on_table("put_item", **ITEM)),
    "status updates a job": ("status", on_table("update_item", **CHANGE)),
    "status deletes a job": ("status", on_table("delete_item", **KEY)),
    "status scans the table": ("status", on_table("scan")),
    "status queries the index": ("status", on_table("query", IndexName=INDEX, **BY_KEY)),
    "status reads another table": ("status", on_table("get_item", OTHER_TABLE, **USER)),
    "status writes a result": ("status", on_bucket("put_object", **RESULT, Body=b"")),
    "status deletes a result": ("status", on_bucket("delete_object", **RESULT)),
    "status lists the results": ("status", on_bucket("list_objects_v2")),
    "status reads outside results/": ("status", on_bucket("get_object", Key="private/1.json")),
    "status signs a URL outside results/": ("status", presigned("private/1.json")),
    "status reads from another bucket": ("status", on_bucket("get_object", OTHER_BUCKET, **RESULT)),
    "status sends messages": ("status", send(QUEUE)),
    "status receives messages": ("status", receive(QUEUE)),
    "status reads the queue's settings": ("status", on_queue("get_queue_attributes", AttributeNames=["All"])),
}
ANYBODYS: tuple[tuple[str, Act], ...] = (
    ("deletes the table", on_table("delete_table")),
    ("deletes the bucket", on_bucket("delete_bucket")),
    ("lists the account's buckets", lambda _, who: who.client("s3").list_buckets()),
    (
        "takes the worker's role on",
        lambda scene, who: who.client("sts").assume_role(RoleArn=scene.roles["worker"], RoleSessionName="again"),
    ),
    (
        "gives itself more",
        lambda _, who: who.client("iam").put_role_policy(RoleName="vpr-status", PolicyName="more", PolicyDocument="{}"),
    ),
)
FORBIDDEN.update({f"{handler} {what}": (handler, act) for handler, (what, act) in itertools.product(GRANTED, ANYBODYS)})


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_no_handler_is_to_do_is_denied(scene: Scene, name: str) -> None:
    """63 acts, each refused for want of a permission and for nothing else."""
    assert len(FORBIDDEN) == 63
    handler, act = FORBIDDEN[name]
    with pytest.raises((ClientError, urllib.error.HTTPError)) as refused:
        act(scene, scene.sessions[handler])
    error = refused.value
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        said = error.code
    else:
        said = error.response.get("Error", {}).get("Code")
    assert said in {403, "AccessDenied", "AccessDeniedException"}, error


def test_the_administrator_may_do_what_the_handlers_may_not(scene: Scene) -> None:
    """So that the denials above are the policies', and not of calls that would fail in any case."""
    harmless = {"scans", "queries", "reads", "lists", "receives", "signs"}
    done = [name for name in FORBIDDEN if harmless & set(name.split())]
    assert len(done) == 24
    for name in done:
        _, act = FORBIDDEN[name]
        act(scene, scene.administrator)
