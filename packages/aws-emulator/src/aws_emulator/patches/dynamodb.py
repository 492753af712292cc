"""Patches of moto's DynamoDB: atomic writes, tags with one value, classes and limits of tables."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from aws_emulator.patching import wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_item_write_race() -> None:
    """Serve the calls of DynamoDB one after the other.

    moto checks a condition and writes the item in two steps, and reads, adds and writes in three; on AWS each is
    atomic (DynamoDB's developer guide, "Working with items"). Of several simultaneous puts with
    `attribute_not_exists` two can succeed, and counters lose updates.
    """
    one_caller = threading.RLock()

    def call_action(original: Callable[..., Any], handler: DynamoHandler) -> Any:
        with one_caller:
            return original(handler)

    wrap_method(DynamoHandler, "call_action", call_action)


def patch_table_tag_twice() -> None:
    """Replace a table's tag when one with its key is set.

    moto adds the new tag beside the old one; AWS keeps one value a key (TagResource in DynamoDB's API reference).
    After a tag was changed and set back, the pages of ListTagsOfResource, which end at a key, never end.
    """

    def tag_resource(original: Callable[..., None], backend: DynamoDBBackend, arn: str, tags: dict[str, str]) -> None:
        backend.untag_resource(arn, list(tags))
        original(backend, arn, tags)

    wrap_method(DynamoDBBackend, "tag_resource", tag_resource)


def patch_forgotten_table_settings() -> None:
    """Keep a table's class, and the most that it and its indexes may read and write on demand.

    moto takes both and forgets them; AWS returns them (TableClassSummary and OnDemandThroughput, DescribeTable in
    DynamoDB's API reference). A table of another class, or throttled to one request a second, looks as required.
    """

    def remember(original: Callable[..., Any], handler: Any) -> Any:
        answer = original(handler)
        kept: dict[str, Any]
        table: Any = handler.dynamodb_backend.get_table(handler.body["TableName"])
        table.forgotten = kept = {**getattr(table, "forgotten", {})}
        if table_class := handler.body.get("TableClass"):
            kept["TableClassSummary"] = {"TableClass": table_class}
        if limits := handler.body.get("OnDemandThroughput"):
            kept["OnDemandThroughput"] = limits
        updates = handler.body.get("GlobalSecondaryIndexUpdates") or ()
        changed = [index for change in updates for index in change.values()]
        for index in (*(handler.body.get("GlobalSecondaryIndexes") or ()), *changed):
            kept.setdefault("indexes", {})[index["IndexName"]] = index.get("OnDemandThroughput")
        return answer

    def describe(original: Callable[..., Any], table: Any, base_key: str = "TableDescription") -> Any:
        described = original(table, base_key)
        kept: dict[str, Any] = {**getattr(table, "forgotten", {})}
        limits: dict[str, Any] = kept.pop("indexes", {})
        for index in described[base_key]["GlobalSecondaryIndexes"]:
            if limit := limits.get(index["IndexName"]):
                index["OnDemandThroughput"] = limit
        described[base_key] |= kept
        return described

    wrap_method(DynamoHandler, "create_table", remember)
    wrap_method(DynamoHandler, "update_table", remember)
    wrap_method(Table, "describe", describe)


PATCHES: tuple[Callable[[], None], ...] = (
    patch_item_write_race,
    patch_table_tag_twice,
    patch_forgotten_table_settings,
)
