"""What a plan would lose, and the refusal of it: in staging and prod no command loses data by the way.

Refused are plans that delete or replace the table, a bucket or a queue that holds messages, that let data expire
earlier, or that take its protection away while the settings say `data_protection = "retain"`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from check_report.printable import shown_value
from config.request import Environment
from ops.existing import Clients
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC

Make = Callable[[str], str]
"""What a user types to run a command, from the command's name."""

TABLE, BUCKET, QUEUE = "aws_dynamodb_table", "aws_s3_bucket", "aws_sqs_queue"
HELD = {TABLE: "items", BUCKET: "objects", QUEUE: "messages"}
"""The types of resources that hold data, and what each calls it."""
EXPIRY = "aws_s3_bucket_lifecycle_configuration"
RUNBOOK = "docs/runbooks/decommission.md"

_STOPPING = frozenset({"deletion protection", "force_destroy = false"})
"""The protections at which a destroy stops when it has already deleted other things."""
_PROTECTIONS = _STOPPING | {"point-in-time recovery"}

_REMEDIES = {
    "replace_because_tainted": "its creation was interrupted: {adopt} takes it as it is",
    "replace_by_request": "a replacement was asked for: leave that out",
    "replace_because_cannot_update": "undo that change, or declare a second one beside it and move the data",
    "delete_because_no_resource_config": (
        "it is not declared any more: put it back under its construct ids, or tell cdktf where it moved (move_from_id)"
    ),
}
_MESSAGE_COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


def retains(settings: Settings) -> bool:
    """Whether the environment's data is kept: always in staging and prod, elsewhere if the settings say so."""
    return settings.retains_data or settings.environment is not Environment.DEV


def refusals(plan: Mapping[str, Any], settings: Settings, client: Clients, make: Make) -> list[str]:
    """Return a line for each loss that the plan would bring, with its cause and what to do; none where none is kept.

    make: what a user types to run a command on the plan's environment and target, from the command's name.
    The plan may be one that failed on `prevent_destroy`: Terraform writes it nevertheless.
    """
    if not retains(settings):
        return []
    return [
        f"{name_of(change)} ({change['address']}): {loss}"
        for change in managed_changes(plan)
        for loss in _losses(change, settings, client, make, _new_buckets(plan))
    ]


def harmless(plan: Mapping[str, Any], client: Clients) -> frozenset[str]:
    """Return the addresses of what looks like a loss in the plan and, as AWS is asked, is none.

    That is the first expiry of a bucket in which nothing is old enough to go, or of a table just made, and the
    replacement of an empty queue that was made in part. Such plans follow a crash.
    """
    new_buckets = _new_buckets(plan)
    return frozenset(
        change["address"]
        for change in managed_changes(plan)
        if (_is_first_expiry(change, new_buckets) and not list(_first_expirations(change["change"]["after"], client)))
        or (_is_first_time_to_live(change) and _is_young(client("dynamodb"), name_of(change)))
        or (_is_interrupted_queue(change) and not _messages_in(change["change"]["before"], client))
    )


def destroy_refusals(plan: Mapping[str, Any], settings: Settings, confirmed_stack: str, make: Make) -> list[str]:
    """Return why the stack may not be destroyed as planned: which of the two deliberate steps is missing.

    Where data is not retained there is only the first: what is deployed may still be protected, although the settings
    no longer say so, and AWS would stop the destroy half-way.
    confirmed_stack: the stack whose data the user agreed to lose; empty if none.
    """
    stack = VPR_ASYNC.stack_name(settings.environment)
    counting = _PROTECTIONS if retains(settings) else _STOPPING
    protected = [
        f"{name_of(change)} ({change['address']}): still has {' and '.join(protections)}; the first step is to apply "
        f'data_protection = "destroy" in environments/{settings.environment}.toml, see {RUNBOOK}'
        for change in managed_changes(plan)
        if (protections := sorted(_protections(change["type"], change["change"]["before"]) & counting))
    ]
    if protected or confirmed_stack == stack or not retains(settings):
        return protected
    given = f" = {shown_value(confirmed_stack)}: not this stack" if confirmed_stack else ": not given"
    message = (
        f"CONFIRM_DATA_LOSS{given}; {stack} goes with all that it holds: the second step is "
        f"{make('destroy')} CONFIRM_DATA_LOSS={stack}, see {RUNBOOK}"
    )
    return [message]


def managed_changes(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the plan says of each resource, changed or not, without what is only read."""
    return [change for change in plan.get("resource_changes", []) if change["mode"] == "managed"]


def name_of(change: Mapping[str, Any]) -> str:
    """Return the name by which AWS knows the resource, or its address if it has none."""
    values: dict[str, Any] = change["change"]["before"] or change["change"]["after"] or {}
    return str(next((values[key] for key in ("name", "bucket") if values.get(key)), change["address"]))


def is_new(change: Mapping[str, Any]) -> bool:
    """Whether the plan makes the resource, and does not import it."""
    return change["change"]["actions"] == ["create"]


def deletion(change: Mapping[str, Any]) -> str:
    """Say of a resource that the plan deletes what becomes of it, and which attributes are the cause."""
    planned = change["change"]
    fate = "would be replaced" if "create" in planned["actions"] else "would be deleted"
    paths: list[list[Any]] = planned.get("replace_paths") or []
    causes = [_difference(planned, path) for path in paths]
    return f"{fate}, for {', '.join(causes)}" if causes else fate


def remedy(change: Mapping[str, Any], make: Make) -> str:
    """Say what to do about a deletion that is not meant."""
    said = _REMEDIES.get(change.get("action_reason", ""), f"if it is to go, see {RUNBOOK}")
    return said.format(adopt=make("adopt"))


def _difference(planned: Mapping[str, Any], path: list[Any]) -> str:
    def at(values: Any) -> str:
        for step in path:
            values = values[step]
        return shown_value(values)

    name = ".".join(map(str, path))
    try:
        return f"{name} {at(planned['before'])} -> {at(planned['after'])}"
    except (KeyError, IndexError, TypeError):
        # One side has no such part, or does not know its value yet.
        return name


def _losses(
    change: Mapping[str, Any], settings: Settings, client: Clients, make: Make, new_buckets: set[str]
) -> Iterator[str]:
    type_, planned = change["type"], change["change"]
    before, after = planned["before"], planned["after"]
    if "delete" in planned["actions"] and type_ in HELD:
        holding = _messages_in(before, client) if type_ == QUEUE else f"its {HELD[type_]}"
        if holding:
            yield f"{deletion(change)}, and {holding} lost; {remedy(change, make)}"
    elif before and after:
        if settings.retains_data:
            yield from _lost_protections(type_, before, after)
        yield from _earlier_losses(type_, before, after, client)
    elif _is_first_expiry(change, new_buckets):
        yield from _first_expirations(after, client)


# --- protection, and time -----------------------------------------------------------------------------------------


def _protections(type_: str, values: Mapping[str, Any] | None) -> set[str]:
    """Return what protects the resource's data."""
    if values is None:
        return set()
    present = {
        "deletion protection": type_ == TABLE and values.get("deletion_protection_enabled"),
        "point-in-time recovery": type_ == TABLE and bool(_enabled(values, "point_in_time_recovery")),
        "force_destroy = false": type_ == BUCKET and not values.get("force_destroy"),
    }
    return {protection for protection, on in present.items() if on}


def _lost_protections(type_: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for protection in sorted(_protections(type_, before) - _protections(type_, after)):
        yield f'would lose {protection}, while data_protection = "retain"; undo that change, or see {RUNBOOK}'


def _earlier_losses(type_: str, before: Mapping[str, Any], after: Mapping[str, Any], client: Clients) -> Iterator[str]:
    if type_ == TABLE:
        old, new = _expiry_attribute(before), _expiry_attribute(after)
        if old and new and old != new:
            yield f"would expire items by another attribute: {shown_value(old)} -> {shown_value(new)}; undo that change"
    if type_ == QUEUE:
        old, new = before["message_retention_seconds"], after["message_retention_seconds"]
        if new < old and (holding := _messages_in(before, client)):
            yield f"would keep messages for {new} s instead of {old} s, and {holding} lost; empty it first"
    if type_ == EXPIRY:
        for rule, days in _expirations(after):
            if not any(_covers(earlier, rule) and old_days <= days for earlier, old_days in _expirations(before)):
                yield (
                    f"rule {shown_value(rule['id'])} would delete objects earlier than now, after {days} days; "
                    "undo that change, or change the bucket's own rules first"
                )


def _new_buckets(plan: Mapping[str, Any]) -> set[str]:
    return {name_of(change) for change in managed_changes(plan) if change["type"] == BUCKET and is_new(change)}


def _is_first_expiry(change: Mapping[str, Any], new_buckets: set[str]) -> bool:
    """Whether it makes the rules of a bucket that the same plan does not make."""
    return change["type"] == EXPIRY and is_new(change) and change["change"]["after"]["bucket"] not in new_buckets


def _is_interrupted_queue(change: Mapping[str, Any]) -> bool:
    return change["type"] == QUEUE and change.get("action_reason") == "replace_because_tainted"


def _is_first_time_to_live(change: Mapping[str, Any]) -> bool:
    """Whether it makes the items of a table that is there expire, which they do not yet."""
    before, after = change["change"]["before"], change["change"]["after"]
    is_kept = change["type"] == TABLE and change["change"]["actions"] == ["update"]
    return is_kept and _expiry_attribute(before) is None and _expiry_attribute(after) is not None


def _first_expirations(after: Mapping[str, Any], client: Clients) -> Iterator[str]:
    for rule, days in _expirations(after):
        if _has_older_objects(client("s3"), after["bucket"], days):
            yield (
                f"rule {shown_value(rule['id'])} would delete the objects that are there and older than {days} days; "
                "copy them elsewhere first"
            )


def _enabled(values: Mapping[str, Any], block: str) -> list[dict[str, Any]]:
    """Return the resource's blocks of this kind that are switched on."""
    blocks: list[dict[str, Any]] = values.get(block) or []
    return [each for each in blocks if each["enabled"]]


def _expiry_attribute(table: Mapping[str, Any]) -> str | None:
    return next((str(ttl["attribute_name"]) for ttl in _enabled(table, "ttl")), None)


def _expirations(configuration: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], int]]:
    """Return the rules that delete objects, each with the age in days at which it does; 0 where a date says when."""
    return [
        (rule, expiration["days"] or 0)
        for rule in configuration["rule"]
        if rule["status"] == "Enabled"
        for expiration in rule["expiration"]
        if expiration["days"] or expiration["date"]
    ]


def _covers(rule: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether a rule is for every object that the other is for: for all of them, or by the very same filter."""
    filters = [each["filter"] + [{"prefix": each.get("prefix")}] for each in (rule, other)]
    everything = not any(value for part in filters[0] for value in part.values())
    return everything or filters[0] == filters[1]


# --- what is there ------------------------------------------------------------------------------------------------


def _messages_in(queue: Mapping[str, Any], client: Clients) -> str | None:
    """Say how many messages a queue holds, those in flight and delayed included; None if it is empty."""
    try:
        counts = client("sqs").get_queue_attributes(QueueUrl=queue["url"], AttributeNames=list(_MESSAGE_COUNTS))
    except (ClientError, BotoCoreError) as error:
        return f"whatever it holds (it cannot be read: {error})"
    held = sum(int(counts["Attributes"][count]) for count in _MESSAGE_COUNTS)
    return f"its {held} messages" if held else None


def _has_older_objects(s3: Any, bucket: str, days: int) -> bool:
    """Whether the bucket holds an object that is older, or cannot be looked into."""
    limit = datetime.now(UTC) - timedelta(days=days)
    try:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return any(found["LastModified"] < limit for page in pages for found in page.get("Contents", ()))
    except (ClientError, BotoCoreError):
        return True


def _is_young(dynamodb: Any, table: str) -> bool:
    """Whether the table was made within a day, so that no item in it is meant to have gone already."""
    try:
        made = dynamodb.describe_table(TableName=table)["Table"]["CreationDateTime"]
    except (ClientError, BotoCoreError):
        return False
    return datetime.now(UTC) - made < timedelta(days=1)
