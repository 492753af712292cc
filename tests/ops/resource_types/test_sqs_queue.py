"""Queues: all messages of one are seen, and who takes them."""

from typing import Any

from config.environments import Environment
from ops.resource_types.interface import Account
from ops.resource_types.sqs_queue import TYPE
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
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
