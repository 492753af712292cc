"""What the tests share: one emulator's account and region, and requests as they leave a client."""

from __future__ import annotations

import contextlib
import http.client
import urllib.parse
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

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
