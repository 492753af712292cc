"""The older CDK stack's legacy in an account: the requirement's table, queues and bucket, with data in each."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aws_emulator import Emulator, background
from tests import required
from tests.clients import client

ACCOUNT = "333333333333"
TABLE = "careervp-jobs-table-prod"
BUCKET = "careervp-prod-vpr-results-us-east-1-2d9368"
QUEUE, DLQ = "careervp-vpr-jobs-queue-prod", "careervp-vpr-jobs-dlq-prod"
ITEMS, MESSAGES, OBJECTS = 1000, 100, 100


class Account:
    """The emulated account of prod, and what it holds."""

    def __init__(self, running: Emulator) -> None:
        self.endpoint = running.endpoint
        self.dynamodb, self.sqs, self.s3 = (client(service, self.endpoint) for service in ("dynamodb", "sqs", "s3"))

    def make_table(self, key: str = "job_id", index_key: str = "idempotency_key") -> None:
        """Make the table as the older stack does, or with other keys."""
        self.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in (key, index_key)],
            GlobalSecondaryIndexes=[
                {
                    "IndexName": "idempotency-key-index",
                    "KeySchema": [{"AttributeName": index_key, "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            ],
        )
        ttl = {"Enabled": True, "AttributeName": "ttl"}
        self.dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=ttl)

    def make_queues(self, dlq_name: str = DLQ) -> None:
        """Make the queues as the older stack does: without policies and redrive-allow."""
        dlq = self.sqs.create_queue(QueueName=dlq_name, Attributes={"MessageRetentionPeriod": required.DLQ_RETENTION})[
            "QueueUrl"
        ]
        attributes = self.sqs.get_queue_attributes(QueueUrl=dlq, AttributeNames=["QueueArn"])["Attributes"]
        redrive = {"deadLetterTargetArn": attributes["QueueArn"], "maxReceiveCount": required.RECEIVES}
        self.sqs.create_queue(
            QueueName=QUEUE,
            Attributes={
                "VisibilityTimeout": required.VISIBILITY,
                "ReceiveMessageWaitTimeSeconds": required.WAIT,
                "MessageRetentionPeriod": required.RETENTION,
                "RedrivePolicy": json.dumps(redrive),
            },
        )

    def make_bucket(self, name: str = BUCKET) -> None:
        """Make the bucket as the older stack does: without policy and ownership controls."""
        self.s3.create_bucket(Bucket=name)
        self.s3.put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
        )
        self.s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        rule = {
            "ID": "DeleteOldResults",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "Expiration": {"Days": required.RESULTS_DAYS},
        }
        self.s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [rule]})

    def fill(self) -> None:
        """Put 1,000 items, 100 messages and 100 objects there."""
        for first in range(0, ITEMS, 25):
            puts = [{"PutRequest": {"Item": item(number)}} for number in range(first, first + 25)]
            self.dynamodb.batch_write_item(RequestItems={TABLE: puts})
        url = self.sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        for first in range(0, MESSAGES, 10):
            entries = [{"Id": str(number), "MessageBody": f"job-{number}"} for number in range(first, first + 10)]
            self.sqs.send_message_batch(QueueUrl=url, Entries=entries)
        for number in range(OBJECTS):
            self.s3.put_object(Bucket=BUCKET, Key=f"results/{number}.json", Body=f"report-{number}".encode())

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the table, by its key."""
        pages = self.dynamodb.get_paginator("scan").paginate(TableName=TABLE)
        return sorted((found for page in pages for found in page["Items"]), key=lambda found: found["job_id"]["S"])

    def messages(self) -> int:
        """Return how many messages the jobs queue holds."""
        url = self.sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
        name = "ApproximateNumberOfMessages"
        return int(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])

    def objects(self) -> dict[str, bytes]:
        """Return every object of the bucket, by its key."""
        keys = [found["Key"] for found in self.s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
        return {key: self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    def holds_everything(self) -> bool:
        """Return True if every item, message and object that was put there is there, and as it was."""
        items = sorted((item(number) for number in range(ITEMS)), key=lambda put: put["job_id"]["S"])
        objects = {f"results/{number}.json": f"report-{number}".encode() for number in range(OBJECTS)}
        return (self.items(), self.messages(), self.objects()) == (items, MESSAGES, objects)


def item(number: int) -> dict[str, Any]:
    return {"job_id": {"S": f"job-{number}"}, "idempotency_key": {"S": f"vpr#{number}"}, "status": {"S": "PENDING"}}


@contextmanager
def account(checkout: Path) -> Generator[Account]:
    """Run prod's emulator for a checkout, as `make up` would have started it."""
    directory = checkout / ".emulator"
    running = background.start("prod", directory, account_id=ACCOUNT)
    try:
        yield Account(running)
    finally:
        background.stop("prod", directory)
