"""Tables: what is seen of one, and which one that is there may be adopted."""

from dataclasses import dataclass
from typing import Any

import pytest

from config.environments import Environment
from ops.resource_types.dynamodb_table import TYPE
from ops.resource_types.interface import Account, MismatchError
from stacks.features import load_settings
from stacks.requirement import Members
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.verify.told import ToldClients

DEV = load_settings(Environment("dev"))
KEY = [{"AttributeName": "job_id", "KeyType": "HASH"}]
DESCRIBED: dict[str, Any] = {
    "TableStatus": "ACTIVE",
    "KeySchema": KEY,
    "AttributeDefinitions": [
        {"AttributeName": "job_id", "AttributeType": "S"},
        {"AttributeName": "made", "AttributeType": "N"},
    ],
}


def seen(look: str, **answers: Any) -> Any:
    told = ToldClients({f"dynamodb.{operation}": answer for operation, answer in answers.items()})
    return TYPE.looks[look].read(Account(DEV, VPR_ASYNC.requirement(DEV), told), "jobs", None)


def test_indexes_of_both_kinds_are_seen_with_their_keys_and_limits() -> None:
    projection = {"Projection": {"ProjectionType": "ALL"}}
    included = {"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status", "error"]}}
    throttled = {"OnDemandThroughput": {"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": -1}}
    by_time = [*KEY, {"AttributeName": "made", "KeyType": "RANGE"}]
    table = {
        **DESCRIBED,
        "GlobalSecondaryIndexes": [
            {"IndexName": "global", "IndexStatus": "CREATING", "KeySchema": KEY, **projection, **throttled}
        ],
        "LocalSecondaryIndexes": [{"IndexName": "local", "KeySchema": by_time, **included}],
    }
    assert seen("description", describe_table={"Table": table})["indexes"] == {
        "global": {
            "IndexStatus": "CREATING",
            "Key": {"job_id": "HASH S"},
            "Projection": "ALL",
            "OnDemandThroughput": {"MaxReadRequestUnits": 1},
        },
        "local": {
            "IndexStatus": "ACTIVE",
            "Key": {"job_id": "HASH S", "made": "RANGE N"},
            "Projection": "INCLUDE",
            "NonKeyAttributes": ["status", "error"],
            "OnDemandThroughput": None,
        },
    }


@pytest.mark.parametrize(
    ("described", "found"),
    [
        (
            {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": 1},
            {"Status": "ENABLED", "RecoveryPeriodInDays": 1},
        ),
        ({"PointInTimeRecoveryStatus": "ENABLED"}, {"Status": "ENABLED", "RecoveryPeriodInDays": 35}),
        (
            {"PointInTimeRecoveryStatus": "DISABLED", "RecoveryPeriodInDays": 7},
            {"Status": "DISABLED", "RecoveryPeriodInDays": None},
        ),
    ],
)
def test_recovery_is_seen_with_its_days_where_it_is_on(described: dict[str, Any], found: Any) -> None:
    backups = {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": described}}
    assert seen("PointInTimeRecovery", describe_continuous_backups=backups) == {"PointInTimeRecovery": found}


@dataclass
class DynamoDB:
    """A client that describes the table, with what a test adds to the description."""

    more: dict[str, Any]

    def describe_table(self, TableName: str) -> dict[str, Any]:  # noqa: N803 - boto3's
        """Return the description."""
        assert TableName == "jobs"
        return {"Table": DESCRIBED | self.more}


def found(described: dict[str, Any] | None = None, **declared: Any) -> str | None:
    values = {"name": "jobs", "hash_key": "job_id", "attribute": [{"name": "job_id", "type": "S"}], **declared}
    return TYPE.find(values, DEV, lambda _: DynamoDB(described or {}))


def test_a_table_is_found_whose_key_is_the_declared_one() -> None:
    assert found() == "jobs"
    with pytest.raises(MismatchError) as caught:
        found(attribute=[{"name": "job_id", "type": "N"}])
    assert str(caught.value) == (
        "table jobs: its key is job_id (S), declared job_id (N); a key cannot be changed, only a new table has another"
    )
    with pytest.raises(MismatchError, match=r"its key is job_id \(S\), declared id \(S\); "):
        found(hash_key="id", attribute=[{"name": "id", "type": "S"}])


def test_a_table_is_adopted_only_if_its_local_indexes_have_the_declared_keys() -> None:
    by_time = [*KEY, {"AttributeName": "made", "KeyType": "RANGE"}]
    described = {"LocalSecondaryIndexes": [{"IndexName": "by-time", "KeySchema": by_time}]}
    attributes = [{"name": name, "type": "S"} for name in ("job_id", "status")] + [{"name": "made", "type": "N"}]
    local = {"name": "by-time", "range_key": "made"}
    assert found(described, attribute=attributes, local_secondary_index=[local]) == "jobs"
    with pytest.raises(MismatchError) as caught:
        found(described, attribute=attributes, local_secondary_index=[{**local, "range_key": "status"}])
    assert str(caught.value) == (
        "table jobs: its index by-time's key is job_id (S) and made (N), declared job_id (S) and status (S); "
        "a key cannot be changed, only a new table has another"
    )


def test_a_plan_is_checked_for_what_an_index_includes_and_its_limits() -> None:
    index = {
        "IndexStatus": "ACTIVE",
        "Key": {"made": "HASH N"},
        "Projection": "INCLUDE",
        "NonKeyAttributes": ["status"],
        "OnDemandThroughput": {"MaxReadRequestUnits": 5},
    }
    expected = VPR_ASYNC.requirement(DEV).resources["aws_dynamodb_table"]["careervp-jobs-table-dev"]
    assert TYPE.in_plan is not None
    described = {**expected["description"], "indexes": Members("index", {"by-time": index})}
    shown = TYPE.in_plan({**expected, "description": described})
    assert shown["index by-time"] == {
        "Key": {"made": "HASH N"},
        "Projection": "INCLUDE",
        "NonKeyAttributes": ["status"],
        "OnDemandThroughput": {"MaxReadRequestUnits": 5},
    }
