"""The three handlers against the emulator of `make up`, each with the permissions that it will have on AWS."""

import json
import os
import urllib.request
import uuid
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from examples import status, submit, worker


@contextmanager
def role_of(handler: str) -> Generator[None]:
    """Act as a handler for a block: its role's credentials are in the environment, as in a Lambda function."""
    role = os.environ[f"{handler.upper()}_ROLE_ARN"]
    own = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", own["AccessKeyId"])
        environment.setenv("AWS_SECRET_ACCESS_KEY", own["SecretAccessKey"])
        environment.setenv("AWS_SESSION_TOKEN", own["SessionToken"])
        boto3.setup_default_session()
        try:
            yield
        finally:
            boto3.setup_default_session()


@pytest.fixture
def request_() -> dict[str, Any]:
    """Return a request that nobody has made before."""
    return {"user_id": "ada", "application_id": str(uuid.uuid4()), "input_data": {"strength": "analysis"}}


def submitted(request: Mapping[str, Any]) -> dict[str, Any]:
    with role_of("submit"):
        return submit.handler(dict(request))


def status_of(job: Mapping[str, Any]) -> dict[str, Any]:
    with role_of("status"):
        return status.handler({"job_id": job["job_id"]})


def failed_of_delivered() -> list[str]:
    """Hand the queue's messages to the worker, as Lambda does with the worker's role; return those that failed."""
    with role_of("worker"):
        sqs, queue = boto3.client("sqs"), os.environ["SQS_QUEUE_URL"]
        received = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
        records = [{"messageId": each["MessageId"], "body": each["Body"]} for each in received]
        failed = {each["itemIdentifier"] for each in worker.handler({"Records": records})["batchItemFailures"]}
        for each in received:
            message = {"QueueUrl": queue, "ReceiptHandle": each["ReceiptHandle"]}
            if each["MessageId"] in failed:
                # Lambda lets the visibility timeout pass.
                sqs.change_message_visibility(**message, VisibilityTimeout=0)
            else:
                sqs.delete_message(**message)
        return [each["Body"] for each in received if each["MessageId"] in failed]


def dead_letters() -> list[str]:
    """Take the messages out of the dead-letter queue, which no handler may do."""
    sqs, dlq = boto3.client("sqs"), os.environ["JOBS_DLQ_URL"]
    received = sqs.receive_message(QueueUrl=dlq, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
    for each in received:
        sqs.delete_message(QueueUrl=dlq, ReceiptHandle=each["ReceiptHandle"])
    return [each["Body"] for each in received]


def test_the_same_request_twice_is_one_job(request_: dict[str, Any]) -> None:
    assert submitted(request_) == submitted(request_)


def test_a_job_is_worked_on_and_its_result_can_be_read(request_: dict[str, Any]) -> None:
    job = submitted(request_)
    assert status_of(job) == {"job_id": job["job_id"], "status": "PENDING"}
    failed_of_delivered()
    completed = status_of(job)
    assert completed["status"] == "COMPLETED"
    with urllib.request.urlopen(completed["url"]) as answer:
        assert json.load(answer) == {"job_id": job["job_id"], "value_proposition": "ANALYSIS"}


def test_the_status_handler_may_write_no_result() -> None:
    with role_of("status"), pytest.raises(ClientError, match="AccessDenied"):
        boto3.client("s3").put_object(Bucket=os.environ["VPR_RESULTS_BUCKET_NAME"], Key="results/a.json", Body=b"{}")


def test_a_job_that_fails_three_times_ends_in_the_dead_letter_queue(request_: dict[str, Any]) -> None:
    message = json.dumps({"job_id": submitted({**request_, "input_data": {}})["job_id"]})
    assert [message in failed_of_delivered() for _ in range(4)] == [True, True, True, False]
    assert message in dead_letters()


def test_a_job_whose_message_cannot_be_sent_is_failed_and_can_be_submitted_again(
    request_: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("SQS_QUEUE_URL", os.environ["JOBS_DLQ_URL"])
        with pytest.raises(ClientError, match="AccessDenied"):
            submitted(request_)
    table = boto3.resource("dynamodb").Table(os.environ["VPR_JOBS_TABLE_NAME"])
    key = f"vpr#ada#{request_['application_id']}"
    (failed,) = [each for each in table.scan()["Items"] if each.get("idempotency_key") == key]
    assert failed["status"] == "FAILED"
    again = submitted(request_)
    assert again["status"] == "PENDING"
    assert again["job_id"] != failed["job_id"]
