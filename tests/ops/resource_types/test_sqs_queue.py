"""Queues: all messages of one are seen, and who takes them."""

from typing import Any

import pytest

from config.environments import Environment
from ops.errors import CommandError
from ops.resource_types.interface import Account
from ops.resource_types.sqs_queue import TYPE
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.test_aws import stubbed
from tests.ops.verify.told import ToldClients

DEV = load_settings(Environment("dev"))


def seen(look: str, **answers: Any) -> Any:
    told = ToldClients({operation.replace("__", "."): answer for operation, answer in answers.items()})
    return TYPE.looks[look].read(Account(DEV, VPR_ASYNC.requirement(DEV), told), "jobs", "https://sqs/jobs")


def test_messages_that_wait_are_in_flight_or_are_delayed_all_count() -> None:
    attributes = {
        "ApproximateNumberOfMessages": "1",
        "ApproximateNumberOfMessagesNotVisible": "10",
        "ApproximateNumberOfMessagesDelayed": "100",
        "RedrivePolicy": '{"maxReceiveCount": 3}',
    }
    found = seen("attributes", sqs__get_queue_attributes={"Attributes": attributes})
    assert found["messages"] == 111
    assert found["RedrivePolicy"] == {"maxReceiveCount": 3}
    assert found["policy"] is None


def test_a_consumer_is_a_function_by_its_name_whatever_version_it_is() -> None:
    function = "arn:aws:lambda:us-east-1:111111111111:function:worker"
    mappings = {"EventSourceMappings": [{"FunctionArn": function}, {"FunctionArn": f"{function}:live"}]}
    assert seen("consumers", lambda__list_event_source_mappings=mappings) == {
        "consumers": {"worker": "consumes messages"}
    }


def test_all_pages_of_queues_are_named() -> None:
    """SQS stops at 1,000 without a token where no size of a page is asked for."""
    sqs, stubber = stubbed("sqs")
    stubber.add_response(
        "list_queues", {"QueueUrls": ["https://sqs/1/a", "https://sqs/1/b"], "NextToken": "more"}, {"MaxResults": 1000}
    )
    stubber.add_response("list_queues", {}, {"MaxResults": 1000, "NextToken": "more"})
    assert TYPE.names
    assert list(TYPE.names(DEV, lambda _: sqs)) == ["a", "b"]


def redrive(queue: str) -> str:
    return f'{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:{queue}","maxReceiveCount":3}}'


@pytest.mark.parametrize(
    ("declared", "live", "replaced"),
    [
        (redrive("ours"), redrive("theirs"), {"ours": "theirs"}),
        (redrive("ours"), redrive("ours"), {}),
        (redrive("ours"), None, {}),
    ],
)
def test_the_dead_letter_queue_that_a_declared_one_replaces_is_the_live_queues(
    declared: str, live: str | None, replaced: dict[str, str]
) -> None:
    sqs, stubber = stubbed("sqs")
    stubber.add_response("get_queue_url", {"QueueUrl": "https://sqs/1/jobs"}, {"QueueName": "jobs"})
    stubber.add_response(
        "get_queue_attributes",
        {"Attributes": {"RedrivePolicy": live} if live else {}},
        {"QueueUrl": "https://sqs/1/jobs", "AttributeNames": ["RedrivePolicy"]},
    )
    assert TYPE.replaced
    assert TYPE.replaced({"name": "jobs", "redrive_policy": declared}, lambda _: sqs) == replaced


MESSAGE: dict[str, Any] = {
    "MessageId": "7d6d",
    "ReceiptHandle": "handle",
    "Body": '{"job_id": "1"}',
    "MessageAttributes": {
        "job_id": {"DataType": "String", "StringValue": "1"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    },
    "Attributes": {"SentTimestamp": "1795793196910", "ApproximateReceiveCount": "4"},
}
MADE = {"MessageId": "new", "MD5OfMessageBody": "0"}
FROM, TO = "https://sqs/1/dead", "https://sqs/1/jobs"


def moving(message: dict[str, Any] | None, sent: dict[str, Any] | None = None, *, deletes: bool = True) -> str:
    """Return what a move says of a message, which must be sent so before it is deleted."""
    sqs, stubber = stubbed("sqs")
    stubber.add_response("get_queue_url", {"QueueUrl": FROM}, {"QueueName": "dead"})
    stubber.add_response(
        "receive_message",
        {"Messages": [message]} if message else {},
        {
            "QueueUrl": FROM,
            "MaxNumberOfMessages": 1,
            "VisibilityTimeout": 60,
            "WaitTimeSeconds": 1,
            "MessageAttributeNames": ["All"],
            "MessageSystemAttributeNames": ["All"],
        },
    )
    if message:
        stubber.add_response("get_queue_url", {"QueueUrl": FROM}, {"QueueName": "dead"})
        stubber.add_response("get_queue_url", {"QueueUrl": TO}, {"QueueName": "jobs"})
        stubber.add_response("send_message", MADE, {"QueueUrl": TO, **(sent or {})})
        deleted = {"QueueUrl": FROM, "ReceiptHandle": "handle"}
        if deletes:
            stubber.add_response("delete_message", {}, deleted)
        else:
            stubber.add_client_error("delete_message", service_error_code="AccessDenied", expected_params=deleted)
    assert TYPE.redrive
    try:
        return TYPE.redrive.move("dead", "jobs", lambda _: sqs)
    finally:
        stubber.assert_no_pending_responses()


CONTENT = {"MessageBody": MESSAGE["Body"], "MessageAttributes": MESSAGE["MessageAttributes"]}


@pytest.mark.parametrize(
    ("attributes", "sent"),
    [
        ({}, {}),
        (
            {"MessageGroupId": "customer-7", "MessageDeduplicationId": "7d6d", "SequenceNumber": "188"},
            {"MessageGroupId": "customer-7", "MessageDeduplicationId": "7d6d"},
        ),
        (
            {"AWSTraceHeader": "Root=1-5759e988"},
            {"MessageSystemAttributes": {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988"}}},
        ),
    ],
)
def test_a_message_is_moved_with_all_that_its_sender_gave_it(attributes: dict[str, str], sent: dict[str, Any]) -> None:
    """It is sent before it is deleted: whatever happens in between, it is in one of the queues."""
    message = {**MESSAGE, "Attributes": {**MESSAGE["Attributes"], **attributes}}
    said = moving(message, {**CONTENT, **sent})
    assert said == '7d6d, sent 2026-11-27 15:26 UTC: {"job_id": "1"}'


def test_a_message_that_was_sent_and_could_not_be_deleted_is_in_both_queues_and_named() -> None:
    with pytest.raises(CommandError, match=r"^message 7d6d was sent to jobs, and could not be deleted from dead: "):
        moving(MESSAGE, CONTENT, deletes=False)


def test_an_empty_queue_has_nothing_to_move() -> None:
    assert moving(None) == ""


def test_messages_are_shown_without_being_hidden_and_on_one_line_each() -> None:
    sqs, stubber = stubbed("sqs")
    long = {**MESSAGE, "MessageId": "8e7e", "Body": "two\nlines" + "x" * 400}
    stubber.add_response("get_queue_url", {"QueueUrl": FROM}, {"QueueName": "dead"})
    stubber.add_response(
        "receive_message",
        {"Messages": [MESSAGE, long]},
        {
            "QueueUrl": FROM,
            "MaxNumberOfMessages": 10,
            "VisibilityTimeout": 0,
            "WaitTimeSeconds": 1,
            "MessageAttributeNames": ["All"],
            "MessageSystemAttributeNames": ["All"],
        },
    )
    assert TYPE.redrive
    assert list(TYPE.redrive.shown("dead", lambda _: sqs)) == [
        '7d6d, sent 2026-11-27 15:26 UTC: {"job_id": "1"}',
        f"8e7e, sent 2026-11-27 15:26 UTC: two\\nlines{'x' * 291}...",
    ]


@pytest.mark.parametrize(("live", "name"), [(redrive("dead"), "dead"), (None, "")])
def test_the_dead_letter_queue_of_a_queue_is_the_one_that_it_has_now(live: str | None, name: str) -> None:
    sqs, stubber = stubbed("sqs")
    stubber.add_response("get_queue_url", {"QueueUrl": TO}, {"QueueName": "jobs"})
    stubber.add_response("get_queue_attributes", {"Attributes": {"RedrivePolicy": live} if live else {}})
    assert TYPE.redrive
    assert TYPE.redrive.dead_letter_queue("jobs", lambda _: sqs) == name


def test_a_queue_that_is_not_there_is_told_from_one_without_dead_letters() -> None:
    sqs, stubber = stubbed("sqs")
    stubber.add_client_error("get_queue_url", service_error_code="QueueDoesNotExist")
    assert TYPE.redrive
    assert TYPE.redrive.dead_letter_queue("jobs", lambda _: sqs) is None


@pytest.mark.parametrize("declared", [None, "", "{}", "${jsonencode(local.redrive)}"])
def test_a_queue_without_a_literal_redrive_policy_replaces_nothing_and_asks_nothing(declared: str | None) -> None:
    sqs, _ = stubbed("sqs")
    assert TYPE.replaced
    assert TYPE.replaced({"name": "jobs", "redrive_policy": declared}, lambda _: sqs) == {}
