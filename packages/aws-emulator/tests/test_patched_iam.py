"""Patches of IAM, seen as a client of AWS sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from aws_emulator import temporary

from emulator_helpers import REGION, status_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable


IAM_CONFLICTS = ("Cannot delete a policy attached to entities.", "This policy has more than one version. ")


@pytest.mark.parametrize("kind", ["role", "user", "group"])
def test_a_policy_that_somebody_has_is_not_deleted(client: Callable[[str], Any], unique: str, kind: str) -> None:
    """409, and it is still there; once it is detached, and has one version, it goes."""
    iam = client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    arn = iam.create_policy(PolicyName=unique, PolicyDocument=document)["Policy"]["Arn"]
    own = {f"{kind.title()}Name": unique}
    getattr(iam, f"create_{kind}")(**own, **({"AssumeRolePolicyDocument": document} if kind == "role" else {}))
    getattr(iam, f"attach_{kind}_policy")(**own, PolicyArn=arn)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    for reason, undo in (
        (IAM_CONFLICTS[0], lambda: getattr(iam, f"detach_{kind}_policy")(**own, PolicyArn=arn)),
        (IAM_CONFLICTS[1], lambda: iam.delete_policy_version(PolicyArn=arn, VersionId="v1")),
    ):
        with pytest.raises(ClientError) as refused:
            iam.delete_policy(PolicyArn=arn)
        answer: Any = refused.value.response
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 409
        assert answer["Error"]["Code"] == "DeleteConflict"
        assert answer["Error"]["Message"].startswith(reason)
        assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == unique
        undo()
    iam.delete_policy(PolicyArn=arn)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam.get_policy(PolicyArn=arn)


def test_a_policy_that_bounds_a_role_is_not_deleted(client: Callable[[str], Any], unique: str) -> None:
    iam = client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    arn = iam.create_policy(PolicyName=unique, PolicyDocument=document)["Policy"]["Arn"]
    iam.create_role(RoleName=unique, AssumeRolePolicyDocument=document, PermissionsBoundary=arn)
    with pytest.raises(ClientError, match="DeleteConflict"):
        iam.delete_policy(PolicyArn=arn)


def test_enforced_permissions_have_the_names_that_aws_gives_them() -> None:
    """A user with three permissions uses them, on S3, CloudWatch and Lambda, and is refused what a fourth is for."""
    allowed = ["s3:GetEncryptionConfiguration", "cloudwatch:DescribeAlarms", "lambda:GetFunctionConfiguration"]
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    with temporary("123412341234") as guarded:
        key = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        session: Any = boto3.Session(region_name=REGION)
        iam = session.client("iam", endpoint_url=guarded.endpoint, **key)
        iam.create_user(UserName="reader")
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=document)
        made = iam.create_access_key(UserName="reader")["AccessKey"]
        session.client("s3", endpoint_url=guarded.endpoint, **key).create_bucket(
            Bucket="guarded", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        assert status_of(guarded, "POST", "/moto-api/reset-auth", {"Content-Type": "text/plain"}, b"0") == 200
        key = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
        s3, cloudwatch, functions = (
            session.client(service, endpoint_url=guarded.endpoint, **key) for service in ("s3", "cloudwatch", "lambda")
        )
        with pytest.raises(ClientError, match="ServerSideEncryptionConfigurationNotFoundError"):
            s3.get_bucket_encryption(Bucket="guarded")
        assert cloudwatch.describe_alarms()["MetricAlarms"] == []
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            functions.get_function_configuration(FunctionName="none")
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.get_bucket_replication(Bucket="guarded")
