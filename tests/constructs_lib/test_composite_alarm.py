"""A composite alarm's defaults, its options, and what it refuses."""

from typing import Any

import pytest

from constructs_lib.alarms import MetricAlarm
from constructs_lib.composite_alarm import CompositeAlarm
from constructs_lib.metrics import function_error_rate, queue_depth
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import new_stack, resources, synth

OPS = "arn:aws:sns:eu-west-1:444444444444:ops"


def made(**options: Any) -> dict[str, Any]:
    """Return the composite alarm of these options, without what cdktf adds."""
    stack = new_stack()
    CompositeAlarm(stack, "Unhealthy", **{"name": "orders-unhealthy", **options})
    (alarm,) = resources(synth(stack), "aws_cloudwatch_composite_alarm")
    return {key: value for key, value in alarm.items() if key != "//"}


def refused(**options: Any) -> list[str]:
    """Return the faults of a composite alarm of these options, without the construct's path."""
    with pytest.raises(InvalidConstructError) as caught:
        made(**options)
    return [fault.removeprefix("other/Unhealthy: ") for fault in caught.value.faults]


def test_a_composite_alarm_names_its_alarms_and_comes_after_those_of_its_stack() -> None:
    stack = new_stack()
    depth = MetricAlarm(stack, "Depth", name="orders-depth", condition=queue_depth("orders").above(50))
    errors = MetricAlarm(stack, "Errors", name="orders-errors", condition=function_error_rate("submit").above(5))
    orders = CompositeAlarm(stack, "Orders", name="orders-unhealthy", any_of=[depth, errors])
    CompositeAlarm(stack, "Shop", name="shop-unhealthy", any_of=[orders, "payments-unhealthy"])
    alarms = {alarm["alarm_name"]: alarm for alarm in resources(synth(stack), "aws_cloudwatch_composite_alarm")}
    assert alarms["orders-unhealthy"]["alarm_rule"] == 'ALARM("orders-depth") OR ALARM("orders-errors")'
    assert alarms["orders-unhealthy"]["depends_on"] == [
        "aws_cloudwatch_metric_alarm.Depth_Alarm_F9542DEA",
        "aws_cloudwatch_metric_alarm.Errors_Alarm_C191DC42",
    ]
    assert alarms["shop-unhealthy"]["alarm_rule"] == 'ALARM("orders-unhealthy") OR ALARM("payments-unhealthy")'
    assert alarms["shop-unhealthy"]["depends_on"] == ["aws_cloudwatch_composite_alarm.Orders_Alarm_B3E7C520"]


def test_alarms_of_another_stack_are_named_and_nothing_else_is_needed() -> None:
    assert made(any_of=["depth", "errors"]) == {
        "alarm_name": "orders-unhealthy",
        "alarm_description": "Raised while any of 2 alarms is.",
        "alarm_rule": 'ALARM("depth") OR ALARM("errors")',
    }


def test_every_option_of_a_composite_alarm_is_made() -> None:
    assert made(
        all_of=["depth", "errors"],
        description="Orders wait and fail.",
        actions=[OPS],
        ok_actions=[],
        insufficient_data_actions=[OPS],
    ) == {
        "alarm_name": "orders-unhealthy",
        "alarm_description": "Orders wait and fail.",
        "alarm_rule": 'ALARM("depth") AND ALARM("errors")',
        "alarm_actions": [OPS],
        "insufficient_data_actions": [OPS],
    }
    assert made(all_of=["depth"])["alarm_description"] == "Raised while each of 1 alarms is."


def test_whoever_is_told_of_the_alarm_is_told_that_it_is_over() -> None:
    assert made(any_of=["depth"], actions=[OPS])["ok_actions"] == [OPS]


CHILD = "allowed: a name of 1 to 255 printable characters without quotation marks"
LONG = [f"{number:02}{'n' * 240}" for number in range(40)]
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "un healthy", "any_of": ["a"]}, 'name = "un healthy" is no CloudWatch alarm name; allowed: letters, '),
    ({}, "alarms: 0; allowed: 1 to 100"),
    ({"any_of": [f"a{number}" for number in range(101)]}, "alarms: 101; allowed: 1 to 100"),
    ({"any_of": ["a"], "all_of": ["b"]}, "any_of and all_of are given; allowed: one of them"),
    ({"any_of": ['a"b']}, f'alarm "a"b": {CHILD}'),
    ({"any_of": [""]}, f'alarm "": {CHILD}'),
    ({"any_of": ["a\n"]}, f'alarm "a\n": {CHILD}'),
    ({"any_of": ["n" * 256]}, f'alarm "{"n" * 256}": {CHILD}'),
    ({"any_of": ["a", "b", "a"]}, 'alarm "a": given 2 times; allowed: 1'),
    ({"any_of": ["orders-unhealthy"]}, 'alarm "orders-unhealthy": the composite alarm itself; allowed: others'),
    ({"any_of": [*LONG, "n" * 32]}, "rule: 10241 characters; allowed: at most 10240"),
    ({"any_of": ["a"], "description": "d" * 1025}, "description: 1025 characters; allowed: at most 1024"),
    ({"any_of": ["a"], "actions": [OPS] * 6}, "actions: 6; allowed: at most 5"),
    (
        {"any_of": ["a"], "actions": ["arn:aws:automate:eu-west-1:ec2:stop"]},
        'actions: "arn:aws:automate:eu-west-1:ec2:stop"; allowed: an ARN of sns, lambda, ssm, ssm-incidents, aiops',
    ),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_a_composite_alarm_refuses_what_cloudwatch_refuses(options: dict[str, Any], fault: str) -> None:
    (found,) = refused(**options)
    assert found.startswith(fault)


@pytest.mark.parametrize(
    "options",
    [
        {"any_of": [f"a{number}" for number in range(100)]},
        {"any_of": [*LONG, "n" * 31]},
        {"all_of": ["a name of another team, 95 %"], "description": "d" * 1024, "actions": [OPS] * 5},
    ],
)
def test_the_limits_themselves_are_accepted(options: dict[str, Any]) -> None:
    assert made(**options)["alarm_name"] == "orders-unhealthy"


def test_all_faults_of_a_composite_alarm_are_reported_together() -> None:
    faults = refused(name="", any_of=[""], all_of=["a"], description="d" * 1025, actions=["ops"])
    assert [fault.split(" ")[0].rstrip(":") for fault in faults] == [
        *("name", "any_of", "alarm", "alarm", "description", "actions"),
    ]
