"""Answers that AWS would give, told instead of asked for."""

import threading
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.verify import Clients


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "told by the test"}}, "Operation")


PLAIN_STATE_BUCKET: dict[str, Any] = {
    "s3.head_bucket": {"ResponseMetadata": {}},
    "s3.get_bucket_encryption": {
        "ServerSideEncryptionConfiguration": {
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        }
    },
    "s3.get_public_access_block": refusal("NoSuchPublicAccessBlockConfiguration"),
    "s3.get_bucket_ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    "s3.get_bucket_policy": refusal("NoSuchBucketPolicy"),
    "s3.get_bucket_lifecycle_configuration": refusal("NoSuchLifecycleConfiguration"),
    "s3.get_bucket_versioning": {},
}
"""A bucket as S3 makes it, with nothing configured."""


class ToldClients(Clients):
    """Clients that answer from a table, by `service.operation`: an answer, an exception, or a function of either."""

    def __init__(self, answers: Mapping[str, Any], *, is_emulated: bool = True) -> None:
        self.where = "a table of answers"
        self.is_emulated = is_emulated
        self.api_calls = 0
        self.asked: set[str] = set()
        self._answers = answers
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Answer as the table says."""
        with self._lock:
            self.api_calls += 1
            self.asked.add(f"{service}.{operation}")
        answer: Any = self._answers[f"{service}.{operation}"]
        if callable(answer):
            answer = answer(**arguments)
        if isinstance(answer, Exception):
            raise answer
        return answer
