"""A requirement, which is data, checked against what a plan creates or keeps."""

import json
from typing import Any

import pytest

from plan_review.model import Intent
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import Rules

from plan_builder import TODAY, entry, plan

LIFECYCLE = "aws_s3_bucket_lifecycle_configuration"
KEYS: dict[str, Any] = {
    "hash_key": "id",
    "attribute": [{"name": "id", "type": "S"}, {"name": "made", "type": "N"}],
}
BY_TIME: dict[str, Any] = {
    "name": "by-time",
    "range_key": "made",
    "projection_type": "INCLUDE",
    "non_key_attributes": ["a", "b"],
}
LIMITED: dict[str, Any] = {
    "name": "by-time",
    "hash_key": "made",
    "projection_type": "KEYS_ONLY",
    "on_demand_throughput": [{"max_read_request_units": 0, "max_write_request_units": 6}],
}


def checked(required: RequiredResource, *entries: dict[str, Any]) -> dict[str, Intent]:
    found = review(plan(*entries), title="t", requirement=[required], rules=Rules(), today=TODAY)
    return {each.property: each for each in found.intent}


def created(type_: str, **after: Any) -> dict[str, Any]:
    return entry(type_, "create", None, after)


@pytest.mark.parametrize(
    ("type_", "property_", "required", "attributes", "other"),
    [
        ("aws_sqs_queue", "VisibilityTimeout", 60, {"visibility_timeout_seconds": 60}, {}),
        ("aws_dynamodb_table", "TableClass", "STANDARD", {}, {"table_class": "STANDARD_INFREQUENT_ACCESS"}),
        ("aws_dynamodb_table", "DeletionProtectionEnabled", False, {}, {"deletion_protection_enabled": True}),
        ("aws_dynamodb_table", "PointInTimeRecovery", "DISABLED", {}, {"point_in_time_recovery": [{"enabled": True}]}),
        (
            "aws_dynamodb_table",
            "Key",
            {"id": "HASH S"},
            {"hash_key": "id", "attribute": [{"name": "id", "type": "S"}]},
            {"hash_key": "id", "attribute": [{"name": "id", "type": "N"}]},
        ),
        (
            "aws_dynamodb_table",
            "OnDemandThroughput",
            {"MaxReadRequestUnits": 5},
            {"on_demand_throughput": [{"max_read_request_units": 5, "max_write_request_units": -1}]},
            {"on_demand_throughput": [{"max_read_request_units": 5, "max_write_request_units": 5}]},
        ),
        (
            "aws_dynamodb_table",
            "StreamSpecification",
            {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            {"stream_enabled": True, "stream_view_type": "NEW_IMAGE"},
            {"stream_enabled": True, "stream_view_type": "KEYS_ONLY"},
        ),
        (
            "aws_dynamodb_table",
            "index by-time",
            {"Key": {"id": "HASH S", "made": "RANGE N"}, "Projection": "INCLUDE", "NonKeyAttributes": ["b", "a"]},
            {**KEYS, "local_secondary_index": [BY_TIME]},
            {**KEYS, "local_secondary_index": [{**BY_TIME, "non_key_attributes": ["a"]}]},
        ),
        (
            "aws_dynamodb_table",
            "index by-time",
            {"Key": {"made": "HASH N"}, "Projection": "KEYS_ONLY", "OnDemandThroughput": {"MaxWriteRequestUnits": 6}},
            {**KEYS, "global_secondary_index": [LIMITED]},
            {**KEYS, "global_secondary_index": [{**LIMITED, "on_demand_throughput": None}]},
        ),
        ("aws_s3_bucket", "force_destroy", False, {}, {"force_destroy": True}),
        ("aws_cloudwatch_metric_alarm", "OKActions", ["arn:t"], {"ok_actions": ["arn:t"]}, {"ok_actions": []}),
        (
            "aws_cloudwatch_metric_alarm",
            "metric m1",
            {"MetricName": "Errors", "ReturnData": True},
            {"metric_query": [{"id": "m1", "metric": [{"metric_name": "Errors"}], "return_data": True}]},
            {"metric_query": [{"id": "m2", "metric": [{"metric_name": "Errors"}], "return_data": True}]},
        ),
        # A type without words of its own: the properties are Terraform's attributes.
        ("aws_lambda_function", "timeout", 30, {"timeout": 30}, {"timeout": 3}),
        ("aws_lambda_function", "tracing_config.mode", "Active", {"tracing_config": [{"mode": "Active"}]}, {}),
        ("aws_lambda_function", "Tags", {"A": "1"}, {"tags_all": {"A": "1"}}, {"tags_all": {"A": "2"}}),
    ],
)
def test_a_property_agrees_exactly_as_it_is_required(
    type_: str, property_: str, required: Any, attributes: dict[str, Any], other: dict[str, Any]
) -> None:
    resource = RequiredResource(type=type_, name="it", properties={property_: required})
    found = [checked(resource, created(type_, name="it", **each))[property_] for each in (attributes, other)]
    assert [each.agrees for each in found] == [True, False]
    assert found[0].required == required


def test_a_lifecycle_rule_that_nobody_required_does_not_agree() -> None:
    rule = {"id": "Old", "status": "Enabled", "filter": [{"prefix": ""}], "expiration": [{"days": 7}]}
    wanted = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}
    bucket = RequiredResource(type="aws_s3_bucket", name="b", properties={"lifecycle rule Old": wanted})
    rules = created(LIFECYCLE, bucket="b", rule=[rule, {**rule, "id": "More"}])
    found = checked(bucket, created("aws_s3_bucket", bucket="b"), rules)
    assert {name: each.agrees for name, each in found.items()} == {
        "lifecycle rule Old": True,
        "lifecycle rule More": False,
    }
    silent = RequiredResource(type="aws_s3_bucket", name="b", properties={"force_destroy": False})
    assert list(checked(silent, created("aws_s3_bucket", bucket="b"), rules)) == ["force_destroy"]


WHOLE = {"status": "Enabled", "filter": [{"prefix": ""}]}


@pytest.mark.parametrize(
    ("wanted", "blocks", "others"),
    [
        pytest.param(
            {"Filter": {"Prefix": "exports/"}, "Expiration": {"Days": 7}},
            {"filter": [{"prefix": "exports/"}], "expiration": [{"days": 7, "expired_object_delete_marker": False}]},
            {"expiration": [{"days": 7}]},
            id="expiry-of-a-prefix",
        ),
        pytest.param(
            {"Transitions": [{"Days": 0, "StorageClass": "GLACIER_IR"}, {"Days": 90, "StorageClass": "GLACIER"}]},
            {
                "transition": [
                    {"days": 90, "date": None, "storage_class": "GLACIER"},
                    {"days": 0, "date": None, "storage_class": "GLACIER_IR"},
                ]
            },
            {"transition": [{"days": 0, "storage_class": "GLACIER_IR"}, {"days": 90, "storage_class": "DEEP_ARCHIVE"}]},
            id="transitions",
        ),
        pytest.param(
            {
                "NoncurrentVersionTransitions": [
                    {"NoncurrentDays": 10, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER"}
                ]
            },
            {
                "noncurrent_version_transition": [
                    {"noncurrent_days": 10, "newer_noncurrent_versions": 2, "storage_class": "GLACIER"}
                ]
            },
            {"noncurrent_version_transition": [{"noncurrent_days": 10, "storage_class": "GLACIER"}]},
            id="transition-of-old-versions",
        ),
        pytest.param(
            {
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
            {
                "noncurrent_version_expiration": [{"noncurrent_days": 30, "newer_noncurrent_versions": "3"}],
                "expiration": [{"days": 0, "expired_object_delete_marker": True}],
            },
            {
                "noncurrent_version_expiration": [{"noncurrent_days": 30, "newer_noncurrent_versions": None}],
                "expiration": [{"days": 0, "expired_object_delete_marker": True}],
            },
            id="expiry-of-old-versions",
        ),
    ],
)
def test_a_lifecycle_rule_is_required_in_the_words_of_aws(
    wanted: dict[str, Any], blocks: dict[str, Any], others: dict[str, Any]
) -> None:
    required = {"Status": "Enabled", "Filter": {"Prefix": ""}, **wanted}
    bucket = RequiredResource(type="aws_s3_bucket", name="b", properties={"lifecycle rule Old": required})
    found = [
        checked(
            bucket,
            created("aws_s3_bucket", bucket="b"),
            created(LIFECYCLE, bucket="b", rule=[{"id": "Old", **WHOLE, **each}]),
        )["lifecycle rule Old"].agrees
        for each in (blocks, others)
    ]
    assert found == [True, False]


def test_the_sites_that_may_send_requests_are_required_in_the_words_of_aws() -> None:
    wanted = [{"AllowedOrigins": ["https://a.example", "https://b.example"], "AllowedMethods": ["GET"]}]
    rule = {"allowed_origins": ["https://b.example", "https://a.example"], "allowed_methods": ["GET"], "id": ""}
    bucket = RequiredResource(type="aws_s3_bucket", name="b", properties={"CORS": wanted})
    found = [
        checked(
            bucket,
            created("aws_s3_bucket", bucket="b"),
            created("aws_s3_bucket_cors_configuration", bucket="b", cors_rule=[each]),
        )["CORS"].agrees
        for each in (rule, {**rule, "allowed_origins": ["*"]})
    ]
    assert found == [True, False]


def test_a_local_index_that_nobody_required_does_not_agree() -> None:
    wanted = {"Key": {"made": "HASH N"}, "Projection": "KEYS_ONLY", "OnDemandThroughput": {"MaxWriteRequestUnits": 6}}
    required = RequiredResource(type="aws_dynamodb_table", name="it", properties={"index by-time": wanted})
    local = {**BY_TIME, "name": "more"}
    made = created(
        "aws_dynamodb_table", name="it", **KEYS, global_secondary_index=[LIMITED], local_secondary_index=[local]
    )
    assert {name: each.agrees for name, each in checked(required, made).items()} == {
        "index by-time": True,
        "index more": False,
    }


def test_a_policy_agrees_by_what_it_means() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:b"}
    written = {"Statement": {**statement, "Sid": "A", "Principal": {"AWS": "*"}, "Action": ["s3:getobject"]}}
    bucket = RequiredResource(type="aws_s3_bucket", name="b", properties={"Policy": [statement]})
    policy = created("aws_s3_bucket_policy", bucket="b", policy=json.dumps(written))
    assert checked(bucket, created("aws_s3_bucket", bucket="b"), policy)["Policy"].agrees is True
    assert checked(bucket, created("aws_s3_bucket", bucket="b"))["Policy"].agrees is False
    repeated = created("aws_s3_bucket_policy", bucket="b", policy=json.dumps({"Statement": [statement, statement]}))
    assert checked(bucket, created("aws_s3_bucket", bucket="b"), repeated)["Policy"].agrees is True
    more = json.dumps({"Statement": [statement, {**statement, "Action": "s3:PutObject"}]})
    opened = created("aws_s3_bucket_policy", bucket="b", policy=more)
    assert checked(bucket, created("aws_s3_bucket", bucket="b"), opened)["Policy"].agrees is False
    twice = RequiredResource(
        type="aws_s3_bucket", name="b", properties={"Policy": [statement, {**statement, "Action": "x"}]}
    )
    assert checked(twice, created("aws_s3_bucket", bucket="b"), policy)["Policy"].agrees is False


@pytest.mark.parametrize("mark", ["after_unknown", "after_sensitive"])
def test_a_value_that_nobody_sees_neither_agrees_nor_disagrees(mark: str) -> None:
    queue = RequiredResource(type="aws_sqs_queue", name="q", properties={"VisibilityTimeout": 60, "DelaySeconds": 0})
    value = None if mark == "after_unknown" else 60
    hidden = entry(
        "aws_sqs_queue",
        "create",
        None,
        {"name": "q", "visibility_timeout_seconds": value, "delay_seconds": 0},
        **{mark: {"visibility_timeout_seconds": True}},
    )
    found = checked(queue, hidden)
    assert {name: each.agrees for name, each in found.items()} == {"VisibilityTimeout": None, "DelaySeconds": True}


def test_a_required_resource_that_the_plan_lacks_is_missing_and_another_plan_is_not_checked() -> None:
    both = [RequiredResource(type="aws_sqs_queue", name=name, properties={}) for name in ("one", "two")]
    content = plan(created("aws_sqs_queue", name="one"))
    found = review(content, title="t", requirement=both, rules=Rules(), today=TODAY).intent
    assert [(each.resource, each.property, each.agrees) for each in found] == [("two", "exists", False)]
    assert checked(both[1], created("aws_sqs_queue", name="other")) == {}
