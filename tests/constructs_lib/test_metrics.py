"""What is measured, in the services' own words, and what is refused of a metric, an expression and a condition."""

import math
from collections.abc import Mapping
from typing import Any

import pytest

from constructs_lib.metrics import (
    Comparison,
    Condition,
    Expression,
    FunctionDuration,
    Metric,
    function_duration,
    function_error_rate,
    function_errors,
    function_throttles,
    oldest_message_age,
    queue_depth,
    table_system_errors,
    table_throttles,
)

LATENCY = Metric(namespace="Shop", name="Latency", statistic="p99", label="Latency (ms)")


def words(metric: Metric) -> tuple[str, str, Mapping[str, str], str]:
    return metric.namespace, metric.name, metric.dimensions, metric.statistic


QUEUE, FUNCTION, TABLE = {"QueueName": "orders"}, {"FunctionName": "submit"}, {"TableName": "orders"}
BY_INDEX = {**TABLE, "GlobalSecondaryIndexName": "by-customer"}


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (queue_depth("orders"), ("AWS/SQS", "ApproximateNumberOfMessagesVisible", QUEUE, "Maximum")),
        (oldest_message_age("orders"), ("AWS/SQS", "ApproximateAgeOfOldestMessage", QUEUE, "Maximum")),
        (function_errors("submit"), ("AWS/Lambda", "Errors", FUNCTION, "Sum")),
        (function_throttles("submit"), ("AWS/Lambda", "Throttles", FUNCTION, "Sum")),
        (function_duration("submit"), ("AWS/Lambda", "Duration", FUNCTION, "p99")),
        (function_duration("submit", 99.9), ("AWS/Lambda", "Duration", FUNCTION, "p99.9")),
        (function_duration("submit", 50.0), ("AWS/Lambda", "Duration", FUNCTION, "p50")),
    ],
)
def test_a_metric_has_the_words_of_its_service_and_periods_of_five_minutes(
    metric: Metric, expected: tuple[Any, ...]
) -> None:
    assert words(metric) == expected
    assert metric.period_seconds == 300
    assert metric.faults() == []


def test_an_error_rate_is_errors_in_percent_of_invocations() -> None:
    rate = function_error_rate("submit")
    assert (rate.id, rate.expression, rate.period_seconds) == ("error_rate", "100 * errors / invocations", 300)
    assert {id_: words(metric) for id_, metric in rate.metrics.items()} == {
        "errors": ("AWS/Lambda", "Errors", FUNCTION, "Sum"),
        "invocations": ("AWS/Lambda", "Invocations", FUNCTION, "Sum"),
    }
    assert rate.faults() == []


def test_throttles_of_a_table_are_reads_and_writes_with_zeros_where_dynamodb_sends_none() -> None:
    throttles = table_throttles("orders")
    assert throttles.expression == "FILL(reads, 0) + FILL(writes, 0)"
    assert {id_: words(metric) for id_, metric in throttles.metrics.items()} == {
        "reads": ("AWS/DynamoDB", "ReadThrottleEvents", TABLE, "Sum"),
        "writes": ("AWS/DynamoDB", "WriteThrottleEvents", TABLE, "Sum"),
    }
    assert throttles.faults() == []


def test_throttles_of_its_indexes_are_counted_too_once_each() -> None:
    throttles = table_throttles("orders", indexes=["by-customer", "by-customer"])
    assert throttles.expression == "FILL(reads, 0) + FILL(writes, 0) + FILL(reads1, 0) + FILL(writes1, 0)"
    assert words(throttles.metrics["reads1"]) == ("AWS/DynamoDB", "ReadThrottleEvents", BY_INDEX, "Sum")
    assert words(throttles.metrics["writes1"]) == ("AWS/DynamoDB", "WriteThrottleEvents", BY_INDEX, "Sum")
    assert table_throttles("orders", indexes=["ix1", "ix2", "ix3", "ix4"]).faults() == []
    assert table_throttles("orders", indexes=["ix1", "ix2", "ix3", "ix4", "ix5"]).faults() == [
        "metrics: 12; allowed: 1 to 10 in an expression"
    ]


def test_system_errors_of_a_table_are_summed_over_the_operations_on_items() -> None:
    errors = table_system_errors("orders")
    assert {words(metric)[:2] for metric in errors.metrics.values()} == {("AWS/DynamoDB", "SystemErrors")}
    assert [metric.dimensions["Operation"] for metric in errors.metrics.values()] == [
        *("GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"),
        *("TransactGetItems", "TransactWriteItems"),
    ]
    assert errors.faults() == []


def test_system_errors_can_be_those_of_some_operations() -> None:
    errors = table_system_errors("orders", operations=["GetItem", "Query"])
    assert errors.expression == "FILL(getItem, 0) + FILL(query, 0)"
    assert words(errors.metrics["query"]) == ("AWS/DynamoDB", "SystemErrors", {**TABLE, "Operation": "Query"}, "Sum")


@pytest.mark.parametrize(
    "watched",
    [
        queue_depth("orders", period_seconds=60),
        oldest_message_age("orders", period_seconds=60),
        function_errors("submit", period_seconds=60),
        function_throttles("submit", period_seconds=60),
        function_error_rate("submit", period_seconds=60),
        function_duration("submit", period_seconds=60),
        table_throttles("orders", period_seconds=60),
        table_system_errors("orders", period_seconds=60),
    ],
)
def test_each_can_have_another_period(watched: Metric | Expression) -> None:
    assert watched.period_seconds == 60
    assert watched.faults() == []


@pytest.mark.parametrize(
    ("condition", "comparison", "text"),
    [
        (LATENCY.above(50), "GreaterThanThreshold", "above 50"),
        (LATENCY.at_least(0.5), "GreaterThanOrEqualToThreshold", "at least 0.5"),
        (LATENCY.below(5000), "LessThanThreshold", "below 5,000"),
        (LATENCY.at_most(-1), "LessThanOrEqualToThreshold", "at most -1"),
    ],
)
def test_a_condition_compares_with_its_threshold(condition: Condition, comparison: str, text: str) -> None:
    assert (condition.watched, condition.comparison, condition.text) == (LATENCY, comparison, text)
    assert condition.faults() == []


def test_near_a_timeout_is_above_a_part_of_it_in_milliseconds() -> None:
    condition = function_duration("submit").near_timeout(seconds=300)
    assert (condition.comparison, condition.threshold) == (Comparison.ABOVE, 240000)
    assert condition.text == "above 240,000, 80 % of the timeout of 300 s"
    assert function_duration("submit").near_timeout(seconds=10, percent=95).threshold == 9500
    assert function_duration("submit").near_timeout(seconds=900, percent=100).faults() == []


def metric(**options: Any) -> Metric:
    given: dict[str, Any] = {"namespace": "Shop", "name": "Latency", "statistic": "Sum", "label": "Latency"}
    return Metric(**{**given, **options})


def expression(**options: Any) -> Expression:
    given: dict[str, Any] = {"expression": "a + b", "metrics": {"a": metric(), "b": metric()}, "label": "Sum"}
    return Expression(**{**given, **options})


STATISTICS = (
    "allowed: Average, Maximum, Minimum, SampleCount, Sum, percentiles from p0 to p100 with at most two decimals, as "
    "p99.9, trimmed ones as tm90, and IQM"
)
ASCII_NAME = "allowed: a name of 1 to 255 printable ASCII characters that does not begin with a colon"
QUEUE_NAMES = "is no SQS queue name; allowed: letters, digits, hyphens and underscores"

REFUSED: list[tuple[Metric | Expression | Condition, str]] = [
    (metric(namespace=""), 'namespace = "": allowed: 1 to 255 characters that do not begin with a colon'),
    (metric(namespace=":Shop"), 'namespace = ":Shop": allowed: 1 to 255 characters that do not begin with a colon'),
    (metric(name=""), 'metric name = "": allowed: 1 to 255 characters'),
    *(
        (metric(statistic=each), f'statistic = "{each}": not a statistic; {STATISTICS}')
        for each in ("sum", "p", "p101", "p99.999", "p-1", "tm", "p100.0")
    ),
    *(
        (
            metric(period_seconds=each),
            f"period_seconds = {each}: not allowed; allowed: 10, 20, 30 and multiples of 60",
        )
        for each in (0, -60, 1, 40, 90)
    ),
    (metric(dimensions={f"d{number}": "v" for number in range(31)}), "dimensions: 31; allowed: at most 30"),
    (metric(dimensions={":a": "v"}), f'dimension ":a": {ASCII_NAME}'),
    (metric(dimensions={"": "v"}), f'dimension "": {ASCII_NAME}'),
    (metric(dimensions={"ä": "v"}), f'dimension "ä": {ASCII_NAME}'),
    (metric(dimensions={"a": " "}), 'dimension "a" = " ": allowed: 1 to 1024 printable ASCII characters'),
    (
        queue_depth("https://sqs.eu-west-1.amazonaws.com/444444444444/orders"),
        f'dimension "QueueName" = "https://sqs.eu-west-1.amazonaws.com/444444444444/orders" {QUEUE_NAMES}',
    ),
    (
        function_throttles("arn:aws:lambda:eu-west-1:444444444444:function:f"),
        (
            'dimension "FunctionName" = "arn:aws:lambda:eu-west-1:444444444444:function:f" is no Lambda function name; '
            "allowed: letters, digits, hyphens and underscores"
        ),
    ),
    (expression(metrics={}, expression="1"), "metrics: 0; allowed: 1 to 10 in an expression"),
    (
        expression(metrics={f"m{number}": metric() for number in range(11)}, expression="m1"),
        "metrics: 11; allowed: 1 to 10 in an expression",
    ),
    (expression(expression=""), "expression: 0 characters; allowed: 1 to 2048"),
    (expression(expression=f"a{' ' * 2048}"), "expression: 2049 characters; allowed: 1 to 2048"),
    (
        expression(id="Sum"),
        'id "Sum": allowed: letters, digits and underscores, a lower-case letter first, at most 255',
    ),
    (expression(id="a"), "id \"a\": the expression's and a metric's; allowed: one"),
    (expression(expression="a + missing"), 'expression: "missing" is not the id of a metric; allowed: a, b'),
    (
        expression(expression="SUM(SEARCH('{Shop} latency', 'Sum', 300))"),
        "expression: SEARCH finds many series and an alarm watches one; allowed: the metrics by name",
    ),
    (
        expression(metrics={"a": metric(period_seconds=60), "b": metric()}),
        "period_seconds = 60, 300: allowed: one period for all metrics of an expression",
    ),
    (expression(metrics={"a": metric(name=""), "b": metric()}), 'metric "a": metric name = "": allowed: 1 to 255 '),
    (LATENCY.above(math.inf), "threshold = inf: allowed: a finite number"),
    (LATENCY.above(math.nan), "threshold = nan: allowed: a finite number"),
    (function_duration("f").near_timeout(seconds=0), "seconds = 0: not allowed; allowed: 1 to 900"),
    (function_duration("f").near_timeout(seconds=901), "seconds = 901: not allowed; allowed: 1 to 900"),
    (function_duration("f").near_timeout(seconds=3, percent=0), "percent = 0: not allowed; allowed: 1 to 100"),
    (function_duration("f").near_timeout(seconds=3, percent=101), "percent = 101: not allowed; allowed: 1 to 100"),
]


@pytest.mark.parametrize(("value", "fault"), REFUSED)
def test_what_cloudwatch_refuses_is_a_fault(value: Metric | Expression | Condition, fault: str) -> None:
    (found,) = value.faults()
    assert found.startswith(fault)


@pytest.mark.parametrize(
    "value",
    [
        *(metric(statistic=each) for each in ("p0", "p0.0", "p99.99", "p100", "tm90", "IQM", "SampleCount")),
        *(metric(period_seconds=each) for each in (10, 20, 30, 60, 86_400)),
        metric(namespace="n" * 255, name="m" * 255, dimensions={f"d{number}": "v" * 1024 for number in range(30)}),
        metric(dimensions={"a" * 255: "v v"}),
        queue_depth("orders.fifo"),
        queue_depth("${aws_sqs_queue.orders.name}"),
        expression(metrics={f"m{number}": metric() for number in range(10)}, expression="m1" + " " * 2046),
        expression(expression='IF(a > 1e3, METRICS("b"), FILL(b, REPEAT)) + 0.5', id="x" * 255),
    ],
)
def test_the_limits_themselves_are_accepted(value: Metric | Expression) -> None:
    assert value.faults() == []


def test_all_faults_of_a_condition_are_found_together() -> None:
    watched = FunctionDuration(namespace="", name="", statistic="", period_seconds=1, label="")
    keys = [fault.split(" = ")[0] for fault in watched.near_timeout(seconds=0, percent=0).faults()]
    assert keys == ["namespace", "metric name", "statistic", "period_seconds", "seconds", "percent"]
