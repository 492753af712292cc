"""Each attribute of the shipped resources, changed and removed: the finding, or the reason why there is none."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple, cast

from plan_builder import entry, reviewed

Values = dict[str, Any]
MAPS = {"dimensions", "tags"}
"""Attributes that are maps; every other object in a resource is a block."""
METADATA = {"//", "depends_on", "provider", "tags"}
"""Keys of a declaration that are no attributes; of tags a test of the markdown says all."""


SHIPPED = ("vpr-async", "state-backend")
"""The stacks that the table is of: that of a feature that comes new may have other types and attributes."""


class Row(NamedTuple):
    """One attribute: another value, and the kinds of the findings if it is changed to that, and if it is removed."""

    other: Any
    changed: str = ""
    removed: str = ""
    replaces: bool = False
    why: str = ""
    """The reason why one of the two is no finding."""


REQUIRED = "the provider requires it, and Terraform refuses a plan without it"
TABLE: dict[tuple[str, str], Row] = {
    ("aws_cloudwatch_metric_alarm", "alarm_description"): Row("other", why="it is for people"),
    ("aws_cloudwatch_metric_alarm", "alarm_name"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_cloudwatch_metric_alarm", "comparison_operator"): Row("LessThanThreshold", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "datapoints_to_alarm"): Row(
        9, "alarms", why="without it, all of the evaluated periods count, which is the same for one"
    ),
    ("aws_cloudwatch_metric_alarm", "dimensions"): Row({"QueueName": "other"}, "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "evaluation_periods"): Row(9, "alarms", why=REQUIRED),
    ("aws_cloudwatch_metric_alarm", "metric_name"): Row("Other", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.expression"): Row("1", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.id"): Row("other", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.label"): Row("other", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.metric.dimensions"): Row(
        {"FunctionName": "other"}, "alarms", "alarms"
    ),
    ("aws_cloudwatch_metric_alarm", "metric_query.metric.metric_name"): Row("Other", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.metric.namespace"): Row("Other", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.metric.period"): Row(900, "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.metric.stat"): Row("Minimum", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "metric_query.return_data"): Row(other=False, changed="alarms", removed="alarms"),
    ("aws_cloudwatch_metric_alarm", "namespace"): Row("Other", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "period"): Row(
        900, "alarms", why="the provider requires it of an alarm on one metric"
    ),
    ("aws_cloudwatch_metric_alarm", "statistic"): Row("Minimum", "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "threshold"): Row(900, "alarms", "alarms"),
    ("aws_cloudwatch_metric_alarm", "treat_missing_data"): Row(
        "ignore", "", "alarms", why="notBreaching notices least: any other value is better"
    ),
    ("aws_dynamodb_table", "attribute.name"): Row("other", "clients", "clients"),
    ("aws_dynamodb_table", "attribute.type"): Row("N", "clients", "clients"),
    ("aws_dynamodb_table", "billing_mode"): Row("PROVISIONED", "cost", "cost"),
    ("aws_dynamodb_table", "deletion_protection_enabled"): Row(other=False, changed="security", removed="security"),
    ("aws_dynamodb_table", "global_secondary_index.hash_key"): Row("user_id", "clients", "clients"),
    ("aws_dynamodb_table", "global_secondary_index.name"): Row("other-index", "clients", "clients"),
    ("aws_dynamodb_table", "global_secondary_index.projection_type"): Row("KEYS_ONLY", "clients", "clients"),
    ("aws_dynamodb_table", "hash_key"): Row("user_id", "loss", replaces=True, why=REQUIRED),
    ("aws_dynamodb_table", "name"): Row("other", "loss", replaces=True, why=REQUIRED),
    ("aws_dynamodb_table", "point_in_time_recovery.enabled"): Row(other=False, changed="security", removed="security"),
    ("aws_dynamodb_table", "ttl.attribute_name"): Row("other", "loss", "cost"),
    ("aws_dynamodb_table", "ttl.enabled"): Row(other=False, changed="cost", removed="cost"),
    ("aws_iam_policy", "description"): Row("other", "replacement", replaces=True, why="it is for people"),
    ("aws_iam_policy", "name"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_iam_policy", "policy"): Row(
        '{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}', "privilege clients", "clients"
    ),
    ("aws_s3_bucket", "bucket"): Row("other", "loss", replaces=True, why=REQUIRED),
    ("aws_s3_bucket", "force_destroy"): Row(other=True, changed="loss", why="false is the default"),
    ("aws_s3_bucket_lifecycle_configuration", "bucket"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_s3_bucket_lifecycle_configuration", "rule.abort_incomplete_multipart_upload.days_after_initiation"): Row(
        9, why="what is left of a broken upload is no object, and costs little"
    ),
    ("aws_s3_bucket_lifecycle_configuration", "rule.expiration.days"): Row(1, "loss", "cost"),
    ("aws_s3_bucket_lifecycle_configuration", "rule.expiration.expired_object_delete_marker"): Row(
        other=False, why="a marker without versions is no data"
    ),
    ("aws_s3_bucket_lifecycle_configuration", "rule.filter.prefix"): Row(
        "tmp/", "cost", why="an empty prefix and none are both the whole bucket"
    ),
    ("aws_s3_bucket_lifecycle_configuration", "rule.id"): Row("Other", why="rules are compared by what they delete"),
    ("aws_s3_bucket_lifecycle_configuration", "rule.noncurrent_version_expiration.noncurrent_days"): Row(
        1, "loss", "cost"
    ),
    ("aws_s3_bucket_lifecycle_configuration", "rule.status"): Row("Disabled", "cost", "cost"),
    ("aws_s3_bucket_ownership_controls", "bucket"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_s3_bucket_ownership_controls", "rule.object_ownership"): Row("ObjectWriter", "security", "security"),
    ("aws_s3_bucket_policy", "bucket"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_s3_bucket_policy", "policy"): Row(
        '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}',
        "exposure security",
        "security",
    ),
    ("aws_s3_bucket_public_access_block", "block_public_acls"): Row(
        other=False, changed="exposure", removed="exposure"
    ),
    ("aws_s3_bucket_public_access_block", "block_public_policy"): Row(
        other=False, changed="exposure", removed="exposure"
    ),
    ("aws_s3_bucket_public_access_block", "bucket"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_s3_bucket_public_access_block", "ignore_public_acls"): Row(
        other=False, changed="exposure", removed="exposure"
    ),
    ("aws_s3_bucket_public_access_block", "restrict_public_buckets"): Row(
        other=False, changed="exposure", removed="exposure"
    ),
    ("aws_s3_bucket_server_side_encryption_configuration", "bucket"): Row(
        "other", "replacement", replaces=True, why=REQUIRED
    ),
    (
        "aws_s3_bucket_server_side_encryption_configuration",
        "rule.apply_server_side_encryption_by_default.sse_algorithm",
    ): Row("none", "security", "security"),
    ("aws_s3_bucket_versioning", "bucket"): Row("other", "replacement", replaces=True, why=REQUIRED),
    ("aws_s3_bucket_versioning", "versioning_configuration.status"): Row("Suspended", "security", "security"),
    ("aws_sqs_queue", "message_retention_seconds"): Row(60, "loss", "loss"),
    ("aws_sqs_queue", "name"): Row("other", "loss security", replaces=True, why=REQUIRED),
    ("aws_sqs_queue", "policy"): Row(
        '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}',
        "exposure security",
        "security",
    ),
    ("aws_sqs_queue", "receive_wait_time_seconds"): Row(0, "availability", "availability"),
    ("aws_sqs_queue", "redrive_allow_policy"): Row('{"redrivePermission":"allowAll"}', "availability", "availability"),
    ("aws_sqs_queue", "redrive_policy"): Row(
        '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:333333333333:other","maxReceiveCount":1}',
        "availability",
        "availability",
    ),
    ("aws_sqs_queue", "sqs_managed_sse_enabled"): Row(other=False, changed="security", removed="security"),
    ("aws_sqs_queue", "visibility_timeout_seconds"): Row(30, "availability", "availability"),
}


def found_in(synthesized: Path) -> dict[tuple[str, str], Values]:
    """Return a resource of each type that has the attribute, of the shipped stacks; prod's values come first."""
    found: dict[tuple[str, str], Values] = {}
    every = [file for stack in SHIPPED for file in synthesized.glob(f"stacks/{stack}-*/cdk.tf.json")]
    files = sorted(every, key=lambda file: "prod" not in file.parent.name)
    for file in files:
        for type_, resources in json.loads(file.read_text())["resource"].items():
            for resource in resources.values():
                values = {key: as_planned(key, each) for key, each in resource.items() if key not in METADATA}
                for path in paths(values, ()):
                    found.setdefault((type_, ".".join(path)), values)
    return found


def as_planned(key: str, value: Any) -> Any:
    """Return a value as a plan has it: each block in a list."""
    if isinstance(value, dict):
        block = {name: as_planned(name, each) for name, each in cast("Values", value).items()}
        return block if key in MAPS else [block]
    if isinstance(value, list) and any(isinstance(each, dict) for each in cast("list[Any]", value)):
        return [as_planned(key, each)[0] for each in cast("list[Any]", value)]
    return cast("Any", value)


def paths(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict) and path[-1:] and path[-1] in MAPS:
        yield path
    elif isinstance(value, dict):
        for key, each in cast("Values", value).items():
            yield from paths(each, (*path, key))
    elif isinstance(value, list) and any(isinstance(each, dict) for each in cast("list[Any]", value)):
        for each in cast("list[Any]", value):
            yield from paths(each, path)
    else:
        yield path


def with_other(values: Values, path: list[str], other: Any) -> Values:
    """Return values with another one at a path, in each block that has it; None removes it."""
    changed = deepcopy(values)
    holders: list[Values] = [changed]
    for step in path[:-1]:
        holders = [each for holder in holders for each in holder.get(step, [])]
    for holder in holders:
        if path[-1] in holder:
            holder[path[-1]] = other
    return changed


def kinds(type_: str, path: str, before: Values, other: Any, *, replaces: bool = False) -> str:
    after = with_other(before, path.split("."), other)
    more: Mapping[str, Any] = {"replace_paths": [[path.partition(".")[0]]]} if replaces else {}
    found = reviewed(entry(type_, "replace" if replaces else "update", before, after, **more))
    return " ".join(dict.fromkeys(each.kind.value for each in found.findings))


def test_every_attribute_of_every_shipped_stack_is_in_the_table_and_nothing_else(synthesized: Path) -> None:
    """But for prevent_destroy, which is in no plan."""
    found = {key for key in found_in(synthesized) if key[1] != "lifecycle.prevent_destroy"}
    assert found == set(TABLE)
    assert [key for key, row in TABLE.items() if not (row.changed and row.removed) and not row.why] == []


def test_each_attribute_changed_and_removed_is_the_finding_that_the_table_says(synthesized: Path) -> None:
    resources = found_in(synthesized)
    found = {
        (type_, path): (
            kinds(type_, path, resources[type_, path], row.other, replaces=row.replaces),
            kinds(type_, path, resources[type_, path], None),
        )
        for (type_, path), row in TABLE.items()
    }
    assert found == {key: (row.changed, row.removed) for key, row in TABLE.items()}
