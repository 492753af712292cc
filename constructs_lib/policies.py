"""Policy documents and ARNs as literals, so that a reviewer reads them in the plan and nothing waits for an apply."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def compact_json(document: Mapping[str, Any]) -> str:
    """Return the document as JSON without white space, which AWS would give back otherwise and Terraform would see."""
    return json.dumps(document, separators=(",", ":"))


def partition(region: str) -> str:
    """Return the ARN partition of a region."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def queue_arn(*, name: str, account_id: str, region: str) -> str:
    """Return the ARN that a queue of this name has or will have."""
    return f"arn:{partition(region)}:sqs:{region}:{account_id}:{name}"


def table_arn(*, name: str, account_id: str, region: str) -> str:
    """Return the ARN that a table of this name has or will have."""
    return f"arn:{partition(region)}:dynamodb:{region}:{account_id}:table/{name}"


def index_arn(*, table: str, name: str, account_id: str, region: str) -> str:
    """Return the ARN that an index of this table has or will have."""
    return f"{table_arn(name=table, account_id=account_id, region=region)}/index/{name}"


def bucket_arn(*, name: str, region: str) -> str:
    """Return the ARN that a bucket of this name has or will have."""
    return f"arn:{partition(region)}:s3:::{name}"


def topic_arn(*, name: str, account_id: str, region: str) -> str:
    """Return the ARN that a topic of this name has or will have."""
    return f"arn:{partition(region)}:sns:{region}:{account_id}:{name}"


def deny_insecure_transport(*, action: str | Sequence[str], resources: str | Sequence[str]) -> dict[str, Any]:
    """Return the statement that refuses everyone, the account's own principals included, without TLS."""
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def policy(*statements: Mapping[str, Any]) -> str:
    """Return a policy document of these statements as compact JSON."""
    return compact_json({"Version": "2012-10-17", "Statement": statements})
