"""CloudWatch alarms on a metric or an expression."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from constructs import Construct

from constructs_lib.metrics import STATISTICS, Condition, Expression, Metric
from constructs_lib.names import Service, name_faults
from constructs_lib.validation import Checks

_HOUR = 3600
_DAY = 24 * _HOUR
_MAX_ACTIONS = 5
_MAX_DESCRIPTION = 1024
ACTIONS = "sns|lambda|ssm|ssm-incidents|aiops"
"""The services that every alarm can act through. A metric alarm has these two besides: EC2 and Auto Scaling."""


class MissingData(Enum):
    """The meaning of a period without data."""

    NOT_BREACHING = "notBreaching"
    BREACHING = "breaching"
    IGNORE = "ignore"
    """The alarm keeps its state."""
    MISSING = "missing"
    """Without any data the alarm has insufficient data."""


class MetricAlarm(Construct):
    """An alarm that is raised while a condition is met.

    name, condition: as given. alarm: Terraform's resource.
    """

    def __init__(  # noqa: PLR0913 - each is a property of the alarm
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        condition: Condition,
        description: str | None = None,
        evaluation_periods: int = 1,
        datapoints: int | None = None,
        missing_data: MissingData = MissingData.NOT_BREACHING,
        actions: Sequence[str] = (),
        ok_actions: Sequence[str] | None = None,
        insufficient_data_actions: Sequence[str] = (),
    ) -> None:
        """Make the alarm.

        description: shown in notifications, at most 1,024 characters; the condition in words unless given.
        evaluation_periods: the latest periods that count, of the metric's length each, a day together, or a week if a
        period is an hour or longer. 1 unless given.
        datapoints: how many of these have to meet the condition; all unless given.
        missing_data: no traffic is no alarm unless given. CloudWatch ignores missing data of AWS/DynamoDB whatever is
        given here, so a metric of it needs IGNORE, or an expression with FILL.
        actions, ok_actions, insufficient_data_actions: ARNs, at most 5 each, to act through when the alarm is raised,
        is over, or has no data. By default ok_actions are the actions, and the others are empty.

        Raises InvalidConstructError with every value that CloudWatch refuses.
        """
        super().__init__(scope, id_)
        watched = condition.watched
        wanted = evaluation_periods if datapoints is None else datapoints
        text = _described(condition, evaluation_periods, wanted) if description is None else description
        recovery = actions if ok_actions is None else ok_actions
        checks = Checks()
        checks.faults += name_faults("name", Service.CLOUDWATCH_ALARM, name)
        checks.faults += condition.faults()
        check_description(checks, text)
        _check_periods(checks, watched.period_seconds, evaluation_periods, wanted)
        _check_missing_data(checks, watched, missing_data)
        given = {"actions": actions, "ok_actions": recovery, "insufficient_data_actions": insufficient_data_actions}
        check_actions(checks, given, f"{ACTIONS}|automate|swf|autoscaling")
        checks.raise_faults(self)

        self.name = name
        self.condition = condition
        self.alarm = CloudwatchMetricAlarm(
            self,
            "Alarm",
            alarm_name=name,
            alarm_description=text,
            **_measured(watched),
            evaluation_periods=evaluation_periods,
            datapoints_to_alarm=wanted,
            comparison_operator=condition.comparison,
            threshold=condition.threshold,
            treat_missing_data=missing_data.value,
            alarm_actions=list(actions) or None,
            ok_actions=list(recovery) or None,
            insufficient_data_actions=list(insufficient_data_actions) or None,
        )


def _measured(watched: Metric | Expression) -> dict[str, Any]:
    if isinstance(watched, Expression):
        return {"metric_query": _queries(watched)}
    return {
        "namespace": watched.namespace,
        "metric_name": watched.name,
        "dimensions": watched.dimensions or None,
        "statistic" if watched.statistic in STATISTICS else "extended_statistic": watched.statistic,
        "period": watched.period_seconds,
    }


def _queries(watched: Expression) -> list[CloudwatchMetricAlarmMetricQuery]:
    return [
        CloudwatchMetricAlarmMetricQuery(
            id=watched.id, expression=watched.expression, label=watched.label, return_data=True
        ),
        *(
            CloudwatchMetricAlarmMetricQuery(
                id=id_,
                metric=CloudwatchMetricAlarmMetricQueryMetric(
                    namespace=metric.namespace,
                    metric_name=metric.name,
                    dimensions=metric.dimensions or None,
                    stat=metric.statistic,
                    period=metric.period_seconds,
                ),
            )
            for id_, metric in watched.metrics.items()
        ),
    ]


def _described(condition: Condition, periods: int, datapoints: int) -> str:
    seconds = condition.watched.period_seconds
    count, unit = (seconds, "second") if seconds % 60 else (seconds // 60, "minute")
    length = f"{count} {unit}{'' if count == 1 else 's'}"
    when = f"within {length}" if periods == 1 else f"in {datapoints} of {periods} periods of {length}"
    return f"{condition.watched.title}: {condition.text}, {when}."


# --- what CloudWatch accepts, from PutMetricAlarm in its API reference -------------- ----------------------


def check_description(checks: Checks, text: str) -> None:
    """Check the description of an alarm, metric or composite."""
    checks.that(
        len(text) <= _MAX_DESCRIPTION, f"description: {len(text)} characters; allowed: at most {_MAX_DESCRIPTION}"
    )


def _check_periods(checks: Checks, period_seconds: int, evaluation_periods: int, datapoints: int) -> None:
    most = 7 * _DAY if period_seconds >= _HOUR else _DAY
    checks.that(
        evaluation_periods >= 1 and evaluation_periods * period_seconds <= most,
        f"evaluation_periods = {evaluation_periods}: of {period_seconds} s each; "
        f"allowed: at least 1, and together at most {most} s",
    )
    checks.that(
        1 <= datapoints <= evaluation_periods,
        f"datapoints = {datapoints}: not allowed; allowed: 1 to {evaluation_periods}, the evaluation periods",
    )


def _check_missing_data(checks: Checks, watched: Metric | Expression, missing_data: MissingData) -> None:
    metrics = [watched] if isinstance(watched, Metric) else list(watched.metrics.values())
    filled = isinstance(watched, Expression) and "FILL(" in watched.expression
    checks.that(
        filled or missing_data is MissingData.IGNORE or all(each.namespace != "AWS/DynamoDB" for each in metrics),
        f"missing_data = {missing_data.value}: CloudWatch ignores missing data of AWS/DynamoDB, so the alarm would "
        f"keep its state; allowed: {MissingData.IGNORE.value}, or an expression with FILL(..., 0)",
    )


def check_actions(checks: Checks, given: Mapping[str, Sequence[str]], services: str) -> None:
    """Check an alarm's actions by the name of the option; services: a pattern of those it can act through."""
    for key, actions in given.items():
        # Recovery has the same actions unless given, and their errors are reported once.
        if key == "ok_actions" and actions is given["actions"]:
            continue
        checks.that(len(actions) <= _MAX_ACTIONS, f"{key}: {len(actions)}; allowed: at most {_MAX_ACTIONS}")
        for action in actions:
            # A reference to another resource is known to Terraform alone.
            checks.that(
                action.startswith("${") or re.match(rf"arn:aws[a-z-]*:({services}):\S+$", action) is not None,
                f'{key}: "{action}"; allowed: an ARN of {services.replace("|", ", ")}',
            )
