"""A table with every option on the emulator, which describes it as it was declared."""

from collections.abc import Generator
from typing import Any

import pytest
from cdktf import TerraformStack

from constructs_lib.table import GlobalIndex, Key, LocalIndex, Projection, StreamView, Table
from tests.clients import client
from tests.journeys.constructs import ACCOUNT, deployed

pytestmark = pytest.mark.xdist_group("table construct")
NAME = "orders"


def add_table(stack: TerraformStack) -> None:
    Table(
        stack,
        "Orders",
        name=NAME,
        account=ACCOUNT,
        partition_key=Key.string("order_id"),
        sort_key=Key.number("line"),
        global_indexes=[
            GlobalIndex(
                name="by-customer",
                partition_key=Key.string("customer_id"),
                sort_key=Key.number("created_at"),
                projection=Projection.include("status", "total"),
                max_read_request_units=5,
                max_write_request_units=6,
            ),
            GlobalIndex(name="by-digest", partition_key=Key.binary("digest"), projection=Projection.keys_only()),
        ],
        local_indexes=[
            LocalIndex(
                name="by-time", sort_key=Key.number("created_at"), projection=Projection.include("total", "status")
            )
        ],
        ttl_attribute="expires_at",
        stream=StreamView.NEW_AND_OLD_IMAGES,
        max_read_request_units=1000,
        recovery_days=7,
    )


@pytest.fixture(scope="module")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Generator[Any]:
    """Deploy the table on an emulator of its own; a second plan finds nothing to change."""
    with deployed(tmp_path_factory, add_table) as endpoint:
        yield client("dynamodb", endpoint)


def keys(schema: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], each["KeyType"]) for each in schema]


def test_the_table_is_described_as_it_was_declared(dynamodb: Any) -> None:
    table = dynamodb.describe_table(TableName=NAME)["Table"]
    assert keys(table["KeySchema"]) == [("order_id", "HASH"), ("line", "RANGE")]
    assert {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]} == {
        "order_id": "S",
        "line": "N",
        "customer_id": "S",
        "created_at": "N",
        "digest": "B",
    }
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 1000}
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["DeletionProtectionEnabled"] is True
    backups = dynamodb.describe_continuous_backups(TableName=NAME)["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert backups["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] == 7
    assert dynamodb.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }


def test_its_indexes_are_described_as_they_were_declared(dynamodb: Any) -> None:
    table = dynamodb.describe_table(TableName=NAME)["Table"]
    indexes = {
        each["IndexName"]: (keys(each["KeySchema"]), each["Projection"], each.get("OnDemandThroughput"))
        for each in (*table["GlobalSecondaryIndexes"], *table["LocalSecondaryIndexes"])
    }
    assert indexes == {
        "by-customer": (
            [("customer_id", "HASH"), ("created_at", "RANGE")],
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status", "total"]},
            {"MaxReadRequestUnits": 5, "MaxWriteRequestUnits": 6},
        ),
        "by-digest": ([("digest", "HASH")], {"ProjectionType": "KEYS_ONLY"}, None),
        "by-time": (
            [("order_id", "HASH"), ("created_at", "RANGE")],
            {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["total", "status"]},
            None,
        ),
    }
