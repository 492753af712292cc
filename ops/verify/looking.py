"""Looking at one thing of one resource: one call, and as many checks as its answer allows."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config.request import Environment
from ops import expectations
from ops.verify.clients import Clients
from ops.verify.compare import Resource
from ops.verify.report import Check, Outcome
from stacks.settings import Settings

_ACTIONS_OF_OTHER_NAMES: Mapping[str, str] = {
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:GetBucketNotificationConfiguration": "s3:GetBucketNotification",
    "s3:GetBucketCors": "s3:GetBucketCORS",
    "s3:GetBucketAccelerateConfiguration": "s3:GetAccelerateConfiguration",
}
"""S3 names some of its actions differently from its calls."""


class UnreadableError(Exception):
    """A call that got no answer; the message says why, and which action it needs."""


@dataclass(frozen=True)
class Scene:
    """Whose expectations, and whom to ask."""

    settings: Settings
    clients: Clients
    others: Mapping[Environment, Settings | None]
    """The settings of the other environments; None where they cannot be read."""

    def ask(
        self, service: str, operation: str, *, absent: str | Collection[str] = (), **arguments: Any
    ) -> dict[str, Any]:
        """Return AWS's answer, or {} if it is an error code of `absent`, which only says that there is nothing.

        Raises UnreadableError for every other error.
        """
        try:
            return self.clients.call(service, operation, **arguments)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if code in ({absent} if isinstance(absent, str) else absent):
                return {}
        except BotoCoreError as error:
            code = type(error).__name__
        action = f"{service}:{operation.title().replace('_', '')}"
        message = f"{code}; needs {_ACTIONS_OF_OTHER_NAMES.get(action, action)}"
        raise UnreadableError(message)

    def arn(self, service: str, name: str) -> str:
        """Return the ARN of a resource of this environment."""
        return expectations.arn(self.settings, service, name)

    def tags(self, resource: Resource, found: Mapping[str, str]) -> Iterable[Check]:
        """Compare tags; those that AWS sets itself do not matter."""
        own = {key: value for key, value in found.items() if not key.startswith("aws:")}
        return resource.members("tag", expectations.tags(self.settings), own)


def by_key(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return tags, which AWS mostly gives as a list, by their keys."""
    return {tag["Key"]: tag["Value"] for tag in tags}


Looks = Mapping[str, Callable[[Scene, Resource, Any], Iterable[Check]]]
"""The looks at one type of resource, by what cannot be told if the call fails.

Each gets the resource and what the listing said of it.
"""


def take(resource: Resource, property_: str, checks: Callable[[], Iterable[Check]]) -> list[Check]:
    """Return the checks, or the one that says why there are none."""
    try:
        return list(checks())
    except UnreadableError as error:
        note = str(error)
    except Exception as error:  # noqa: BLE001 - whatever was answered, it is not what was to be seen
        note = f"an answer that is not understood ({type(error).__name__}: {error})"
    return [Check(resource.type, resource.name, property_, Outcome.UNREADABLE, note=note)]
