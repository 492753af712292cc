"""Patches of CloudWatch, seen as a client of AWS sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from emulator_helpers import ACCOUNT_ID, REGION

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def cloudwatch(client: Callable[[str], Any]) -> Any:
    return client("cloudwatch")


def make_alarm(cloudwatch: Any, name: str) -> str:
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Maximum",
        Threshold=1,
    )
    return name


def test_a_composite_alarm_is_described_to_who_asks_for_it(cloudwatch: Any, unique: str) -> None:
    """With all that it was made with; who names no type is shown metric alarms alone."""
    child, suppressor = make_alarm(cloudwatch, f"{unique}-child"), make_alarm(cloudwatch, f"{unique}-quiet")
    rule = f"ALARM({child}) OR NOT OK(arn:aws:cloudwatch:{REGION}:{ACCOUNT_ID}:alarm:{child})"
    cloudwatch.put_composite_alarm(
        AlarmName=unique,
        AlarmRule=rule,
        AlarmDescription="unhealthy",
        ActionsEnabled=False,
        ActionsSuppressor=suppressor,
        ActionsSuppressorWaitPeriod=60,
        ActionsSuppressorExtensionPeriod=120,
        Tags=[{"Key": "a", "Value": "b"}],
    )
    (found,) = cloudwatch.describe_alarms(AlarmNames=[unique], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert (found["AlarmName"], found["AlarmRule"], found["AlarmDescription"]) == (unique, rule, "unhealthy")
    assert found["ActionsEnabled"] is False
    assert found["ActionsSuppressor"] == suppressor
    assert (found["ActionsSuppressorWaitPeriod"], found["ActionsSuppressorExtensionPeriod"]) == (60, 120)
    assert cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"] == [{"Key": "a", "Value": "b"}]
    answer = cloudwatch.describe_alarms(AlarmNamePrefix=unique)
    assert [each["AlarmName"] for each in answer["MetricAlarms"]] == [child, suppressor]
    assert answer["CompositeAlarms"] == []
    composites = cloudwatch.describe_alarms(AlarmNamePrefix=unique, AlarmTypes=["CompositeAlarm"])
    assert composites["MetricAlarms"] == []


def test_an_existing_composite_alarm_is_overwritten_and_keeps_its_tags(cloudwatch: Any, unique: str) -> None:
    """As PutCompositeAlarm says of tags."""
    child = make_alarm(cloudwatch, f"{unique}-child")
    for rule, value in ((f"ALARM({child})", "first"), (f"OK({child})", "second")):
        cloudwatch.put_composite_alarm(AlarmName=unique, AlarmRule=rule, Tags=[{"Key": "made", "Value": value}])
    (found,) = cloudwatch.describe_alarms(AlarmNames=[unique], AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    assert found["AlarmRule"] == f"OK({child})"
    tags = cloudwatch.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
    assert tags == [{"Key": "made", "Value": "first"}]


def test_the_alarms_of_a_rule_must_exist(cloudwatch: Any, unique: str) -> None:
    make_alarm(cloudwatch, f"{unique}-1")
    rule = f"ALARM(\"{unique}-1\") OR (ALARM('{unique}-2') AND NOT INSUFFICIENT_DATA({unique}-3))"
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_composite_alarm(AlarmName=unique, AlarmRule=rule)
    answer: Any = refused.value.response
    assert answer["Error"]["Code"] == "ValidationError"
    assert answer["Error"]["Message"] == (
        f"Could not save the composite alarm as alarms [{unique}-2, {unique}-3] in the alarm rule do not exist"
    )


def test_an_alarm_is_not_deleted_while_a_composite_alarm_depends_on_it(cloudwatch: Any, unique: str) -> None:
    """Neither a metric alarm nor a composite one; with the one that depends on it, or after it, it goes."""
    child = make_alarm(cloudwatch, f"{unique}-child")
    for name, rule in ((unique, f"ALARM({child})"), (f"{unique}-parent", f"ALARM({unique})")):
        cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule=rule)
    for name in (child, unique):
        with pytest.raises(ClientError) as refused:
            cloudwatch.delete_alarms(AlarmNames=[name])
        answer: Any = refused.value.response
        assert answer["Error"]["Message"] == (f"Cannot delete {name} as there are composite alarm(s) depending on it.")
    cloudwatch.delete_alarms(AlarmNames=[f"{unique}-parent"])
    cloudwatch.delete_alarms(AlarmNames=[unique])
    cloudwatch.delete_alarms(AlarmNames=[child])
    every = cloudwatch.describe_alarms(AlarmNamePrefix=unique, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    assert (every["MetricAlarms"], every["CompositeAlarms"]) == ([], [])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("no JSON", "Body is invalid JSON"),
        ("[]", "it should have a list of widgets"),
        ('{"widgets": {}}', "it should have a list of widgets"),
        ('{"widgets": [{"properties": {}}]}', "/widgets/0: should have required property 'type'"),
        ('{"widgets": [{"type": "metric"}]}', "/widgets/0: should have required property 'properties'"),
    ],
)
def test_a_dashboard_that_is_none_is_refused(cloudwatch: Any, unique: str, body: str, reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        cloudwatch.put_dashboard(DashboardName=unique, DashboardBody=body)
    assert cloudwatch.list_dashboards(DashboardNamePrefix=unique)["DashboardEntries"] == []


def test_a_dashboard_has_a_name_of_letters_digits_and_dashes(cloudwatch: Any, unique: str) -> None:
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "hello"}}]})
    with pytest.raises(ClientError, match=r"for parameter DashboardName is invalid"):
        cloudwatch.put_dashboard(DashboardName=f"{unique}.b", DashboardBody=body)
    cloudwatch.put_dashboard(DashboardName=unique, DashboardBody=body)
    found = cloudwatch.get_dashboard(DashboardName=unique)
    assert (found["DashboardName"], json.loads(found["DashboardBody"])) == (unique, json.loads(body))
    assert found["DashboardArn"] == f"arn:aws:cloudwatch::{ACCOUNT_ID}:dashboard/{unique}"
