"""CloudWatch composite alarms."""

from collections.abc import Mapping
from typing import Any

from ops.resource_types import cloudwatch_metric_alarm
from ops.resource_types.interface import Account, Client, Look, Permissions, ResourceType, in_account
from stacks.requirement import Expected
from stacks.settings import Settings

_TYPE = "CompositeAlarm"


def _listing(account: Account, prefix: str) -> Mapping[str, Any]:
    answer = account.ask("cloudwatch", "describe_alarms", AlarmNamePrefix=prefix, AlarmTypes=[_TYPE])
    return {each["AlarmName"]: each for each in answer.get("CompositeAlarms", [])}


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    name = values["alarm_name"]
    found = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=[_TYPE])
    return name if found["CompositeAlarms"] else None


def _description(_: Account, __: str, alarm: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**alarm, "StateValue": "ALARM" if alarm["StateValue"] == "ALARM" else "not ALARM"}


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    return {key: value for key, value in expected["description"].items() if key != "StateValue"}


TYPE = ResourceType(
    name="aws_cloudwatch_composite_alarm",
    find=_find,
    # PutCompositeAlarm replaces one that exists, and says nothing.
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    # Composite alarms are described to a permission on everything alone.
    list_needs="cloudwatch:DescribeAlarms",
    looks={
        "description": Look(read=_description),
        "tags": Look(read=cloudwatch_metric_alarm.tags, needs="cloudwatch:ListTagsForResource"),
    },
    permissions=(
        Permissions(
            sid="CompositeAlarms",
            on="the composite alarms",
            arns=in_account("cloudwatch", "alarm:{}"),
            plan="cloudwatch:ListTagsForResource",
            apply="cloudwatch:DeleteAlarms cloudwatch:PutCompositeAlarm cloudwatch:TagResource "
            "cloudwatch:UntagResource",
        ),
    ),
    plan_everywhere="cloudwatch:DescribeAlarms",
    conditions=frozenset({"StateValue"}),
    dependents=cloudwatch_metric_alarm.composite_alarms,
)
