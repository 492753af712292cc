"""The interface of a resource type: all that the tools know of one type of AWS resource."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from aws_emulator import Emulator
from ops.errors import NoAnswerError
from stacks.requirement import Expected, Requirement, arn
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


Client = Callable[[str], Any]
"""Returns a boto3 client of the service that is named."""


class UnreadableError(Exception):
    """A call that got no answer; the message has the reason, and the action that the call needs."""


class UnknownError(Exception):
    """A question that has no answer here, which is nobody's error.

    aspect: the question. The message has the reason, for a reader.
    """

    def __init__(self, aspect: str, message: str) -> None:
        self.aspect = aspect
        super().__init__(message)


class MismatchError(Exception):
    """A resource that exists, and is not what the stack declares; the message is the difference."""


class Calls(Protocol):
    """Read-only calls to AWS, or to an emulator."""

    is_emulated: bool

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Make one call, with all pages of its answer. Raises botocore's exceptions."""
        ...


@dataclass(frozen=True)
class Account:
    """One environment's account and region, asked read-only, and a feature's requirement in it."""

    settings: Settings
    requirement: Requirement
    calls: Calls

    def ask(
        self, service: str, operation: str, *, absent: str | Collection[str] = (), **arguments: Any
    ) -> dict[str, Any]:
        """Return AWS's answer, or {} if it is an error code of `absent`, which only says that there is nothing.

        Raises UnreadableError for every other error.
        """
        try:
            return self.calls.call(service, operation, **arguments)
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
        return arn(self.settings, service, name)


@dataclass(frozen=True)
class Seen:
    """A value with a note for a reader, which is no finding."""

    value: Any
    note: str


@dataclass(frozen=True)
class Dependent:
    """Something that depends on a resource, so that AWS refuses to delete the resource.

    message: what it is, and what to do. type, name: Terraform's type and its name, if a stack may have it: one that the
    same plan deletes is no obstacle.
    """

    message: str
    type: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Redrive:
    """Messages of dead-letter queues, and how they get back to their queues. Each function raises botocore's errors.

    A message is sent to its queue before it is deleted: whoever stops in between finds it in both, and loses none.
    """

    dead_letter_queue: Callable[[str, Client], str | None]
    """Returns the name of the dead-letter queue that a queue has now; empty if it has none, None if it is not there."""
    counts: Callable[[str, Client], tuple[int, int]]
    """Returns how many messages of a queue can be received, and how many are hidden from receivers or delayed."""
    shown: Callable[[str, Client], Iterator[str]]
    """Yields some messages of a queue in words; each can still be received by others."""
    move: Callable[[str, str, Client], str]
    """Moves one message from the first queue to the second, and returns it in words; empty if none could be received.

    Raises CommandError if the message was sent and could not be deleted.
    """


@dataclass(frozen=True, kw_only=True)
class Look:
    """One look at a resource: as many calls as it takes, and the values found, by property.

    read: gets the account, the resource's name and its entry in the listing. Raises UnreadableError and UnknownError.
    needs: actions on the resource itself. needs_everywhere: actions that take no resource.
    """

    read: Callable[[Account, str, Any], Mapping[str, Any]]
    needs: str = ""
    needs_everywhere: str = ""


@dataclass(frozen=True, kw_only=True)
class Actions:
    """Actions on the same resources, by the policy that has them, with spaces between them.

    sid: the statement's id. on: the resources, in words.
    erase: the part of `apply` that deletes data, which an environment that retains data does not give.
    loses: the part of that which is denied there.
    """

    sid: str
    on: str
    plan: str = ""
    apply: str = ""
    erase: str = ""
    loses: str = ""
    verify: str = ""
    operate: str = ""


Condition = Mapping[str, Mapping[str, tuple[str, ...]]]
"""A condition of a policy: by operator, the values by condition key."""


def _no_condition(_settings: Settings, _name: str) -> Condition:
    return {}


@dataclass(frozen=True, kw_only=True)
class Permissions(Actions):
    """Actions that a resource type needs on its resources.

    arns: the ARNs for a resource's name and what is expected of it; none where the permissions are not needed.
    """

    arns: Callable[[Settings, str, Expected], tuple[str, ...]]
    condition: Callable[[Settings, str], Condition] = _no_condition
    """Returns the condition for a resource's name under which the actions are given; of several, each value will do."""


@dataclass(frozen=True, kw_only=True)
class ProviderWait:
    """A wait that the AWS provider has built in, after it has created or changed a resource, on any target.

    what: the resource, after "each". unless: the attributes whose change alone is not waited for.
    """

    seconds: int
    what: str
    unless: frozenset[str] = frozenset()

    def follows(self, change: Mapping[str, Any]) -> bool:
        """Return True if the provider waits after a plan's change."""
        if "create" in change["actions"]:
            return True
        if "update" not in change["actions"]:
            return False
        before: Mapping[str, Any] = change["before"] or {}
        after: Mapping[str, Any] = change["after"] or {}
        not_known: Mapping[str, Any] = change.get("after_unknown") or {}
        unknown = {key for key, value in not_known.items() if value}
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)} | unknown
        return not changed <= self.unless


Find = Callable[[Mapping[str, Any], Settings, Client], str | None]
"""Returns the id by which Terraform imports a resource with these attributes, or None if it is not there.

Raises MismatchError, and botocore's exceptions.
"""


@dataclass(frozen=True)
class Entry:
    """One thing that a resource holds, as a line for a reader and as values for a program."""

    line: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a resource holds: the numbers of it by their words, as `items`, and some of it.

    note: what the numbers and the entries leave out.
    """

    counts: Mapping[str, int]
    entries: tuple[Entry, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The AWS that is looked into. most: the largest number of entries of one resource."""

    client: Client
    emulator: Emulator | None
    """None on AWS itself."""
    most: int


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """A type of AWS resource. What is left out is not known of it, or does not apply to it."""

    name: str
    """Terraform's name."""
    find: Find
    find_first: bool = False
    """True if a plan that would create it is checked for one that exists already."""
    names: Callable[[Settings, Client], Iterable[str]] | None = None
    """Returns the names of all resources in the account and region, where a creation may be meant for one of them.

    Raises botocore's exceptions.
    """
    replaced: Callable[[Mapping[str, Any], Client], Mapping[str, str]] | None = None
    """Returns the names of the same type that the live resource refers to, by those that replace them.

    The first argument is the attributes of the declared resource. Raises botocore's exceptions.
    """
    listing: Callable[[Account, str], Mapping[str, Any]] | None = None
    """Returns the resources whose names may begin with a prefix, each with what the looks need of its entry."""
    looks: Mapping[str, Look] = field(default_factory=dict[str, Look])
    looks_of_others: Mapping[str, Look] = field(default_factory=dict[str, Look])
    """The looks at a resource of somebody else's."""
    exists: Callable[[str, Client], bool] | None = None
    """Returns True if a resource of somebody else's exists, by its name in the requirement.

    Raises botocore's exceptions.
    """
    permissions: tuple[Permissions, ...] = ()
    permissions_on_others: tuple[Permissions, ...] = ()
    plan_everywhere: str = ""
    """Actions of `plan` that take no resource."""
    apply_everywhere: str = ""
    in_plan: Callable[[Expected], Mapping[str, Any]] | None = None
    """Returns what is expected of a resource in a plan, in the words of the plan review."""
    list_needs: str = ""
    """The action that the listing needs."""
    is_global: bool = False
    """True if names are shared by all regions of an account."""
    has_own_prefix: bool = False
    """True if names of different environments begin differently."""
    holds: str = ""
    """What a deletion would lose, as "messages"."""
    count: Callable[[Mapping[str, Any], Client], int | None] | None = None
    """Returns the number of these that a resource with these attributes holds now; None if that is unknown.

    Raises botocore's exceptions.
    """
    peek: Callable[[Mapping[str, Any], Viewer], Contents] | None = None
    """Returns what a resource with these attributes holds now, by calls that change nothing.

    Raises botocore's exceptions, and OSError if an emulator does not answer.
    """
    empty: Callable[[Mapping[str, Any], Client, Emulator], Mapping[str, int]] | None = None
    """Deletes all that a resource with these attributes holds on an emulator; returns the numbers, by their words.

    Raises botocore's exceptions, and OSError if the emulator does not answer.
    """
    conditions: frozenset[str] = frozenset()
    """Properties that change in normal use; a change is no drift."""
    aspects: Mapping[str, str] = field(default_factory=dict[str, str])
    """The property of a look by Terraform's attribute, where AWS has another word; both in small letters."""
    members: tuple[str, ...] = ()
    """The words before the members of a collection that is one attribute of Terraform's."""
    repeats: Mapping[str, str] = field(default_factory=dict[str, str])
    """Attributes that repeat what a resource of another type says, by that type; of the same name, where it is managed.

    The state has them after the next refresh only.
    """
    part_of: tuple[str, str] | None = None
    """The type that it belongs to, and the property of that type's looks that it is."""
    wait: ProviderWait | None = None
    dependents: Callable[[Mapping[str, Any], Client], Iterator[Dependent]] | None = None
    """Yields what depends on a resource with these attributes, so that AWS would refuse its deletion."""
    redrive: Redrive | None = None
    """How messages that failed get back to their queue; None if it holds none."""
    is_raised: Callable[[str, Client], bool | None] | None = None
    """Returns True if the alarm of a name is raised; None if there is no such alarm. Raises botocore's exceptions."""


def look_of(looks: Mapping[str, Look], name: str, type_: str) -> Look:
    """Return the look that a requirement names. Raises NoAnswerError if the resource type has no such look."""
    if name not in looks:
        allowed = ", ".join(looks) or "none"
        message = f'the requirement of {type_}: the look "{name}" is not known; allowed: {allowed}'
        raise NoAnswerError(message)
    return looks[name]


def by_key(tags: Collection[Mapping[str, str]]) -> Mapping[str, Any]:
    """Return the tags, which AWS mostly gives as a list, without those that AWS sets itself."""
    return own_tags({tag["Key"]: tag["Value"] for tag in tags})


def own_tags(tags: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the property `tags`, without those that AWS sets itself."""
    return {"tags": {key: value for key, value in tags.items() if not key.startswith("aws:")}}


def in_account(service: str, form: str = "{}") -> Callable[[Settings, str, Expected], tuple[str, ...]]:
    """Return the function from a resource's name to its ARN. form: the ARN's last part, with {} for the name."""
    return lambda settings, name, _: (arn(settings, service, form.format(name)),)
