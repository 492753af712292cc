"""`make drift` on a deployed dev stack: changed by hand, and untouched but behind the source."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.checkout import Checkout
from tests.journeys.test_life import clients

pytestmark = pytest.mark.xdist_group("drifted")

QUEUE, DLQ, EXTRA = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev", "careervp-vpr-extra-queue-dev"
TABLE, BUCKET = "careervp-jobs-table-dev", "careervp-dev-vpr-results-us-east-1-f6121f"
APPLY = "would create what is there; make adopt ENV=dev brings it in"
KEPT = ("VisibilityTimeout", "Policy", "RedrivePolicy", "ReceiveMessageWaitTimeSeconds", "MessageRetentionPeriod",
        "SqsManagedSseEnabled", "MaximumMessageSize", "DelaySeconds")  # fmt: skip


@pytest.fixture
def aws(deployed_dev: Checkout) -> dict[str, Any]:
    return clients(deployed_dev, "dev")


def files(checkout: Checkout) -> set[str]:
    return {str(path) for folder in ("plans", "cdktf.out") for path in (checkout.path / folder).rglob("*")}


def url(aws: dict[str, Any], queue: str) -> str:
    return aws["sqs"].get_queue_url(QueueName=queue)["QueueUrl"]


def state(aws: dict[str, Any]) -> bytes:
    bucket, key = "careervp-terraform-state-dev-111111111111", "vpr-async-dev/terraform.tfstate"
    return aws["s3"].get_object(Bucket=bucket, Key=key)["Body"].read()


@contextmanager
def changed_by_hand(aws: dict[str, Any]) -> Generator[None]:
    """Change what people change in a console, and take it back."""
    sqs, s3, dynamodb = aws["sqs"], aws["s3"], aws["dynamodb"]
    queue, dlq = url(aws, QUEUE), url(aws, DLQ)
    kept = {
        each: sqs.get_queue_attributes(QueueUrl=each, AttributeNames=list(KEPT))["Attributes"] for each in (queue, dlq)
    }
    tags = sqs.list_queue_tags(QueueUrl=queue)["Tags"]
    lifecycle = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    policy = json.loads(kept[dlq]["Policy"])
    policy["Statement"].append({"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"})
    try:
        sqs.delete_queue(QueueUrl=queue)
        sqs.set_queue_attributes(QueueUrl=dlq, Attributes={"VisibilityTimeout": "31", "Policy": json.dumps(policy)})
        sqs.tag_queue(QueueUrl=dlq, Tags={"Extra": "1"})
        sqs.create_queue(QueueName=EXTRA)
        s3.put_bucket_lifecycle_configuration(
            Bucket=BUCKET,
            LifecycleConfiguration={"Rules": [rule for rule in lifecycle if rule["ID"] == "DeleteOldResults"]},
        )
        dynamodb.update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "ttl"}
        )
        yield
    finally:
        dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"})
        s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration={"Rules": lifecycle})
        sqs.delete_queue(QueueUrl=url(aws, EXTRA))
        sqs.untag_queue(QueueUrl=dlq, TagKeys=["Extra"])
        sqs.set_queue_attributes(QueueUrl=dlq, Attributes=kept[dlq])
        sqs.create_queue(QueueName=QUEUE, Attributes=kept[queue], tags=tags)


def test_what_was_changed_by_hand_is_told_with_what_an_apply_would_do(
    deployed_dev: Checkout, aws: dict[str, Any]
) -> None:
    """Each change stands once, whoever sees it; nothing is written, neither files nor state."""
    before = files(deployed_dev), state(aws)
    with changed_by_hand(aws):
        done = deployed_dev.run("python", "-m", "ops", "drift", "--format", "json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert {
        (fact["resource"], fact["property"]): (fact["expected"], fact["found"], fact["apply"], fact["seen_by"])
        for fact in report["drift"]
    } == {
        (QUEUE, ""): ("the resource", None, "creates it again, empty", "both"),
        (DLQ, "visibility_timeout_seconds"): (30, 31, "sets it back", "both"),
        (DLQ, "policy.Statement.Open"): (
            None,
            {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"},
            "removes it",
            "both",
        ),
        (DLQ, "tag Extra"): (None, "1", "removes it", "both"),
        (EXTRA, ""): (None, "the resource", "nothing: Terraform does not manage it", "verifier"),
        (BUCKET, "rule.AbortIncompleteUploads"): (
            {
                "id": "AbortIncompleteUploads",
                "status": "Enabled",
                "abort_incomplete_multipart_upload": [{"days_after_initiation": 1}],
            },
            None,
            "sets it back",
            "both",
        ),
        (TABLE, "ttl.enabled"): (True, False, "sets it back", "both"),
    }
    assert (report["also"], report["pending"], report["unreadable"], report["refused"]) == ([], [], [], [])
    assert (files(deployed_dev), state(aws)) == before


def test_a_changed_source_and_a_failed_job_are_told_and_are_no_drift(
    deployed_dev: Checkout, aws: dict[str, Any]
) -> None:
    file = deployed_dev.path / "environments" / "dev.toml"
    before = file.read_text()
    sent = aws["sqs"].send_message(QueueUrl=url(aws, DLQ), MessageBody="{}")
    try:
        file.write_text(before.replace('Owner = "careervp-platform"', 'Owner = "someone-else"'))
        done = deployed_dev.run("python", "-m", "ops", "drift")
    finally:
        file.write_text(before)
        aws["sqs"].purge_queue(QueueUrl=url(aws, DLQ))
    assert sent["MessageId"]
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Not drift: the synthesized stack has changes, which an apply makes:" in done.stdout
    assert f"aws_dynamodb_table {TABLE}: to change: tags_all" in done.stdout
    assert f"aws_sqs_queue {DLQ}: messages: 1: each is a job that failed for good" in " ".join(done.stdout.split())
    assert done.stdout.endswith("\ndrift: none\n")


@contextmanager
def forgotten(aws: dict[str, Any], *types: str) -> Generator[None]:
    """Take resources out of the state, as `terraform state rm` does, and put the state back."""
    place = {"Bucket": "careervp-terraform-state-dev-111111111111", "Key": "vpr-async-dev/terraform.tfstate"}
    before = state(aws)
    known = json.loads(before)
    known["resources"] = [resource for resource in known["resources"] if resource["type"] not in types]
    aws["s3"].put_object(**place, Body=json.dumps(known).encode())
    try:
        yield
    finally:
        aws["s3"].put_object(**place, Body=before)


def test_what_is_there_and_not_in_the_state_is_drift(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Also where the verifier finds nothing wrong with it; an adoption brings it in."""
    with forgotten(aws, "aws_dynamodb_table", "aws_s3_bucket_policy"):
        done = deployed_dev.run("python", "-m", "ops", "drift", "--format", "json")
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert [(fact["resource_type"], fact["resource"], fact["found"], fact["apply"]) for fact in report["drift"]] == [
        (type_, name, "the resource, which is not in Terraform's state", APPLY)
        for type_, name in (("aws_dynamodb_table", TABLE), ("aws_s3_bucket_policy", BUCKET))
    ]
    assert report["pending"] == []


def test_a_handlers_policy_in_use_is_no_drift(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """AWS counts what a policy is attached to, and Terraform reads the count."""
    policy = "arn:aws:iam::111111111111:policy/careervp-vpr-worker-policy-dev"
    role = {"RoleName": "worker-of-drift", "AssumeRolePolicyDocument": json.dumps({"Statement": []})}
    aws["iam"].create_role(**role)
    aws["iam"].attach_role_policy(RoleName="worker-of-drift", PolicyArn=policy)
    try:
        done = deployed_dev.run("python", "-m", "ops", "drift")
    finally:
        aws["iam"].detach_role_policy(RoleName="worker-of-drift", PolicyArn=policy)
        aws["iam"].delete_role(RoleName="worker-of-drift")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("\ndrift: none\n")


def test_without_an_emulator_nothing_can_be_compared(deployed_dev: Checkout) -> None:
    done = deployed_dev.run("python", "-m", "ops", "drift", ENV="staging")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "staging: no emulator is running, so nothing is deployed; make up ENV=staging deploys; "
        "on AWS: make drift ENV=staging TARGET=aws\n"
    )
