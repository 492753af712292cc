"""S3 buckets.

Neither the website settings nor the access lists are read. A website of a bucket whose public access is blocked shows
nothing but a redirection, and drift sees it; BucketOwnerEnforced switches access lists off.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from aws_emulator import Emulator
from ops.resource_types.interface import (
    Account,
    Client,
    Contents,
    Entry,
    Look,
    MismatchError,
    Permissions,
    ResourceType,
    Viewer,
    by_key,
    in_account,
)
from stacks.requirement import Expected, Members, Statements, arn
from stacks.settings import Settings

_READ = (
    "s3:GetAccelerateConfiguration s3:GetBucketAcl s3:GetBucketCORS s3:GetBucketLocation s3:GetBucketLogging "
    "s3:GetBucketObjectLockConfiguration s3:GetBucketOwnershipControls s3:GetBucketPolicy "
    "s3:GetBucketPublicAccessBlock s3:GetBucketRequestPayment s3:GetBucketTagging s3:GetBucketVersioning "
    "s3:GetBucketWebsite s3:GetEncryptionConfiguration s3:GetLifecycleConfiguration s3:GetReplicationConfiguration "
    "s3:ListBucket s3:ListTagsForResource"
)
_CHANGE = (
    "s3:CreateBucket s3:PutBucketOwnershipControls s3:PutBucketPolicy s3:PutBucketPublicAccessBlock "
    "s3:PutBucketTagging s3:PutEncryptionConfiguration s3:PutLifecycleConfiguration s3:TagResource s3:UntagResource"
)
"""The actions of both ways to tag a bucket: S3's own, and S3 Control's, which AWS provider 6.23 and later try first."""

_REGIONS = {"": "us-east-1", "EU": "eu-west-1"}
"""The region of each location that is not the name of one (GetBucketLocation in S3's reference)."""


def _listing(account: Account, prefix: str) -> Mapping[str, None]:
    return {each["Name"]: None for each in account.ask("s3", "list_buckets", Prefix=prefix).get("Buckets", [])}


def _names(settings: Settings, client: Client) -> Iterator[str]:
    for page in client("s3").get_paginator("list_buckets").paginate(BucketRegion=settings.region):
        yield from (bucket["Name"] for bucket in page["Buckets"])


def _find(values: Mapping[str, Any], settings: Settings, client: Client) -> str:
    name = values["bucket"]
    s3 = client("s3")
    file = f"environments/{settings.environment}.toml"
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=settings.account_id)
        location = s3.get_bucket_location(Bucket=name)["LocationConstraint"] or ""
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in {"403", "AccessDenied"}:
            raise
        message = (
            f"bucket {name}: exists and is not open to account {settings.account_id}: it is another account's, or the "
            f"credentials may not list it; a bucket's name is unique in the world, another one is set in {file}"
        )
        raise MismatchError(message) from None
    region = _REGIONS.get(location, location)
    if region != settings.region:
        message = f"bucket {name}: is in {region}, declared in {settings.region} ({file}); a bucket cannot be moved"
        raise MismatchError(message)
    return name


# --- looking ------------------------------------------------------------------------------------------------------


def _encryption(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    absent = "ServerSideEncryptionConfigurationNotFoundError"
    answer = account.ask("s3", "get_bucket_encryption", absent=absent, Bucket=name)
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    return {"Encryption": [rule.get("ApplyServerSideEncryptionByDefault") for rule in rules] or None}


def _public_access(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    absent = "NoSuchPublicAccessBlockConfiguration"
    answer = account.ask("s3", "get_public_access_block", absent=absent, Bucket=name)
    return {"PublicAccessBlock": answer.get("PublicAccessBlockConfiguration")}


def _ownership(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    absent = "OwnershipControlsNotFoundError"
    answer = account.ask("s3", "get_bucket_ownership_controls", absent=absent, Bucket=name)
    return {"OwnershipControls": answer.get("OwnershipControls", {}).get("Rules")}


def _policy(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    return {"policy": account.ask("s3", "get_bucket_policy", absent="NoSuchBucketPolicy", Bucket=name).get("Policy")}


def _lifecycle(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    absent = "NoSuchLifecycleConfiguration"
    answer = account.ask("s3", "get_bucket_lifecycle_configuration", absent=absent, Bucket=name)
    return {"lifecycle rules": {rule["ID"]: _rule(rule) for rule in answer.get("Rules", [])}}


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lifecycle rule without its id, with the one way to write that it is for the whole bucket."""
    content = {key: value for key, value in rule.items() if key not in {"ID", "Filter", "Prefix"}}
    chosen = rule.get("Filter") or {"Prefix": rule.get("Prefix") or ""}
    return {**content, "Filter": chosen}


def _versioning(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    # Without versions there is no replication either, which needs them: it is not asked for.
    return {"Versioning": account.ask("s3", "get_bucket_versioning", Bucket=name).get("Status")}


def _notifications(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    answer = account.ask("s3", "get_bucket_notification_configuration", Bucket=name)
    return {"Notifications": {key: value for key, value in answer.items() if key != "ResponseMetadata"} or None}


def _cors(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    answer = account.ask("s3", "get_bucket_cors", absent="NoSuchCORSConfiguration", Bucket=name)
    return {"CORS": answer.get("CORSRules")}


def _logging(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    return {"Logging": account.ask("s3", "get_bucket_logging", Bucket=name).get("LoggingEnabled")}


def _request_payment(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    return {"RequestPayment": account.ask("s3", "get_bucket_request_payment", Bucket=name).get("Payer")}


def _acceleration(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    # The codes of a region that has none; once it was on, a bucket's is not removed but suspended.
    absent = ("MethodNotAllowed", "UnsupportedArgument")
    found = account.ask("s3", "get_bucket_accelerate_configuration", absent=absent, Bucket=name).get("Status")
    return {"Acceleration": None if found == "Suspended" else found}


def _tags(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    return by_key(account.ask("s3", "get_bucket_tagging", absent="NoSuchTagSet", Bucket=name).get("TagSet", []))


_BLOCKS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_ALONE = ("Versioning", "Notifications", "CORS", "Logging", "RequestPayment", "Acceleration")
"""Looks whose properties a plan has under the same names."""


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    rules: Members = expected["lifecycle rules"]["lifecycle rules"]
    policy: Statements = expected["policy"]["policy"]
    none: list[dict[str, Any]] = [{}]
    encryption = (expected["Encryption"]["Encryption"] or none)[0]
    ownership = (expected["OwnershipControls"]["OwnershipControls"] or none)[0]
    return {
        "Encryption": encryption.get("SSEAlgorithm"),
        **dict.fromkeys(_BLOCKS),
        **(expected["PublicAccessBlock"]["PublicAccessBlock"] or {}),
        "ObjectOwnership": ownership.get("ObjectOwnership"),
        **{property_: value for look in _ALONE for property_, value in expected.get(look, {}).items()},
        **{f"lifecycle rule {rule}": required for rule, required in rules.members.items()},
        "Policy": [*policy.statements],
    }


# --- contents -----------------------------------------------------------------------------------------------------

_PAGE = 1000
"""The most objects of one ListObjectsV2, and of one DeleteObjects."""


def _peek(values: Mapping[str, Any], viewer: Viewer) -> Contents:
    """Return the objects of the first page, and the newest of them."""
    answer = viewer.client("s3").list_objects_v2(Bucket=values["bucket"], MaxKeys=_PAGE)
    objects = sorted(answer.get("Contents", ()), key=lambda each: each["LastModified"], reverse=True)
    shown = objects[: viewer.most]
    notes: list[str] = []
    if answer["IsTruncated"]:
        notes.append(f"counted: the first {_PAGE} by their keys")
    if len(shown) < len(objects):
        notes.append(f"shown: the newest {len(shown)}")
    return Contents(counts={"objects": len(objects)}, entries=tuple(map(_entry, shown)), note="; ".join(notes))


def _entry(found: Mapping[str, Any]) -> Entry:
    modified = found["LastModified"].astimezone(UTC).isoformat(timespec="seconds")
    key, size = found["Key"], found["Size"]
    return Entry(f"{key}, {size} bytes, {modified}", {"key": key, "size": size, "modified": modified})


def _empty(values: Mapping[str, Any], client: Client, _: Emulator) -> Mapping[str, int]:
    """Delete every version and delete marker, which an unversioned bucket's objects are too, and every upload."""
    s3, bucket = client("s3"), values["bucket"]
    count = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": _PAGE}):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
            count += len(found)
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=bucket):
        for upload in page.get("Uploads", ()):
            s3.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return {"objects": count}


# --- permissions --------------------------------------------------------------------------------------------------


def _objects(settings: Settings, name: str, _: Expected) -> tuple[str, ...]:
    return (f"{arn(settings, 's3', name)}/*",)


def _if_versioned(settings: Settings, name: str, expected: Expected) -> tuple[str, ...]:
    return (arn(settings, "s3", name),) if expected.get("Versioning", {}).get("Versioning") else ()


def _if_called_from_browsers(settings: Settings, name: str, expected: Expected) -> tuple[str, ...]:
    return (arn(settings, "s3", name),) if expected.get("CORS", {}).get("CORS") else ()


def part(operation: str, key: str | None = None) -> Callable[[Mapping[str, Any], Settings, Client], str | None]:
    """Return the finder of a bucket's own configuration. key: the key that an answer lacks if there is none."""

    def find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
        answer = getattr(client("s3"), operation)(Bucket=values["bucket"])
        return values["bucket"] if key is None or key in answer else None

    return find


TYPE = ResourceType(
    name="aws_s3_bucket",
    find=_find,
    find_first=True,
    names=_names,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="s3:ListAllMyBuckets",
    looks={
        "Encryption": Look(read=_encryption, needs="s3:GetEncryptionConfiguration"),
        "PublicAccessBlock": Look(read=_public_access, needs="s3:GetBucketPublicAccessBlock"),
        "OwnershipControls": Look(read=_ownership, needs="s3:GetBucketOwnershipControls"),
        "policy": Look(read=_policy, needs="s3:GetBucketPolicy"),
        "lifecycle rules": Look(read=_lifecycle, needs="s3:GetLifecycleConfiguration"),
        "Versioning": Look(read=_versioning, needs="s3:GetBucketVersioning"),
        "Notifications": Look(read=_notifications, needs="s3:GetBucketNotification"),
        "CORS": Look(read=_cors, needs="s3:GetBucketCORS"),
        "Logging": Look(read=_logging, needs="s3:GetBucketLogging"),
        "RequestPayment": Look(read=_request_payment, needs="s3:GetBucketRequestPayment"),
        "Acceleration": Look(read=_acceleration, needs="s3:GetAccelerateConfiguration"),
        "tags": Look(read=_tags, needs="s3:GetBucketTagging"),
    },
    permissions=(
        Permissions(
            sid="Buckets",
            on="the buckets",
            arns=in_account("s3"),
            plan=_READ,
            apply=_CHANGE,
            erase="s3:DeleteBucket s3:DeleteBucketPolicy s3:ListBucketVersions",
            loses="s3:DeleteBucket",
        ),
        Permissions(sid="BucketVersions", on="the buckets", arns=_if_versioned, apply="s3:PutBucketVersioning"),
        Permissions(sid="BucketCors", on="the buckets", arns=_if_called_from_browsers, apply="s3:PutBucketCORS"),
        Permissions(
            sid="Objects",
            on="the buckets' objects",
            arns=_objects,
            erase="s3:DeleteObject s3:DeleteObjectVersion",
            loses="s3:DeleteObject s3:DeleteObjectVersion",
        ),
    ),
    plan_everywhere="s3:ListAllMyBuckets",
    has_own_prefix=True,
    holds="objects",
    peek=_peek,
    empty=_empty,
    aspects={
        "cors_rule": "cors",
        "request_payer": "requestpayment",
        "acceleration_status": "acceleration",
        "replication_configuration": "replication",
    },
    members=("lifecycle rule",),
    repeats={
        "policy": "aws_s3_bucket_policy",
        "lifecycle_rule": "aws_s3_bucket_lifecycle_configuration",
        "server_side_encryption_configuration": "aws_s3_bucket_server_side_encryption_configuration",
        "grant": "aws_s3_bucket_ownership_controls",
        "cors_rule": "aws_s3_bucket_cors_configuration",
        "versioning": "aws_s3_bucket_versioning",
    },
)
