"""Patches of DynamoDB, seen as a client of AWS sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable


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
    with_limit = {**made, "GlobalSecondaryIndexes": [{**index, "OnDemandThroughput": limited}]}
    dynamodb.create_table(TableName=f"{unique}-3", **with_limit)
    assert found(f"{unique}-3") == (None, None, limited)
