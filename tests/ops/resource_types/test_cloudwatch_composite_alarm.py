"""Composite alarms: listed for themselves, found by their whole name, and seen as AWS describes them."""

from typing import Any

from ops.resource_types import cloudwatch_metric_alarm
from ops.resource_types.cloudwatch_composite_alarm import TYPE
from tests.ops.resource_types.answers import DEV, account, found, listed, seen

NAME = "careervp-orders-unhealthy-alarm-dev"
ARN = f"arn:aws:cloudwatch:us-east-1:111111111111:alarm:{NAME}"
ALARM = {
    "AlarmName": NAME,
    "AlarmArn": ARN,
    "AlarmRule": 'ALARM("a") OR ALARM("b")',
    "ActionsEnabled": True,
    "AlarmActions": ["arn:topic"],
    "StateValue": "INSUFFICIENT_DATA",
}


def asked(AlarmNamePrefix: str, AlarmTypes: list[str]) -> dict[str, Any]:  # noqa: N803 - AWS's names
    """Answer with what is asked for, as AWS does."""
    assert AlarmNamePrefix == "careervp-orders-"
    every = {"MetricAlarm": [{"AlarmName": "careervp-orders-dlq-alarm-dev"}], "CompositeAlarm": [ALARM]}
    return {f"{type_}s": every[type_] for type_ in AlarmTypes}


def test_composite_alarms_are_listed_alone() -> None:
    assert listed(TYPE, "careervp-orders-", cloudwatch__describe_alarms=asked) == {NAME: ALARM}


def test_metric_alarms_are_listed_with_composite_ones_unless_the_feature_has_some() -> None:
    """So nobody's composite alarm goes unnoticed, and a declared one is no undeclared metric alarm."""
    listing = cloudwatch_metric_alarm.TYPE.listing
    assert listing
    without = account(cloudwatch__describe_alarms=asked)
    assert set(listing(without, "careervp-orders-")) == {"careervp-orders-dlq-alarm-dev", NAME}
    own = account({"aws_cloudwatch_composite_alarm": {NAME: {}}}, cloudwatch__describe_alarms=asked)
    assert set(listing(own, "careervp-orders-")) == {"careervp-orders-dlq-alarm-dev"}


def test_it_is_found_by_its_name_as_a_composite_alarm() -> None:
    answer = {"CompositeAlarms": [ALARM]}
    assert found(TYPE, {"alarm_name": NAME}, "cloudwatch", ("describe_alarms", answer)) == NAME
    assert found(TYPE, {"alarm_name": NAME}, "cloudwatch", ("describe_alarms", {"CompositeAlarms": []})) is None


def test_it_is_looked_up_before_it_is_created() -> None:
    """PutCompositeAlarm would replace it."""
    assert TYPE.find_first


def test_it_is_seen_as_aws_describes_it_and_whether_it_is_raised() -> None:
    assert seen(TYPE, "description", NAME, ALARM) == {**ALARM, "StateValue": "not ALARM"}
    assert seen(TYPE, "description", NAME, {**ALARM, "StateValue": "ALARM"})["StateValue"] == "ALARM"
    tags = {"Tags": [{"Key": "Project", "Value": "careervp"}, {"Key": "aws:a", "Value": "b"}]}
    assert seen(TYPE, "tags", NAME, ALARM, cloudwatch__list_tags_for_resource=tags) == {"tags": {"Project": "careervp"}}


def test_a_plan_is_checked_for_all_but_its_state() -> None:
    assert TYPE.in_plan
    expected = {"AlarmRule": 'ALARM("a")', "ActionsEnabled": True, "StateValue": "not ALARM"}
    assert TYPE.in_plan({"description": expected}) == {"AlarmRule": 'ALARM("a")', "ActionsEnabled": True}


def test_permissions_are_on_the_alarm_alone() -> None:
    (permissions,) = TYPE.permissions
    assert permissions.arns(DEV, NAME, {}) == (ARN,)
    assert permissions.apply == (
        "cloudwatch:DeleteAlarms cloudwatch:PutCompositeAlarm cloudwatch:TagResource cloudwatch:UntagResource"
    )
    assert TYPE.plan_everywhere == "cloudwatch:DescribeAlarms"
