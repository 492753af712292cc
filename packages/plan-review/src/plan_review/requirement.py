"""The requirement checked against a plan: each required property with its planned value.

A requirement is data: resources by type and name, each with its properties in the words of AWS's API. A property that
has no entry in the tables below is the path of a Terraform attribute.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from plan_review.attribute_diff import is_open, side
from plan_review.changes import Change, Reader
from plan_review.comparison import is_as_required
from plan_review.dashboards import widgets
from plan_review.decisions import Decided, settled
from plan_review.expirations import Expiration, expirations
from plan_review.masking import UNKNOWN, Secret, as_list, as_object
from plan_review.model import Decision, Intent, Known, Value
from plan_review.physical_names import physical_name
from plan_review.policy_documents import Statement, at, difference, listed, meaning, statements
from plan_review.values import is_hidden


@dataclass(frozen=True, kw_only=True)
class RequiredResource:
    """A resource that a plan must create or keep, and what it must be like."""

    type: str
    """Terraform's."""
    name: str
    """Its physical name."""
    properties: Mapping[str, Any]
    """The required values by property. "Policy" is a list of statements, "Tags" are all tags."""
    decided: Mapping[str, Sequence[Decided]] = field(default_factory=dict[str, Sequence[Decided]])
    """The decisions by property; `properties` are as they say, but for those that have expired."""


Requirement = Sequence[RequiredResource]

_STATED = ("Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
EXISTS = "exists"
"""The property of a required resource that the plan does not have."""
_RULE, _INDEX, _METRIC, _WIDGET = "lifecycle rule ", "index ", "metric ", "widget "
"""Beginnings of properties that have an item's name in them."""
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
_TABLE = {
    "BillingMode": "billing_mode",
    "SSEDescription": "server_side_encryption",
    "Replicas": "replica",
}
_LIMITS = {"MaxReadRequestUnits": "max_read_request_units", "MaxWriteRequestUnits": "max_write_request_units"}
_TABLE_POLICY = "aws_dynamodb_resource_policy"
_WORKER = "aws_lambda_event_source_mapping"
_SOURCES = {"aws_sqs_queue", "aws_dynamodb_table", "aws_kinesis_stream"}
"""What an event source mapping may be for."""
_DASHBOARD = "aws_cloudwatch_dashboard"
_ACCESS = "aws_s3_bucket_public_access_block"
_LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
_BUCKET = {
    "Encryption": (
        "aws_s3_bucket_server_side_encryption_configuration",
        "rule.apply_server_side_encryption_by_default.sse_algorithm",
    ),
    "BlockPublicAcls": (_ACCESS, "block_public_acls"),
    "IgnorePublicAcls": (_ACCESS, "ignore_public_acls"),
    "BlockPublicPolicy": (_ACCESS, "block_public_policy"),
    "RestrictPublicBuckets": (_ACCESS, "restrict_public_buckets"),
    "ObjectOwnership": ("aws_s3_bucket_ownership_controls", "rule.object_ownership"),
    "Policy": ("aws_s3_bucket_policy", "policy"),
    "Versioning": ("aws_s3_bucket_versioning", "versioning_configuration.status"),
    "CORS": ("aws_s3_bucket_cors_configuration", "cors_rule"),
    "Logging": ("aws_s3_bucket_logging", "target_bucket"),
    "Notifications": ("aws_s3_bucket_notification", "bucket"),
    "RequestPayment": ("aws_s3_bucket_request_payment_configuration", "payer"),
    "Acceleration": ("aws_s3_bucket_accelerate_configuration", "status"),
}
"""Properties of a bucket that are resources of their own in Terraform."""
_CORS = {
    "id": "ID",
    "allowed_headers": "AllowedHeaders",
    "allowed_methods": "AllowedMethods",
    "allowed_origins": "AllowedOrigins",
    "expose_headers": "ExposeHeaders",
    "max_age_seconds": "MaxAgeSeconds",
}
_KEPT = {"newer_noncurrent_versions": "NewerNoncurrentVersions", "noncurrent_days": "NoncurrentDays"}
_ACTIONS = {
    "transition": ("Transitions", {"days": "Days", "date": "Date", "storage_class": "StorageClass"}),
    "noncurrent_version_transition": ("NoncurrentVersionTransitions", {**_KEPT, "storage_class": "StorageClass"}),
    "noncurrent_version_expiration": ("NoncurrentVersionExpiration", _KEPT),
}
"""Blocks of a lifecycle rule: AWS's words for each, and for what it holds."""
_BUCKETS_DEFAULTS = {"RequestPayment": "BucketOwner"}
_KEY = {
    "KeyUsage": "key_usage",
    "KeySpec": "customer_master_key_spec",
    "MultiRegion": "multi_region",
    "KeyRotationEnabled": "enable_key_rotation",
    "RotationPeriodInDays": "rotation_period_in_days",
}
_COMPOSITE = {
    "ActionsSuppressor": "actions_suppressor.alarm",
    "ActionsSuppressorWaitPeriod": "actions_suppressor.wait_period",
    "ActionsSuppressorExtensionPeriod": "actions_suppressor.extension_period",
}
_DEFAULT_RECOVERY_DAYS = 35
_DEFAULT_ROTATION_DAYS = 365
_BUCKETS_OWN = {_LIFECYCLE, *(type_ for type_, _ in _BUCKET.values())}


_SEVERAL = (
    (_RULE, "rule", "id", _LIFECYCLE),
    (_INDEX, "global_secondary_index", "name", ""),
    (_INDEX, "local_secondary_index", "name", ""),
)
"""Parts of which a resource has those that are required: the beginning of the property, the blocks, their key and type.
"""


class _Read(Protocol):
    """Returns a planned value of the resource, or of the one of another type that has its name."""

    def __call__(self, path: str, type_: str = "") -> Any: ...


def intent(
    entries: Sequence[Mapping[str, Any]], reader: Reader, requirement: Requirement, *, is_whole: bool
) -> Iterator[Intent]:
    """Yield each property of the requirement; nothing if the plan keeps none of its resources.

    is_whole: False for a plan that leaves something out; whether a resource that is not in it is there is not known.
    """
    types = {required.type for required in requirement} | _BUCKETS_OWN | {_TABLE_POLICY}
    types |= _SOURCES if _WORKER in types else set()
    changes = [reader.change(entry) for entry in entries if entry["type"] in types]
    names = {change.address: _owner(change) for change in changes}
    names |= {change.address: _mapping_name(change, names) for change in changes if change.type == _WORKER}
    planned = {(change.type, names[change.address]): change for change in changes if change.after}
    if not any((required.type, required.name) in planned for required in requirement):
        return
    addresses = {(change.type, names[change.address]): change.address for change in changes}
    for required in requirement:
        address = addresses.get((required.type, required.name), f"{required.type}.{required.name}")
        is_there = (required.type, required.name) in planned
        absent = _Held(EXISTS, True, side(value=False if is_whole else UNKNOWN), False if is_whole else None)  # noqa: FBT003
        for held in _resource(required, planned) if is_there else (absent,):
            own = _part_of(required.type, held.property)
            type_ = own if (own, required.name) in addresses else required.type
            yield Intent(
                address=addresses.get((type_, required.name), address),
                type=type_,
                resource=required.name,
                **held._asdict(),
            )


def required_expirations(requirement: Requirement) -> dict[str, list[Expiration]]:
    """Return the expirations that the requirement has, by the buckets that it names."""
    return {
        required.name: list(
            expirations(
                [
                    {
                        "id": property_.removeprefix(_RULE),
                        "status": rule.get("Status"),
                        "filter": [{"prefix": at(rule, ["Filter", "Prefix"])}],
                        "expiration": [{"days": at(rule, ["Expiration", "Days"])}],
                    }
                    for property_, rule in ((name, as_object(value)) for name, value in required.properties.items())
                    if property_.startswith(_RULE) and rule
                ]
            )
        )
        for required in requirement
        if required.type == "aws_s3_bucket"
    }


class _Held(NamedTuple):
    """A property held against the plan; as of an Intent."""

    property: str
    required: Any
    planned: Value
    agrees: bool | None
    decisions: tuple[Decision, ...] = ()


def _owner(change: Change) -> str:
    """Return the name of the resource that a change is of, or that it is a part of."""
    if change.type != _TABLE_POLICY:
        return change.name
    arn = change.after.get("resource_arn") or change.before.get("resource_arn")
    return arn.rpartition("table/")[2] if isinstance(arn, str) else change.name


def _mapping_name(change: Change, names: Mapping[str, str]) -> str:
    """Return the name of an event source mapping, whose source may get its ARN in the same apply."""
    module = change.address.rpartition(f"{_WORKER}.")[0]
    expression = as_object((change.declared or {}).get("event_source_arn"))
    sources = (names.get(f"{module}{each}", "") for each in as_list(expression.get("references")))
    return physical_name(_WORKER, change.after, next(filter(None, sources), "")) or change.name


def required_type(type_: str) -> str:
    """Return the type of the required resource that a resource of Terraform's is, or is a part of."""
    if type_ in _BUCKETS_OWN:
        return "aws_s3_bucket"
    return "aws_dynamodb_table" if type_ == _TABLE_POLICY else type_


def _part_of(type_: str, property_: str) -> str:
    """Return the type of the resource that a property of another is in Terraform."""
    if (type_, property_) == ("aws_dynamodb_table", "Policy"):
        return _TABLE_POLICY
    if type_ != "aws_s3_bucket":
        return type_
    return _LIFECYCLE if property_.startswith(_RULE) else _BUCKET.get(property_, (type_,))[0]


def _resource(required: RequiredResource, planned: Mapping[tuple[str, str], Change]) -> Iterator[_Held]:
    def read(path: str, type_: str = "") -> Any:
        return _at(planned.get((type_ or required.type, required.name)), path)

    in_words = _IN_WORDS.get(required.type, _attribute)
    # Of a part that was decided away only the decision is left.
    for property_ in {**required.properties, **required.decided}:
        wanted, decided = required.properties.get(property_), required.decided.get(property_, ())
        if property_ == "Tags":
            yield _compared(property_, wanted, read("tags_all"), decided)
        elif property_ == "Policy":
            yield _policy(wanted or [], read("policy", _part_of(required.type, property_)), decided)
        else:
            yield _compared(property_, wanted, in_words(read, property_), decided)
    known = {*required.properties, *required.decided}
    for prefix, path, key, type_ in _SEVERAL:
        if any(property_.startswith(prefix) for property_ in known):
            others = {f"{prefix}{name}" for name in _named(read(path, type_), key)} - known
            for property_ in sorted(others):
                yield _compared(property_, None, in_words(read, property_))
    if required.type == _DASHBOARD and any(property_.startswith(_WIDGET) for property_ in required.properties):
        others = {f"{_WIDGET}{title}" for title in widgets(read("dashboard_body"))} - known
        for property_ in sorted(others):
            yield _compared(property_, None, in_words(read, property_))


def _at(change: Change | None, path: str) -> Any:
    """Return a planned value. One that is not declared and not known is AWS's default: it counts as not set."""
    if change is None:
        return None
    steps = path.split(".")
    found = at(change.after, steps)
    return None if found is UNKNOWN and not change.declares(tuple(steps)) else found


def _named(blocks: Any, key: str) -> dict[str, Mapping[str, Any]]:
    return {str(each.get(key)): each for each in map(as_object, as_list(blocks))}


# --- each type in the words of AWS's API --------------------------------------------------------------------------


def _attribute(read: _Read, property_: str) -> Any:
    return read(property_)


def _queue(read: _Read, property_: str) -> Any:
    return _attribute(read, _QUEUE.get(property_, property_))


def _table(read: _Read, property_: str) -> Any:  # noqa: PLR0911 - one of each property
    types = {name: each.get("type") for name, each in _named(read("attribute"), "name").items()}
    match property_:
        case "Key":
            return _key({"hash_key": read("hash_key"), "range_key": read("range_key")}, types)
        case "TableClass":
            return read("table_class") or "STANDARD"
        case "DeletionProtectionEnabled":
            return read("deletion_protection_enabled") or False
        case "PointInTimeRecovery":
            recovery = read("point_in_time_recovery.enabled")
            return recovery if is_hidden(recovery) else "ENABLED" if recovery is True else "DISABLED"
        case "RecoveryPeriodInDays":
            return _recovery_days(read)
        case "OnDemandThroughput":
            return _limits(read("on_demand_throughput"))
        case "TimeToLive":
            return read("ttl.attribute_name") if read("ttl.enabled") else None
        case "StreamSpecification":
            enabled = read("stream_enabled")
            view = {"StreamEnabled": enabled, "StreamViewType": read("stream_view_type")}
            return view if enabled is True else enabled or None
        case _:
            pass
    if property_.startswith(_INDEX):
        own = {"hash_key": read("hash_key")}
        local = {name: {**each, **own} for name, each in _named(read("local_secondary_index"), "name").items()}
        indexes = {**local, **_named(read("global_secondary_index"), "name")}
        return _index(indexes.get(property_.removeprefix(_INDEX)), types)
    return _attribute(read, _TABLE.get(property_, property_))


def _recovery_days(read: _Read) -> Any:
    """Return the days of a recovery that is on; of one that is off they mean nothing."""
    if not read("point_in_time_recovery.enabled"):
        return None
    return read("point_in_time_recovery.recovery_period_in_days") or _DEFAULT_RECOVERY_DAYS


def _index(found: Mapping[str, Any] | None, types: Mapping[str, Any]) -> dict[str, Any] | None:
    if not found:
        return None
    others = {
        "NonKeyAttributes": found.get("non_key_attributes"),
        "OnDemandThroughput": _limits(found.get("on_demand_throughput")),
    }
    shown = {"Key": _key(found, types), "Projection": found.get("projection_type")}
    return {**shown, **{key: value for key, value in others.items() if value}}


def _limits(blocks: Any) -> Any:
    """Return the limits of a table or an index on demand; -1 is none."""
    if is_hidden(blocks):
        return blocks
    found = as_object(next(iter(as_list(blocks)), None))
    limits = {word: found.get(attribute) for word, attribute in _LIMITS.items()}
    return {word: value for word, value in limits.items() if is_hidden(value) or (value or 0) > 0} or None


def _key(values: Mapping[str, Any], types: Mapping[str, Any]) -> dict[str, str]:
    kinds = {"HASH": values.get("hash_key"), "RANGE": values.get("range_key")}
    return {str(name): f"{kind} {types.get(str(name))}" for kind, name in kinds.items() if name}


def _bucket(read: _Read, property_: str) -> Any:
    if property_.startswith(_RULE):
        found = _named(read("rule", _LIFECYCLE), "id").get(property_.removeprefix(_RULE))
        return found and _lifecycle(found)
    if property_ == "CORS":
        return [
            _said(each, _CORS)
            for each in map(as_object, as_list(read("cors_rule", "aws_s3_bucket_cors_configuration")))
        ]
    if property_ in _BUCKET:
        type_, path = _BUCKET[property_]
        return read(path, type_) or _BUCKETS_DEFAULTS.get(property_)
    found = read(property_)
    return found or False if property_ == "force_destroy" else found


def _lifecycle(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lifecycle rule in AWS's words; what these do not have is there under Terraform's."""
    chosen = as_object(next(iter(as_list(rule.get("filter"))), None))
    others = {key: value for key, value in chosen.items() if key != "prefix" and value}
    found: dict[str, Any] = {
        "Status": rule.get("status"),
        "Filter": {"Prefix": chosen.get("prefix") or rule.get("prefix") or "", **others},
    }
    if days := at(rule, ["expiration", "days"]):
        found["Expiration"] = {"Days": days}
    elif date := at(rule, ["expiration", "date"]):
        found["Expiration"] = {"Date": date}
    elif at(rule, ["expiration", "expired_object_delete_marker"]):
        found["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if days := at(rule, ["abort_incomplete_multipart_upload", "days_after_initiation"]):
        found["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": days}
    for key, (name, words) in _ACTIONS.items():
        if blocks := [_said(each, words) for each in map(as_object, as_list(rule.get(key)))]:
            found[name] = blocks if name.endswith("s") else blocks[0]
    return found


def _said(block: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return a block in AWS's words, without what is not set."""
    return {words[key]: value for key, value in block.items() if key in words and value not in (None, "", [])}


def _alarm(read: _Read, property_: str) -> Any:
    if property_.startswith(_METRIC):
        found = _named(read("metric_query"), "id").get(property_.removeprefix(_METRIC))
        return found and _metric(found)
    return read("evaluate_low_sample_count_percentiles" if property_.endswith("Percentile") else _snake(property_))


def _composite(read: _Read, property_: str) -> Any:
    return read(_COMPOSITE.get(property_, _snake(property_)))


def _dashboard(read: _Read, property_: str) -> Any:
    body = read("dashboard_body")
    if is_hidden(body):
        return body
    if property_ == "Titles":
        return list(widgets(body))
    return widgets(body).get(property_.removeprefix(_WIDGET))


def _state(is_enabled: Any) -> Any:
    """Return AWS's word for a switch that is on unless it is off."""
    return is_enabled if is_hidden(is_enabled) else "Disabled" if is_enabled is False else "Enabled"


def _key_of(read: _Read, property_: str) -> Any:
    if property_ == "KeyState":
        return _state(read("is_enabled"))
    found = read(_KEY.get(property_, property_))
    if property_ == "RotationPeriodInDays" and not found:
        return _DEFAULT_ROTATION_DAYS if read("enable_key_rotation") else None
    return found or False if property_ in {"KeyRotationEnabled", "MultiRegion"} else found


def _worker(read: _Read, property_: str) -> Any:
    if property_ == "State":
        return _state(read("enabled"))
    if property_ == "FilterCriteria":
        blocks = as_list(read("filter_criteria.filter"))
        return [as_object(each).get("pattern") for each in blocks] or None
    return read("scaling_config.maximum_concurrency" if property_ == "MaximumConcurrency" else _snake(property_))


def _topic(read: _Read, property_: str) -> Any:
    return _attribute(read, {"KmsMasterKeyId": "kms_master_key_id"}.get(property_, property_))


def _metric(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric of an alarm in one level, without its label."""
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


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=OK)(?=[A-Z])", "_", name).lower()


_IN_WORDS: Mapping[str, Callable[[_Read, str], Any]] = {
    "aws_sqs_queue": _queue,
    "aws_dynamodb_table": _table,
    "aws_s3_bucket": _bucket,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_sns_topic": _topic,
    "aws_cloudwatch_composite_alarm": _composite,
    _DASHBOARD: _dashboard,
    "aws_kms_key": _key_of,
    _WORKER: _worker,
}


# --- comparing ----------------------------------------------------------------------------------------------------


def _compared(property_: str, required: Any, planned: Any, decided: Sequence[Decided] = ()) -> _Held:
    value = _value(planned)
    is_known = value.known not in {Known.UNKNOWN, Known.SENSITIVE}
    decisions: tuple[Decision, ...] = ()
    if is_known:
        required, decisions = settled(property_, required, value.value, decided, _is_planned)
    value = replace(value, value=_like(value.value, required))
    return _Held(property_, required, value, _is_planned(required, value.value) if is_known else None, decisions)


def _is_planned(required: Any, found: Any) -> bool:
    # What is not set the provider may write as a zero.
    return is_as_required(required, found if required is not None else found or None)


def _policy(required: Sequence[Statement], document: Any, decided: Sequence[Decided] = ()) -> _Held:
    if is_hidden(document):
        return _compared("Policy", list(required), document)
    found = statements(document)
    required, decisions = settled("Policy", required, found, decided, _is_same_policy)
    agrees = _is_same_policy(required, found)
    wanted = {meaning(each): _stated(each) for each in required}
    planned = [wanted.get(meaning(each)) or _stated(each) for each in found]
    return _Held("Policy", list(wanted.values()), side(planned or None), agrees, decisions)


def _is_same_policy(required: Sequence[Statement] | None, found: Sequence[Statement] | None) -> bool:
    return difference(required or [], found or []) == ([], [])


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
    if is_open(planned) or is_hidden(planned):
        return side(planned)
    # A part of it is hidden: then none of it is shown.
    return Value(known=Known.SENSITIVE if _holds_secret(planned) else Known.UNKNOWN)


def _holds_secret(value: Any) -> bool:
    items = as_object(value).values() if isinstance(value, dict) else as_list(value)
    return isinstance(value, Secret) or any(map(_holds_secret, items))
