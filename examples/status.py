"""The status handler: the job's status and, when it is completed, a URL of its result."""

import os
from typing import Any

import boto3
from botocore.config import Config

URL_SECONDS = 3600


def handler(event: dict[str, Any], _context: object = None) -> dict[str, Any]:
    """Return the status of a job; whoever has the URL can read the result for an hour."""
    jobs: Any = boto3.resource("dynamodb").Table(os.environ["VPR_JOBS_TABLE_NAME"])
    job = jobs.get_item(Key={"job_id": event["job_id"]}).get("Item")
    if job is None:
        return {"job_id": event["job_id"], "status": "NOT_FOUND"}
    if job["status"] != "COMPLETED":
        return {"job_id": job["job_id"], "status": job["status"]}
    result = {"Bucket": os.environ["VPR_RESULTS_BUCKET_NAME"], "Key": job["result_key"]}
    s3 = boto3.client("s3", config=Config(signature_version="s3v4"))
    url = s3.generate_presigned_url("get_object", Params=result, ExpiresIn=URL_SECONDS)
    return {"job_id": job["job_id"], "status": job["status"], "url": url}
