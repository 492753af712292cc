"""`make smoke` on a deployed dev stack: what it shows, what it notices, and that it leaves nothing behind."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws_emulator import Emulator
from aws_emulator.identities import Identity
from config.environments import Environment
from config.request import Target
from ops.progress import say
from ops.smoke.command import clean_up, scene_of
from ops.workspace import Workspace
from stacks.features import load_settings
from stacks.smoke import NotReadyError, UnexpectedError
from stacks.vpr_async import FEATURE as VPR_ASYNC
from stacks.vpr_async.names import names_of
from stacks.vpr_async.smoke import SMOKE
from stacks.vpr_async.smoke.actors import make_actors
from stacks.vpr_async.smoke.job import Job, Queue
from stacks.vpr_async.smoke.resources import find_queues
from tests.checkout import Checkout
from tests.journeys.test_life import clients
from tests.surroundings import HANG_SECONDS

pytestmark = pytest.mark.xdist_group("deployed")

QUEUE, DLQ = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev"
TABLE, BUCKET = "careervp-jobs-table-dev", "careervp-dev-vpr-results-us-east-1-f6121f"
LINE = re.compile(r"(ok|not shown|FAILED|skipped) +(submit|worker|status|public|operator) +(.+?): \d+\.\d\d s - (.+)")
STEPS = [
    ("submit", "put a job"),
    ("submit", "find it by its idempotency key"),
    ("submit", "mark it FAILED"),
    ("submit", "send its message"),
    ("worker", "read the queue's settings"),
    ("worker", "receive the message"),
    ("worker", "start the job"),
    ("worker", "write the result"),
    ("worker", "complete the job"),
    ("worker", "delete the message"),
    ("status", "read the job"),
    ("status", "read its time to live"),
    ("status", "read the result through a presigned URL"),
    ("public", "read the result without a signature"),
    ("public", "read the result over plain HTTP"),
    ("worker", "fail on the message three times"),
    ("operator", "find the message in the DLQ"),
    ("operator", "redrive the message"),
    ("worker", "receive the redriven message"),
]


def smoke(checkout: Checkout, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return checkout.run("python", "-m", "ops", "smoke", *options, **variables)


def outcomes(output: str) -> dict[str, str]:
    return {match[3]: match[1] for match in LINE.finditer(output)}


@pytest.fixture
def aws(deployed_dev: Checkout) -> dict[str, Any]:
    return clients(deployed_dev, "dev")


@pytest.fixture
def job(deployed_dev: Checkout) -> Job:
    return made_job(workspace(deployed_dev))


def workspace(checkout: Checkout) -> Workspace:
    record = json.loads((checkout.path / ".emulator" / "dev.json").read_text())
    emulator = Emulator(record["endpoint"], record["account_id"], record["pid"])
    settings = load_settings(Environment("dev"))
    return Workspace(
        settings=settings,
        target=Target.EMULATOR,
        variables=emulator.child_environment({}, settings.region),
        emulator=emulator,
        feature=VPR_ASYNC,
        stack_directory=checkout.folder("vpr-async-dev"),
    )


def made_job(where: Workspace) -> Job:
    actors = make_actors(scene_of(SMOKE, where, {}))
    queue, dlq = (
        Queue(name, actors.operator.sqs.get_queue_url(QueueName=name)["QueueUrl"], f"arn:aws:sqs:::{name}")
        for name in (QUEUE, DLQ)
    )
    return Job(names_of(where.settings), actors, queue, dlq, emulated=True, say=say)


def left(aws: dict[str, Any]) -> dict[str, int]:
    """Count what is in the resources, messages in flight included."""
    counts = {
        TABLE: aws["dynamodb"].scan(TableName=TABLE)["Count"],
        BUCKET: aws["s3"].list_objects_v2(Bucket=BUCKET)["KeyCount"],
    }
    for name in (QUEUE, DLQ):
        url = aws["sqs"].get_queue_url(QueueName=name)["QueueUrl"]
        attributes = aws["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        counts[name] = sum(int(count) for key, count in attributes.items() if key.startswith("ApproximateNumberOf"))
    return counts


NOTHING = {TABLE: 0, BUCKET: 0, QUEUE: 0, DLQ: 0}


def test_all_that_can_be_shown_on_the_emulator_is_shown(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Each step says what it showed; plain HTTP alone cannot be; nothing is left; and it takes seconds."""
    done = smoke(deployed_dev)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    steps = [LINE.fullmatch(line) for line in lines[1:-2]]
    assert [(step[2], step[3]) for step in steps if step] == STEPS
    assert [step[3] for step in steps if step and step[1] != "ok"] == ["read the result over plain HTTP"]
    assert "not shown  public    read the result over plain HTTP" in done.stdout
    assert lines[-2] == "cleaned up: nothing is left"
    total = re.fullmatch(r"18 ok, 1 not shown, 0 failed, 0 skipped; (\d+\.\d) s", lines[-1])
    assert total
    assert float(total[1]) < 10
    assert done.stderr == ""
    assert left(aws) == NOTHING


def test_roles_that_are_given_are_assumed(deployed_dev: Checkout) -> None:
    """A handler whose role is given signs with that role's credentials, the others with the caller's."""
    where = workspace(deployed_dev)
    administrator = Identity(where.emulator.endpoint if where.emulator else "")
    role = administrator.make_role("signs", "111111111111")
    actors = make_actors(scene_of(SMOKE, where, {"worker": role}))
    signed = {
        name: actor.s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "a"})
        for name, actor in (("operator", actors.operator), ("status", actors.status), ("worker", actors.worker))
    }
    assert "X-Amz-Credential=emulator%2F" in signed["operator"]
    assert "X-Amz-Credential=emulator%2F" in signed["status"]
    assert "X-Amz-Credential=ASIA" in signed["worker"]
    administrator.client("iam").delete_role(RoleName="signs")


def test_a_role_that_cannot_be_assumed_is_named(deployed_dev: Checkout) -> None:
    role = "arn:aws:iam::111111111111:role/nobodys"
    done = smoke(deployed_dev, "--status-role", role)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"--status-role {role}: cannot be assumed: ")


@contextmanager
def changed(aws: dict[str, Any], queue: str, **attributes: str) -> Generator[None]:
    """Change a queue's attributes for the length of a block."""
    sqs = aws["sqs"]
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(attributes))["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)
    try:
        yield
    finally:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


def test_a_queue_that_does_not_poll_long_is_noticed(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """What depends on the message is skipped, the rest is still shown, and nothing is left."""
    with changed(aws, QUEUE, ReceiveMessageWaitTimeSeconds="0"):
        done = smoke(deployed_dev)
    assert done.returncode == 1
    found = outcomes(done.stdout)
    assert found["receive the message"] == "FAILED"
    assert found["start the job"] == found["fail on the message three times"] == "skipped"
    assert found["read the result through a presigned URL"] == "ok"
    assert "expected: the message, within the queue's long poll of 20 s\n  found: none came" in done.stdout
    assert left(aws) == NOTHING


def test_messages_that_fail_for_ever_and_a_public_bucket_are_noticed(
    deployed_dev: Checkout, aws: dict[str, Any]
) -> None:
    block = aws["s3"].get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    dlq = f"arn:aws:sqs:us-east-1:111111111111:{DLQ}"
    often = json.dumps({"deadLetterTargetArn": dlq, "maxReceiveCount": 10})
    with changed(aws, QUEUE, RedrivePolicy=often):
        aws["s3"].delete_public_access_block(Bucket=BUCKET)
        aws["s3"].put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(block, False))
        try:
            done = smoke(deployed_dev)
        finally:
            aws["s3"].put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=block)
    assert done.returncode == 1
    assert {title for title, outcome in outcomes(done.stdout).items() if outcome == "FAILED"} == {
        "read the result without a signature",
        "find the message in the DLQ",
    }
    assert f"expected: the message in {DLQ} after 3 receives\n  found: receive 4 of it, from {QUEUE}" in done.stdout
    assert left(aws) == NOTHING


@pytest.mark.parametrize(
    ("after", "by"),
    [
        ("put a job", signal.SIGINT),
        ("send its message", signal.SIGTERM),
        ("fail on the message three times", signal.SIGINT),
        ("find the message in the DLQ", signal.SIGTERM),
    ],
)
def test_an_interrupted_run_leaves_nothing(
    deployed_dev: Checkout, aws: dict[str, Any], after: str, by: signal.Signals
) -> None:
    """Ctrl-C or SIGTERM in the step that follows: it ends, and then all that was made goes."""
    process = deployed_dev.start("python", "-m", "ops", "smoke")
    assert process.stdout
    for line in process.stdout:
        if f" {after}: " in line:
            break
    os.kill(process.pid, by)
    output, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 128 + by, errors
    assert "cleaned up: nothing is left" in output
    assert "Traceback" not in errors
    assert left(aws) == NOTHING


def test_it_refuses_queues_that_hold_messages(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Messages that it did not send are neither received nor counted against."""
    sqs = aws["sqs"]
    url = sqs.get_queue_url(QueueName=DLQ)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    done = smoke(deployed_dev)
    (message,) = sqs.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert done.returncode == 2
    assert done.stdout == ""
    assert f"queue {DLQ} is not empty (1 waiting, 0 delayed, 0 in flight)" in done.stderr
    assert done.stderr.endswith("; make reset ENV=dev empties queues, table and bucket\n")
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"


def test_another_programs_message_is_visible_again_and_ends_the_receiving(
    job: Job, aws: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even the clean-up leaves the queue alone then, and says that its own message is left behind."""
    monkeypatch.setattr("stacks.vpr_async.smoke.job.SWEEP_SECONDS", 1)
    sqs = aws["sqs"]
    sqs.send_message(QueueUrl=job.queue.url, MessageBody="another's")
    job.send(job.actors.submit)
    with pytest.raises(UnexpectedError, match=f"another's in {QUEUE}, id "):
        job.receive(job.actors.worker, job.queue)
    assert "expected to find 1 of them; found none" in clean_up(job)[0]
    messages = sqs.receive_message(QueueUrl=job.queue.url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"])[
        "Messages"
    ]
    for message in messages:
        sqs.delete_message(QueueUrl=job.queue.url, ReceiptHandle=message["ReceiptHandle"])
    assert [(message["Body"], message["Attributes"]["ApproximateReceiveCount"]) for message in messages] == [
        ("another's", "2"),
        (job.body, "1"),
    ]


def test_what_cannot_be_removed_is_named(job: Job) -> None:
    """With its id, when it goes by itself, and why it could not be removed; the rest is removed all the same."""

    class Unwilling:
        def delete_item(self, **_: object) -> None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DeleteItem")

    operator = replace(job.actors.operator, jobs=Unwilling())
    job.actors = replace(job.actors, operator=operator)
    job.send(operator)
    (told,) = clean_up(job)
    assert told.startswith(f"item {job.job_id} in {TABLE}, which expires after a day: ")
    assert "AccessDenied" in told


def test_everything_that_is_missing_is_named_at_once(deployed_dev: Checkout) -> None:
    where = replace(workspace(deployed_dev), settings=load_settings(Environment("staging")))
    scene = scene_of(SMOKE, where, {})
    with pytest.raises(NotReadyError) as refused:
        find_queues(scene, names_of(scene.settings), make_actors(scene).operator)
    assert "vpr-async-staging is not deployed as a whole on the emulator at http://127.0.0.1:" in str(refused.value)
    assert str(refused.value).endswith(
        "no queue careervp-vpr-jobs-queue-staging, no queue careervp-vpr-jobs-dlq-staging, "
        "no table careervp-jobs-table-staging, no bucket careervp-staging-vpr-results-us-east-1-dbec44"
    )


@pytest.mark.parametrize(
    ("options", "variables", "message"),
    [
        ((), {"ENV": "staging"}, "staging: no emulator is running, so nothing is deployed; make up ENV=staging"),
        ((), {"ENV": "prod", "TARGET": "aws"}, "TARGET=aws ENV=prod: smoke writes a marked job to prod's own queues"),
        (("--yes-prod",), {"ENV": "prod", "TARGET": "aws"}, "TARGET=aws: no usable AWS credentials"),
        (("--worker-role", "worker"), {}, '--worker-role "worker": not allowed; allowed: the ARN of an IAM role'),
    ],
)
def test_a_request_that_cannot_be_served_ends_with_status_2(
    deployed_dev: Checkout, options: tuple[str, ...], variables: dict[str, str], message: str
) -> None:
    done = smoke(deployed_dev, *options, **variables)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1
