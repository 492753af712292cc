"""Patches of Lambda, seen as a client of AWS sees them."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - it has none
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from emulator_helpers import REGION, attributes_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_emulator import Emulator

RECEIVING = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


@dataclass
class Worker:
    """A queue, a function and its role, of one name."""

    name: str
    queue: str
    url: str
    clients: Callable[[str], Any]

    def allow(self, *actions: str, resource: str = "") -> None:
        """Give the role these actions on the queue, and no others."""
        statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource or self.queue}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.clients("iam").put_role_policy(RoleName=self.name, PolicyName="own", PolicyDocument=document)

    def map(self, **others: Any) -> dict[str, Any]:
        """Make the event source mapping."""
        given = {"EventSourceArn": self.queue, "FunctionName": self.name, **others}
        return self.clients("lambda").create_event_source_mapping(**given)

    def refused(self, **others: Any) -> tuple[int, str, str]:
        """Return status, code and message of the refusal to make the mapping."""
        with pytest.raises(ClientError) as refused:
            self.map(**others)
        answer: Any = refused.value.response
        error = answer["Error"]
        return answer["ResponseMetadata"]["HTTPStatusCode"], error["Code"], error["Message"]


@pytest.fixture
def worker(client: Callable[[str], Any], unique: str) -> Worker:
    """Make a function, which takes no Docker, with a role that may take the queue's messages."""
    statement = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = client("iam").create_role(RoleName=unique, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=unique, Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
    made = Worker(unique, attributes_of(sqs, url)["QueueArn"], url, client)
    made.allow(*RECEIVING)
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("worker.py", "def handler(event, context): return {}")
    client("lambda").create_function(
        FunctionName=unique,
        Runtime="python3.11",
        Role=role,
        Handler="worker.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=60,
    )
    return made


def test_a_mapping_is_returned_as_it_was_made(worker: Worker, client: Callable[[str], Any]) -> None:
    options = {
        "BatchSize": 5,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    made = worker.map(**options, Tags={"a": "b"})
    found = client("lambda").get_event_source_mapping(UUID=made["UUID"])
    assert {key: found[key] for key in options} == options
    assert found["State"] == "Enabled"
    assert client("lambda").list_tags(Resource=found["EventSourceMappingArn"])["Tags"] == {"a": "b"}
    changed = client("lambda").update_event_source_mapping(UUID=made["UUID"], ScalingConfig={}, Enabled=False)
    assert ("ScalingConfig" in changed, changed["State"]) == (False, "Disabled")


def test_a_function_that_is_not_there_is_refused(worker: Worker) -> None:
    absent = f"{worker.name}-2"
    assert worker.refused(FunctionName=absent) == (
        400,
        "InvalidParameterValueException",
        f"Function does not exist: {absent}",
    )


def test_the_queue_hides_a_message_for_as_long_as_the_function_may_run(
    worker: Worker, client: Callable[[str], Any]
) -> None:
    """Also when the mapping is to be for another function."""
    client("sqs").set_queue_attributes(QueueUrl=worker.url, Attributes={"VisibilityTimeout": "30"})
    refusal = (
        400,
        "InvalidParameterValueException",
        "Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds",
    )
    assert worker.refused() == refusal
    client("sqs").set_queue_attributes(QueueUrl=worker.url, Attributes={"VisibilityTimeout": "60"})
    uuid = worker.map()["UUID"]
    client("sqs").set_queue_attributes(QueueUrl=worker.url, Attributes={"VisibilityTimeout": "30"})
    with pytest.raises(ClientError, match=refusal[2]):
        client("lambda").update_event_source_mapping(UUID=uuid, BatchSize=3)


@pytest.mark.parametrize("lacking", RECEIVING)
def test_the_role_may_take_messages(worker: Worker, lacking: str) -> None:
    worker.allow(*(action for action in RECEIVING if action != lacking))
    action = lacking.removeprefix("sqs:")
    words = f"The provided execution role does not have permissions to call {action} on SQS"
    assert worker.refused() == (400, "InvalidParameterValueException", words)


def test_the_role_may_take_messages_of_that_very_queue(worker: Worker) -> None:
    worker.allow(*RECEIVING, resource=f"{worker.queue}-2")
    words = "The provided execution role does not have permissions to call ReceiveMessage on SQS"
    assert worker.refused() == (400, "InvalidParameterValueException", words)


def test_a_queue_and_a_function_have_one_mapping(worker: Worker, client: Callable[[str], Any]) -> None:
    """By name or ARN; once it is deleted, another one can be made."""
    arn = client("lambda").get_function_configuration(FunctionName=worker.name)["FunctionArn"]
    uuid = worker.map()["UUID"]
    words = (
        "An event source mapping with SQS arn and function already exists. Please update or delete the existing "
        f"mapping with UUID {uuid}"
    )
    assert worker.refused(FunctionName=arn) == (409, "ResourceConflictException", words)
    client("lambda").delete_event_source_mapping(UUID=uuid)
    assert worker.map(FunctionName=arn)["FunctionArn"] == arn


@pytest.mark.parametrize(
    ("concurrency", "words"), [(1, "greater than or equal to 2"), (1001, "less than or equal to 1000")]
)
def test_two_to_a_thousand_run_at_a_time(worker: Worker, emulator: Emulator, concurrency: int, words: str) -> None:
    """Lambda itself refuses the others, which some clients let through."""
    make: Any = boto3.client  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    unchecked = make(
        "lambda",
        endpoint_url=emulator.endpoint,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - signs nothing that is checked
        config=Config(parameter_validation=False),
    )
    scaling = {"MaximumConcurrency": concurrency}
    with pytest.raises(ClientError, match=f"ValidationException.*'scalingConfig.maximumConcurrency'.*{words}"):
        unchecked.create_event_source_mapping(
            EventSourceArn=worker.queue, FunctionName=worker.name, ScalingConfig=scaling
        )
    assert unchecked.list_event_source_mappings(FunctionName=worker.name)["EventSourceMappings"] == []


def test_a_large_batch_is_waited_for(worker: Worker) -> None:
    words = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    assert worker.refused(BatchSize=11) == (400, "InvalidParameterValueException", words)
    assert worker.map(BatchSize=11, MaximumBatchingWindowInSeconds=1)["BatchSize"] == 11


def test_mappings_are_listed_by_the_name_and_by_the_arn_of_the_function(
    worker: Worker, client: Callable[[str], Any]
) -> None:
    lambda_ = client("lambda")
    arn = lambda_.get_function_configuration(FunctionName=worker.name)["FunctionArn"]
    uuid = worker.map(FunctionName=arn)["UUID"]
    for function in (worker.name, arn):
        (found,) = lambda_.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
        assert found["UUID"] == uuid
    assert lambda_.list_event_source_mappings(FunctionName=f"{worker.name}-2")["EventSourceMappings"] == []


def test_a_message_stays_in_a_queue_that_a_function_consumes(worker: Worker, client: Callable[[str], Any]) -> None:
    """However many are sent: none counts as received before a client takes it."""
    sqs = client("sqs")
    worker.map()
    for number in range(5):
        sqs.send_message(QueueUrl=worker.url, MessageBody=str(number))
    assert attributes_of(sqs, worker.url)["ApproximateNumberOfMessages"] == "5"
    (message,) = sqs.receive_message(QueueUrl=worker.url, AttributeNames=["ApproximateReceiveCount"])["Messages"]
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
