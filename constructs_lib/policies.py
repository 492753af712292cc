"""Policy documents as compact JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any


def compact_json(document: Mapping[str, Any]) -> str:
    """Return the document as JSON without white space: AWS removes it, and Terraform would show the difference."""
    return json.dumps(document, separators=(",", ":"))


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
