"""Resources that a stack declares and AWS has already."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ops.errors import NoAnswerError
from ops.resource_types import TYPES
from ops.resource_types.interface import Client, MismatchError
from stacks.features import FEATURES
from stacks.settings import Settings

_ABSENT = {
    "404",
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchEntity",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "QueueDoesNotExist",
    "ResourceNotFoundException",
    "ServerSideEncryptionConfigurationNotFoundError",
}
"""The error codes by which services say that something is not there."""


def find(type_: str, values: Mapping[str, Any], settings: Settings, client: Client) -> str | None:
    """Return the id by which Terraform imports the resource, or None if it is not there.

    values: the resource's attributes, with literal names.
    Raises MismatchError if what is there cannot be taken, NoAnswerError if AWS does not answer.
    """
    known = TYPES.get(type_)
    if known is None:
        return None
    try:
        return known.find(values, settings, client)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _ABSENT:
            return None
        message = f"{type_}: AWS cannot be asked whether it is there: {error}"
        raise NoAnswerError(message) from None
    except (BotoCoreError, ResponseParserError) as error:
        message = f"{type_}: AWS cannot be asked whether it is there: {error}"
        raise NoAnswerError(message) from None


def require_no_other_suffix(name: str, settings: Settings, client: Client, known: Collection[str]) -> None:
    """Require that a bucket which is not there is not there under another suffix either, unless the settings pin one.

    known: the names of buckets that Terraform has already.
    Raises MismatchError with the names that there are, NoAnswerError if AWS does not answer.
    """
    pinned_by = {key: value for each in FEATURES for key, value in each.requirement(settings).pinned_by.items()}
    if name not in pinned_by:
        return
    stem, _, suffix = name.rpartition("-")
    try:
        buckets = [each["Name"] for each in client("s3").list_buckets()["Buckets"]]
    except (ClientError, BotoCoreError) as error:
        message = f"bucket {name}: AWS cannot be asked whether it is there by another name: {error}"
        raise NoAnswerError(message) from None
    others = [each for each in buckets if re.fullmatch(rf"{re.escape(stem)}-[0-9a-f]{{6}}", each) and each not in known]
    if others:
        message = (
            f"bucket {name}: is not there, but {', '.join(others)} is; set {pinned_by[name]} in "
            f'environments/{settings.environment}.toml: "{others[0].rpartition("-")[2]}" takes that one, "{suffix}" '
            "makes a new one"
        )
        raise MismatchError(message)
