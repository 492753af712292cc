"""Checks of the jobs table."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene, by_key
from ops.verify.policies import policy_check
from ops.verify.report import Check

_NO_LIMIT = -1
_DEFAULT_RECOVERY_DAYS = 35
"""AWS's own, where it says nothing."""


def _description(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    table = scene.ask("dynamodb", "describe_table", TableName=resource.name)["Table"]
    found = {
        "TableStatus": table["TableStatus"],
        "Key": _key(table, table),
        "BillingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "TableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "OnDemandThroughput": _limits(table),
        "SSEDescription": table.get("SSEDescription"),
        "StreamSpecification": table.get("StreamSpecification"),
        "Replicas": [each["RegionName"] for each in table.get("Replicas", [])] or None,
    }
    yield from resource.fields(expectations.table(scene.settings), found)
    indexes = {
        each["IndexName"]: {
            "IndexStatus": each.get("IndexStatus", "ACTIVE"),
            "Key": _key(each, table),
            "Projection": each["Projection"]["ProjectionType"],
            "OnDemandThroughput": _limits(each),
        }
        for each in (*table.get("GlobalSecondaryIndexes", []), *table.get("LocalSecondaryIndexes", []))
    }
    yield from resource.members("index", expectations.TABLE_INDEXES, indexes)


def _key(described: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, str]:
    """Return the role and type of each key attribute of the table or of one of its indexes."""
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    return {
        each["AttributeName"]: f"{each['KeyType']} {types[each['AttributeName']]}" for each in described["KeySchema"]
    }


def _limits(described: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the most that the table or one of its indexes may read and write on demand; -1 is AWS's for no limit."""
    limits = described.get("OnDemandThroughput", {})
    return {key: value for key, value in limits.items() if value != _NO_LIMIT} or None


def _time_to_live(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    expected = expectations.TIME_TO_LIVE
    found = scene.ask("dynamodb", "describe_time_to_live", TableName=resource.name)["TimeToLiveDescription"]
    note = ""
    if found["TimeToLiveStatus"] in {"ENABLING", "DISABLING"}:
        note = "not active yet; AWS may take an hour"
        if found == {**expected, "TimeToLiveStatus": "ENABLING"} and _is_young(scene, resource):
            found = expected
    yield resource.check("TimeToLive", expected, found, note)


def _is_young(scene: Scene, resource: Resource) -> bool:
    """Return True if the table was made within the hour that AWS may take to enable a time to live."""
    made = scene.ask("dynamodb", "describe_table", TableName=resource.name)["Table"]["CreationDateTime"]
    return datetime.now(UTC) - made < timedelta(hours=1)


def _recovery(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    answer = scene.ask("dynamodb", "describe_continuous_backups", TableName=resource.name)
    described = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    status = expectations.POINT_IN_TIME_RECOVERY[scene.settings.environment]
    yield resource.check(
        "PointInTimeRecovery",
        _recovery_of(status, expectations.RECOVERY_DAYS),
        _recovery_of(
            described["PointInTimeRecoveryStatus"], described.get("RecoveryPeriodInDays", _DEFAULT_RECOVERY_DAYS)
        ),
    )


def _recovery_of(status: str, days: int) -> str | dict[str, Any]:
    """Return the status, with the number of days where recovery is on."""
    return {"Status": status, "RecoveryPeriodInDays": days} if status == "ENABLED" else status


def _policy(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    absent, arn = "PolicyNotFoundException", _arn(scene, resource)
    document = scene.ask("dynamodb", "get_resource_policy", absent=absent, ResourceArn=arn).get("Policy")
    yield policy_check(resource, [], document)


def _tags(scene: Scene, resource: Resource, _: Any) -> Iterable[Check]:
    answer = scene.ask("dynamodb", "list_tags_of_resource", ResourceArn=_arn(scene, resource))
    return scene.tags(resource, by_key(answer.get("Tags", [])))


def _arn(scene: Scene, resource: Resource) -> str:
    return scene.arn("dynamodb", f"table/{resource.name}")


LOOKS: Looks = {
    "description": _description,
    "TimeToLive": _time_to_live,
    "PointInTimeRecovery": _recovery,
    "policy": _policy,
    "tags": _tags,
}
