"""DynamoDB tables."""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_emulator import Emulator
from ops.resource_types.interface import (
    Account,
    Client,
    Contents,
    Entry,
    Look,
    MismatchError,
    Permissions,
    ResourceType,
    Seen,
    Viewer,
    by_key,
    in_account,
)
from stacks.requirement import Expected, Members, Statements
from stacks.settings import Settings

_NO_LIMIT = -1
_DEFAULT_RECOVERY_DAYS = 35
"""AWS's own, where it says nothing."""
_MOST_WRITES = 25
"""BatchWriteItem's limit."""


def _listing(account: Account, _: str) -> Mapping[str, None]:
    return dict.fromkeys(account.ask("dynamodb", "list_tables")["TableNames"])


# --- finding ------------------------------------------------------------------------------------------------------


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str:
    name = values["name"]
    table = client("dynamodb").describe_table(TableName=name)["Table"]
    if table["TableStatus"] != "ACTIVE":
        message = f"table {name}: is {table['TableStatus']}; try again when it is ACTIVE"
        raise MismatchError(message)
    found, wanted = _found_keys(table), _wanted_keys(values)
    differences = [
        f"{what} is {found[what]}, declared {keys}"
        for what, keys in wanted.items()
        if what in found and found[what] != keys
    ]
    if differences:
        message = (
            f"table {name}: its {'; its '.join(differences)}; a key cannot be changed, only a new table has another"
        )
        raise MismatchError(message)
    return name


def _found_keys(table: Mapping[str, Any]) -> dict[str, str]:
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}

    def keys(schema: Iterable[Mapping[str, str]]) -> str:
        # DynamoDB gives the hash key first; sorting by type makes sure of it.
        ordered = sorted(schema, key=lambda each: each["KeyType"])
        return " and ".join(f"{each['AttributeName']} ({types[each['AttributeName']]})" for each in ordered)

    return {"key": keys(table["KeySchema"])} | {
        f"index {index['IndexName']}'s key": keys(index["KeySchema"]) for index in _indexes(table)
    }


def _indexes(table: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """Return the table's indexes, global and local."""
    return (*table.get("GlobalSecondaryIndexes", ()), *table.get("LocalSecondaryIndexes", ()))


def _wanted_keys(values: Mapping[str, Any]) -> dict[str, str]:
    types = {each["name"]: each["type"] for each in values["attribute"]}

    def keys(declared: Mapping[str, Any]) -> str:
        names = [declared[key] for key in ("hash_key", "range_key") if declared.get(key)]
        return " and ".join(f"{name} ({types[name]})" for name in names)

    own = {"hash_key": values["hash_key"]}
    local = ({**index, **own} for index in values.get("local_secondary_index") or ())
    indexes = (*(values.get("global_secondary_index") or ()), *local)
    return {"key": keys(values)} | {f"index {index['name']}'s key": keys(index) for index in indexes}


# --- looking ------------------------------------------------------------------------------------------------------


def _description(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    table = account.ask("dynamodb", "describe_table", TableName=name)["Table"]
    indexes = {
        each["IndexName"]: {
            "IndexStatus": each.get("IndexStatus", "ACTIVE"),
            "Key": _key(each, table),
            **_projection(each["Projection"]),
            "OnDemandThroughput": _limits(each),
        }
        for each in _indexes(table)
    }
    return {
        "TableStatus": table["TableStatus"],
        "Key": _key(table, table),
        "BillingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "DeletionProtectionEnabled": table.get("DeletionProtectionEnabled", False),
        "TableClass": table.get("TableClassSummary", {}).get("TableClass", "STANDARD"),
        "OnDemandThroughput": _limits(table),
        "SSEDescription": table.get("SSEDescription"),
        "StreamSpecification": table.get("StreamSpecification"),
        "Replicas": [each["RegionName"] for each in table.get("Replicas", [])] or None,
        "indexes": indexes,
    }


def _key(described: Mapping[str, Any], table: Mapping[str, Any]) -> dict[str, str]:
    """Return the role and type of each key attribute of the table or of one of its indexes."""
    types = {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]}
    return {
        each["AttributeName"]: f"{each['KeyType']} {types[each['AttributeName']]}" for each in described["KeySchema"]
    }


def _projection(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return an index's projection, and the attributes that it includes if there are any."""
    included = described.get("NonKeyAttributes")
    return {"Projection": described["ProjectionType"], **({"NonKeyAttributes": included} if included else {})}


def _limits(described: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the most that the table or one of its indexes may read and write on demand; -1 is AWS's for no limit."""
    limits = described.get("OnDemandThroughput", {})
    return {key: value for key, value in limits.items() if value != _NO_LIMIT} or None


def _time_to_live(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    found = account.ask("dynamodb", "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    if found["TimeToLiveStatus"] not in {"ENABLING", "DISABLING"}:
        return {"TimeToLive": found if found["TimeToLiveStatus"] == "ENABLED" else None}
    if found["TimeToLiveStatus"] == "ENABLING" and _is_young(account, name):
        found = {**found, "TimeToLiveStatus": "ENABLED"}
    return {"TimeToLive": Seen(found, "not active yet; AWS may take an hour")}


def _is_young(account: Account, name: str) -> bool:
    """Return True if the table was made within the hour that AWS may take to enable a time to live."""
    made = account.ask("dynamodb", "describe_table", TableName=name)["Table"]["CreationDateTime"]
    return datetime.now(UTC) - made < timedelta(hours=1)


def _recovery(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    answer = account.ask("dynamodb", "describe_continuous_backups", TableName=name)
    described = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    status = described["PointInTimeRecoveryStatus"]
    days = described.get("RecoveryPeriodInDays", _DEFAULT_RECOVERY_DAYS)
    # The number of days means something where recovery is on.
    found = {"Status": status, "RecoveryPeriodInDays": days if status == "ENABLED" else None}
    return {"PointInTimeRecovery": found}


def _policy(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    absent, arn = "PolicyNotFoundException", _arn(account, name)
    return {"policy": account.ask("dynamodb", "get_resource_policy", absent=absent, ResourceArn=arn).get("Policy")}


def _tags(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    return by_key(account.ask("dynamodb", "list_tags_of_resource", ResourceArn=_arn(account, name)).get("Tags", []))


def _existence(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    answer = account.ask("dynamodb", "describe_table", absent="ResourceNotFoundException", TableName=name)
    return {"": answer.get("Table", {}).get("TableStatus")}


# --- contents -----------------------------------------------------------------------------------------------------


def _peek(values: Mapping[str, Any], viewer: Viewer) -> Contents:
    """Return the number of items and the first of them; AWS counts them every six hours (DescribeTable)."""
    dynamodb, name = viewer.client("dynamodb"), values["name"]
    count: int = dynamodb.describe_table(TableName=name)["Table"]["ItemCount"]
    answer = dynamodb.scan(TableName=name, Limit=viewer.most)
    items = [_plain_item(item) for item in answer["Items"]]
    notes: list[str] = []
    if viewer.emulator is None:
        notes.append("AWS counts items every six hours")
    if "LastEvaluatedKey" in answer and len(items) != count:
        notes.append(f"shown: the first {len(items)}, in the table's own order")
    entries = tuple(Entry(json.dumps(item, ensure_ascii=False), item) for item in items)
    return Contents(counts={"items": count}, entries=entries, note="; ".join(notes))


def _plain_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item, or the members of a map, as JSON has them: binary values in base64, sets as sorted lists."""
    return {name: _plain(value) for name, value in sorted(item.items())}


def _plain(value: Mapping[str, Any]) -> Any:
    """Return a value of DynamoDB's, which stands beside its type."""
    ((type_, content),) = value.items()
    return _PLAIN[type_](content)


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


_PLAIN: Mapping[str, Callable[[Any], Any]] = {
    "S": str,
    "N": _number,
    "B": _base64,
    "BOOL": bool,
    "NULL": lambda _: None,
    "M": _plain_item,
    "L": lambda members: [_plain(member) for member in members],
    "SS": sorted,
    "NS": lambda members: sorted(map(_number, members)),
    "BS": lambda members: sorted(map(_base64, members)),
}
"""The functions from a value to JSON, by DynamoDB's types (AttributeValue in its API reference)."""


def _empty(values: Mapping[str, Any], client: Client, _: Emulator) -> Mapping[str, int]:
    dynamodb, name = client("dynamodb"), values["name"]
    keys = {f"#{number}": key for number, key in enumerate((values["hash_key"], values.get("range_key"))) if key}
    scan: dict[str, Any] = {"ProjectionExpression": ", ".join(keys), "ExpressionAttributeNames": keys}
    count = 0
    for page in dynamodb.get_paginator("scan").paginate(TableName=name, ConsistentRead=True, **scan):
        items = page["Items"]
        for few in (items[first : first + _MOST_WRITES] for first in range(0, len(items), _MOST_WRITES)):
            dynamodb.batch_write_item(RequestItems={name: [{"DeleteRequest": {"Key": key}} for key in few]})
            count += len(few)
    return {"items": count}


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    described = expected["description"]
    indexes: Members = described["indexes"]
    recovery: dict[str, Any] = expected["PointInTimeRecovery"]["PointInTimeRecovery"] or {}
    expiry: dict[str, Any] = expected["TimeToLive"]["TimeToLive"] or {}
    policy: Statements | None = expected.get("policy", {}).get("policy")
    shown_indexes = {
        f"index {name}": {key: value for key, value in index.items() if value and key != "IndexStatus"}
        for name, index in indexes.members.items()
    }
    return {
        "Key": described["Key"],
        **shown_indexes,
        "BillingMode": described["BillingMode"],
        "TableClass": described["TableClass"],
        "DeletionProtectionEnabled": described["DeletionProtectionEnabled"],
        "PointInTimeRecovery": recovery.get("Status"),
        "RecoveryPeriodInDays": recovery.get("RecoveryPeriodInDays"),
        **{key: described[key] for key in ("OnDemandThroughput",) if key in described},
        "TimeToLive": expiry.get("AttributeName"),
        **({"Policy": [*policy.statements]} if policy else {}),
        "SSEDescription": described["SSEDescription"],
        "StreamSpecification": described["StreamSpecification"],
        "Replicas": described["Replicas"],
    }


def _arn(account: Account, name: str) -> str:
    return account.arn("dynamodb", f"table/{name}")


TYPE = ResourceType(
    name="aws_dynamodb_table",
    find=_find,
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="dynamodb:ListTables",
    looks={
        "description": Look(read=_description, needs="dynamodb:DescribeTable"),
        "TimeToLive": Look(read=_time_to_live, needs="dynamodb:DescribeTimeToLive"),
        "PointInTimeRecovery": Look(read=_recovery, needs="dynamodb:DescribeContinuousBackups"),
        "policy": Look(read=_policy, needs="dynamodb:GetResourcePolicy"),
        "tags": Look(read=_tags, needs="dynamodb:ListTagsOfResource"),
    },
    looks_of_others={"existence": Look(read=_existence, needs="dynamodb:DescribeTable")},
    permissions=(
        Permissions(
            sid="Tables",
            on="the tables",
            arns=in_account("dynamodb", "table/{}"),
            plan="dynamodb:DescribeContinuousBackups dynamodb:DescribeTable dynamodb:DescribeTimeToLive "
            "dynamodb:ListTagsOfResource",
            apply="dynamodb:CreateTable dynamodb:TagResource dynamodb:UntagResource "
            "dynamodb:UpdateContinuousBackups dynamodb:UpdateTable dynamodb:UpdateTimeToLive",
            erase="dynamodb:DeleteTable",
            loses="dynamodb:DeleteTable",
        ),
    ),
    permissions_on_others=(
        Permissions(
            sid="TablesOfOthers",
            on="the tables of other projects",
            arns=in_account("dynamodb", "table/{}"),
            verify="dynamodb:DescribeTable",
        ),
    ),
    holds="items",
    peek=_peek,
    empty=_empty,
    aspects={
        "hash_key": "key",
        "attribute": "key",
        "global_secondary_index": "index",
        "local_secondary_index": "index",
        "ttl": "timetolive",
        "server_side_encryption": "ssedescription",
        "stream_enabled": "streamspecification",
        "stream_view_type": "streamspecification",
        "replica": "replicas",
    },
    members=("index",),
)
