"""What resources hold: which types show and empty it, and what is left out on AWS."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.stub import Stubber

from ops.resource_types import TYPES
from ops.resource_types.interface import Contents, Viewer
from tests.ops.test_aws import stubbed

HOLDING = {"aws_cloudwatch_log_group", "aws_dynamodb_table", "aws_s3_bucket", "aws_sqs_queue"}
AT_NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_each_type_that_holds_data_shows_it_and_can_be_emptied() -> None:
    """One that has neither would be passed over by make peek and make reset. A key's data is other resources'."""
    assert {name for name, type_ in TYPES.items() if type_.holds} == HOLDING | {"aws_kms_key"}
    assert {name for name, type_ in TYPES.items() if type_.peek} == HOLDING
    assert {name for name, type_ in TYPES.items() if type_.empty} == HOLDING


def on_aws(service: str, *answers: tuple[str, dict[str, Any]]) -> tuple[Any, Stubber]:
    client, stubber = stubbed(service)
    for operation, answer in answers:
        stubber.add_response(operation, answer)
    return client, stubber


def peeked(type_: str, values: Mapping[str, Any], client: Any, most: int = 10) -> Contents:
    peek = TYPES[type_].peek
    assert peek
    return peek(values, Viewer(client=lambda _: client, emulator=None, most=most))


def queue_answering(waiting: str) -> tuple[Any, Stubber]:
    counts = {
        "ApproximateNumberOfMessages": waiting,
        "ApproximateNumberOfMessagesNotVisible": "0",
        "ApproximateNumberOfMessagesDelayed": "0",
    }
    return on_aws("sqs", ("get_queue_attributes", {"Attributes": counts}))


def test_on_aws_messages_are_counted_and_none_is_received() -> None:
    client, stubber = queue_answering("2")
    seen = peeked("aws_sqs_queue", {"url": "https://sqs/1/jobs", "arn": "arn"}, client)
    stubber.assert_no_pending_responses()
    assert seen == Contents(
        counts={"waiting": 2, "in_flight": 0, "delayed": 0},
        note="messages are counted and not read: a receive counts as an attempt, and hides the message",
    )
    client, _ = queue_answering("0")
    assert peeked("aws_sqs_queue", {"url": "https://sqs/1/jobs", "arn": "arn"}, client).note == ""


def test_items_of_each_type_are_json_and_the_limit_is_said() -> None:
    item = {
        "job_id": {"S": "1"},
        "attempts": {"N": "-2"},
        "ratio": {"N": "0.5"},
        "raw": {"B": b"\x00"},
        "done": {"BOOL": True},
        "error": {"NULL": True},
        "input": {"M": {"b": {"N": "1"}, "a": {"L": [{"S": "x"}]}}},
        "tags": {"SS": ["b", "a"]},
        "sizes": {"NS": ["10", "9"]},
        "blobs": {"BS": [b"b", b"a"]},
    }
    client, stubber = stubbed("dynamodb")
    stubber.add_response("describe_table", {"Table": {"ItemCount": 1200}}, {"TableName": "jobs"})
    stubber.add_response(
        "scan", {"Items": [item], "LastEvaluatedKey": {"job_id": {"S": "1"}}}, {"TableName": "jobs", "Limit": 1}
    )
    seen = peeked("aws_dynamodb_table", {"name": "jobs"}, client, most=1)
    assert seen.counts == {"items": 1200}
    assert seen.note == "AWS counts items every six hours; shown: the first 1, in the table's own order"
    (entry,) = seen.entries
    assert entry.values == {
        "attempts": -2,
        "blobs": ["YQ==", "Yg=="],
        "done": True,
        "error": None,
        "input": {"a": ["x"], "b": 1},
        "job_id": "1",
        "ratio": 0.5,
        "raw": "AA==",
        "sizes": [9, 10],
        "tags": ["a", "b"],
    }
    assert entry.line.startswith('{"attempts": -2, "blobs": ["YQ==", "Yg=="], "done": true, ')


def test_the_newest_objects_are_shown_and_the_limits_are_said() -> None:
    objects = [
        {"Key": key, "Size": 2, "LastModified": AT_NOON.replace(hour=hour)}
        for key, hour in (("results/a", 9), ("results/b", 11), ("results/c", 10))
    ]
    client, _ = on_aws("s3", ("list_objects_v2", {"Contents": objects, "IsTruncated": True}))
    seen = peeked("aws_s3_bucket", {"bucket": "results"}, client, most=2)
    assert [entry.line for entry in seen.entries] == [
        "results/b, 2 bytes, 2026-01-31T11:00:00+00:00",
        "results/c, 2 bytes, 2026-01-31T10:00:00+00:00",
    ]
    assert seen.entries[0].values == {"key": "results/b", "size": 2, "modified": "2026-01-31T11:00:00+00:00"}
    assert (seen.counts, seen.note) == ({"objects": 3}, "counted: the first 1000 by their keys; shown: the newest 2")


def test_log_streams_are_shown_by_name_and_no_event_is_read() -> None:
    answer = {"logStreams": [{"logStreamName": "a"}, {"logStreamName": "b"}], "nextToken": "more"}
    client, _ = on_aws("logs", ("describe_log_streams", answer))
    seen = peeked("aws_cloudwatch_log_group", {"name": "/aws/lambda/worker"}, client, most=1)
    assert [entry.values for entry in seen.entries] == [{"name": "a"}]
    assert (seen.counts, seen.note) == ({"log_streams": 2}, "counted: the first 50 by their names")
