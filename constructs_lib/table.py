"""DynamoDB tables with on-demand billing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, NamedTuple

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTableGlobalSecondaryIndexOnDemandThroughput,
    DynamodbTableLocalSecondaryIndex,
    DynamodbTableOnDemandThroughput,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableTtl,
)
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.grants import Grant
from constructs_lib.names import Service, name_fault, name_faults
from constructs_lib.validation import Checks, InvalidConstructError

_MAX_GLOBAL_INDEXES = 20
"""AWS's default quota of a table; AWS raises it on request."""
_MAX_LOCAL_INDEXES = 5
_MAX_INCLUDED_BY_INDEX = 20
_MAX_INCLUDED = 100
"""Attributes that all indexes of a table include; one that two indexes include counts twice."""
_MAX_NAME_BYTES = 255
_MAX_RECOVERY_DAYS = 35


@dataclass(frozen=True)
class Key:
    """A key attribute's name and DynamoDB's letter for its type."""

    name: str
    type: Literal["S", "N", "B"]

    @classmethod
    def string(cls, name: str) -> "Key":
        """Return a key that is a string."""
        return cls(name, "S")

    @classmethod
    def number(cls, name: str) -> "Key":
        """Return a key that is a number."""
        return cls(name, "N")

    @classmethod
    def binary(cls, name: str) -> "Key":
        """Return a key that is binary."""
        return cls(name, "B")


@dataclass(frozen=True)
class Projection:
    """The attributes of an item that an index holds, besides the keys of table and index."""

    type: Literal["ALL", "KEYS_ONLY", "INCLUDE"]
    attributes: tuple[str, ...] = ()

    @classmethod
    def all(cls) -> "Projection":
        """Return the projection of whole items."""
        return cls("ALL")

    @classmethod
    def keys_only(cls) -> "Projection":
        """Return the projection of nothing but the keys."""
        return cls("KEYS_ONLY")

    @classmethod
    def include(cls, *attributes: str) -> "Projection":
        """Return the projection of the keys and these attributes."""
        return cls("INCLUDE", attributes)


@dataclass(frozen=True, kw_only=True)
class GlobalIndex:
    """An index with a key of its own, and optionally with limits of its own, which mean what the table's mean."""

    name: str
    partition_key: Key
    sort_key: Key | None = None
    projection: Projection = field(default_factory=Projection.all)
    max_read_request_units: int | None = None
    max_write_request_units: int | None = None


@dataclass(frozen=True, kw_only=True)
class LocalIndex:
    """An index with the table's partition key and another sort key; only a new table can have one."""

    name: str
    sort_key: Key
    projection: Projection = field(default_factory=Projection.all)


class StreamView(Enum):
    """The part of a changed item that a stream's records hold."""

    KEYS_ONLY = "KEYS_ONLY"
    NEW_IMAGE = "NEW_IMAGE"
    OLD_IMAGE = "OLD_IMAGE"
    NEW_AND_OLD_IMAGES = "NEW_AND_OLD_IMAGES"


class Table(Construct):
    """A table with its indexes, encrypted with DynamoDB's own key, which Terraform deletes only without retain_data.

    name, arn: literals. table: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the table
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        account: Account,
        partition_key: Key,
        sort_key: Key | None = None,
        global_indexes: Sequence[GlobalIndex] = (),
        local_indexes: Sequence[LocalIndex] = (),
        ttl_attribute: str | None = None,
        stream: StreamView | None = None,
        max_read_request_units: int | None = None,
        max_write_request_units: int | None = None,
        retain_data: bool = True,
        deletion_protection: bool = False,
        recovery_days: int | None = None,
    ) -> None:
        """Make the table.

        ttl_attribute: the number attribute with the time at which an item expires, in epoch seconds. Items stay
        unless given.
        stream: the contents of the stream's records. No stream unless given.
        max_read_request_units, max_write_request_units: DynamoDB throttles requests beyond so many units a second, at
        least 1. No limit unless given.
        retain_data: deletion protection, point-in-time recovery and Terraform's prevent_destroy. Without it the table
        can be deleted with all its items.
        deletion_protection: deletion protection without retain_data.
        recovery_days: how far back point-in-time recovery reaches, 1 to 35, with or without retain_data. AWS's own
        default unless given, 35.

        Raises InvalidConstructError with every value that DynamoDB refuses.
        """
        super().__init__(scope, id_)
        key = _given(partition_key, sort_key)
        indexes = [
            *(
                _Index(f'global index "{each.name}"', each, _given(each.partition_key, each.sort_key))
                for each in global_indexes
            ),
            *(_Index(f'local index "{each.name}"', each, (partition_key, each.sort_key)) for each in local_indexes),
        ]
        # Terraform wants each key attribute once; a dict keeps the order, a set would not be stable.
        types = {each.name: each.type for keys in (key, *(index.key for index in indexes)) for each in keys}
        checks = Checks()
        checks.faults += name_faults("name", Service.DYNAMODB_TABLE, name)
        _check_keys(checks, key, indexes)
        _check_names(checks, indexes)
        _check_projections(checks, key, indexes)
        _check_numbers(checks, sort_key, global_indexes, local_indexes)
        _check_limits(checks, "", max_read_request_units, max_write_request_units)
        for each in global_indexes:
            _check_limits(
                checks, f'global index "{each.name}": ', each.max_read_request_units, each.max_write_request_units
            )
        if ttl_attribute is not None:
            _check_attribute(checks, "ttl_attribute", ttl_attribute)
            type_ = types.get(ttl_attribute, "N")
            checks.that(
                type_ == "N",
                f'ttl_attribute = "{ttl_attribute}": a key of type {type_}, so no item would expire; allowed: a number',
            )
        if recovery_days is not None:
            checks.within("recovery_days", recovery_days, 1, _MAX_RECOVERY_DAYS)
        checks.raise_faults(self)

        self.name = name
        self.arn = account.table_arn(name)
        self._indexes = tuple(index.declared.name for index in indexes)
        self.table = DynamodbTable(
            self,
            "Table",
            name=name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=partition_key.name,
            range_key=sort_key.name if sort_key else None,
            attribute=[DynamodbTableAttribute(name=each, type=type_) for each, type_ in types.items()],
            global_secondary_index=[_global_index(index) for index in global_indexes] or None,
            local_secondary_index=[_local_index(index) for index in local_indexes] or None,
            on_demand_throughput=DynamodbTableOnDemandThroughput(
                max_read_request_units=max_read_request_units, max_write_request_units=max_write_request_units
            )
            if max_read_request_units or max_write_request_units
            else None,
            ttl=DynamodbTableTtl(attribute_name=ttl_attribute, enabled=True) if ttl_attribute else None,
            stream_enabled=True if stream else None,
            stream_view_type=stream.value if stream else None,
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(
                enabled=retain_data or recovery_days is not None, recovery_period_in_days=recovery_days
            ),
            deletion_protection_enabled=retain_data or deletion_protection,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if retain_data else None,
        )

    def get(self) -> Grant:
        """Return the grant to read items by their key, one by one."""
        return self._grant("GetItem")

    def put(self) -> Grant:
        """Return the grant to put whole items."""
        return self._grant("PutItem")

    def update(self) -> Grant:
        """Return the grant to update items."""
        return self._grant("UpdateItem")

    def delete(self) -> Grant:
        """Return the grant to delete items."""
        return self._grant("DeleteItem")

    def read(self) -> Grant:
        """Return the grant to read items by their key, in batches and transactions too, and to query the table."""
        return self._grant("GetItem", "BatchGetItem", "ConditionCheckItem", "Query")

    def write(self) -> Grant:
        """Return the grant to put, update and delete items, in batches and transactions too."""
        return self._grant("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "ConditionCheckItem")

    def query(self, index: str | None = None) -> Grant:
        """Return the grant to query an index, or the table itself. Raises InvalidConstructError for another index."""
        return self._grant("Query", index=index)

    def scan(self, index: str | None = None) -> Grant:
        """Return the grant to scan an index, or the table itself. Raises InvalidConstructError for another index."""
        return self._grant("Scan", index=index)

    def _grant(self, *actions: str, index: str | None = None) -> Grant:
        if index is not None and index not in self._indexes:
            allowed = ", ".join(f'"{each}"' for each in self._indexes) or "none: the table has no index"
            raise InvalidConstructError(self.node.path, [f'index = "{index}": not declared; allowed: {allowed}'])
        return Grant(
            actions=tuple(f"dynamodb:{action}" for action in actions),
            resource=self.arn if index is None else f"{self.arn}/index/{index}",
        )


def _global_index(index: GlobalIndex) -> DynamodbTableGlobalSecondaryIndex:
    reads, writes = index.max_read_request_units, index.max_write_request_units
    return DynamodbTableGlobalSecondaryIndex(
        name=index.name,
        hash_key=index.partition_key.name,
        range_key=index.sort_key.name if index.sort_key else None,
        projection_type=index.projection.type,
        non_key_attributes=[*index.projection.attributes] or None,
        on_demand_throughput=DynamodbTableGlobalSecondaryIndexOnDemandThroughput(
            max_read_request_units=reads, max_write_request_units=writes
        )
        if reads or writes
        else None,
    )


def _local_index(index: LocalIndex) -> DynamodbTableLocalSecondaryIndex:
    return DynamodbTableLocalSecondaryIndex(
        name=index.name,
        range_key=index.sort_key.name,
        projection_type=index.projection.type,
        non_key_attributes=[*index.projection.attributes] or None,
    )


# --- what DynamoDB accepts ----------------------------------------------------------------------------------------


class _Index(NamedTuple):
    """An index with its whole key."""

    label: str
    """The index in a message."""
    declared: GlobalIndex | LocalIndex
    key: tuple[Key, ...]


def _given(partition_key: Key, sort_key: Key | None) -> tuple[Key, ...]:
    return (partition_key, sort_key) if sort_key else (partition_key,)


def _check_keys(checks: Checks, key: tuple[Key, ...], indexes: Sequence[_Index]) -> None:
    types: dict[str, dict[str, None]] = {}
    for label, keys in (("", key), *((f"{index.label}: ", index.key) for index in indexes)):
        for each in keys:
            types.setdefault(each.name, {}).setdefault(each.type)
        checks.that(
            len({each.name for each in keys}) == len(keys),
            f'{label}sort_key = "{keys[-1].name}": the partition key too; allowed: another attribute',
        )
    for name, declared in types.items():
        _check_attribute(checks, "key attribute", name)
        checks.that(
            len(declared) == 1,
            f'key attribute "{name}": declared with the types {" and ".join(declared)}; allowed: one type',
        )


def _check_names(checks: Checks, indexes: Sequence[_Index]) -> None:
    for name, times in Counter(index.declared.name for index in indexes).items():
        fault = name_fault(Service.DYNAMODB_INDEX, name)
        checks.that(fault is None, f'index "{name}" {fault}')
        checks.that(times == 1, f'index "{name}": {times} indexes have this name; allowed: 1, global or local')


def _check_projections(checks: Checks, key: tuple[Key, ...], indexes: Sequence[_Index]) -> None:
    for index in indexes:
        projection = index.declared.projection
        included = len(projection.attributes)
        checks.that(
            1 <= included <= _MAX_INCLUDED_BY_INDEX if projection.type == "INCLUDE" else included == 0,
            f"{index.label}: projection {projection.type} of {included} attributes; "
            f"allowed: INCLUDE of 1 to {_MAX_INCLUDED_BY_INDEX}, ALL and KEYS_ONLY of none",
        )
        held = {each.name for each in (*key, *index.key)}
        for attribute, times in Counter(projection.attributes).items():
            _check_attribute(checks, f"{index.label}: included attribute", attribute)
            checks.that(
                attribute not in held,
                f'{index.label}: included attribute "{attribute}": a key, which the index holds anyway; '
                "allowed: other attributes",
            )
            checks.that(times == 1, f'{index.label}: included attribute "{attribute}": given {times} times; allowed: 1')
    total = sum(len(index.declared.projection.attributes) for index in indexes)
    checks.that(
        total <= _MAX_INCLUDED,
        f"included attributes: {total} in all indexes together; allowed: at most {_MAX_INCLUDED}",
    )


def _check_numbers(
    checks: Checks, sort_key: Key | None, global_indexes: Sequence[GlobalIndex], local_indexes: Sequence[LocalIndex]
) -> None:
    checks.that(
        len(global_indexes) <= _MAX_GLOBAL_INDEXES,
        f"global_indexes: {len(global_indexes)}; allowed: at most {_MAX_GLOBAL_INDEXES}, AWS's default quota",
    )
    checks.that(
        len(local_indexes) <= _MAX_LOCAL_INDEXES,
        f"local_indexes: {len(local_indexes)}; allowed: at most {_MAX_LOCAL_INDEXES}",
    )
    checks.that(
        not local_indexes or sort_key is not None,
        f"local_indexes: {len(local_indexes)} on a table without a sort key; allowed: 0, or a sort_key of the table",
    )


def _check_attribute(checks: Checks, what: str, name: str) -> None:
    length = len(name.encode())
    checks.that(
        1 <= length <= _MAX_NAME_BYTES,
        f'{what} "{name}": {length} bytes long; allowed: 1 to {_MAX_NAME_BYTES} bytes of UTF-8',
    )


def _check_limits(checks: Checks, label: str, reads: int | None, writes: int | None) -> None:
    for key, units in (("max_read_request_units", reads), ("max_write_request_units", writes)):
        checks.that(units is None or units >= 1, f"{label}{key} = {units}: not allowed; allowed: at least 1")
