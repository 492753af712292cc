"""Patches of S3, seen as a client of AWS sees them."""

from __future__ import annotations

import json
import threading
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from aws_emulator.identities import Identity

from emulator_helpers import ACCOUNT_ID, REGION, s3_control, status_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from aws_emulator import Emulator

ROUNDS = 30
WRITERS = 16


def deny_all(bucket: str, **condition: Any) -> str:
    """Write a policy that denies everything on a bucket, under a condition if one is given."""
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        **condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize("insecure", ["false", ["false"], False])
def test_tls_only_policy_lets_requests_through(s3: Any, bucket: str, insecure: Any) -> None:
    """Under "deny what is not TLS" objects can be written, read, listed and deleted."""
    s3.put_bucket_policy(Bucket=bucket, Policy=deny_all(bucket, Condition={"Bool": {"aws:SecureTransport": insecure}}))
    s3.put_object(Bucket=bucket, Key="key", Body=b"one")
    s3.put_object(Bucket=bucket, Key="key", Body=b"two")
    assert s3.get_object(Bucket=bucket, Key="key")["Body"].read() == b"two"
    assert s3.head_object(Bucket=bucket, Key="key")["ContentLength"] == len(b"two")
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "key"}]})
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("condition", [{}, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}])
def test_deny_that_holds_still_denies(s3: Any, bucket: str, condition: dict[str, Any]) -> None:
    """A Deny without a condition, or with one that is true of TLS, refuses object calls."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"")
    s3.put_bucket_policy(Bucket=bucket, Policy=deny_all(bucket, **condition))
    with pytest.raises(ClientError, match=r"403|Forbidden|AccessDenied"):
        s3.get_object(Bucket=bucket, Key="key")


def test_bucket_with_delete_markers_can_be_emptied_after_versioning_was_suspended(s3: Any, bucket: str) -> None:
    """The order in which the provider destroys: suspend versioning, delete versions and markers, delete bucket."""
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
        s3.put_object(Bucket=bucket, Key=key, Body=b"2")
        s3.delete_object(Bucket=bucket, Key=key)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    listed = s3.list_object_versions(Bucket=bucket)
    found = [
        {"Key": each["Key"], "VersionId": each["VersionId"]} for each in (*listed["Versions"], *listed["DeleteMarkers"])
    ]
    assert len(found) == 6
    assert "Errors" not in s3.delete_objects(Bucket=bucket, Delete={"Objects": found})
    s3.delete_bucket(Bucket=bucket)
    assert bucket not in {each["Name"] for each in s3.list_buckets()["Buckets"]}


def test_conditional_put_has_one_winner(emulator: Emulator, bucket: str) -> None:
    """Of many simultaneous puts with `If-None-Match: *` exactly one succeeds, round after round."""
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/s3/aws4_request"}

    def put(key: int, start: threading.Barrier) -> int:
        start.wait()
        return status_of(emulator, "PUT", f"/{bucket}/{key}", {"If-None-Match": "*", **signed})

    with ThreadPoolExecutor(WRITERS) as writers:
        for key in range(ROUNDS):
            start = threading.Barrier(WRITERS)
            statuses = sorted(writers.map(put, [key] * WRITERS, [start] * WRITERS))
            assert statuses == [200] + [412] * (WRITERS - 1)


BLOCKED = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}


@pytest.mark.parametrize("block", [BLOCKED, None], ids=["blocked", "as created"])
def test_anonymous_request_to_a_private_bucket_is_refused(
    emulator: Emulator, s3: Any, bucket: str, block: dict[str, bool] | None
) -> None:
    """Nobody reads, lists or writes without a signature, not even an object whose ACL says public."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"secret", ACL="public-read")
    if block:
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=block)
    requests = [("GET", "/key"), ("HEAD", "/key"), ("GET", "/none"), ("PUT", "/new"), ("DELETE", "/key"), ("GET", "")]
    answers = {request: status_of(emulator, request[0], f"/{bucket}{request[1]}") for request in requests}
    assert answers == dict.fromkeys(requests, 403)
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["key"]


@pytest.mark.parametrize("lifted", [tuple(BLOCKED), ("IgnorePublicAcls",), ("RestrictPublicBuckets",)], ids=str)
def test_anonymous_read_is_possible_where_the_block_is_lifted(
    emulator: Emulator, s3: Any, bucket: str, lifted: tuple[str, ...]
) -> None:
    """Without either half of the public access block a public object can be read: a check for privacy can fail here."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"public", ACL="public-read")
    left = {each: each not in lifted for each in BLOCKED}
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=left)
    assert status_of(emulator, "GET", f"/{bucket}/key") == 200


def test_presigned_url_reads_from_a_private_bucket(s3: Any, bucket: str) -> None:
    """A presigned URL is a signed request."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"result")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=3600)
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - made by boto3 for the emulator
        assert answer.read() == b"result"


@pytest.mark.parametrize(
    "chosen",
    [
        {"ObjectSizeGreaterThan": 1073741824},
        {"ObjectSizeLessThan": 10},
        {"And": {"Prefix": "a/", "ObjectSizeGreaterThan": 1, "ObjectSizeLessThan": 10}},
        {"Prefix": ""},
    ],
)
def test_a_lifecycle_rule_keeps_its_sizes(s3: Any, bucket: str, chosen: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    other = {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 1}}
    rule = {"ID": "rule", "Status": "Enabled", "Filter": chosen, "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [other, rule]})
    rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert [each["Filter"] for each in rules] == [{"Prefix": "x"}, chosen]


def test_a_lifecycle_rule_keeps_the_versions_that_it_does_not_expire(s3: Any, bucket: str) -> None:
    rules = [
        {
            "ID": name,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30, **kept},
        }
        for name, kept in (("some", {"NewerNoncurrentVersions": 3}), ("none", {}))
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules


def test_a_buckets_owner_pays_until_it_is_changed(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.get_bucket_request_payment(Bucket=f"{bucket}-none")


def test_a_bucket_keeps_the_tags_that_it_was_created_with(s3: Any, emulator: Emulator, unique: str) -> None:
    """Both of AWS's calls show them; a second creation, which is refused, changes none."""
    tags = [{"Key": "Owner", "Value": "a&b"}, {"Key": "Empty", "Value": ""}]
    s3.create_bucket(Bucket=unique, CreateBucketConfiguration={"LocationConstraint": REGION, "Tags": tags})
    other = {"LocationConstraint": REGION, "Tags": [{"Key": "Owner", "Value": "other"}]}
    with pytest.raises(ClientError, match="BucketAlreadyOwnedByYou"):
        s3.create_bucket(Bucket=unique, CreateBucketConfiguration=other)
    control = s3_control(emulator)
    arn = f"arn:aws:s3:::{unique}"
    assert s3.get_bucket_tagging(Bucket=unique)["TagSet"] == tags
    assert control.list_tags_for_resource(AccountId=ACCOUNT_ID, ResourceArn=arn)["Tags"] == tags
    control.untag_resource(AccountId=ACCOUNT_ID, ResourceArn=arn, TagKeys=["Empty"])
    control.tag_resource(AccountId=ACCOUNT_ID, ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "c"}])
    assert s3.get_bucket_tagging(Bucket=unique)["TagSet"] == [{"Key": "Owner", "Value": "c"}]


def test_in_the_first_region_a_bucket_is_created_with_tags_and_no_region(emulator: Emulator, unique: str) -> None:
    """As the provider does there: the body has tags alone."""
    s3 = Identity(emulator.endpoint, region="us-east-1").client("s3")
    s3.create_bucket(Bucket=unique, CreateBucketConfiguration={"Tags": [{"Key": "Owner", "Value": "team"}]})
    assert s3.get_bucket_tagging(Bucket=unique)["TagSet"] == [{"Key": "Owner", "Value": "team"}]


@pytest.mark.parametrize(
    "signature", ["abcdefghijklmnopqrstuvwxyz0=", "ab/cd/us-east-1/sqs/ghijklm=", "a/b/c/d/e/f/g/h/i/j/k/l/m0="]
)
def test_a_signature_of_version_2_does_not_say_where_a_call_goes(
    emulator: Emulator, s3: Any, bucket: str, signature: str
) -> None:
    """It is base64, in which a slash is a letter like others: S3 serves the administrator, and refuses nobody's key."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"")
    for key_id, expected in (("test", 200), ("THISISNOBODYSKEYATAL", 403)):
        signed = {"Authorization": f"AWS {key_id}:{signature}"}
        assert status_of(emulator, "GET", f"/{bucket}/key", signed) == expected
