"""The vocabulary of requirements: expected values, in the words of AWS's own answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from stacks.feature import PROJECT
from stacks.settings import Settings


@dataclass(frozen=True)
class Statements:
    """The statements of a policy, compared by meaning: neither order nor Sid matters."""

    statements: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Document:
    """A JSON document, compared without regard to the order of a list or the quotes of a number."""

    content: Mapping[str, Any]


@dataclass(frozen=True)
class Members:
    """The members of a collection by their names; any other member is unexpected.

    kind: the word for a member in a report, as "index".
    """

    kind: str
    members: Mapping[str, Any]


@dataclass(frozen=True)
class AtMost:
    """The names that the members of a collection may have; none has to be there."""

    kind: str
    names: frozenset[str]


@dataclass(frozen=True)
class Noted:
    """A value, and a note for a reader who finds another one."""

    value: Any
    note: str


@dataclass(frozen=True, kw_only=True)
class DecidedPart:
    """A property, or a part of it, in the words of those who compare it, with its decided and its required value."""

    property: str
    path: tuple[str, ...]
    value: Any
    required: Any
    """Either is None for a property that is not set."""


@dataclass(frozen=True, kw_only=True)
class DecidedValue:
    """A value that the team decided on against the requirement, until a day."""

    type: str
    name: str
    deployed: DecidedPart
    """In verify's words."""
    planned: tuple[DecidedPart, ...]
    """In a plan review's words; none where no plan shows it."""
    reason: str
    until: date
    is_expired: bool


Expected = Mapping[str, Mapping[str, Any]]
"""What is expected of one resource: by the look at it, as its resource type names the look, the values by property.

A value is plain, or one of the classes above; None means that the property is not set.
"""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A feature's requirement in one environment, written by hand and never derived from the code of its stack.

    Each mapping is by Terraform's name of the resource type. Identity comes from the settings: names, account, region,
    recipients and the user's own tags. No other value does.
    """

    resources: Mapping[str, Mapping[str, Expected]]
    """The resources that the stack makes, by name."""
    prefixes: Mapping[str, str]
    """The beginning of names that are this feature's alone."""
    used: Mapping[str, Mapping[str, Expected]] = field(default_factory=dict[str, Mapping[str, Expected]])
    """Resources of others that the stack refers to."""
    prerequisites: Mapping[str, Mapping[str, Expected]] = field(default_factory=dict[str, Mapping[str, Expected]])
    """Resources of others that have to be there before the feature works."""
    at_times: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Names of resources that other settings would bring: who deploys may add and delete them."""
    in_plans: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(
        default_factory=dict[str, Mapping[str, Mapping[str, Any]]]
    )
    """Attributes of Terraform's, by type and name, that AWS does not have: a plan alone shows them."""
    decided: tuple[DecidedValue, ...] = ()
    """What was decided otherwise; `resources` and `in_plans` are as decided, but for what has expired."""
    guards: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """Alarms that are raised while a queue's consumer fails, by type and name, each with the queue.

    `make redrive` moves no message back to a queue whose alarm is raised.
    """
    pinned_by: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """The settings' key that names a resource whole, by type and name; none for one that the settings name already."""


def arn(settings: Settings, service: str, name: str) -> str:
    """Return the ARN of a resource in the environment's account and region.

    S3's hold neither; IAM's, and those of CloudWatch's dashboards, no region.
    """
    partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(settings.region.rsplit("-", 2)[0], "aws")
    place = {"s3": ":", "iam": f":{settings.account_id}"}.get(service, f"{settings.region}:{settings.account_id}")
    if service == "cloudwatch" and name.startswith("dashboard/"):
        place = f":{settings.account_id}"
    return f"arn:{partition}:{service}:{place}:{name}"


def tags(settings: Settings, feature: str) -> Mapping[str, Any]:
    """Return the look at tags, as every resource of a feature has them."""
    every = {
        **settings.tags,
        "Project": PROJECT,
        "Feature": feature,
        "Environment": str(settings.environment),
        "ManagedBy": "terraform",
    }
    return {"tags": Members("tag", every)}


def deny_insecure_transport(action: str, *resources: str) -> Mapping[str, Any]:
    """Return the statement that refuses everyone without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


ABORTED_UPLOADS = {
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}
"""The lifecycle rule that every bucket has."""


def private_bucket(settings: Settings, name: str, *, rules: Mapping[str, Any], versioning: str | None) -> Expected:
    """Return the looks at a bucket that is encrypted, closed to the public and reached over TLS alone."""
    bucket = arn(settings, "s3", name)
    block = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    return {
        "Encryption": {"Encryption": [{"SSEAlgorithm": "AES256"}]},
        "PublicAccessBlock": {"PublicAccessBlock": block},
        "OwnershipControls": {"OwnershipControls": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "policy": {"policy": Statements((deny_insecure_transport("s3:*", bucket, f"{bucket}/*"),))},
        "lifecycle rules": {"lifecycle rules": Members("lifecycle rule", rules)},
        "Versioning": {"Versioning": versioning},
    }
