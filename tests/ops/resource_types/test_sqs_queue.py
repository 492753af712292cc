"""Queues: all messages of one are seen, and who takes them."""

from typing import Any

import pytest

from config.environments import Environment
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


@pytest.mark.parametrize("declared", [None, "", "{}", "${jsonencode(local.redrive)}"])
def test_a_queue_without_a_literal_redrive_policy_replaces_nothing_and_asks_nothing(declared: str | None) -> None:
    sqs, _ = stubbed("sqs")
    assert TYPE.replaced
    assert TYPE.replaced({"name": "jobs", "redrive_policy": declared}, lambda _: sqs) == {}
