"""CloudWatch dashboards of what belongs to a feature: its queues, functions and tables."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.metrics import (
    MAX_LAMBDA_TIMEOUT,
    Condition,
    Expression,
    Metric,
    function_duration,
    function_error_rate,
    function_throttles,
    oldest_message_age,
    queue_depth,
    table_system_errors,
    table_throttles,
)
from constructs_lib.names import Service, name_faults
from constructs_lib.validation import Checks

_MAX_WIDGETS = 500
_MAX_METRICS = 2500
"""Of all widgets together, those of expressions included: CloudWatch's quotas."""
_WIDTH, _HEIGHT, _COLUMNS = 8, 6, 24
_NOTE = "Made by Terraform: the next apply undoes a change that is made here."
"""PutDashboard in the API reference advises such a text widget at the top."""


@dataclass(frozen=True)
class ShownQueue:
    """A queue by name: its depth and the age of its oldest message, and its dead-letter queue's depth."""

    name: str
    dead_letters: str | None = None


@dataclass(frozen=True)
class ShownFunction:
    """A function by name: failed and throttled invocations, and duration, with a line at its timeout if given."""

    name: str
    timeout_seconds: int | None = None


@dataclass(frozen=True)
class ShownTable:
    """A table by name: throttles, its global indexes' too, and system errors."""

    name: str
    indexes: Sequence[str] = ()


class _Line(NamedTuple):
    label: str
    value: float


class _Graph(NamedTuple):
    watched: Metric | Expression
    lines: tuple[_Line, ...] = ()


class Dashboard(Construct):
    """A dashboard of graphs, a row for each queue, function and table.

    dashboard: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the dashboard
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        account: Account,
        queues: Sequence[ShownQueue] = (),
        functions: Sequence[ShownFunction] = (),
        tables: Sequence[ShownTable] = (),
        conditions: Sequence[Condition] = (),
    ) -> None:
        """Make the dashboard.

        queues, functions, tables: of any stack of the account's region.
        conditions: those of alarms. Each is a line in the graph of what it watches, which is added if it is none of the
        others.

        Raises InvalidConstructError with every value that CloudWatch refuses.
        """
        super().__init__(scope, id_)
        rows = [*map(_of_queue, queues), *map(_of_function, functions), *map(_of_table, tables)]
        rows = _with_conditions(rows, conditions)
        graphs = [graph for row in rows for graph in row]
        checks = Checks()
        checks.faults += name_faults("name", Service.CLOUDWATCH_DASHBOARD, name)
        for key, shown in (("queues", queues), ("functions", functions), ("tables", tables)):
            for shown_name, times in Counter(each.name for each in shown).items():
                checks.that(times == 1, f'{key}: "{shown_name}" given {times} times; allowed: 1')
        for each in functions:
            if each.timeout_seconds is not None:
                checks.within(f'functions: "{each.name}": timeout_seconds', each.timeout_seconds, 1, MAX_LAMBDA_TIMEOUT)
        _check_graphs(checks, graphs, conditions)
        checks.raise_faults(self)

        self.name = name
        self.dashboard = CloudwatchDashboard(
            self,
            "Dashboard",
            dashboard_name=name,
            # Compact and sorted, as the provider writes it, so that a plan shows a change that there is.
            dashboard_body=json.dumps(
                {"widgets": list(_widgets(rows, account.region))}, separators=(",", ":"), sort_keys=True
            ),
        )


def _of_queue(queue: ShownQueue) -> list[_Graph]:
    graphs = [_Graph(queue_depth(queue.name)), _Graph(oldest_message_age(queue.name))]
    return [*graphs, _Graph(queue_depth(queue.dead_letters))] if queue.dead_letters else graphs


def _of_function(function: ShownFunction) -> list[_Graph]:
    seconds = function.timeout_seconds
    lines = (_Line(f"timeout of {seconds} s", 1000 * seconds),) if seconds else ()
    return [
        _Graph(function_error_rate(function.name)),
        _Graph(function_duration(function.name), lines),
        _Graph(function_throttles(function.name)),
    ]


def _of_table(table: ShownTable) -> list[_Graph]:
    return [_Graph(table_throttles(table.name, indexes=table.indexes)), _Graph(table_system_errors(table.name))]


def _with_conditions(rows: Sequence[list[_Graph]], conditions: Sequence[Condition]) -> list[list[_Graph]]:
    shown = [graph.watched for row in rows for graph in row]
    others: list[Metric | Expression] = []
    for condition in conditions:
        if condition.watched not in (*shown, *others):
            others.append(condition.watched)
    return [
        [
            graph._replace(
                lines=(
                    *graph.lines,
                    *(
                        _Line(f"alarm {each.text}", each.threshold)
                        for each in conditions
                        if each.watched == graph.watched
                    ),
                )
            )
            for graph in row
        ]
        for row in (*rows, [_Graph(each) for each in others])
    ]


def _widgets(rows: Iterable[Sequence[_Graph]], region: str) -> Iterator[dict[str, Any]]:
    yield {"type": "text", "x": 0, "y": 0, "width": _COLUMNS, "height": 1, "properties": {"markdown": _NOTE}}
    y = 1
    for row in rows:
        for number, graph in enumerate(row):
            x = number * _WIDTH % _COLUMNS
            y += _HEIGHT if number and not x else 0
            yield {
                "type": "metric",
                "x": x,
                "y": y,
                "width": _WIDTH,
                "height": _HEIGHT,
                "properties": _properties(graph, region),
            }
        y += _HEIGHT if row else 0


def _properties(graph: _Graph, region: str) -> dict[str, Any]:
    watched = graph.watched
    lines = {"annotations": {"horizontal": [line._asdict() for line in graph.lines]}} if graph.lines else {}
    return {
        "title": watched.title,
        "region": region,
        "view": "timeSeries",
        "stacked": False,
        "period": watched.period_seconds,
        "metrics": _metrics(watched),
        **lines,
    }


def _metrics(watched: Metric | Expression) -> list[list[Any]]:
    if isinstance(watched, Metric):
        return [_metric(watched, label=watched.label)]
    expression = {"id": watched.id, "expression": watched.expression, "label": watched.label}
    return [[expression], *(_metric(metric, id=id_, visible=False) for id_, metric in watched.metrics.items())]


def _metric(metric: Metric, **rendering: str | bool) -> list[Any]:
    dimensions = [text for pair in metric.dimensions.items() for text in pair]
    return [metric.namespace, metric.name, *dimensions, {"stat": metric.statistic, **rendering}]


# --- what CloudWatch accepts, from "Dashboard Body Structure and Syntax" and its quotas -----------------------------


def _check_graphs(checks: Checks, graphs: Sequence[_Graph], conditions: Sequence[Condition]) -> None:
    checks.that(bool(graphs), "queues, functions, tables and conditions: none; allowed: at least one")
    widgets = len(graphs) + 1
    checks.that(widgets <= _MAX_WIDGETS, f"widgets: {widgets}; allowed: at most {_MAX_WIDGETS}, one of which is a note")
    metrics = sum(len(each.watched.metrics) if isinstance(each.watched, Expression) else 1 for each in graphs)
    checks.that(metrics <= _MAX_METRICS, f"metrics: {metrics} in all graphs together; allowed: at most {_MAX_METRICS}")
    faults = [fault for each in (*(graph.watched for graph in graphs), *conditions) for fault in _faults(each)]
    checks.faults += dict.fromkeys(faults)


def _faults(each: Metric | Expression | Condition) -> list[str]:
    watched = each.watched if isinstance(each, Condition) else each
    return [f"{watched.title}: {fault}" for fault in each.faults()]
