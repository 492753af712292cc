"""A worker's wiring, alarms of alarms, keys and dashboards: their names, changes and requirement."""

import json
from typing import Any

import pytest

from plan_review.dashboards import widgets
from plan_review.name_references import mentions, own_names
from plan_review.physical_names import mapping_name, physical_name
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import Rules

from plan_builder import TODAY, entry, plan, reviewed, told

QUEUE = "arn:aws:sqs:us-east-1:111111111111:orders-queue"
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:orders-worker"
MAPPING = {"event_source_arn": QUEUE, "function_name": FUNCTION, "id": "8e3d"}
ACCOUNT = {
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("type_", "values", "name"),
    [
        ("aws_kms_key", {"description": "orders-key", "id": "8e3d"}, "orders-key"),
        ("aws_kms_key", {"description": "Encrypts orders", "id": "8e3d"}, "8e3d"),
        ("aws_kms_key", {"description": "", "id": "8e3d"}, "8e3d"),
        ("aws_lambda_event_source_mapping", MAPPING, "orders-queue/orders-worker"),
        (
            "aws_lambda_event_source_mapping",
            {**MAPPING, "function_name": "orders-worker"},
            "orders-queue/orders-worker",
        ),
        ("aws_lambda_event_source_mapping", {"function_name": "orders-worker", "id": "8e3d"}, "8e3d"),
        ("aws_cloudwatch_dashboard", {"dashboard_name": "orders-dashboard", "id": "d"}, "orders-dashboard"),
        ("aws_cloudwatch_composite_alarm", {"alarm_name": "unhealthy", "id": "unhealthy"}, "unhealthy"),
        ("aws_kms_alias", {"name": "alias/orders-key", "id": "alias/orders-key"}, "alias/orders-key"),
    ],
)
def test_each_has_a_name_that_a_user_knows(type_: str, values: dict[str, Any], name: str) -> None:
    assert physical_name(type_, values) == name


@pytest.mark.parametrize(
    ("source", "function", "name"),
    [
        (QUEUE, FUNCTION, "orders-queue/orders-worker"),
        ("orders-queue", "orders-worker", "orders-queue/orders-worker"),
        (QUEUE, f"{FUNCTION}:live", "orders-queue/orders-worker:live"),
        ("arn:aws:dynamodb:us-east-1:1:table/orders/stream/2030-01-01T00:00:00.000", FUNCTION, "orders/orders-worker"),
        ("", FUNCTION, ""),
    ],
)
def test_a_mapping_is_named_after_its_source_and_its_function(source: str, function: str, name: str) -> None:
    assert mapping_name(source, function) == name


@pytest.mark.parametrize(
    ("type_", "values", "kind", "sentence"),
    [
        (
            "aws_lambda_event_source_mapping",
            MAPPING,
            "clients",
            "would be deleted: its function would get nothing more of what its source has",
        ),
        (
            "aws_kms_alias",
            {"name": "alias/a"},
            "clients",
            "would be deleted: who uses the key by this name would find none",
        ),
        ("aws_kms_key", {"id": "8e3d"}, "loss", "would be deleted: everything encrypted with it, for good lost"),
        (
            "aws_s3_bucket_cors_configuration",
            {"bucket": "archive"},
            "clients",
            "would be deleted: web sites could no longer read or write it in a visitor's browser",
        ),
        (
            "aws_cloudwatch_composite_alarm",
            {"alarm_name": "unhealthy"},
            "alarms",
            "would be deleted: what it watches would go unnoticed",
        ),
    ],
)
def test_a_deletion_says_who_loses_what(type_: str, values: dict[str, Any], kind: str, sentence: str) -> None:
    assert told(reviewed(entry(type_, "delete", values))) == [(kind, sentence)]


def test_a_mapping_that_goes_with_its_queue_takes_nothing_from_anybody_besides() -> None:
    """The queue's own finding says what is lost."""
    queue = entry("aws_sqs_queue", "delete", {"name": "orders-queue", "arn": QUEUE})
    assert told(reviewed(queue, entry("aws_lambda_event_source_mapping", "delete", MAPPING))) == [
        ("loss", "would be deleted: its messages lost")
    ]


@pytest.mark.parametrize("principal", ["*", {"AWS": "arn:aws:iam::999999999999:root"}])
def test_a_keys_policy_that_lets_others_in_is_an_exposure(principal: Any) -> None:
    decrypt = {"Sid": "More", "Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt", "Resource": "*"}
    before, after = {"policy": policy(ACCOUNT)}, {"policy": policy(ACCOUNT, decrypt)}
    ((kind, sentence),) = told(reviewed(entry("aws_kms_key", "update", before, after)))
    assert kind == "exposure"
    assert sentence.startswith('policy: statement "More" would allow Action "kms:Decrypt"')


def test_an_alias_is_mentioned_with_and_without_its_beginning() -> None:
    """A topic that names the alias as a text refers to it, though Terraform does not see that."""
    (name,) = own_names("aws_kms_alias", {"name": "alias/orders-key"}, {})
    values = {"name": "orders-topic", "kms_master_key_id": "alias/orders-key"}
    assert list(mentions("aws_sns_topic", values, {}, {name: "its address"})) == [("kms_master_key_id", "its address")]


WIDGETS = [
    {"type": "metric", "x": 0, "width": 6, "properties": {"title": "Depth", "region": "r", "metrics": [["A", "B"]]}},
    {"type": "text", "properties": {"markdown": "# Orders"}},
    {"type": "alarm", "properties": {"title": "Depth", "alarms": ["arn:a"]}},
]


def test_a_widget_is_what_it_shows_and_not_how() -> None:
    assert widgets(json.dumps({"widgets": WIDGETS})) == {
        "Depth": {"type": "metric", "metrics": [["A", "B"]]},
        "text 2": {"type": "text", "markdown": "# Orders"},
        "Depth (3)": {"type": "alarm", "alarms": ["arn:a"]},
    }
    assert widgets("no JSON") == {}


def intents(
    *entries: dict[str, Any], required: RequiredResource, **more: Any
) -> dict[str, tuple[Any, Any, bool | None]]:
    """Return required and planned value of each property, and whether they agree."""
    found = review(plan(*entries, **more), title="test", requirement=[required], rules=Rules(), today=TODAY)
    return {each.property: (each.required, each.planned.value, each.agrees) for each in found.intent}


def test_a_composite_alarm_is_checked_against_the_requirement() -> None:
    planned = {
        "alarm_name": "unhealthy",
        "alarm_rule": 'ALARM("depth")',
        "actions_enabled": True,
        "alarm_actions": ["arn:t"],
        "actions_suppressor": [{"alarm": "quiet", "wait_period": 60, "extension_period": 0}],
    }
    required = {
        "AlarmRule": 'ALARM("age")',
        "ActionsEnabled": True,
        "AlarmActions": ["arn:t"],
        "ActionsSuppressor": "quiet",
        "ActionsSuppressorWaitPeriod": 60,
    }
    entry_ = entry("aws_cloudwatch_composite_alarm", "create", None, planned)
    resource = RequiredResource(type="aws_cloudwatch_composite_alarm", name="unhealthy", properties=required)
    assert intents(entry_, required=resource) == {
        "AlarmRule": ('ALARM("age")', 'ALARM("depth")', False),
        "ActionsEnabled": (True, True, True),
        "AlarmActions": (["arn:t"], ["arn:t"], True),
        "ActionsSuppressor": ("quiet", "quiet", True),
        "ActionsSuppressorWaitPeriod": (60, 60, True),
    }


def test_a_dashboard_is_checked_widget_by_widget() -> None:
    """One that nobody requires is a departure too."""
    planned = {"dashboard_name": "orders", "dashboard_body": json.dumps({"widgets": WIDGETS})}
    required = {
        "widget Depth": {"type": "metric", "metrics": [["A", "B"]]},
        "widget text 2": {"type": "text", "markdown": "# Others"},
    }
    resource = RequiredResource(type="aws_cloudwatch_dashboard", name="orders", properties=required)
    found = intents(entry("aws_cloudwatch_dashboard", "create", None, planned), required=resource)
    assert {property_: agrees for property_, (_, _, agrees) in found.items()} == {
        "widget Depth": True,
        "widget text 2": False,
        "widget Depth (3)": False,
    }


def test_a_key_is_checked_against_the_requirement() -> None:
    planned = {
        "description": "orders-key",
        "is_enabled": True,
        "enable_key_rotation": True,
        "key_usage": "ENCRYPT_DECRYPT",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT",
        "deletion_window_in_days": 30,
        "policy": policy(ACCOUNT),
    }
    required: dict[str, Any] = {
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 365,
        "deletion_window_in_days": 7,
        "Policy": [ACCOUNT],
    }
    resource = RequiredResource(type="aws_kms_key", name="orders-key", properties=required)
    found = intents(entry("aws_kms_key", "create", None, planned), required=resource)
    assert {property_ for property_, (_, _, agrees) in found.items() if not agrees} == {"deletion_window_in_days"}
    assert len(found) == 8
    off = {**planned, "is_enabled": False, "enable_key_rotation": False}
    found = intents(entry("aws_kms_key", "create", None, off), required=resource)
    assert (found["KeyState"][1:], found["KeyRotationEnabled"][1:]) == (("Disabled", False), (False, False))
    assert found["RotationPeriodInDays"][1:] == (None, False)


WORKER = {
    "function_name": "orders-worker",
    "batch_size": 5,
    "enabled": True,
    "function_response_types": ["ReportBatchItemFailures"],
    "scaling_config": [{"maximum_concurrency": 7}],
    "filter_criteria": [],
}
REQUIRED_WORKER = RequiredResource(
    type="aws_lambda_event_source_mapping",
    name="orders-queue/orders-worker",
    properties={
        "State": "Enabled",
        "BatchSize": 5,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumConcurrency": 8,
        "FilterCriteria": None,
    },
)


def test_a_mapping_is_checked_against_the_requirement() -> None:
    planned = {**WORKER, "event_source_arn": QUEUE}
    found = intents(entry("aws_lambda_event_source_mapping", "create", None, planned), required=REQUIRED_WORKER)
    assert {property_: agrees for property_, (_, _, agrees) in found.items()} == {
        "State": True,
        "BatchSize": True,
        "FunctionResponseTypes": True,
        "MaximumConcurrency": False,
        "FilterCriteria": True,
    }


def test_a_mapping_of_a_new_queue_is_known_by_the_queue_that_it_refers_to() -> None:
    """Its source's ARN is known after the apply alone."""
    queue = entry("aws_sqs_queue", "create", None, {"name": "orders-queue"})
    worker = entry("aws_lambda_event_source_mapping", "create", None, WORKER, after_unknown={"event_source_arn": True})
    expressions = {"event_source_arn": {"references": ["aws_sqs_queue.this.arn", "aws_sqs_queue.this"]}}
    declared = [
        {"address": "aws_sqs_queue.this", "mode": "managed", "type": "aws_sqs_queue", "name": "this"},
        {
            "address": worker["address"],
            "mode": "managed",
            "type": worker["type"],
            "name": "this",
            "expressions": expressions,
        },
    ]
    found = intents(
        queue,
        worker,
        required=REQUIRED_WORKER,
        configuration={"root_module": {"resources": declared}},
    )
    assert found["State"] == ("Enabled", "Enabled", True)
    assert found["BatchSize"] == (5, 5, True)


def test_a_buckets_rules_for_other_origins_are_checked_in_awss_words() -> None:
    bucket = entry("aws_s3_bucket", "create", None, {"bucket": "archive"})
    rule = {"allowed_methods": ["GET"], "allowed_origins": ["https://a.example"], "max_age_seconds": 600, "id": ""}
    cors = entry("aws_s3_bucket_cors_configuration", "create", None, {"bucket": "archive", "cors_rule": [rule]})
    wanted = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"], "MaxAgeSeconds": 600}]
    required = RequiredResource(type="aws_s3_bucket", name="archive", properties={"CORS": wanted})
    assert intents(bucket, cors, required=required)["CORS"] == (wanted, wanted, True)
    other = RequiredResource(type="aws_s3_bucket", name="archive", properties={"CORS": None})
    assert intents(bucket, cors, required=other)["CORS"][2] is False
    assert intents(bucket, required=other)["CORS"][2] is True
