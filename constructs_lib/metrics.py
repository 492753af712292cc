"""CloudWatch metrics by the names of queues, functions and tables, and the conditions that raise alarms.

Sources: what a metric is called and which dimensions it has, from each service's list of CloudWatch metrics; limits,
from the CloudWatch API reference (PutMetricAlarm, MetricDataQuery, Dimension) and the user guide's page "alarm-limits".
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, cast, get_args

from constructs_lib.names import Service, name_faults
from constructs_lib.validation import Checks

FIVE_MINUTES = 300
STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")
_EXTENDED_STATISTIC = r"(p|tm|wm|tc|ts)(\d{1,2}(\.\d{1,2})?|100)|IQM"
"""Percentiles and trimmed statistics: CloudWatch takes up to ten decimals, the AWS provider (5.100.0) two."""
_SHORT_PERIODS = (10, 20, 30)
_MAX_DIMENSIONS = 30
_MAX_EXPRESSION_METRICS = 10
_MAX_EXPRESSION_CHARACTERS = 2048
MAX_LAMBDA_TIMEOUT = 900
"""Seconds."""
_ID = "[a-z][A-Za-z0-9_]{0,254}"
_NAMED_BY = {
    ("AWS/SQS", "QueueName"): Service.SQS_QUEUE,
    ("AWS/Lambda", "FunctionName"): Service.LAMBDA_FUNCTION,
    ("AWS/DynamoDB", "TableName"): Service.DYNAMODB_TABLE,
    ("AWS/DynamoDB", "GlobalSecondaryIndexName"): Service.DYNAMODB_INDEX,
}
TableOperation = Literal[
    "GetItem",
    "BatchGetItem",
    "Query",
    "Scan",
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
]
TABLE_OPERATIONS: tuple[TableOperation, ...] = get_args(TableOperation)
"""The operations on items: as many as the metrics that one expression takes."""


class Comparison(StrEnum):
    """How a measured value compares with the threshold when the alarm is raised."""

    ABOVE = "GreaterThanThreshold"
    AT_LEAST = "GreaterThanOrEqualToThreshold"
    BELOW = "LessThanThreshold"
    AT_MOST = "LessThanOrEqualToThreshold"


@dataclass(frozen=True, kw_only=True)
class _Watched:
    label: str
    """The measured thing with its unit, for descriptions and graphs."""
    of: str = ""
    """The resource's name, for descriptions and graphs."""

    @property
    def title(self) -> str:
        """Return label and resource."""
        return f"{self.label} of {self.of}" if self.of else self.label

    def above(self, threshold: float) -> "Condition":
        """Return the condition that a value is above the threshold."""
        return self._condition(Comparison.ABOVE, threshold)

    def at_least(self, threshold: float) -> "Condition":
        """Return the condition that a value is the threshold or above."""
        return self._condition(Comparison.AT_LEAST, threshold)

    def below(self, threshold: float) -> "Condition":
        """Return the condition that a value is below the threshold."""
        return self._condition(Comparison.BELOW, threshold)

    def at_most(self, threshold: float) -> "Condition":
        """Return the condition that a value is the threshold or below."""
        return self._condition(Comparison.AT_MOST, threshold)

    def _condition(self, comparison: Comparison, threshold: float) -> "Condition":
        return Condition(watched=cast("Metric | Expression", self), comparison=comparison, threshold=threshold)


@dataclass(frozen=True, kw_only=True)
class Metric(_Watched):
    """A metric of one resource, as one value a period.

    dimensions: by name, in CloudWatch's words.
    statistic: Sum, Maximum, Minimum, Average or SampleCount, or one like p99 or tm90.
    period_seconds: 10, 20, 30 or a multiple of 60; below 60 only for metrics of that resolution. 5 minutes unless
    given.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    statistic: str
    period_seconds: int = FIVE_MINUTES

    def faults(self) -> list[str]:
        """Return what CloudWatch refuses."""
        checks = Checks()
        checks.that(
            1 <= len(self.namespace) <= 255 and not self.namespace.startswith(":"),  # noqa: PLR2004 - CloudWatch's
            f'namespace = "{self.namespace}": allowed: 1 to 255 characters that do not begin with a colon',
        )
        checks.that(1 <= len(self.name) <= 255, f'metric name = "{self.name}": allowed: 1 to 255 characters')  # noqa: PLR2004 - CloudWatch's
        checks.that(
            self.statistic in STATISTICS or re.fullmatch(_EXTENDED_STATISTIC, self.statistic) is not None,
            f'statistic = "{self.statistic}": not a statistic; allowed: {", ".join(STATISTICS)}, percentiles from p0 '
            "to p100 with at most two decimals, as p99.9, trimmed ones as tm90, and IQM",
        )
        checks.that(
            self.period_seconds in _SHORT_PERIODS or (self.period_seconds > 0 and self.period_seconds % 60 == 0),
            f"period_seconds = {self.period_seconds}: not allowed; allowed: 10, 20, 30 and multiples of 60",
        )
        checks.that(
            len(self.dimensions) <= _MAX_DIMENSIONS,
            f"dimensions: {len(self.dimensions)}; allowed: at most {_MAX_DIMENSIONS}",
        )
        for name, value in self.dimensions.items():
            checks.faults += _dimension_faults(self.namespace, name, value)
        return checks.faults


@dataclass(frozen=True, kw_only=True)
class FunctionDuration(Metric):
    """The duration of a function's invocations in milliseconds."""

    def near_timeout(self, *, seconds: int, percent: int = 80) -> "Condition":
        """Return the condition that the duration is above so many percent of the function's timeout.

        seconds: the function's timeout, 1 to 900. percent: 1 to 100; 80 unless given.
        """
        return Condition(
            watched=self,
            comparison=Comparison.ABOVE,
            threshold=10 * seconds * percent,
            timeout_seconds=seconds,
            timeout_percent=percent,
        )


@dataclass(frozen=True, kw_only=True)
class Expression(_Watched):
    """Metric maths: one value a period, of metrics by id.

    expression: in CloudWatch's syntax, of ids and functions, as "100 * errors / invocations".
    metrics: 1 to 10 by id, with one period.
    id: the expression's own.
    """

    expression: str
    metrics: Mapping[str, Metric]
    id: str = "result"

    @property
    def period_seconds(self) -> int:
        """Return the period of the metrics, the longest if they differ."""
        return max((metric.period_seconds for metric in self.metrics.values()), default=FIVE_MINUTES)

    def faults(self) -> list[str]:
        """Return what CloudWatch refuses, each metric's faults under its id."""
        checks = Checks()
        checks.that(
            1 <= len(self.metrics) <= _MAX_EXPRESSION_METRICS,
            f"metrics: {len(self.metrics)}; allowed: 1 to {_MAX_EXPRESSION_METRICS} in an expression",
        )
        checks.that(
            1 <= len(self.expression) <= _MAX_EXPRESSION_CHARACTERS,
            f"expression: {len(self.expression)} characters; allowed: 1 to {_MAX_EXPRESSION_CHARACTERS}",
        )
        for id_ in (self.id, *self.metrics):
            checks.that(
                re.fullmatch(_ID, id_) is not None,
                f'id "{id_}": allowed: letters, digits and underscores, a lower-case letter first, at most 255',
            )
        checks.that(self.id not in self.metrics, f"id \"{self.id}\": the expression's and a metric's; allowed: one")
        ids = re.findall(rf"(?<![\w.]){_ID}", re.sub("'[^']*'|\"[^\"]*\"", "", self.expression))
        checks.faults += [
            f'expression: "{id_}" is not the id of a metric; allowed: {", ".join(self.metrics)}'
            for id_ in dict.fromkeys(ids)
            if id_ not in self.metrics
        ]
        checks.that(
            "SEARCH(" not in self.expression,
            "expression: SEARCH finds many series and an alarm watches one; allowed: the metrics by name",
        )
        periods = sorted({metric.period_seconds for metric in self.metrics.values()})
        checks.that(
            len(periods) <= 1,
            f"period_seconds = {', '.join(map(str, periods))}: allowed: one period for all metrics of an expression",
        )
        checks.faults += [
            f'metric "{id_}": {fault}' for id_, metric in self.metrics.items() for fault in metric.faults()
        ]
        return checks.faults


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A comparison of a metric, or an expression, with a threshold."""

    watched: Metric | Expression
    comparison: Comparison
    threshold: float
    timeout_seconds: int | None = None
    timeout_percent: int | None = None

    @property
    def text(self) -> str:
        """Return the comparison in words."""
        words = f"{self.comparison.name.lower().replace('_', ' ')} {self.threshold:,}"
        if self.timeout_seconds is None:
            return words
        return f"{words}, {self.timeout_percent} % of the timeout of {self.timeout_seconds} s"

    def faults(self) -> list[str]:
        """Return what CloudWatch, or a function's timeout, does not allow."""
        checks = Checks()
        checks.that(math.isfinite(self.threshold), f"threshold = {self.threshold}: allowed: a finite number")
        if self.timeout_seconds is not None:
            checks.within("seconds", self.timeout_seconds, 1, MAX_LAMBDA_TIMEOUT)
        if self.timeout_percent is not None:
            checks.within("percent", self.timeout_percent, 1, 100)
        return self.watched.faults() + checks.faults


# --- queues, https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html


def queue_depth(name: str, *, period_seconds: int = FIVE_MINUTES) -> Metric:
    """Return the messages that wait in a queue, or in a dead-letter queue: the most of a period."""
    return _of_queue(name, "ApproximateNumberOfMessagesVisible", "Waiting messages", period_seconds)


def oldest_message_age(name: str, *, period_seconds: int = FIVE_MINUTES) -> Metric:
    """Return the age of a queue's oldest message, in seconds: the highest of a period."""
    return _of_queue(name, "ApproximateAgeOfOldestMessage", "Age of the oldest message (s)", period_seconds)


def _of_queue(queue: str, name: str, label: str, period_seconds: int) -> Metric:
    return Metric(
        namespace="AWS/SQS",
        name=name,
        dimensions={"QueueName": queue},
        statistic="Maximum",
        period_seconds=period_seconds,
        label=label,
        of=queue,
    )


# --- functions, https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html


def function_errors(name: str, *, period_seconds: int = FIVE_MINUTES) -> Metric:
    """Return the invocations of a function that failed, timeouts among them."""
    return _of_function(name, "Errors", "Failed invocations", period_seconds)


def function_throttles(name: str, *, period_seconds: int = FIVE_MINUTES) -> Metric:
    """Return the invocations that Lambda throttled; it counts them neither as invocations nor as errors."""
    return _of_function(name, "Throttles", "Throttled invocations", period_seconds)


def function_error_rate(name: str, *, period_seconds: int = FIVE_MINUTES) -> Expression:
    """Return the failed invocations of a function in percent of all.

    The function need not exist yet: without invocations there is no data.
    """
    return Expression(
        id="error_rate",
        expression="100 * errors / invocations",
        metrics={
            "errors": function_errors(name, period_seconds=period_seconds),
            "invocations": _of_function(name, "Invocations", "Invocations", period_seconds),
        },
        label="Failed invocations (%)",
        of=name,
    )


def function_duration(name: str, percentile: float = 99, *, period_seconds: int = FIVE_MINUTES) -> FunctionDuration:
    """Return a percentile of the duration of a function's invocations, in milliseconds.

    percentile: 0 to 100, with at most two decimals; 99 unless given.
    """
    statistic = f"p{percentile}".removesuffix(".0")
    return FunctionDuration(
        namespace="AWS/Lambda",
        name="Duration",
        dimensions={"FunctionName": name},
        statistic=statistic,
        period_seconds=period_seconds,
        label=f"Duration, {statistic} (ms)",
        of=name,
    )


def _of_function(function: str, name: str, label: str, period_seconds: int) -> Metric:
    return Metric(
        namespace="AWS/Lambda",
        name=name,
        dimensions={"FunctionName": function},
        statistic="Sum",
        period_seconds=period_seconds,
        label=label,
        of=function,
    )


# --- tables, https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
# DynamoDB sends these only when something happens, and an alarm that watches AWS/DynamoDB ignores missing data whatever
# its settings (PutMetricAlarm, TreatMissingData): it would never leave its state. So FILL replaces gaps with 0.


def table_throttles(name: str, *, indexes: Sequence[str] = (), period_seconds: int = FIVE_MINUTES) -> Expression:
    """Return the reads and writes that DynamoDB throttled, on a table and on its global indexes.

    indexes: at most 4 global indexes. The table's own metrics do not count their throttles.
    """
    metrics: dict[str, Metric] = {}
    for number, index in enumerate((None, *dict.fromkeys(indexes))):
        place = {"GlobalSecondaryIndexName": index} if index is not None else {}
        for event in ("Read", "Write"):
            id_ = f"{event.lower()}s" if index is None else f"{event.lower()}s{number}"
            metrics[id_] = _of_table(name, f"{event}ThrottleEvents", place, period_seconds)
    return _sum_of("throttles", "Throttled reads and writes", name, metrics)


def table_system_errors(
    name: str, *, operations: Sequence[TableOperation] = TABLE_OPERATIONS, period_seconds: int = FIVE_MINUTES
) -> Expression:
    """Return the requests that failed within DynamoDB, with HTTP 500, of all operations together.

    operations: all ten unless given, for DynamoDB counts by operation only. An alarm is paid for by its metrics.
    """
    metrics = {
        operation[0].lower() + operation[1:]: _of_table(name, "SystemErrors", {"Operation": operation}, period_seconds)
        for operation in operations
    }
    return _sum_of("system_errors", "System errors", name, metrics)


def _of_table(table: str, name: str, dimensions: Mapping[str, str], period_seconds: int) -> Metric:
    return Metric(
        namespace="AWS/DynamoDB",
        name=name,
        dimensions={"TableName": table, **dimensions},
        statistic="Sum",
        period_seconds=period_seconds,
        label=name,
        of=table,
    )


def _sum_of(id_: str, label: str, table: str, metrics: Mapping[str, Metric]) -> Expression:
    expression = " + ".join(f"FILL({each}, 0)" for each in metrics)
    return Expression(id=id_, expression=expression, metrics=metrics, label=label, of=table)


# --- what CloudWatch accepts --------------------------------------------------------------------------------------


def _dimension_faults(namespace: str, name: str, value: str) -> list[str]:
    checks = Checks()
    checks.that(
        _is_plain(name, 255) and not name.startswith(":"),
        f'dimension "{name}": allowed: a name of 1 to 255 printable ASCII characters that does not begin with a colon',
    )
    checks.that(
        _is_plain(value, 1024),
        f'dimension "{name}" = "{value}": allowed: 1 to 1024 printable ASCII characters',
    )
    service = _NAMED_BY.get((namespace, name))
    # A reference to another resource is known to Terraform alone.
    if service and not checks.faults and "${" not in value:
        service = Service.SQS_FIFO_QUEUE if service is Service.SQS_QUEUE and value.endswith(".fifo") else service
        checks.faults += name_faults(f'dimension "{name}"', service, value)
    return checks.faults


def _is_plain(text: str, most: int) -> bool:
    return 1 <= len(text) <= most and text.isascii() and text.isprintable() and not text.isspace()
