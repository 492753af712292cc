"""Facts about deployed resources, which AWS is asked for when a plan's verdict depends on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.resource_types.interface import Client
from plan_review.facts import Facts

_MESSAGE_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


class DeployedFacts(Facts):
    """Answers from AWS; what cannot be read is unknown."""

    def __init__(self, client: Client) -> None:
        """client: returns a boto3 client of a service."""
        self._client = client

    def messages_in(self, queue_url: str) -> int | str:
        """Return the number of messages in a queue, in flight and delayed included; else why it is unknown."""
        try:
            found = self._client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=list(_MESSAGE_COUNTS))
        except (ClientError, BotoCoreError) as error:
            return str(error)
        return sum(int(found["Attributes"][count]) for count in _MESSAGE_COUNTS)

    def has_objects_older_than(self, bucket: str, days: float) -> bool | None:
        """Return True if a bucket holds an object older than that; None if it cannot be listed."""
        limit = datetime.now(UTC) - timedelta(days=days)
        try:
            pages: Any = self._client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
            return any(found["LastModified"] < limit for page in pages for found in page.get("Contents", ()))
        except (ClientError, BotoCoreError):
            return None

    def has_old_versions(self, bucket: str, days: float) -> bool:  # noqa: ARG002 - nobody is asked
        """Return False: first rules for a bucket follow a crash or an adoption, and are meant for what it holds."""
        return False

    def is_younger_than_a_day(self, table: str) -> bool | None:
        """Return True if a table was created within a day; None if it cannot be described."""
        try:
            created = self._client("dynamodb").describe_table(TableName=table)["Table"]["CreationDateTime"]
        except (ClientError, BotoCoreError):
            return None
        return datetime.now(UTC) - created < timedelta(days=1)
