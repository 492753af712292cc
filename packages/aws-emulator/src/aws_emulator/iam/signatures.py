"""Signatures of requests: whose key it is, and until when a presigned one is valid."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl

_SIGNED_HEADERS: Final = (r"AWS4-HMAC-SHA256 .*?Credential=([^/,]+)/", r"AWS ([^:]+):")
"""The header `Authorization` of Signature Version 4, and S3's of Version 2; each has the key's id as its group."""
Response = Any
"""moto's answer to a call, which holds the call; what is needed of it is private to moto."""


@dataclass(frozen=True)
class Credentials:
    """An identity's key; token: the session's, for a role."""

    key_id: str
    token: str | None = None


def credentials(response: Response) -> Credentials | None:
    """Return the credentials that a call is signed with, in whichever of AWS's forms; None if it is not signed.

    The forms are a header, the query of a presigned URL, and the fields of a browser's upload form, each of Signature
    Version 4 or of Version 2, in which boto3 presigns for S3 unless it is told otherwise.
    """
    for pattern in _SIGNED_HEADERS:
        if signed := re.match(pattern, response.headers.get("Authorization", "")):
            return Credentials(signed[1], response.headers.get("X-Amz-Security-Token"))
    given = parameters(response)
    token = given.get("x-amz-security-token")
    if scope := given.get("x-amz-credential"):
        return Credentials(scope.split("/")[0], token)
    if key_id := given.get("awsaccesskeyid"):
        return Credentials(key_id, token)
    return None


def parameters(response: Response) -> dict[str, str]:
    """Return the parameters of a URL and the fields of a form, by their names in lower case: the forms differ in it."""
    parameters = {**dict(parse_qsl(response.parsed_url.query)), **response.form_data}
    return {name.lower(): value for name, value in parameters.items()}


def expiry(response: Response) -> datetime | None:
    """Return the time at which a presigned URL or an upload form expires; None for a call that is signed in its header.

    Raises KeyError, OverflowError, TypeError or ValueError for a time that is missing, or is not one.
    """
    if response.headers.get("Authorization"):
        return None
    given = parameters(response)
    if "policy" in given:
        return datetime.fromisoformat(json.loads(b64decode(given["policy"]))["expiration"])
    if "x-amz-credential" in given:
        signed_at = datetime.strptime(given["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return signed_at + timedelta(seconds=int(given["x-amz-expires"]))
    return datetime.fromtimestamp(int(given["expires"]), UTC)
