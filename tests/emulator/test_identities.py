"""Who is who on the emulator: users and roles have what their policies give, unknown keys nothing."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from tests.emulator.conftest import ACCOUNT_ID, REGION
from tests.iam.identities import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from ops.emulator import Emulator

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
    return Session(emulator.endpoint, key_id, secret or key_id, token).client(service)


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
    for untrusting in (f"{role}-lambda", f"{role}-none"):
        with pytest.raises(ClientError) as refused:
            sts.assume_role(RoleArn=untrusting, RoleSessionName="test")
        assert code(refused.value) == "AccessDenied"


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
