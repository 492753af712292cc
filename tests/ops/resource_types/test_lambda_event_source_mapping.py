"""Event source mappings: named after their source and function, and seen as Lambda describes them."""

from typing import Any

import pytest

from ops.resource_types.interface import Seen
from ops.resource_types.lambda_event_source_mapping import TYPE
from tests.ops.resource_types.answers import DEV, found, listed, seen

QUEUE, FUNCTION = "careervp-orders-queue-dev", "careervp-orders-worker-lambda-dev"
NAME = f"{QUEUE}/{FUNCTION}"
UUID = "11111111-1111-1111-1111-111111111111"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:111111111111:{QUEUE}"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:111111111111:function:{FUNCTION}"
MAPPING_ARN = f"arn:aws:lambda:us-east-1:111111111111:event-source-mapping:{UUID}"
MAPPING: dict[str, Any] = {
    "UUID": UUID,
    "EventSourceArn": QUEUE_ARN,
    "EventSourceMappingArn": MAPPING_ARN,
    "FunctionArn": FUNCTION_ARN,
    "State": "Enabled",
    "BatchSize": 5,
    "MaximumBatchingWindowInSeconds": 0,
    "ScalingConfig": {"MaximumConcurrency": 7},
    "FunctionResponseTypes": ["ReportBatchItemFailures"],
}


def test_a_mapping_is_listed_by_its_source_and_its_function() -> None:
    other = {**MAPPING, "FunctionArn": f"{FUNCTION_ARN}:live"}
    answer = {"EventSourceMappings": [MAPPING, other]}
    assert listed(TYPE, "careervp-orders-", lambda__list_event_source_mappings=answer) == {
        NAME: MAPPING,
        f"{NAME}:live": other,
    }


@pytest.mark.parametrize("source", [QUEUE_ARN, QUEUE])
@pytest.mark.parametrize("function", [FUNCTION_ARN, FUNCTION])
def test_it_is_found_by_names_and_by_arns(source: str, function: str) -> None:
    """Its id is AWS's own; one for a version of the function is another."""
    values = {"event_source_arn": source, "function_name": function}
    live = {**MAPPING, "UUID": UUID.replace("1", "2"), "FunctionArn": f"{FUNCTION_ARN}:live"}
    answer = {"EventSourceMappings": [live, MAPPING]}
    assert found(TYPE, values, "lambda", ("list_event_source_mappings", answer)) == UUID
    answer = {"EventSourceMappings": [live]}
    assert found(TYPE, values, "lambda", ("list_event_source_mappings", answer)) is None
    assert TYPE.find_first


def test_a_source_that_is_made_in_the_same_apply_has_no_mapping() -> None:
    answer = {"EventSourceMappings": [MAPPING]}
    values = {"function_name": FUNCTION}
    assert found(TYPE, values, "lambda", ("list_event_source_mappings", answer)) is None


def test_it_is_seen_as_lambda_describes_it() -> None:
    described = seen(TYPE, "description", NAME, MAPPING)
    assert described.pop("LastProcessingResult") == Seen("", "")
    assert described == {
        "State": "Enabled",
        "BatchSize": 5,
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumConcurrency": 7,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": None,
    }
    filtered = {**MAPPING, "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}}
    assert seen(TYPE, "description", NAME, filtered)["FilterCriteria"] == ["{}"]


@pytest.mark.parametrize(
    ("state", "settled"),
    [
        ("Creating", Seen("Enabled", "it is Creating now")),
        ("Disabling", Seen("Disabled", "it is Disabling now")),
        ("Disabled", "Disabled"),
    ],
)
def test_a_state_on_its_way_counts_as_the_one_that_follows(state: str, settled: Any) -> None:
    assert seen(TYPE, "description", NAME, {**MAPPING, "State": state})["State"] == settled


def test_a_problem_of_the_last_batch_is_noted_and_is_no_drift() -> None:
    result = "PROBLEM: Function call failed"
    last = seen(TYPE, "description", NAME, {**MAPPING, "LastProcessingResult": result})["LastProcessingResult"]
    assert last == Seen(result, f"the last batch: {result}")
    assert "LastProcessingResult" in TYPE.conditions


def test_its_tags_are_asked_for_by_its_arn() -> None:
    def tags(Resource: str) -> dict[str, Any]:  # noqa: N803 - AWS's name
        assert Resource == MAPPING_ARN
        return {"Tags": {"Project": "careervp"}}

    without = {key: value for key, value in MAPPING.items() if key != "EventSourceMappingArn"}
    for mapping in (MAPPING, without):
        assert seen(TYPE, "tags", NAME, mapping, lambda__list_tags=tags) == {"tags": {"Project": "careervp"}}


def test_who_applies_wires_the_functions_of_the_requirement_alone() -> None:
    every, changed, new = TYPE.permissions
    any_ = "arn:aws:lambda:us-east-1:111111111111:event-source-mapping:*"
    only = {"ArnEquals": {"lambda:FunctionArn": (FUNCTION_ARN,)}}
    assert (every.arns(DEV, NAME, {}), every.condition(DEV, NAME)) == ((any_,), {})
    assert (changed.arns(DEV, NAME, {}), changed.condition(DEV, NAME)) == ((any_,), only)
    assert (new.arns(DEV, NAME, {}), new.condition(DEV, NAME)) == (("*",), only)
    assert (changed.apply, new.apply) == (
        "lambda:DeleteEventSourceMapping lambda:UpdateEventSourceMapping",
        "lambda:CreateEventSourceMapping",
    )
