"""What the tests share: one emulator's account and region, and requests as they leave a client."""

from __future__ import annotations

import contextlib
import http.client
import urllib.parse
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - it has none

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_emulator import Emulator

ACCOUNT_ID = "123412341234"
REGION = "eu-central-1"
HANG_SECONDS = 900
"""After so long, what a test waits for hangs: no machine is so slow."""


def status_of(
    emulator: Emulator, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({}), body: bytes = b""
) -> int:
    """Send a request, without a signature unless `headers` hold one; return the status of the answer."""
    address = urllib.parse.urlsplit(emulator.endpoint)
    with contextlib.closing(
        http.client.HTTPConnection(str(address.hostname), address.port, timeout=HANG_SECONDS)
    ) as connection:
        connection.request(method, path, body if method in {"PUT", "POST"} else None, dict(headers))
        return connection.getresponse().status


def attributes_of(sqs: Any, url: str) -> dict[str, str]:
    """Return all attributes of a queue."""
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def s3_control(emulator: Emulator, key_id: str = "test") -> Any:
    """Make a client of S3 Control, which asks for the account's host, as Terraform does: through its proxy."""
    make: Any = boto3.client  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return make(
        "s3control",
        region_name=REGION,
        endpoint_url=emulator.endpoint,
        aws_access_key_id=key_id,
        aws_secret_access_key=key_id,
        config=Config(proxies={"http": emulator.endpoint}, retries={"total_max_attempts": 1}),
    )
