"""The submit handler: one job for each idempotency key, and its message in the queue."""

import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from botocore.exceptions import ClientError


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Put a job and send its message; return the job that there is already, if its message could be sent."""
    jobs: Any = boto3.resource("dynamodb").Table(os.environ["VPR_JOBS_TABLE_NAME"])
    key = f"vpr#{event['user_id']}#{event['application_id']}"
    by_key = {"KeyConditionExpression": "idempotency_key = :key", "ExpressionAttributeValues": {":key": key}}
    # The index follows the table within a second: of two requests at the same moment, each may start a job.
    for job in jobs.query(IndexName="idempotency-key-index", **by_key)["Items"]:
        if job["status"] != "FAILED":
            return {"job_id": job["job_id"], "status": job["status"]}
    expires = datetime.now(UTC) + timedelta(days=7)
    job = {"job_id": str(uuid.uuid4()), "idempotency_key": key, "status": "PENDING", "ttl": int(expires.timestamp())}
    jobs.put_item(Item={**job, "input_data": event["input_data"]})
    message = json.dumps({"job_id": job["job_id"]})
    try:
        boto3.client("sqs").send_message(QueueUrl=os.environ["SQS_QUEUE_URL"], MessageBody=message)
    except ClientError:
        set_failed = {"UpdateExpression": "SET #status = :failed", "ExpressionAttributeNames": {"#status": "status"}}
        jobs.update_item(Key={"job_id": job["job_id"]}, ExpressionAttributeValues={":failed": "FAILED"}, **set_failed)
        raise
    return {"job_id": job["job_id"], "status": "PENDING"}
