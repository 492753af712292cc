"""The page of what an emulator holds: right, plain, and safe whatever the names are."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from emulator_helpers import REGION, status_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable

    from aws_emulator import Emulator


def page(emulator: Emulator) -> tuple[str, Any]:
    with urllib.request.urlopen(emulator.page) as answer:  # noqa: S310 - the emulator's own
        return answer.read().decode(), answer.headers


def row(text: str, name: str) -> list[str]:
    """Return the cells of a name's row."""
    (found,) = re.findall(rf"<tr><td>{name}(?:<td.*)?$", text, re.MULTILINE)
    return re.findall(r"<td[^>]*>([^<]*)", found)


def test_each_value_says_what_it_is(emulator: Emulator, client: Callable[[str], Any], unique: str) -> None:
    """In a narrow window the values of a row stand below its name, without the heads of the columns."""
    client("sqs").create_queue(QueueName=unique)
    text, _ = page(emulator)
    (found,) = re.findall(rf"<tr><td>{unique}(<td.*)$", text, re.MULTILINE)
    assert re.findall(r'data-label="([^"]*)"', found) == ["region", "waiting", "in flight", "delayed"]


def test_it_shows_what_is_there(emulator: Emulator, client: Callable[[str], Any], unique: str) -> None:
    sqs, s3, dynamodb = client("sqs"), client("s3"), client("dynamodb")
    queue = sqs.create_queue(QueueName=unique)["QueueUrl"]
    for body in "abc":
        sqs.send_message(QueueUrl=queue, MessageBody=body)
    sqs.receive_message(QueueUrl=queue)
    text, headers = page(emulator)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert row(text, unique) == [unique, REGION, "2", "1", "0"]
    sqs.delete_queue(QueueUrl=queue)

    s3.create_bucket(Bucket=unique, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=unique, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "a", "b"):
        s3.put_object(Bucket=unique, Key=key, Body=b"12345" * 1000)
    s3.delete_object(Bucket=unique, Key="b")
    assert row(page(emulator)[0], unique) == [unique, REGION, "1", "4", "15,000"]
    s3.delete_bucket_policy(Bucket=unique)

    table = f"table-{unique}"
    dynamodb.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("id", "at")],
        BillingMode="PAY_PER_REQUEST",
    )
    for at in ("1", "2"):
        dynamodb.put_item(TableName=table, Item={"id": {"S": "x"}, "at": {"S": at}})
    assert row(page(emulator)[0], table) == [table, REGION, "2"]

    iam, role = client("iam"), f"role-{unique}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document)
    managed = iam.create_policy(PolicyName=f"managed-{unique}", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=managed)
    assert row(page(emulator)[0], role) == [role, f"managed-{unique}, own"]


def test_what_it_shows_is_text(emulator: Emulator, client: Callable[[str], Any], unique: str) -> None:
    """An alarm's name and reason may hold anything. It runs no script, and asks nobody for anything."""
    cloudwatch = client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=f"<script>{unique}</script>",
        EvaluationPeriods=1,
        ComparisonOperator="GreaterThanThreshold",
        Threshold=1,
        Namespace="n",
        MetricName="m",
        Period=60,
        Statistic="Sum",
    )
    cloudwatch.set_alarm_state(
        AlarmName=f"<script>{unique}</script>", StateValue="ALARM", StateReason="<img src=x> & $account"
    )
    text, headers = page(emulator)
    assert row(text, f"&lt;script&gt;{unique}&lt;/script&gt;")[2:] == ["ALARM", "&lt;img src=x&gt; &amp; $account"]
    assert "<script" not in text
    assert "<img" not in text
    assert not re.search(r"https?://|\b(src|href|url)\b\s*[=(](?!x&gt;)", text)
    assert headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_only_a_page_view_gets_it(emulator: Emulator) -> None:
    """Anything else at its address is the AWS's, as before."""
    assert status_of(emulator, "GET", "/_emulator/") == 200
    assert status_of(emulator, "PUT", "/_emulator/") != 200
