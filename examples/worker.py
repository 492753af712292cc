"""The worker handler: it writes the result of each message's job, and reports the messages that failed."""

import json
import logging
import os
from typing import Any

import boto3

LOGGER = logging.getLogger(__name__)


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Work on each message; those that are named in the answer are received again, and then end in the DLQ."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            _work(json.loads(record["body"])["job_id"])
        except Exception:  # whatever it was, the queue has the message tried again
            LOGGER.exception("message %s failed", record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def _work(job_id: str) -> None:
    jobs: Any = boto3.resource("dynamodb").Table(os.environ["VPR_JOBS_TABLE_NAME"])
    job = jobs.get_item(Key={"job_id": job_id}, ConsistentRead=True)["Item"]
    if job["status"] == "COMPLETED":
        return  # a queue may deliver a message twice
    report = json.dumps({"job_id": job_id, "value_proposition": job["input_data"]["strength"].upper()})
    key = f"results/{job_id}.json"
    boto3.client("s3").put_object(Bucket=os.environ["VPR_RESULTS_BUCKET_NAME"], Key=key, Body=report.encode())
    jobs.update_item(
        Key={"job_id": job_id},
        UpdateExpression="SET #status = :status, result_key = :key",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": "COMPLETED", ":key": key},
    )
