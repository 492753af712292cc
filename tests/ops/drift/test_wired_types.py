"""Drift of a worker's wiring, keys, alarms of alarms and dashboards: each fact once, though both see it."""

from typing import Any

import pytest

from ops.drift.report import merge
from ops.resource_types.lambda_event_source_mapping import TYPE as MAPPING
from ops.verify.report import Check, Outcome

QUEUE = "arn:aws:sqs:us-east-1:111111111111:orders-queue"
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:worker"
WORKER = {"id": "8e3d", "event_source_arn": QUEUE, "function_name": FUNCTION}
KEY = {"id": "8e3d", "description": "orders-key"}


def drifted(type_: str, own: dict[str, Any], attribute: str, before: Any, after: Any) -> dict[str, Any]:
    sides = {"before": {**own, attribute: before}, "after": {**own, attribute: after}}
    address = f"{type_}.it"
    return {"address": address, "mode": "managed", "type": type_, "change": {"actions": ["update"], **sides}}


@pytest.mark.parametrize(
    ("type_", "own", "name", "attribute", "before", "after", "property_"),
    [
        ("aws_lambda_event_source_mapping", WORKER, "orders-queue/worker", "enabled", True, False, "State"),
        ("aws_lambda_event_source_mapping", WORKER, "orders-queue/worker", "batch_size", 5, 6, "BatchSize"),
        (
            *("aws_lambda_event_source_mapping", WORKER, "orders-queue/worker", "scaling_config"),
            *([{"maximum_concurrency": 7}], [{"maximum_concurrency": 2}], "MaximumConcurrency"),
        ),
        ("aws_kms_key", KEY, "orders-key", "enable_key_rotation", True, False, "KeyRotationEnabled"),
        ("aws_kms_key", KEY, "orders-key", "is_enabled", True, False, "KeyState"),
        ("aws_kms_alias", {"name": "alias/a"}, "alias/a", "target_key_id", "1", "2", "TargetKey"),
        ("aws_cloudwatch_composite_alarm", {"alarm_name": "all"}, "all", "alarm_rule", "OK(a)", "OK(b)", "AlarmRule"),
        (
            "aws_cloudwatch_dashboard",
            {"dashboard_name": "d"},
            "d",
            "dashboard_body",
            '{"a":1}',
            '{"a":2}',
            "widget Depth",
        ),
    ],
)
def test_what_terraform_and_the_verifier_see_is_one_fact(  # noqa: PLR0913 - a row of the table
    *, type_: str, own: dict[str, Any], name: str, attribute: str, before: Any, after: Any, property_: str
) -> None:
    """Under the name that the requirement has."""
    check = Check(type_, name, property_, Outcome.DIFFERS, "expected", "found")
    refresh = {"resource_drift": [drifted(type_, own, attribute, before, after)]}
    (fact,) = merge(refresh, {"resource_changes": []}, [check]).drift
    assert (fact.resource, fact.seen_by) == (name, "both")
    assert fact.property.split(".")[0] == attribute


@pytest.mark.parametrize("attribute", ["state", "last_processing_result", "last_modified"])
def test_what_lambda_alone_sets_is_no_drift(attribute: str) -> None:
    refresh = {"resource_drift": [drifted(MAPPING.name, WORKER, attribute, "Enabled", "Updating")]}
    assert merge(refresh, {"resource_changes": []}, []).drift == ()


def test_a_problem_of_the_last_batch_is_worth_knowing_and_no_drift() -> None:
    result = "PROBLEM: Function call failed"
    check = Check(MAPPING.name, "orders-queue/worker", "LastProcessingResult", Outcome.DIFFERS, "OK", result)
    found = merge({}, {}, [check])
    assert found.drift == ()
    assert [each.what for each in found.also] == [f"LastProcessingResult: {result}"]
