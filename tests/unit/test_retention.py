"""What of a plan is refused in staging and prod, told by the plan's JSON alone: one change, one verdict."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from config.request import PROJECT_ROOT, Environment
from ops.retention import destroy_refusals, harmless, refusals
from stacks.features import load_settings
from stacks.settings import Settings
from tests.adoption.ways_to_lose_data import WAYS

TABLE = {
    "name": "jobs",
    "hash_key": "job_id",
    "deletion_protection_enabled": True,
    "point_in_time_recovery": [{"enabled": True}],
    "ttl": [{"attribute_name": "ttl", "enabled": True}],
}
BUCKET = {"bucket": "results", "force_destroy": False}
QUEUE = {"name": "queue", "url": "https://sqs/queue", "message_retention_seconds": 14400}
ALARM = {"alarm_name": "alarm"}


def make(command: str) -> str:
    return f"make {command} ENV=prod TARGET=aws"


def rule(days: int | None, prefix: str = "", status: str = "Enabled", date: str | None = None) -> dict[str, Any]:
    expiration = [{"days": days, "date": date}] if days or date else []
    filters: list[dict[str, Any]] = [{"prefix": prefix, "and": [], "tag": [], "object_size_less_than": None}]
    return {"id": "old", "status": status, "filter": filters, "expiration": expiration}


def expiry(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": "results", "rule": list(rules)}


def change(  # noqa: PLR0913, PLR0917 - a row of a table
    kind: str, actions: list[str], before: Any, after: Any, reason: str = "", paths: list[list[Any]] | None = None
) -> dict[str, Any]:
    return {
        "address": f"aws_{kind}.It",
        "mode": "managed",
        "type": f"aws_{kind}",
        "change": {"actions": actions, "before": before, "after": after, "replace_paths": paths or []},
        "action_reason": reason,
    }


def settings(tmp_path: Path, environment: str = "prod", data_protection: str = "retain") -> Settings:
    (tmp_path / f"{environment}.toml").write_text(
        'account_id = "333333333333"\nregion = "us-east-1"\nstate_bucket = "states"\n'
        f'data_protection = "{data_protection}"\n[vpr_async.worker]\ntimeout_seconds = 300\n'
    )
    return load_settings(Environment(environment), directory=tmp_path)


class Aws:
    """A queue of so many messages, a bucket with one object of such an age, a table of such an age.

    None: it cannot be read.
    """

    def __init__(
        self,
        messages: Mapping[str, int] | None = None,
        object_days: int | None = None,
        table_hours: int | None = None,
    ) -> None:
        self.messages = messages
        self.object_days = object_days
        self.table_hours = table_hours

    def __call__(self, service: str) -> "Aws":  # noqa: D102 - as boto3 has it
        assert service in {"sqs", "s3", "dynamodb"}
        return self

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: D102, N803 - as boto3 has it
        assert QueueUrl == "https://sqs/queue"
        if self.messages is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetQueueAttributes")
        return {"Attributes": {name: str(self.messages.get(name, 0)) for name in AttributeNames}}

    def get_paginator(self, operation: str) -> "Aws":  # noqa: D102 - as boto3 has it
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str) -> list[Any]:  # noqa: D102, N803 - as boto3 has it
        assert Bucket == "results"
        if self.object_days is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "ListObjectsV2")
        return [{}, {"Contents": [{"LastModified": datetime.now(UTC) - timedelta(days=self.object_days)}]}]

    def describe_table(self, *, TableName: str) -> Any:  # noqa: D102, N803 - as boto3 has it
        assert TableName == "jobs"
        if self.table_hours is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeTable")
        return {"Table": {"CreationDateTime": datetime.now(UTC) - timedelta(hours=self.table_hours)}}


EMPTY = Aws({}, 0, 23)
HOLDING = Aws({"ApproximateNumberOfMessages": 98}, 8, 25)
IN_FLIGHT = Aws({"ApproximateNumberOfMessagesNotVisible": 1})
DELAYED = Aws({"ApproximateNumberOfMessagesDelayed": 1})
UNREADABLE = Aws()
GONE, REPLACED, CHANGED, NEW = ["delete"], ["delete", "create"], ["update"], ["create"]
NO_CONFIG, CANNOT = "delete_because_no_resource_config", "replace_because_cannot_update"
KEY = {**TABLE, "hash_key": "id"}

REFUSED = [
    (
        "key changed",
        change("dynamodb_table", REPLACED, TABLE, KEY, CANNOT, [["hash_key"]]),
        'jobs (aws_dynamodb_table.It): would be replaced, for hash_key "job_id" -> "id", and its items lost; undo that',
    ),
    (
        "name not known yet",
        change("dynamodb_table", REPLACED, TABLE, {}, CANNOT, [["name"]]),
        "would be replaced, for name, and its items lost",
    ),
    (
        "made before it goes",
        change("s3_bucket", ["create", "delete"], BUCKET, BUCKET),
        "would be replaced, and its obj",
    ),
    (
        "construct gone",
        change("s3_bucket", GONE, BUCKET, None, NO_CONFIG),
        "results (aws_s3_bucket.It): would be deleted, and its objects lost; it is not declared any more: put it back",
    ),
    (
        "tainted",
        change("s3_bucket", REPLACED, BUCKET, BUCKET, "replace_because_tainted"),
        "its creation was interrupted: make adopt ENV=prod TARGET=aws takes it as it is",
    ),
    (
        "replace asked for",
        change("dynamodb_table", REPLACED, TABLE, TABLE, "replace_by_request"),
        "a replacement was asked for: leave that out",
    ),
    ("destroyed", change("dynamodb_table", GONE, TABLE, None), "if it is to go, see docs/runbooks/decommission.md"),
    (
        "protection off",
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "deletion_protection_enabled": False}),
        'would lose deletion protection, while data_protection = "retain"',
    ),
    (
        "recovery off",
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "point_in_time_recovery": [{"enabled": False}]}),
        "would lose point-in-time recovery",
    ),
    (
        "force_destroy",
        change("s3_bucket", CHANGED, BUCKET, {**BUCKET, "force_destroy": True}),
        "would lose force_destroy = false",
    ),
    (
        "other expiry attribute",
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "ttl": [{"attribute_name": "at", "enabled": True}]}),
        'would expire items by another attribute: "ttl" -> "at"',
    ),
    (
        "expires earlier",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(1))),
        'configuration.It): rule "old" would delete objects earlier than now, after 1 days',
    ),
    (
        "expires by date",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(None, date="2026-01-01"))),
        "would delete objects earlier than now, after 0 days",
    ),
    (
        "expires more",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7, "tmp/")), expiry(rule(7))),
        "would delete objects earlier than now, after 7 days",
    ),
    (
        "expiry switched on",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7, status="Disabled")), expiry(rule(7))),
        "would delete objects earlier than now, after 7 days",
    ),
    (
        "expires earlier, by rules made anew",
        change("s3_bucket_lifecycle_configuration", REPLACED, expiry(rule(7)), expiry(rule(1))),
        "would delete objects earlier than now, after 1 days",
    ),
    (
        "first expiry, older objects",
        change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(7))),
        "would delete the objects that are there and older than 7 days; copy them elsewhere first",
    ),
    ("queue gone", change("sqs_queue", GONE, QUEUE, None, NO_CONFIG), "would be deleted, and its 98 messages lost"),
    (
        "queue keeps less",
        change("sqs_queue", CHANGED, QUEUE, {**QUEUE, "message_retention_seconds": 60}),
        "would keep messages for 60 s instead of 14400 s, and its 98 messages lost; empty it first",
    ),
]

ALLOWED = [
    change("cloudwatch_metric_alarm", GONE, ALARM, None),
    change("s3_bucket_policy", REPLACED, {"bucket": "results"}, {"bucket": "results"}),
    change("dynamodb_table", NEW, None, TABLE),
    change("dynamodb_table", ["no-op"], TABLE, TABLE),
    change("dynamodb_table", ["forget"], TABLE, None),
    change("dynamodb_table", CHANGED, {**TABLE, "ttl": []}, TABLE),
    change("dynamodb_table", CHANGED, {**TABLE, "deletion_protection_enabled": False}, TABLE),
    change("dynamodb_table", CHANGED, TABLE, {**TABLE, "global_secondary_index": []}),
    change("s3_bucket", CHANGED, {**BUCKET, "force_destroy": True}, BUCKET),
    change("s3_bucket", CHANGED, {"bucket": "results", "force_destroy": None}, BUCKET),
    change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(8), rule(7, "tmp/"))),
    change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(7), rule(1, status="Disabled"))),
    change("s3_bucket_lifecycle_configuration", GONE, expiry(rule(7)), None),
    change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(30))),
    change("sqs_queue", CHANGED, QUEUE, {**QUEUE, "message_retention_seconds": 86400}),
]


@pytest.mark.parametrize(("planned", "told"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
@pytest.mark.parametrize("environment", ["staging", "prod"])
def test_a_plan_that_loses_data_is_refused_with_its_cause(
    environment: str, planned: dict[str, Any], told: str, tmp_path: Path
) -> None:
    (line,) = refusals({"resource_changes": [planned]}, settings(tmp_path, environment), HOLDING, make)
    assert told in line


def test_a_plan_that_loses_nothing_is_not_refused(tmp_path: Path) -> None:
    assert refusals({"resource_changes": ALLOWED}, settings(tmp_path), HOLDING, make) == []
    assert refusals({}, settings(tmp_path), HOLDING, make) == []


def test_dev_keeps_nothing_unless_its_settings_say_so(tmp_path: Path) -> None:
    plan = {"resource_changes": [planned for _, planned, _ in REFUSED]}
    assert len(plan["resource_changes"]) == 19
    assert refusals(plan, settings(tmp_path, "dev", "destroy"), HOLDING, make) == []
    assert len(refusals(plan, settings(tmp_path, "dev", "retain"), HOLDING, make)) == 19


def test_settings_that_give_the_data_up_still_let_no_plan_take_it(tmp_path: Path) -> None:
    """In prod with data_protection = "destroy" protection may go, which is the first step; data may not."""
    plan = {"resource_changes": [planned for _, planned, _ in REFUSED]}
    given_up = refusals(plan, settings(tmp_path, "prod", "destroy"), HOLDING, make)
    assert len(given_up) == 16
    assert not [line for line in given_up if "would lose" in line]


@pytest.mark.parametrize(
    ("aws", "told"),
    [
        (HOLDING, "its 98 messages lost"),
        (IN_FLIGHT, "its 1 messages lost"),
        (DELAYED, "its 1 messages lost"),
        (UNREADABLE, "whatever it holds (it cannot be read: "),
    ],
)
def test_a_queue_may_go_once_it_is_known_to_be_empty(aws: Aws, told: str, tmp_path: Path) -> None:
    plan = {"resource_changes": [change("sqs_queue", GONE, QUEUE, None, NO_CONFIG)]}
    (line,) = refusals(plan, settings(tmp_path), aws, make)
    assert told in line
    assert refusals(plan, settings(tmp_path), EMPTY, make) == []


def test_a_first_expiry_is_refused_for_objects_that_it_would_delete_at_once(tmp_path: Path) -> None:
    """A bucket that the same plan makes is not looked into; one that cannot be looked into may hold some."""
    first = change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(7)))
    assert refusals({"resource_changes": [first]}, settings(tmp_path), EMPTY, make) == []
    assert len(refusals({"resource_changes": [first]}, settings(tmp_path), UNREADABLE, make)) == 1
    both = [change("s3_bucket", NEW, None, BUCKET), first]
    assert refusals({"resource_changes": both}, settings(tmp_path), UNREADABLE, make) == []


def test_a_first_expiry_is_harmless_where_no_object_is_old_enough() -> None:
    """As after a crash between a bucket and its rules: the review is told, for the plan alone looks like a loss."""
    first = change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(7)))
    later = change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(1)))
    plan = {"resource_changes": [first]}
    assert harmless(plan, EMPTY) == {"aws_s3_bucket_lifecycle_configuration.It"}
    for aws in (HOLDING, UNREADABLE):
        assert harmless(plan, aws) == frozenset()
    assert harmless({"resource_changes": [later]}, EMPTY) == frozenset()
    assert harmless({}, UNREADABLE) == frozenset()


def test_a_first_time_to_live_is_harmless_in_a_table_that_has_just_been_made() -> None:
    """As after a crash between a table and its time to live; within a day no item is meant to have gone."""
    first = change("dynamodb_table", CHANGED, {**TABLE, "ttl": [{"attribute_name": "", "enabled": False}]}, TABLE)
    assert harmless({"resource_changes": [first]}, EMPTY) == {"aws_dynamodb_table.It"}
    for aws in (HOLDING, UNREADABLE):
        assert harmless({"resource_changes": [first]}, aws) == frozenset()
    for other in (
        change("dynamodb_table", NEW, None, TABLE),
        change("dynamodb_table", REPLACED, {**TABLE, "ttl": []}, TABLE),
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "ttl": []}),
        change("dynamodb_table", CHANGED, {**TABLE, "ttl": [{"attribute_name": "at", "enabled": True}]}, TABLE),
    ):
        assert harmless({"resource_changes": [other]}, EMPTY) == frozenset()


def destroyed(*, protected: bool) -> dict[str, Any]:
    table = {**TABLE, "deletion_protection_enabled": protected, "point_in_time_recovery": [{"enabled": protected}]}
    bucket = {**BUCKET, "force_destroy": not protected}
    changes = [
        change("dynamodb_table", GONE, table, None),
        change("s3_bucket", GONE, bucket, None),
        change("sqs_queue", GONE, QUEUE, None),
        change("cloudwatch_metric_alarm", GONE, ALARM, None),
    ]
    return {"resource_changes": changes}


def test_a_destroy_needs_two_deliberate_steps(tmp_path: Path) -> None:
    """Protection has been taken off by an apply before, and the stack's name is given; neither does alone."""
    given_up = settings(tmp_path, "prod", "destroy")
    stack = "vpr-async-prod"
    for confirmed in ("", stack):
        table, bucket = destroy_refusals(destroyed(protected=True), given_up, confirmed, make)
        assert "jobs (aws_dynamodb_table.It): still has deletion protection and point-in-time recovery; the " in table
        assert "results (aws_s3_bucket.It): still has force_destroy = false; the first step is to apply " in bucket
        assert table.endswith('"destroy" in environments/prod.toml, see docs/runbooks/decommission.md')
    (unconfirmed,) = destroy_refusals(destroyed(protected=False), given_up, "", make)
    assert unconfirmed.startswith("CONFIRM_DATA_LOSS: not given; vpr-async-prod goes with all that it holds: ")
    assert "make destroy ENV=prod TARGET=aws CONFIRM_DATA_LOSS=vpr-async-prod, see " in unconfirmed
    (other,) = destroy_refusals(destroyed(protected=False), given_up, "vpr-async-dev\x1b[2J", make)
    assert other.startswith('CONFIRM_DATA_LOSS = "vpr-async-dev\\u001b[2J": not this stack; ')
    assert destroy_refusals(destroyed(protected=False), given_up, stack, make) == []


def test_dev_is_destroyed_without_ceremony(tmp_path: Path) -> None:
    assert destroy_refusals(destroyed(protected=False), settings(tmp_path, "dev", "destroy"), "", make) == []


def test_dev_is_not_destroyed_while_what_is_deployed_is_protected(tmp_path: Path) -> None:
    """Settings that say "destroy" protect nothing any more once they are applied; half of it would go before that."""
    for confirmed in ("", "vpr-async-dev"):
        table, bucket = destroy_refusals(
            destroyed(protected=True), settings(tmp_path, "dev", "destroy"), confirmed, make
        )
        assert "jobs (aws_dynamodb_table.It): still has deletion protection; the first step is to apply " in table
        assert "results (aws_s3_bucket.It): still has force_destroy = false; the first step is to apply " in bucket
        assert table.endswith('"destroy" in environments/dev.toml, see docs/runbooks/decommission.md')


def test_backups_alone_do_not_keep_dev(tmp_path: Path) -> None:
    """Point-in-time recovery that somebody switched on by hand stops no destroy."""
    table = {**TABLE, "deletion_protection_enabled": False}
    plan = {"resource_changes": [change("dynamodb_table", GONE, table, None)]}
    assert destroy_refusals(plan, settings(tmp_path, "dev", "destroy"), "", make) == []


def test_an_interrupted_queue_is_harmless_to_replace_if_it_is_empty() -> None:
    """One that is replaced or deleted for another reason is not: that wants an exception, empty or not."""
    plan = {"resource_changes": [change("sqs_queue", REPLACED, QUEUE, QUEUE, "replace_because_tainted")]}
    assert harmless(plan, EMPTY) == {"aws_sqs_queue.It"}
    for aws in (HOLDING, IN_FLIGHT, UNREADABLE):
        assert harmless(plan, aws) == frozenset()
    for other in (
        change("sqs_queue", REPLACED, QUEUE, QUEUE, "replace_by_request"),
        change("sqs_queue", GONE, QUEUE, None, NO_CONFIG),
        change("s3_bucket", REPLACED, BUCKET, BUCKET, "replace_because_tainted"),
    ):
        assert harmless({"resource_changes": [other]}, EMPTY) == frozenset()


def test_every_way_to_lose_data_that_make_faults_tries_edits_the_source_as_it_is_today() -> None:
    """What an edit replaces is there once, after the edits before it."""
    edits = 0
    for way in WAYS.values():
        for file, pairs in way.edits.items():
            text = (PROJECT_ROOT / file).read_text()
            for old, new in pairs:
                assert text.count(old) == 1, f"{file}: {old}"
                text = text.replace(old, new)
                edits += 1
    assert edits == 31
