"""Permissions that a call to S3 takes, told from its method, its action and its body."""

from types import SimpleNamespace
from typing import Any

import pytest

from aws_emulator.iam.s3_calls import permissions

BUCKET = "arn:aws:s3:::results"
MANY = b"""<Delete>
<Object><Key>a/1</Key></Object>
<Object><Key>a/2</Key><VersionId>null</VersionId></Object>
</Delete>"""


def taken(action: str, method: str, resource: str = BUCKET, **more: Any) -> list[tuple[str, str]]:
    held = SimpleNamespace(keys={"here": "object"})
    response = SimpleNamespace(
        _get_action=lambda: action,
        method=method,
        headers={},
        bucket_name="results",
        backend=SimpleNamespace(buckets={"results": held}),
        **more,
    )
    return [(each.action, each.resource) for each in permissions(response, resource)]


def test_whoever_deletes_a_version_needs_both_permissions() -> None:
    assert taken("DeleteObject", "DELETE", f"{BUCKET}/a") == [("s3:DeleteObject", f"{BUCKET}/a")]
    assert taken("DeleteObjectVersion", "DELETE", f"{BUCKET}/a") == [
        ("s3:DeleteObject", f"{BUCKET}/a"),
        ("s3:DeleteObjectVersion", f"{BUCKET}/a"),
    ]
    assert taken("DeleteObject", "POST", body=MANY) == [
        ("s3:DeleteObject", f"{BUCKET}/a/1"),
        ("s3:DeleteObject", f"{BUCKET}/a/2"),
        ("s3:DeleteObjectVersion", f"{BUCKET}/a/2"),
    ]


def test_whoever_may_not_list_is_not_told_that_an_object_is_not_there() -> None:
    assert taken("GetObject", "GET", f"{BUCKET}/here") == [("s3:GetObject", f"{BUCKET}/here")]
    assert taken("GetObject", "GET", f"{BUCKET}/gone") == [
        ("s3:GetObject", f"{BUCKET}/gone"),
        ("s3:ListBucket", BUCKET),
    ]


@pytest.mark.parametrize(
    ("action", "resource"), [("ListAllMyBuckets", "*"), ("ListBucket", BUCKET), ("PutBucketPolicy", BUCKET)]
)
def test_a_call_that_is_its_own_permission_takes_that_alone(action: str, resource: str) -> None:
    assert taken(action, "GET") == [(f"s3:{action}", resource)]


TAGGED = b"""<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Tags><Tag><Key>Owner</Key><Value>team</Value></Tag></Tags></CreateBucketConfiguration>"""


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (TAGGED, [("s3:TagResource", BUCKET)]),
        (b"<CreateBucketConfiguration><Tags/></CreateBucketConfiguration>", []),
        (b"<CreateBucketConfiguration/>", []),
        (b"no XML", []),
        (b"", []),
    ],
)
def test_whoever_creates_a_bucket_with_tags_needs_the_permission_to_tag_it(
    body: bytes, more: list[tuple[str, str]]
) -> None:
    """By S3's API reference (CreateBucketConfiguration.Tags); PutBucketTagging, for later, is another permission."""
    assert taken("CreateBucket", "PUT", body=body) == [("s3:CreateBucket", BUCKET), *more]
