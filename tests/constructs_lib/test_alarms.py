"""A metric alarm's defaults, its options, and what it refuses."""

from typing import Any

import pytest

from constructs_lib.alarms import MetricAlarm, MissingData
from constructs_lib.metrics import (
    Condition,
    Expression,
    Metric,
    function_duration,
    function_error_rate,
    oldest_message_age,
    queue_depth,
    table_system_errors,
    table_throttles,
)
from constructs_lib.queue import Queue
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

OPS, PAGER = "arn:aws:sns:eu-west-1:444444444444:ops", "arn:aws:lambda:eu-west-1:444444444444:function:pager"
DEPTH = queue_depth("orders").above(50)


def made(**options: Any) -> dict[str, Any]:
    """Return the alarm of these options, without what cdktf adds."""
    stack = new_stack()
    given: dict[str, Any] = {"name": "orders-depth", "condition": DEPTH}
    MetricAlarm(stack, "Depth", **{**given, **options})
    (alarm,) = resources(synth(stack), "aws_cloudwatch_metric_alarm")
    return {key: value for key, value in alarm.items() if key != "//"}


def refused(**options: Any) -> list[str]:
    """Return the faults of an alarm of these options, without the construct's path."""
    with pytest.raises(InvalidConstructError) as caught:
        made(**options)
    return [fault.removeprefix("other/Depth: ") for fault in caught.value.faults]


def test_an_alarm_is_one_statement_raised_by_one_period_and_silent_without_traffic() -> None:
    assert made() == {
        "alarm_name": "orders-depth",
        "alarm_description": "Waiting messages of orders: above 50, within 5 minutes.",
        "namespace": "AWS/SQS",
        "metric_name": "ApproximateNumberOfMessagesVisible",
        "dimensions": {"QueueName": "orders"},
        "statistic": "Maximum",
        "period": 300,
        "evaluation_periods": 1,
        "datapoints_to_alarm": 1,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 50,
        "treat_missing_data": "notBreaching",
    }


def test_every_option_of_an_alarm_is_made() -> None:
    duration = function_duration("submit", 99.9, period_seconds=60).near_timeout(seconds=30)
    assert made(
        name="submit-slow",
        condition=duration,
        description="Submitting takes too long.",
        evaluation_periods=5,
        datapoints=3,
        missing_data=MissingData.BREACHING,
        actions=[OPS, PAGER],
        ok_actions=[OPS],
        insufficient_data_actions=[PAGER],
    ) == {
        "alarm_name": "submit-slow",
        "alarm_description": "Submitting takes too long.",
        "namespace": "AWS/Lambda",
        "metric_name": "Duration",
        "dimensions": {"FunctionName": "submit"},
        "extended_statistic": "p99.9",
        "period": 60,
        "evaluation_periods": 5,
        "datapoints_to_alarm": 3,
        "comparison_operator": "GreaterThanThreshold",
        "threshold": 24000,
        "treat_missing_data": "breaching",
        "alarm_actions": [OPS, PAGER],
        "ok_actions": [OPS],
        "insufficient_data_actions": [PAGER],
    }


def test_metric_maths_is_a_query_of_the_expression_and_its_metrics() -> None:
    alarm = made(condition=function_error_rate("submit").above(5))
    assert alarm["metric_query"] == [
        {
            "id": "error_rate",
            "expression": "100 * errors / invocations",
            "label": "Failed invocations (%)",
            "return_data": True,
        },
        *(
            {
                "id": name.lower(),
                "metric": {
                    "namespace": "AWS/Lambda",
                    "metric_name": name,
                    "dimensions": {"FunctionName": "submit"},
                    "stat": "Sum",
                    "period": 300,
                },
            }
            for name in ("Errors", "Invocations")
        ),
    ]
    assert not {"namespace", "metric_name", "dimensions", "statistic", "extended_statistic", "period"} & set(alarm)


def test_a_metric_without_dimensions_can_be_watched() -> None:
    alarm = made(condition=Metric(namespace="Shop", name="Carts", statistic="Average", label="Carts").at_most(0.5))
    assert (alarm["namespace"], alarm["metric_name"], alarm["statistic"], alarm["threshold"]) == (
        *("Shop", "Carts"),
        *("Average", 0.5),
    )
    assert "dimensions" not in alarm


def test_a_queue_made_in_the_same_stack_comes_before_its_alarm() -> None:
    """The name of Terraform's resource refers to it, as any other string."""
    stack = new_stack()
    queue = Queue(stack, "Orders", name="orders", account=ACCOUNT, dead_letters=None, consumer_timeout_seconds=30).queue
    MetricAlarm(stack, "Depth", name="orders-depth", condition=queue_depth(queue.name).above(1))
    (alarm,) = resources(synth(stack), "aws_cloudwatch_metric_alarm")
    assert alarm["dimensions"] == {"QueueName": "${aws_sqs_queue.Orders_Queue_CE034008.name}"}


def test_whoever_is_told_of_the_alarm_is_told_that_it_is_over_unless_said_otherwise() -> None:
    alarm = made(actions=[OPS])
    assert (alarm["alarm_actions"], alarm["ok_actions"]) == ([OPS], [OPS])
    assert "insufficient_data_actions" not in alarm
    assert "ok_actions" not in made(actions=[OPS], ok_actions=[])
    assert "alarm_actions" not in made(ok_actions=[OPS])


@pytest.mark.parametrize(
    ("options", "description"),
    [
        (
            {"condition": oldest_message_age("orders", period_seconds=60).at_least(600)},
            "Age of the oldest message (s) of orders: at least 600, within 1 minute.",
        ),
        (
            {"condition": function_error_rate("submit").above(5), "evaluation_periods": 3, "datapoints": 2},
            "Failed invocations (%) of submit: above 5, in 2 of 3 periods of 5 minutes.",
        ),
        (
            {"condition": function_duration("f").near_timeout(seconds=300), "evaluation_periods": 2},
            "Duration, p99 (ms) of f: above 240,000, 80 % of the timeout of 300 s, in 2 of 2 periods of 5 minutes.",
        ),
        (
            {
                "condition": Metric(
                    namespace="Shop", name="Carts", statistic="Sum", period_seconds=10, label="Carts"
                ).below(1)
            },
            "Carts: below 1, within 10 seconds.",
        ),
    ],
)
def test_the_description_says_what_is_measured_how_much_is_too_much_and_for_how_long(
    options: dict[str, Any], description: str
) -> None:
    assert made(**options)["alarm_description"] == description


@pytest.mark.parametrize("condition", [table_throttles("orders").above(0), table_system_errors("orders").above(0)])
def test_tables_can_be_watched_although_dynamodb_sends_no_zeros(condition: Condition) -> None:
    assert made(condition=condition)["treat_missing_data"] == "notBreaching"


THROTTLED = Metric(namespace="AWS/DynamoDB", name="ThrottledRequests", statistic="Sum", label="Throttled").above(0)
RAW = Expression(expression="a", metrics={"a": THROTTLED.watched}, label="Throttled").above(0)  # pyright: ignore[reportArgumentType]
ACTIONS = "allowed: an ARN of sns, lambda, ssm, ssm-incidents, aiops, automate, swf, autoscaling"
DAY, WEEK = 24 * 60 * 60, 7 * 24 * 60 * 60
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, 'name = "" is 0 characters long; CloudWatch alarm names have 1 to 255'),
    (
        {"condition": queue_depth("").above(1)},
        'dimension "QueueName" = "": allowed: 1 to 1024 printable ASCII characters',
    ),
    ({"description": "d" * 1025}, "description: 1025 characters; allowed: at most 1024"),
    (
        {"evaluation_periods": 289},
        "evaluation_periods = 289: of 300 s each; allowed: at least 1, and together at most 86400 s",
    ),
    (
        {"condition": queue_depth("orders", period_seconds=3600).above(1), "evaluation_periods": 169},
        "evaluation_periods = 169: of 3600 s each; allowed: at least 1, and together at most 604800 s",
    ),
    (
        {"condition": function_error_rate("submit", period_seconds=3540).above(1), "evaluation_periods": 25},
        "evaluation_periods = 25: of 3540 s each; allowed: at least 1, and together at most 86400 s",
    ),
    ({"datapoints": 0}, "datapoints = 0: not allowed; allowed: 1 to 1, the evaluation periods"),
    (
        {"evaluation_periods": 3, "datapoints": 4},
        "datapoints = 4: not allowed; allowed: 1 to 3, the evaluation periods",
    ),
    *(
        (
            {"condition": condition},
            (
                "missing_data = notBreaching: CloudWatch ignores missing data of AWS/DynamoDB, so the alarm would keep "
                "its state; allowed: ignore, or an expression with FILL(..., 0)"
            ),
        )
        for condition in (THROTTLED, RAW)
    ),
    *(({key: [OPS] * 6}, f"{key}: 6; allowed: at most 5") for key in ("actions", "insufficient_data_actions")),
    ({"actions": [OPS], "ok_actions": [OPS] * 6}, "ok_actions: 6; allowed: at most 5"),
    ({"actions": ["ops"]}, f'actions: "ops"; {ACTIONS}'),
    ({"ok_actions": ["ops@example.com"]}, f'ok_actions: "ops@example.com"; {ACTIONS}'),
    (
        {"insufficient_data_actions": ["arn:aws:sqs:eu-west-1:444444444444:ops"]},
        f'insufficient_data_actions: "arn:aws:sqs:eu-west-1:444444444444:ops"; {ACTIONS}',
    ),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_an_alarm_refuses_what_cloudwatch_refuses(options: dict[str, Any], fault: str) -> None:
    assert refused(**options) == [fault]


@pytest.mark.parametrize(
    "options",
    [
        {"description": "d" * 1024},
        {"name": "n" * 255},
        {"evaluation_periods": 288},
        {"condition": queue_depth("orders", period_seconds=3600).above(1), "evaluation_periods": 168},
        {"condition": queue_depth("orders", period_seconds=WEEK).above(1)},
        {"evaluation_periods": 288, "datapoints": 288},
        {"actions": [OPS] * 5, "insufficient_data_actions": [OPS] * 5},
        {"actions": ["arn:aws:automate:eu-west-1:ec2:stop", "arn:aws-cn:sns:cn-north-1:444444444444:ops"]},
        {"actions": ["${aws_sns_topic.ops.arn}"]},
        {"condition": THROTTLED, "missing_data": MissingData.IGNORE},
        {"missing_data": MissingData.MISSING},
    ],
)
def test_the_limits_themselves_are_accepted(options: dict[str, Any]) -> None:
    assert made(**options)["alarm_name"]


def test_all_faults_of_an_alarm_are_reported_together() -> None:
    faults = refused(
        name="or ders",
        condition=Metric(namespace="", name="", statistic="sum", period_seconds=90, label="").above(float("nan")),
        description="d" * 1025,
        evaluation_periods=0,
        datapoints=2,
        actions=["ops"],
    )
    assert [fault.split(" ")[0].rstrip(":") for fault in faults] == [
        *("name", "namespace", "metric", "statistic", "period_seconds", "threshold", "description"),
        *("evaluation_periods", "datapoints", "actions"),
    ]
