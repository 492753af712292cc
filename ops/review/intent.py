"""The requirement held against a plan: each property that it asks for, with its planned value.

What is required is the verifier's own table, written by hand from the requirement; here is only where Terraform has it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from config.request import Environment
from ops import expectations
from ops.review.changes import Change, Reader
from ops.review.differences import is_open, side, told
from ops.review.documents import Statement, at, listed, meaning, plain, statements
from ops.review.hidden import UNKNOWN, Secret, as_list, as_object
from ops.review.model import Intent, Known, Value
from stacks.settings import Settings

FORCE_DESTROY = {Environment.DEV: True, Environment.STAGING: False, Environment.PROD: False}
_STATED = ("Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
Property = tuple[str, Any, str]
"""What it is called, what is required, and where Terraform has it."""

_QUEUE = {
    "VisibilityTimeout": "visibility_timeout_seconds",
    "MessageRetentionPeriod": "message_retention_seconds",
    "ReceiveMessageWaitTimeSeconds": "receive_wait_time_seconds",
    "MaximumMessageSize": "max_message_size",
    "DelaySeconds": "delay_seconds",
    "SqsManagedSseEnabled": "sqs_managed_sse_enabled",
    "KmsMasterKeyId": "kms_master_key_id",
    "RedrivePolicy": "redrive_policy",
    "RedriveAllowPolicy": "redrive_allow_policy",
}
_PUBLIC_ACCESS_BLOCK = {
    "BlockPublicAcls": "block_public_acls",
    "IgnorePublicAcls": "ignore_public_acls",
    "BlockPublicPolicy": "block_public_policy",
    "RestrictPublicBuckets": "restrict_public_buckets",
}
_BUCKETS_OWN = {
    "encryption": "aws_s3_bucket_server_side_encryption_configuration",
    "access": "aws_s3_bucket_public_access_block",
    "ownership": "aws_s3_bucket_ownership_controls",
    "lifecycle": "aws_s3_bucket_lifecycle_configuration",
    "policy": "aws_s3_bucket_policy",
}
Planned = Mapping[tuple[str, str], Change]
"""What the plan says of the resources that it leaves or makes, by type and name."""


def intent(entries: Sequence[Mapping[str, Any]], reader: Reader, settings: Settings) -> Iterator[Intent]:
    """Yield each property of the requirement; nothing if the plan leaves none of the stack's resources."""
    declared = expectations.declared(settings)
    changes = (reader.change(entry) for entry in entries if entry["type"] in {*declared, *_BUCKETS_OWN.values()})
    planned = {(change.type, change.name): change for change in changes if change.after}
    if not any((type_, name) in planned for type_, names in declared.items() for name in names):
        return
    for type_, names in declared.items():
        for name in names:
            yield from _resource(type_, name, planned, settings)


def _resource(type_: str, name: str, planned: Planned, settings: Settings) -> Iterator[Intent]:
    change = planned.get((type_, name))
    if change is None:
        yield Intent(resource=name, property="exists", required=True, planned=side(value=False), agrees=False)
        return
    held = {
        "aws_sqs_queue": _queue,
        "aws_dynamodb_table": _table,
        "aws_s3_bucket": _bucket,
        "aws_cloudwatch_metric_alarm": _alarm,
        "aws_sns_topic": _topic,
        "aws_iam_policy": _handler_policy,
    }[type_]
    yield from held(change, planned, settings)
    tags = {key: str(value) for key, value in expectations.tags(settings).items()}
    yield _told(name, "Tags", tags, _at(change, "tags_all"))


# --- each type ----------------------------------------------------------------------------------------------------


def _queue(queue: Change, _: Planned, settings: Settings) -> Iterator[Intent]:
    name = queue.name
    required = {**expectations.queue_attributes(settings, name), **expectations.redrive(settings, name)}
    for property_, attribute in _QUEUE.items():
        yield _told(name, property_, _number(required[property_]), _at(queue, attribute))
    statement = expectations.deny_insecure_transport("sqs:*", expectations.arn(settings, "sqs", name))
    yield _policy(name, [statement], queue)


def _table(table: Change, _: Planned, settings: Settings) -> Iterator[Intent]:
    name, required = table.name, expectations.table(settings)
    types = {str(each.get("name")): each.get("type") for each in map(as_object, as_list(_at(table, "attribute")))}
    yield _told(name, "Key", required["Key"], _key(table.after, types))
    for index, wanted in expectations.TABLE_INDEXES.items():
        found = map(as_object, as_list(_at(table, "global_secondary_index")))
        found = [each for each in found if each.get("name") == index]
        planned = {"Key": _key(found[0], types), "Projection": found[0].get("projection_type")} if found else None
        yield _told(name, f"index {index}", {key: wanted[key] for key in ("Key", "Projection")}, planned)
    yield _told(name, "BillingMode", required["BillingMode"], _at(table, "billing_mode"))
    yield _told(name, "TableClass", required["TableClass"], _at(table, "table_class") or "STANDARD")
    protection = required["DeletionProtectionEnabled"]
    yield _told(name, "DeletionProtectionEnabled", protection, _at(table, "deletion_protection_enabled") or False)
    recovery = _at(table, "point_in_time_recovery.enabled")
    planned = recovery if _is_hidden(recovery) else "ENABLED" if recovery is True else "DISABLED"
    yield _told(name, "PointInTimeRecovery", expectations.POINT_IN_TIME_RECOVERY[settings.environment], planned)
    planned = _at(table, "ttl.attribute_name") if _at(table, "ttl.enabled") else None
    yield _told(name, "TimeToLive", expectations.TIME_TO_LIVE["AttributeName"], planned)
    yield _told(name, "SSEDescription", required["SSEDescription"], _at(table, "server_side_encryption"))
    yield _told(name, "StreamSpecification", required["StreamSpecification"], _at(table, "stream_enabled") or None)
    yield _told(name, "Replicas", required["Replicas"], _at(table, "replica"))


def _key(values: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, str]:
    kinds = {"HASH": values.get("hash_key"), "RANGE": values.get("range_key")}
    return {str(name): f"{kind} {types.get(str(name))}" for kind, name in kinds.items() if name}


def _bucket(bucket: Change, planned: Planned, settings: Settings) -> Iterator[Intent]:
    name = bucket.name
    own = {part: planned.get((type_, name)) for part, type_ in _BUCKETS_OWN.items()}
    destroy = _at(bucket, "force_destroy") or False
    yield _told(name, "force_destroy", FORCE_DESTROY[settings.environment], destroy)
    algorithm = _at(own["encryption"], "rule.apply_server_side_encryption_by_default.sse_algorithm")
    yield _told(name, "Encryption", expectations.ENCRYPTION[0]["SSEAlgorithm"], algorithm)
    for property_, required in expectations.PUBLIC_ACCESS_BLOCK.items():
        yield _told(name, property_, required, _at(own["access"], _PUBLIC_ACCESS_BLOCK[property_]))
    ownership = _at(own["ownership"], "rule.object_ownership")
    yield _told(name, "ObjectOwnership", expectations.OWNERSHIP_CONTROLS[0]["ObjectOwnership"], ownership)
    rules = {str(each.get("id")): each for each in map(as_object, as_list(_at(own["lifecycle"], "rule")))}
    for rule, required in expectations.LIFECYCLE_RULES.items():
        yield _told(name, f"lifecycle rule {rule}", required, _lifecycle(rules[rule]) if rule in rules else None)
    for extra in sorted(rules.keys() - expectations.LIFECYCLE_RULES.keys()):
        yield _told(name, f"lifecycle rule {extra}", None, _lifecycle(rules[extra]))
    arn = expectations.arn(settings, "s3", name)
    yield _policy(name, [expectations.deny_insecure_transport("s3:*", arn, f"{arn}/*")], own["policy"])


def _lifecycle(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lifecycle rule in the words of S3."""
    found: dict[str, Any] = {"Status": rule.get("status"), "Filter": {"Prefix": at(rule, ["filter", "prefix"]) or ""}}
    if days := at(rule, ["expiration", "days"]):
        found["Expiration"] = {"Days": days}
    if days := at(rule, ["abort_incomplete_multipart_upload", "days_after_initiation"]):
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    return found


def _alarm(alarm: Change, _: Planned, settings: Settings) -> Iterator[Intent]:
    name = alarm.name
    for property_, required in expectations.alarm(settings, name).items():
        attribute = "evaluate_low_sample_count_percentiles" if property_.endswith("Percentile") else _snake(property_)
        yield _told(name, property_, required, _at(alarm, attribute))
    queries = {str(each.get("id")): each for each in map(as_object, as_list(_at(alarm, "metric_query")))}
    for id_, required in expectations.alarm_metrics(settings, name).items():
        yield _told(name, f"metric {id_}", required, _metric(queries[id_]) if id_ in queries else None)


def _metric(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric of an alarm in the words of CloudWatch, in one level, without its label."""
    metric = as_object(next(iter(as_list(query.get("metric"))), None))
    found = {
        "MetricName": metric.get("metric_name"),
        "Namespace": metric.get("namespace"),
        "Dimensions": metric.get("dimensions"),
        "Stat": metric.get("stat"),
        "Period": metric.get("period"),
        "Expression": query.get("expression"),
        "ReturnData": query.get("return_data"),
    }
    return {key: value for key, value in found.items() if value not in (None, "")}


def _snake(words: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=OK)(?=[A-Z])", "_", words).lower()


def _topic(topic: Change, _: Planned, settings: Settings) -> Iterator[Intent]:
    yield _policy(topic.name, expectations.topic_statements(settings), topic)


def _handler_policy(policy: Change, _: Planned, settings: Settings) -> Iterator[Intent]:
    yield _policy(policy.name, expectations.handler_statements(settings, policy.name), policy)


# --- comparing ----------------------------------------------------------------------------------------------------


def _at(change: Change | None, path: str) -> Any:
    """Return a planned value. One that is not declared and not known is AWS's default: it counts as not set."""
    if change is None:
        return None
    steps = path.split(".")
    found = at(change.after, steps)
    return None if found is UNKNOWN and not change.declares(tuple(steps)) else found


def _number(required: Any) -> Any:
    """Return what SQS's API has as text as Terraform has it."""
    if isinstance(required, str) and required.isdigit():
        return int(required)
    return {"true": True, "false": False}.get(required, required) if isinstance(required, str) else required


def _told(resource: str, property_: str, required: Any, planned: Any) -> Intent:
    value = _value(planned)
    value = replace(value, value=_like(value.value, required))
    # What is not set the provider may write as a zero.
    found = _plain(value.value if required is not None else value.value or None)
    agrees = None if value.known in {Known.UNKNOWN, Known.SENSITIVE} else found == _plain(required)
    return Intent(resource=resource, property=property_, required=required, planned=value, agrees=agrees)


def _policy(resource: str, required: Sequence[Statement], holder: Change | None) -> Intent:
    document = _at(holder, "policy")
    if _is_hidden(document):
        return _told(resource, "Policy", list(required), document)
    found = statements(document)
    agrees = sorted(map(meaning, found)) == sorted(map(meaning, required))
    wanted = {meaning(each): _stated(each) for each in required}
    planned = [wanted.get(meaning(each)) or _stated(each) for each in found]
    return Intent(
        resource=resource,
        property="Policy",
        required=list(wanted.values()),
        planned=side(planned or None),
        agrees=agrees,
    )


def _stated(statement: Statement) -> dict[str, Any]:
    """Return a statement to be read beside another: without Sid, in one order, and one thing not in a list."""
    parts = {key: listed(statement[key]) for key in _STATED if key in statement}
    return {key: each[0] if len(each) == 1 else each for key, each in parts.items()}


def _like(planned: Any, required: Any) -> Any:
    """Return what is planned in the order in which it is required, so that both can be read side by side."""
    found, wanted = as_object(planned), as_object(required)
    if not found or not wanted:
        return planned
    keys = [*(key for key in wanted if key in found), *(key for key in found if key not in wanted)]
    return {key: _like(found[key], wanted.get(key)) for key in keys}


def _value(planned: Any) -> Value:
    if is_open(planned) or _is_hidden(planned):
        return side(planned)
    # A part of it is hidden: then nothing of it is told.
    return Value(known=Known.SENSITIVE if _holds_secret(planned) else Known.UNKNOWN)


def _is_hidden(value: Any) -> bool:
    return value is UNKNOWN or isinstance(value, Secret)


def _holds_secret(value: Any) -> bool:
    items = as_object(value).values() if isinstance(value, dict) else as_list(value)
    return isinstance(value, Secret) or any(map(_holds_secret, items))


def _plain(value: Any) -> Any:
    return None if value in (None, "", [], {}) else plain(told(value))
