"""Facts about deployed resources, told by what AWS answers; unknown if it does not."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.deployment.deployed_facts import DeployedFacts

QUEUE = {"url": "https://sqs/queue"}


class Aws:
    """A queue, a bucket with one object, and a table; None: it cannot be read."""

    def __init__(
        self,
        messages: Mapping[str, int] | None = None,
        object_days: int | None = None,
        table_hours: int | None = None,
    ) -> None:
        self.messages = messages
        self.object_days = object_days
        self.table_hours = table_hours

    def __call__(self, service: str) -> "Aws":  # noqa: D102 - as boto3 has it
        assert service in {"sqs", "s3", "dynamodb"}
        return self

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: D102, N803 - as boto3 has it
        assert QueueUrl == "https://sqs/queue"
        if self.messages is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetQueueAttributes")
        return {"Attributes": {name: str(self.messages.get(name, 0)) for name in AttributeNames}}

    def get_paginator(self, operation: str) -> "Aws":  # noqa: D102 - as boto3 has it
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str) -> list[Any]:  # noqa: D102, N803 - as boto3 has it
        assert Bucket == "results"
        if self.object_days is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")
        return [{}, {"Contents": [{"LastModified": datetime.now(UTC) - timedelta(days=self.object_days)}]}]

    def describe_table(self, *, TableName: str) -> Any:  # noqa: D102, N803 - as boto3 has it
        assert TableName == "jobs"
        if self.table_hours is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeTable")
        return {"Table": {"CreationDateTime": datetime.now(UTC) - timedelta(hours=self.table_hours)}}


@pytest.mark.parametrize(
    ("messages", "count"),
    [
        ({}, 0),
        ({"ApproximateNumberOfMessages": 98}, 98),
        ({"ApproximateNumberOfMessagesNotVisible": 1}, 1),
        ({"ApproximateNumberOfMessagesDelayed": 2}, 2),
        ({"ApproximateNumberOfMessages": 1, "ApproximateNumberOfMessagesDelayed": 2}, 3),
    ],
)
def test_messages_in_flight_and_delayed_count_too(messages: dict[str, int], count: int) -> None:
    assert DeployedFacts(Aws(messages)).count_in("aws_sqs_queue", QUEUE) == count


def test_a_queue_that_cannot_be_read_is_not_empty_but_has_a_reason() -> None:
    found = DeployedFacts(Aws()).count_in("aws_sqs_queue", QUEUE)
    assert found == "An error occurred (AccessDenied) when calling the GetQueueAttributes operation: no"


def test_what_cannot_be_counted_is_unknown() -> None:
    facts = DeployedFacts(Aws({}))
    assert [facts.count_in(type_, {}) for type_ in ("aws_sqs_queue", "aws_s3_bucket", "acme_vault")] == [None] * 3


def test_objects_of_every_page_count_by_their_age() -> None:
    facts = DeployedFacts(Aws(object_days=8))
    assert [facts.has_objects_older_than("results", days) for days in (0, 7, 9)] == [True, True, False]
    assert DeployedFacts(Aws()).has_objects_older_than("results", 7) is None


def test_a_table_is_young_for_a_day() -> None:
    assert [DeployedFacts(Aws(table_hours=hours)).is_younger_than_a_day("jobs") for hours in (23, 25)] == [True, False]
    assert DeployedFacts(Aws()).is_younger_than_a_day("jobs") is None
