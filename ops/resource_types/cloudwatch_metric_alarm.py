"""CloudWatch metric alarms."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.resource_types.interface import (
    Account,
    Client,
    Dependent,
    Look,
    Permissions,
    ResourceType,
    Seen,
    by_key,
    in_account,
)
from stacks.requirement import Expected, Members, arn
from stacks.settings import Settings


def _listing(account: Account, prefix: str) -> Mapping[str, Any]:
    """Return composite alarms too, unless the feature has some: those are listed for themselves."""
    has_own = "aws_cloudwatch_composite_alarm" in account.requirement.resources
    types = ["MetricAlarm"] if has_own else ["MetricAlarm", "CompositeAlarm"]
    answer = account.ask("cloudwatch", "describe_alarms", AlarmNamePrefix=prefix, AlarmTypes=types)
    return {each["AlarmName"]: each for type_ in types for each in answer.get(f"{type_}s", [])}


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    name = values["alarm_name"]
    return name if client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"] else None


def _description(_: Account, __: str, alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        **alarm,
        "Dimensions": _dimensions(alarm),
        "metrics": {query["Id"]: _metric(query) for query in alarm.get("Metrics", [])},
        "StateValue": "ALARM" if alarm["StateValue"] == "ALARM" else "not ALARM",
    }


def _dimensions(of: Mapping[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Value"] for each in of.get("Dimensions", [])}


def _metric(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return one metric of an alarm without its id and label, in one level."""
    content = {key: value for key, value in query.items() if key not in {"Id", "Label", "MetricStat"}}
    if stat := query.get("MetricStat"):
        content |= {key: value for key, value in stat.items() if key != "Metric"}
        content |= {**stat["Metric"], "Dimensions": _dimensions(stat["Metric"])}
    return content


def _function(account: Account, alarm: str, _: Any) -> Mapping[str, Any]:
    """Return the function that the alarm is to watch, with a note if it is not there: another project makes it."""
    name: str = account.requirement.resources["aws_cloudwatch_metric_alarm"][alarm]["function"]["function"]
    absent = "ResourceNotFoundException"
    if account.ask("lambda", "get_function_configuration", absent=absent, FunctionName=name):
        return {"function": name}
    return {"function": Seen(name, f"function {name} does not exist yet: until then this alarm cannot fire")}


def tags(account: Account, _: str, alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the tags of an alarm, metric or composite."""
    return by_key(account.ask("cloudwatch", "list_tags_for_resource", ResourceARN=alarm["AlarmArn"])["Tags"])


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    described = expected["description"]
    metrics: Members = described["metrics"]
    elsewhere = {"metrics", "StateValue"}
    return {
        **{key: value for key, value in described.items() if key not in elsewhere},
        **{f"metric {id_}": required for id_, required in metrics.members.items()},
    }


def _is_raised(name: str, client: Client) -> bool | None:
    found = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm"])["MetricAlarms"]
    return found[0]["StateValue"] == "ALARM" if found else None


def _watched_function(settings: Settings, _: str, expected: Expected) -> tuple[str, ...]:
    function = expected.get("function", {}).get("function")
    return (arn(settings, "lambda", f"function:{function}"),) if function else ()


def composite_alarms(alarm: Mapping[str, Any], client: Client) -> Iterator[Dependent]:
    """Yield each composite alarm whose rule names the alarm, alone or in its ARN.

    AWS then refuses: "Cannot delete ... as there are composite alarm(s) depending on it" (issues aws-nuke #462 and
    terraform-provider-aws #34807; API_DeleteAlarms does not say so).
    """
    named = re.compile(rf"(?<![\w.-]){re.escape(alarm['alarm_name'])}(?![\w.-])")
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["CompositeAlarm"])
    for page in pages:
        for composite in page.get("CompositeAlarms", []):
            if named.search(composite["AlarmRule"]):
                name = composite["AlarmName"]
                message = f"composite alarm {name} depends on it; take it out of that alarm's rule first"
                yield Dependent(message, type="aws_cloudwatch_composite_alarm", name=name)


TYPE = ResourceType(
    name="aws_cloudwatch_metric_alarm",
    find=_find,
    in_plan=_in_plan,
    listing=_listing,
    # Composite alarms are described to a permission on everything alone.
    list_needs="cloudwatch:DescribeAlarms",
    looks={
        "description": Look(read=_description),
        "function": Look(read=_function),
        "tags": Look(read=tags, needs="cloudwatch:ListTagsForResource"),
    },
    permissions=(
        Permissions(
            sid="Alarms",
            on="the alarms",
            arns=in_account("cloudwatch", "alarm:{}"),
            plan="cloudwatch:ListTagsForResource",
            apply="cloudwatch:DeleteAlarms cloudwatch:PutMetricAlarm cloudwatch:TagResource cloudwatch:UntagResource",
        ),
        Permissions(
            sid="Functions",
            on="the functions that alarms watch",
            arns=_watched_function,
            verify="lambda:GetFunctionConfiguration",
        ),
    ),
    plan_everywhere="cloudwatch:DescribeAlarms",
    conditions=frozenset({"StateValue"}),
    aspects={"metric_query": "metric"},
    members=("metric",),
    dependents=composite_alarms,
    is_raised=_is_raised,
)
