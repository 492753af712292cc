"""What is looked at on the jobs table."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene, by_key
from ops.verify.policies import policy_check
from ops.verify.report import Check


def _description(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    table = scene.ask("dynamodb", "describe_table", TableName=resource.name)["Table"]
    found = {
        "TableStatus": table["TableStatus"],
        "Key": _key(table, table),
        "BillingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "TableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
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


def _time_to_live(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    found = scene.ask("dynamodb", "describe_time_to_live", TableName=resource.name)["TimeToLiveDescription"]
    changing = found["TimeToLiveStatus"] in {"ENABLING", "DISABLING"}
    note = "not active yet; AWS may take an hour" if changing else ""
    yield resource.check("TimeToLive", expectations.TIME_TO_LIVE, found, note)


def _recovery(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    answer = scene.ask("dynamodb", "describe_continuous_backups", TableName=resource.name)
    found = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    expected = expectations.POINT_IN_TIME_RECOVERY[scene.settings.environment]
    yield resource.check("PointInTimeRecovery", expected, found)


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
