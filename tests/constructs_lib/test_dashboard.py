"""A dashboard's graphs, their places, and what it refuses."""

import json
from typing import Any

import pytest

from constructs_lib.dashboard import Dashboard, ShownFunction, ShownQueue, ShownTable
from constructs_lib.metrics import Metric, function_duration, function_error_rate, queue_depth, table_throttles
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

NOTE = {
    "type": "text",
    "x": 0,
    "y": 0,
    "width": 24,
    "height": 1,
    "properties": {"markdown": "Made by Terraform: the next apply undoes a change that is made here."},
}


def body(**options: Any) -> str:
    """Return the JSON of a dashboard of these options."""
    stack = new_stack()
    given: dict[str, Any] = {"name": "orders", "account": ACCOUNT}
    Dashboard(stack, "Dashboard", **{**given, **options})
    (dashboard,) = resources(synth(stack), "aws_cloudwatch_dashboard")
    return dashboard["dashboard_body"]


def widgets(**options: Any) -> list[dict[str, Any]]:
    """Return the widgets of a dashboard of these options, without the note."""
    note, *others = json.loads(body(**options))["widgets"]
    assert note == NOTE
    return others


def refused(**options: Any) -> list[str]:
    """Return the faults of a dashboard of these options, without the construct's path."""
    with pytest.raises(InvalidConstructError) as caught:
        body(**options)
    return [fault.removeprefix("other/Dashboard: ") for fault in caught.value.faults]


def places(found: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    return [(each["properties"]["title"], each["x"], each["y"]) for each in found]


def test_a_queue_is_shown_by_depth_age_and_the_depth_of_its_dead_letter_queue() -> None:
    depth, age, dead = widgets(queues=[ShownQueue("orders", dead_letters="orders-dead")])
    assert depth == {
        "type": "metric",
        "x": 0,
        "y": 1,
        "width": 8,
        "height": 6,
        "properties": {
            "title": "Waiting messages of orders",
            "region": "eu-west-1",
            "view": "timeSeries",
            "stacked": False,
            "period": 300,
            "metrics": [
                [
                    "AWS/SQS",
                    "ApproximateNumberOfMessagesVisible",
                    "QueueName",
                    "orders",
                    {"stat": "Maximum", "label": "Waiting messages"},
                ]
            ],
        },
    }
    assert age["properties"]["metrics"][0][:4] == ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", "orders"]
    assert dead["properties"]["metrics"][0][3] == "orders-dead"


def test_a_function_is_shown_by_failures_duration_with_its_timeout_and_throttles() -> None:
    errors, duration, throttles = widgets(functions=[ShownFunction("submit", timeout_seconds=30)])
    assert errors["properties"]["metrics"] == [
        [{"id": "error_rate", "expression": "100 * errors / invocations", "label": "Failed invocations (%)"}],
        ["AWS/Lambda", "Errors", "FunctionName", "submit", {"stat": "Sum", "id": "errors", "visible": False}],
        ["AWS/Lambda", "Invocations", "FunctionName", "submit", {"stat": "Sum", "id": "invocations", "visible": False}],
    ]
    assert duration["properties"]["metrics"] == [
        ["AWS/Lambda", "Duration", "FunctionName", "submit", {"stat": "p99", "label": "Duration, p99 (ms)"}]
    ]
    assert duration["properties"]["annotations"] == {"horizontal": [{"label": "timeout of 30 s", "value": 30000}]}
    assert throttles["properties"]["metrics"] == [
        ["AWS/Lambda", "Throttles", "FunctionName", "submit", {"stat": "Sum", "label": "Throttled invocations"}]
    ]
    assert not any("annotations" in each["properties"] for each in widgets(functions=[ShownFunction("submit")]))


def test_a_table_is_shown_by_throttles_and_system_errors() -> None:
    throttles, errors = widgets(tables=[ShownTable("orders", indexes=["by-customer"])])
    assert [each[0] if len(each) == 1 else each[:2] for each in throttles["properties"]["metrics"]] == [
        {
            "id": "throttles",
            "expression": "FILL(reads, 0) + FILL(writes, 0) + FILL(reads1, 0) + FILL(writes1, 0)",
            "label": "Throttled reads and writes",
        },
        *(["AWS/DynamoDB", name] for name in ("ReadThrottleEvents", "WriteThrottleEvents") * 2),
    ]
    assert len(errors["properties"]["metrics"]) == 11


def test_each_resource_has_a_row_and_nothing_overlaps() -> None:
    found = widgets(
        queues=[ShownQueue("orders", dead_letters="orders-dead"), ShownQueue("mails")],
        functions=[ShownFunction("submit")],
        tables=[ShownTable("orders")],
    )
    assert places(found) == [
        ("Waiting messages of orders", 0, 1),
        ("Age of the oldest message (s) of orders", 8, 1),
        ("Waiting messages of orders-dead", 16, 1),
        ("Waiting messages of mails", 0, 7),
        ("Age of the oldest message (s) of mails", 8, 7),
        ("Failed invocations (%) of submit", 0, 13),
        ("Duration, p99 (ms) of submit", 8, 13),
        ("Throttled invocations of submit", 16, 13),
        ("Throttled reads and writes of orders", 0, 19),
        ("System errors of orders", 8, 19),
    ]


def test_a_condition_is_a_line_in_the_graph_of_what_it_watches() -> None:
    depth, age = widgets(
        queues=[ShownQueue("orders")], conditions=[queue_depth("orders").above(50), queue_depth("orders").above(500)]
    )
    assert depth["properties"]["annotations"] == {
        "horizontal": [{"label": "alarm above 50", "value": 50}, {"label": "alarm above 500", "value": 500}]
    }
    assert "annotations" not in age["properties"]


def test_a_condition_on_something_else_has_a_graph_of_its_own_once() -> None:
    carts = Metric(namespace="Shop", name="Carts", statistic="Average", period_seconds=60, label="Carts")
    others = [queue_depth(name).at_least(1) for name in ("one", "two", "three")]
    found = widgets(queues=[ShownQueue("orders")], conditions=[carts.below(1), carts.above(9), *others])
    assert places(found)[2:] == [
        ("Carts", 0, 7),
        ("Waiting messages of one", 8, 7),
        ("Waiting messages of two", 16, 7),
        ("Waiting messages of three", 0, 13),
    ]
    assert found[2]["properties"]["metrics"] == [["Shop", "Carts", {"stat": "Average", "label": "Carts"}]]
    assert found[2]["properties"]["period"] == 60
    assert [line["value"] for line in found[2]["properties"]["annotations"]["horizontal"]] == [1, 9]


def test_a_condition_near_a_timeout_is_drawn_beside_the_timeout() -> None:
    near = function_duration("submit").near_timeout(seconds=30)
    _, duration, _ = widgets(functions=[ShownFunction("submit", timeout_seconds=30)], conditions=[near])
    assert duration["properties"]["annotations"]["horizontal"] == [
        {"label": "timeout of 30 s", "value": 30000},
        {"label": "alarm above 24,000, 80 % of the timeout of 30 s", "value": 24000},
    ]


def test_the_json_is_compact_and_its_keys_are_sorted() -> None:
    text = body(
        queues=[ShownQueue("orders")],
        tables=[ShownTable("orders")],
        conditions=[function_error_rate("submit").above(5), table_throttles("orders").above(0)],
    )
    assert text == json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)
    assert text.startswith('{"widgets":[{"height":1,"properties":{"markdown":"Made by')


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"name": "or.ders", "queues": [ShownQueue("a")]},
        'name = "or.ders" is no CloudWatch dashboard name; allowed: letters, digits, hyphens and underscores',
    ),
    ({}, "queues, functions, tables and conditions: none; allowed: at least one"),
    ({"queues": [ShownQueue("a"), ShownQueue("a", "b")]}, 'queues: "a" given 2 times; allowed: 1'),
    ({"functions": [ShownFunction("f")] * 3}, 'functions: "f" given 3 times; allowed: 1'),
    ({"tables": [ShownTable("orders")] * 2}, 'tables: "orders" given 2 times; allowed: 1'),
    (
        {"functions": [ShownFunction("f", timeout_seconds=901)]},
        'functions: "f": timeout_seconds = 901: not allowed; allowed: 1 to 900',
    ),
    (
        {"functions": [ShownFunction("f", timeout_seconds=0)]},
        'functions: "f": timeout_seconds = 0: not allowed; allowed: 1 to 900',
    ),
    (
        {"queues": [ShownQueue(f"q{number}") for number in range(250)]},
        "widgets: 501; allowed: at most 500, one of which is a note",
    ),
    (
        {"tables": [ShownTable(f"table{number}") for number in range(209)]},
        "metrics: 2508 in all graphs together; allowed: at most 2500",
    ),
    (
        {"tables": [ShownTable("orders", indexes=["ix1", "ix2", "ix3", "ix4", "ix5"])]},
        "Throttled reads and writes of orders: metrics: 12; allowed: 1 to 10 in an expression",
    ),
    (
        {"conditions": [queue_depth("orders").above(float("inf"))]},
        "Waiting messages of orders: threshold = inf: allowed: a finite number",
    ),
    (
        {"queues": [ShownQueue("orders")], "conditions": [queue_depth("or ders").above(1)]},
        (
            'Waiting messages of or ders: dimension "QueueName" = "or ders" is no SQS queue name; allowed: letters, '
            "digits, hyphens and underscores"
        ),
    ),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_a_dashboard_refuses_what_cloudwatch_refuses(options: dict[str, Any], fault: str) -> None:
    assert refused(**options) == [fault]


@pytest.mark.parametrize(
    "options",
    [
        {"name": "d" * 255, "queues": [ShownQueue("a")]},
        {
            "queues": [ShownQueue(f"q{number}") for number in range(248)],
            "functions": [ShownFunction("f", timeout_seconds=900)],
        },
        {
            "tables": [ShownTable(f"table{number}") for number in range(208)],
            "conditions": [queue_depth(f"q{number}").above(1) for number in range(4)],
        },
    ],
)
def test_the_limits_themselves_are_accepted(options: dict[str, Any]) -> None:
    assert len(json.loads(body(**options))["widgets"]) in {3, 500, 421}


def test_all_faults_of_a_dashboard_are_reported_together() -> None:
    twice = [ShownQueue(""), ShownQueue("")]
    faults = refused(name="", queues=twice, functions=[ShownFunction("f", timeout_seconds=901)])
    assert [fault.split(" ")[0] for fault in faults] == ["name", "queues:", "functions:", "Waiting", "Age"]
