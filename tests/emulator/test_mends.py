"""Each mended gap of moto, seen as a client of AWS sees it."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from ops import emulator as lifecycle
from tests.emulator.conftest import REGION
from tests.surroundings import HANG_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ops.emulator import Emulator

ROUNDS = 30
WRITERS = 16


def attributes_of(sqs: Any, url: str) -> dict[str, str]:
    """Return all attributes of a queue."""
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def make_dlq(sqs: Any, name: str) -> str:
    """Create a queue to fail into; return its ARN."""
    return attributes_of(sqs, sqs.create_queue(QueueName=f"{name}-dlq")["QueueUrl"])["QueueArn"]


def test_redrive_policy_is_returned_without_spaces(sqs: Any, unique: str) -> None:
    """The provider compares RedrivePolicy as text: it comes back compact, as AWS writes it."""
    compact = f'{{"deadLetterTargetArn":"{make_dlq(sqs, unique)}","maxReceiveCount":3}}'
    url = sqs.create_queue(QueueName=unique, Attributes={"RedrivePolicy": compact})["QueueUrl"]
    assert attributes_of(sqs, url)["RedrivePolicy"] == compact


@pytest.mark.parametrize("asked_for", ["All", "RedriveAllowPolicy"])
def test_redrive_allow_policy_is_returned(sqs: Any, unique: str, asked_for: str) -> None:
    """A stored RedriveAllowPolicy can be read back, by name and among all attributes."""
    policy = '{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-central-1:123412341234:source"]}'
    url = sqs.create_queue(QueueName=unique, Attributes={"RedriveAllowPolicy": policy})["QueueUrl"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[asked_for])
    assert answer["Attributes"]["RedriveAllowPolicy"] == policy


def test_emptied_redrive_allow_policy_is_absent(sqs: Any, unique: str) -> None:
    """Set to the empty string, RedriveAllowPolicy is removed; a queue that never had one has none either."""
    url = sqs.create_queue(QueueName=unique)["QueueUrl"]
    assert "RedriveAllowPolicy" not in attributes_of(sqs, url)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": '{"redrivePermission":"denyAll"}'})
    assert attributes_of(sqs, url)["RedriveAllowPolicy"] == '{"redrivePermission":"denyAll"}'
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedriveAllowPolicy": ""})
    assert "RedriveAllowPolicy" not in attributes_of(sqs, url)


def test_queue_policy_survives_a_change_of_other_attributes(sqs: Any, unique: str) -> None:
    """SetQueueAttributes without Policy leaves the policy alone, and with an empty one removes it."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    url = sqs.create_queue(QueueName=unique, Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "700"})
    assert json.loads(attributes_of(sqs, url)["Policy"]) == policy
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    assert "Policy" not in attributes_of(sqs, url)


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


@pytest.fixture(scope="module")
def met_half_way() -> list[str]:
    """Run two simultaneous calls in each service that would meet half-way; return how they ended."""
    program = (sys.executable, "-m", "tests.emulator.paused_writers")
    ended = subprocess.run(program, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


@pytest.mark.parametrize(
    "outcomes", ["s3 PreconditionFailed done", "dynamodb ConditionalCheckFailedException done", "sqs done done"]
)
def test_no_caller_gets_between_the_look_and_the_write_of_another(met_half_way: list[str], outcomes: str) -> None:
    """Of two conditional writes that would meet half-way one is refused; two receives of a last try both succeed.

    Terraform's lock rests on it in S3, idempotency in DynamoDB, the dead-letter queue in SQS.
    """
    assert outcomes in met_half_way


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


def status_of(
    emulator: Emulator, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({}), body: bytes = b""
) -> int:
    """Send a request, without a signature unless `headers` hold one; return the status of the answer."""
    address = urllib.parse.urlsplit(emulator.endpoint)
    with contextlib.closing(
        http.client.HTTPConnection(str(address.hostname), address.port, timeout=HANG_SECONDS)
    ) as connection:
        connection.request(method, path, body if method in {"PUT", "POST"} else None, dict(headers))
        return connection.getresponse().status


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


def test_anonymous_read_is_possible_where_the_block_is_lifted(emulator: Emulator, s3: Any, bucket: str) -> None:
    """With the public access block off, a public object can be read: a check for privacy can fail here."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"public", ACL="public-read")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(BLOCKED, False))
    assert status_of(emulator, "GET", f"/{bucket}/key") == 200


def test_presigned_url_reads_from_a_private_bucket(s3: Any, bucket: str) -> None:
    """A presigned URL is a signed request."""
    s3.put_object(Bucket=bucket, Key="key", Body=b"result")
    s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=BLOCKED)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "key"}, ExpiresIn=3600)
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - made by boto3 for the emulator
        assert answer.read() == b"result"


def test_a_tables_tag_has_one_value(client: Callable[[str], Any], unique: str) -> None:
    """A tag that is set again has the new value, and only that."""
    dynamodb = client("dynamodb")
    table = dynamodb.create_table(
        TableName=unique,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        Tags=[{"Key": "Owner", "Value": "one"}, {"Key": "Cost", "Value": "1"}],
    )
    arn = table["TableDescription"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "Owner", "Value": "two"}])
    found = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert sorted((tag["Key"], tag["Value"]) for tag in found) == [("Cost", "1"), ("Owner", "two")]


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


def test_a_tables_class_and_limits_are_kept(client: Callable[[str], Any], unique: str) -> None:
    """As they were made and as they were changed last; a table that never had one has none."""
    dynamodb = client("dynamodb")
    key = [{"AttributeName": "id", "KeyType": "HASH"}]
    index = {"IndexName": "index", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}
    made = {
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": key,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [index],
    }
    limited = {"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 2}

    def found(name: str) -> tuple[Any, Any, Any]:
        table = dynamodb.describe_table(TableName=name)["Table"]
        (described,) = table["GlobalSecondaryIndexes"]
        limits = table.get("OnDemandThroughput"), described.get("OnDemandThroughput")
        return (table.get("TableClassSummary", {}).get("TableClass"), *limits)

    dynamodb.create_table(TableName=unique, **made)
    assert found(unique) == (None, None, None)
    dynamodb.update_table(TableName=unique, TableClass="STANDARD_INFREQUENT_ACCESS")
    dynamodb.update_table(TableName=unique, OnDemandThroughput=limited)
    change = {"Update": {"IndexName": "index", "OnDemandThroughput": limited}}
    dynamodb.update_table(TableName=unique, GlobalSecondaryIndexUpdates=[change])
    assert found(unique) == ("STANDARD_INFREQUENT_ACCESS", limited, limited)
    dynamodb.create_table(TableName=f"{unique}-2", TableClass="STANDARD", OnDemandThroughput=limited, **made)
    assert found(f"{unique}-2") == ("STANDARD", limited, None)


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


def test_a_buckets_owner_pays_until_it_is_changed(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"
    with pytest.raises(ClientError, match="NoSuchBucket"):
        s3.get_bucket_request_payment(Bucket=f"{bucket}-none")


def test_an_address_is_subscribed_once_it_confirms(client: Callable[[str], Any], unique: str) -> None:
    """Until then its subscription has no ARN in a list and cannot be ended; the token is the id that ends its ARN."""
    sns = client("sns")
    topic = sns.create_topic(Name=unique)["TopicArn"]
    subscriber = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.com"}

    def listed() -> list[str]:
        return [each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]

    assert sns.subscribe(**subscriber)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**subscriber, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert listed() == ["PendingConfirmation"]
    pending = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (pending["PendingConfirmation"], pending["ConfirmationWasAuthenticated"]) == ("true", "false")
    with pytest.raises(ClientError, match="Cannot unsubscribe a subscription that is pending confirmation"):
        sns.unsubscribe(SubscriptionArn=arn)
    with pytest.raises(ClientError, match="Invalid token"):
        sns.confirm_subscription(TopicArn=topic, Token="another")  # noqa: S106 - not a password
    assert sns.confirm_subscription(TopicArn=topic, Token=arn.rsplit(":", 1)[1])["SubscriptionArn"] == arn
    assert listed() == [arn]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    sns.unsubscribe(SubscriptionArn=arn)
    assert listed() == []


def test_a_queue_is_subscribed_without_a_confirmation(client: Callable[[str], Any], sqs: Any, unique: str) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name=unique)["TopicArn"]
    queue = attributes_of(sqs, sqs.create_queue(QueueName=unique)["QueueUrl"])["QueueArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"


def test_enforced_permissions_have_the_names_that_aws_gives_them() -> None:
    """A user with three permissions uses them, on S3, CloudWatch and Lambda, and is refused what a fourth is for."""
    allowed = ["s3:GetEncryptionConfiguration", "cloudwatch:DescribeAlarms", "lambda:GetFunctionConfiguration"]
    statement = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
    with lifecycle.temporary("123412341234") as guarded:
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


@pytest.mark.parametrize(
    ("module", "owner", "name"),
    [
        ("moto.sqs.models", "Queue", "_set_attributes"),
        ("moto.dynamodb.responses", "DynamoHandler", "call_action"),
    ],
)
def test_moto_that_cannot_be_mended_is_refused(module: str, owner: str, name: str) -> None:
    """If what a mend replaces is missing, the emulator does not start: one line names it, and the exit code is 3."""
    program = (
        "import os, sys; os.environ['AWS_CONFIG_FILE'] = os.devnull\n"
        f"from {module} import {owner}\n"
        f"del {owner}.{name}\n"
        "from ops.emulated_aws import main\n"
        "sys.exit(main(['--account-id', '123412341234']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=HANG_SECONDS
    )
    assert ended.returncode == 3
    assert ended.stdout == ""
    complaints = [line for line in ended.stderr.splitlines() if not line.startswith("process ")]
    assert len(complaints) == 1
    assert f"{module}.{owner} has no '{name}'" in complaints[0]
