"""Resources that a stack declares and AWS has already."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ops.errors import NoAnswerError
from ops.resource_types import TYPES
from ops.resource_types.interface import Client
from stacks.settings import Settings

Answer = TypeVar("Answer")
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
    return answer(type_, lambda: known.find(values, settings, client)) if known else None


def answer(type_: str, question: Callable[[], Answer], *, asked: str = "whether it is there") -> Answer | None:
    """Return AWS's answer on a resource of a type, or None if it says that there is none.

    asked: the question in words. Raises NoAnswerError if AWS does not answer.
    """
    try:
        return question()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _ABSENT:
            return None
        reason = error
    except (BotoCoreError, ResponseParserError) as error:
        reason = error
    message = f"{type_}: AWS cannot be asked {asked}: {reason}"
    raise NoAnswerError(message)
