"""Identities on the emulator: users and roles have what their policies give, unknown keys nothing."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from aws_emulator.identities import Identity

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS, REGION, s3_control, status_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_emulator import Emulator

ISSUED = "AKIA" + 16 * "0"
CALLS: dict[str, Callable[[Any], Any]] = {
    "sqs": lambda sqs: sqs.list_queues(),
    "dynamodb": lambda dynamodb: dynamodb.list_tables(),
    "s3": lambda s3: s3.list_buckets(),
    "cloudwatch": lambda cloudwatch: cloudwatch.describe_alarms(),
    "sns": lambda sns: sns.list_topics(),
    "iam": lambda iam: iam.list_policies(),
    "lambda": lambda functions: functions.list_functions(),
}


def code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))


def signed(emulator: Emulator, service: str, key_id: str, secret: str = "", token: str | None = None) -> Any:
    return Identity(emulator.endpoint, key_id, secret or key_id, token).client(service)


@pytest.mark.parametrize("service", CALLS)
def test_a_key_that_looks_issued_and_is_nobodys_is_refused(emulator: Emulator, service: str) -> None:
    """In the words of each service; any other key is the account's administrator."""
    with pytest.raises(ClientError) as refused:
        CALLS[service](signed(emulator, service, ISSUED))
    assert code(refused.value) in {"InvalidClientTokenId", "InvalidAccessKeyId"}
    assert CALLS[service](signed(emulator, service, "anything"))


@pytest.mark.parametrize("service", CALLS)
def test_a_user_has_what_its_policies_give(
    emulator: Emulator, client: Callable[[str], Any], unique: str, service: str
) -> None:
    """Nothing at first; and what a policy of its own gives from the next call on."""
    iam = client("iam")
    iam.create_user(UserName=unique)
    key = iam.create_access_key(UserName=unique)["AccessKey"]
    own = signed(emulator, service, key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(ClientError) as refused:
        CALLS[service](own)
    assert code(refused.value) in {"AccessDenied", "AccessDeniedException"}
    assert f"user/{unique} is not authorized to perform: {service}:List" in str(refused.value) or (
        service == "cloudwatch" and "cloudwatch:DescribeAlarms" in str(refused.value)
    )
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": f"{service}:*", "Resource": "*"}}
    iam.put_user_policy(UserName=unique, PolicyName="own", PolicyDocument=json.dumps(everything))
    assert CALLS[service](own)


def test_a_role_is_taken_on_by_whom_it_trusts(client: Callable[[str], Any], unique: str) -> None:
    """One for a service, and one that does not exist, cannot be taken on, not even by the administrator."""
    iam, sts = client("iam"), client("sts")
    for name, principal in (
        (f"{unique}-own", {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}),
        (f"{unique}-lambda", {"Service": "lambda.amazonaws.com"}),
    ):
        trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": trust})
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/{unique}"
    assert sts.assume_role(RoleArn=f"{role}-own", RoleSessionName="test")["Credentials"]
    refusal = "User: administrator is not authorized to perform: sts:AssumeRole"
    for untrusting, said in (
        (f"{role}-lambda", f"{refusal} because no role trust policy allows the sts:AssumeRole action"),
        (f"{role}-none", f"{refusal} on resource: {role}-none"),
    ):
        with pytest.raises(ClientError) as refused:
            sts.assume_role(RoleArn=untrusting, RoleSessionName="test")
        assert code(refused.value) == "AccessDenied"
        assert str(refused.value).endswith(said)


def test_a_sessions_key_is_nothing_without_its_token(
    emulator: Emulator, client: Callable[[str], Any], unique: str
) -> None:
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": trust})
    client("iam").create_role(RoleName=unique, AssumeRolePolicyDocument=document)
    role = f"arn:aws:iam::{ACCOUNT_ID}:role/{unique}"
    key = client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    named = signed(emulator, "sts", key["AccessKeyId"], token=key["SessionToken"]).get_caller_identity()["Arn"]
    assert named == f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{unique}/test"
    for token in (None, "anothers"):
        with pytest.raises(ClientError) as refused:
            signed(emulator, "sts", key["AccessKeyId"], token=token).get_caller_identity()
        assert code(refused.value) == "InvalidClientTokenId"


def test_an_object_that_is_not_there_is_told_to_who_may_list_alone(
    emulator: Emulator, client: Callable[[str], Any], bucket: str, unique: str
) -> None:
    """AWS answers 404 to who may list the bucket and 403 to who may not, who could else ask which keys there are."""
    iam = client("iam")
    user = f"{unique}-reader"
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    s3 = signed(emulator, "s3", key["AccessKeyId"], key["SecretAccessKey"])
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    listing = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    for statements, answer in (([reading], "AccessDenied"), ([reading, listing], "NoSuchKey")):
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document)
        with pytest.raises(ClientError) as refused:
            s3.get_object(Bucket=bucket, Key="absent")
        assert code(refused.value) == answer


def make_user(endpoint: str, *statements: dict[str, Any]) -> Identity:
    """Make a user with these statements as its policy; return its credentials."""
    iam, name = Identity(endpoint).client("iam"), f"u-{uuid.uuid4().hex[:12]}"
    iam.create_user(UserName=name)
    if statements:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Identity(endpoint, key["AccessKeyId"], key["SecretAccessKey"])


def allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def test_whoever_may_list_a_prefix_alone_lists_no_other_and_is_not_told_what_is_not_there(
    emulator: Emulator, s3: Any, bucket: str
) -> None:
    """The prefix is a condition on the request's parameter, which a request for an object does not have."""
    for key in ("exports/a", "templates/b"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    listing = allow("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    listing["Condition"] = {"StringLike": {"s3:prefix": "exports/*"}}
    caller = make_user(emulator.endpoint, listing, allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")).client("s3")
    for prefix in ("exports/", "exports/a"):
        (found,) = caller.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
        assert found["Key"] == "exports/a"
    for refused_prefix in ({"Prefix": "templates/"}, {"Prefix": "exports"}, {"Prefix": ""}, {}):
        with pytest.raises(ClientError) as refused:
            caller.list_objects_v2(Bucket=bucket, **refused_prefix)
        assert code(refused.value) == "AccessDenied"
    with pytest.raises(ClientError) as absent:
        caller.get_object(Bucket=bucket, Key="exports/absent")
    assert code(absent.value) == "AccessDenied"


def opened(url: str) -> tuple[int, str]:
    """Open a URL as a browser does; return the status and what it answers."""
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=HANG_SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_what_a_policy_denies_is_not_said_to_be_what_none_allows(emulator: Emulator, unique: str) -> None:
    queue = f"arn:aws:sqs:us-east-1:{ACCOUNT_ID}:{unique}"
    deny = {**allow("sqs:CreateQueue", queue), "Effect": "Deny"}
    user = make_user(emulator.endpoint, allow("sqs:*", "*"), deny)
    with pytest.raises(ClientError) as refused:
        user.client("sqs").create_queue(QueueName=unique)
    said = f"to perform: sqs:CreateQueue on resource: {queue} with an explicit deny in an identity-based policy"
    assert str(refused.value).endswith(said)


SIGNATURES = [None, "s3", "s3v4"]
"""boto3's own choice, and either version: in the header of a call, and in the query of a presigned URL."""


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize("identity", ["user", "role"])
def test_a_presigned_url_reads_what_its_signer_may_read(
    emulator: Emulator, s3: Any, bucket: str, signature: str | None, identity: str
) -> None:
    """Of a role it carries the session's token, too. On AWS both versions are held to the signer's permissions."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"secret")
    for statements, expected in ((), 403), ((allow("s3:GetObject", f"arn:aws:s3:::{bucket}/key"),), 200):
        if identity == "user":
            signer = make_user(emulator.endpoint, *statements)
        else:
            administrator, name = Identity(emulator.endpoint), f"r-{uuid.uuid4().hex[:12]}"
            role = administrator.make_role(name, ACCOUNT_ID)
            administrator.grant(name, [{"Version": "2012-10-17", "Statement": statements}] if statements else [])
            signer = administrator.assume(role)
        signing = signer.client("s3", s3_signature=signature)
        url = signing.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"})
        assert opened(url)[0] == expected
        if expected == 403:
            with pytest.raises(ClientError) as refused:
                signing.get_object(Bucket=bucket, Key="key")
            assert code(refused.value) == "AccessDenied"
        else:
            assert signing.get_object(Bucket=bucket, Key="key")["Body"].read() == b"secret"


@pytest.mark.parametrize(("signature", "named"), [("s3", "AWSAccessKeyId="), ("s3v4", "X-Amz-Credential=")])
def test_a_presigned_url_ends_when_its_time_is_over(s3: Any, bucket: str, signature: str, named: str) -> None:
    """The administrator's, too; and one whose time was taken out of it, or is none, is refused."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"secret")
    signing = Identity(s3.meta.endpoint_url).client("s3", s3_signature=signature)
    read = {"ClientMethod": "get_object", "Params": {"Bucket": bucket, "Key": "key"}}
    url = signing.generate_presigned_url(**read, ExpiresIn=3600)
    assert named in url
    assert opened(url) == (200, "secret")
    status, said = opened(signing.generate_presigned_url(**read, ExpiresIn=-1))
    assert (status, "<Code>AccessDenied</Code>" in said, "Request has expired" in said) == (403, True, True)
    for changed in ("", "Expires=soon"):
        without_end = re.sub(r"\bExpires=\d+", changed, url)
        assert without_end != url
        assert opened(without_end)[0] == 403


def test_a_signature_of_nobody_is_none(s3: Any, bucket: str) -> None:
    """Who names no key is anonymous, whatever else the URL holds."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"secret")
    assert opened(f"{s3.meta.endpoint_url}/{bucket}/key?Signature=x&Expires=9999999999")[0] == 403


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_an_upload_form_writes_what_its_signer_may_write(
    emulator: Emulator, s3: Any, bucket: str, signature: str
) -> None:
    """By its key and no other, while its time lasts."""
    signer = make_user(emulator.endpoint, allow("s3:PutObject", f"arn:aws:s3:::{bucket}/in/*"))
    signing = signer.client("s3", s3_signature=signature)

    def uploaded(key: str, seconds: int) -> int:
        form = signing.generate_presigned_post(bucket, key, ExpiresIn=seconds)
        boundary = "b" * 20
        fields = {**form["fields"], "file": "content"}
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
        )
        return status_of(
            emulator,
            "POST",
            f"/{bucket}",
            {"Content-Type": f"multipart/form-data; boundary={boundary}"},
            f"{''.join(parts)}--{boundary}--\r\n".encode(),
        )

    assert [uploaded("in/1", 60), uploaded("out/1", 60), uploaded("in/2", -1)] == [204, 403, 403]
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["in/1"]


DELETING = ["s3:DeleteObject", "s3:DeleteObjectVersion"]


@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize(
    ("granted", "deleted"),
    [(DELETING[:1], (True, False)), (DELETING[1:], (False, False)), (DELETING, (True, True))],
)
def test_a_version_is_deleted_with_both_permissions(
    s3: Any, bucket: str, *, versioned: bool, granted: list[str], deleted: tuple[bool, bool]
) -> None:
    """Without a version named, and with one: also the version `null` of a bucket without; of one object and of many."""
    if versioned:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    permitted = (allow(each, f"arn:aws:s3:::{bucket}/*") for each in granted)
    own = make_user(s3.meta.endpoint_url, *permitted).client("s3")
    for names_version, expected in zip((False, True), deleted, strict=True):
        for key in ("one", "many"):
            made = s3.put_object(Bucket=bucket, Key=key, Body=b"")
            which = {"Key": key, **({"VersionId": made.get("VersionId", "null")} if names_version else {})}
            if key == "many":
                answer = own.delete_objects(Bucket=bucket, Delete={"Objects": [which]})
                found = [each["Code"] for each in answer.get("Errors", [])]
            else:
                found = code_of(lambda which=which: own.delete_object(Bucket=bucket, **which))
            assert found == ([] if expected else ["AccessDenied"])


def code_of(act: Callable[[], Any]) -> list[str]:
    """Return the code with which a call is refused; empty if it is not."""
    try:
        act()
    except ClientError as error:
        return [code(error)]
    return []


def test_every_permission_that_calls_took_is_told(
    emulator: Emulator, client: Callable[[str], Any], unique: str
) -> None:
    client("sqs").create_queue(QueueName=unique, tags={"a": "b"})
    with urllib.request.urlopen(f"{emulator.endpoint}/_emulator/calls") as answer:  # noqa: S310 - the emulator's own
        calls = json.loads(answer.read())
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{unique}"
    assert [call for call in calls if call["resource"] == arn] == [
        {"caller": "administrator", "action": "sqs:CreateQueue", "resource": arn, "allowed": True},
        {"caller": "administrator", "action": "sqs:TagQueue", "resource": arn, "allowed": True},
    ]


def test_tags_of_a_bucket_take_permissions_of_their_own(emulator: Emulator, s3: Any, unique: str) -> None:
    """Who may create a bucket may not create it with tags; S3 Control's calls take S3's actions, on the bucket."""
    arn = f"arn:aws:s3:::{unique}"
    wanted = {"LocationConstraint": REGION, "Tags": [{"Key": "Owner", "Value": "team"}]}
    creator = make_user(emulator.endpoint, allow("s3:CreateBucket", arn), allow("s3:PutBucketTagging", arn))
    creator = replace(creator, region=REGION)
    with pytest.raises(ClientError, match=rf"to perform: s3:TagResource on resource: {arn} "):
        creator.client("s3").create_bucket(Bucket=unique, CreateBucketConfiguration=wanted)
    assert unique not in {each["Name"] for each in s3.list_buckets()["Buckets"]}
    s3.create_bucket(Bucket=unique, CreateBucketConfiguration=wanted)
    asked = {"AccountId": ACCOUNT_ID, "ResourceArn": arn}
    reader = s3_control(emulator, make_user(emulator.endpoint, allow("s3:ListTagsForResource", arn)).key_id)
    assert reader.list_tags_for_resource(**asked)["Tags"] == wanted["Tags"]
    with pytest.raises(ClientError, match=rf"to perform: s3:UntagResource on resource: {arn} ") as refused:
        reader.untag_resource(**asked, TagKeys=["Owner"])
    assert code(refused.value) == "AccessDenied"
