"""Permissions that a call to S3 takes, which moto tells apart by method and path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

import xmltodict

from aws_emulator.iam.calls import EVERYTHING, Permission
from aws_emulator.iam.evaluation import listed
from aws_emulator.iam.signatures import Response, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator


def permissions(response: Response, resource: str) -> Iterator[Permission]:
    """Yield the permissions that a call takes. resource: the bucket, or the object in it."""
    action = response._get_action()  # noqa: SLF001 - moto's own
    if action == "ListAllMyBuckets":
        yield Permission(f"s3:{action}", EVERYTHING)
        return
    if action == "DeleteObject" and response.method == "POST":
        for key, version in _deleted(response.body):
            yield from _deletion(f"{resource}/{key}", has_version=version is not None)
        return
    if action == "DeleteObjectVersion":
        yield from _deletion(resource, has_version=True)
        return
    if action == "PutObject" and response.method == "POST" and (key := parameters(response).get("key")):
        # A browser's upload form, which moto asks about for the bucket.
        yield Permission("s3:PutObject", f"{resource}/{key}")
        return
    yield Permission(f"s3:{action}", resource)
    if action == "CreateBucket" and "x-amz-object-ownership" in response.headers:
        yield Permission("s3:PutBucketOwnershipControls", resource)
    if action == "CreateBucket" and tags_at_creation(response.body):
        yield Permission("s3:TagResource", resource)
    bucket, _, key = resource.partition("/")
    if action == "GetObject" and key and not _exists(response, key):
        # Who may not list a bucket is not told that an object is not there.
        yield Permission("s3:ListBucket", bucket)


def tags_at_creation(body: bytes | str) -> list[dict[str, str]]:
    """Return the tags in the body of CreateBucket (CreateBucketConfiguration in S3's API reference), if there are some.

    A body that is no XML has none: moto says what is wrong with it.
    """
    try:
        configuration: Any = xmltodict.parse(body)["CreateBucketConfiguration"]
        tags: Any = configuration["Tags"]["Tag"]
    except (ExpatError, KeyError, TypeError):
        return []
    return [{"Key": each["Key"], "Value": each["Value"] or ""} for each in listed(tags)]


def context(response: Response) -> dict[str, str]:
    """Return the condition keys of a call: `s3:prefix` of one that lists keys and names a prefix.

    A call that reads an object names none, so that a permission to list under a condition on it does not tell its
    holder that the object is not there (Service Authorization Reference, "Condition keys for Amazon S3").
    """
    if response._get_action() not in {"ListBucket", "ListBucketVersions"}:  # noqa: SLF001 - moto's own
        return {}
    prefix = parameters(response).get("prefix")
    return {} if prefix is None else {"s3:prefix": prefix}


def _deletion(resource: str, *, has_version: bool) -> Iterator[Permission]:
    """Yield the permissions for the deletion of an object: always one, and another if it names a version.

    The API reference says so of DeleteObject and of DeleteObjects. A bucket without versions has the version `null`,
    which Terraform's provider names when it empties a bucket.
    """
    yield Permission("s3:DeleteObject", resource)
    if has_version:
        yield Permission("s3:DeleteObjectVersion", resource)


def _exists(response: Response, key: str) -> bool:
    bucket = response.backend.buckets.get(response.bucket_name)
    return bucket is None or bucket.keys.get(key) is not None


def _deleted(body: bytes) -> Iterator[tuple[str, str | None]]:
    objects: Any = xmltodict.parse(body, strip_whitespace=False)["Delete"].get("Object", [])
    for each in listed(objects):
        yield each["Key"], each.get("VersionId")
