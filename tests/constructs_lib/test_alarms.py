"""The alarms and their topic: what they watch, and whom they notify."""

import json
from collections.abc import Callable

import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription

from constructs_lib.alarms import AlarmTopic, Comparison, FunctionErrorRateAlarm, QueueDepthAlarm
from constructs_lib.queue import Queue
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth


def depth_alarm(stack: TerraformStack, actions: list[str]) -> None:
    QueueDepthAlarm(
        stack,
        "Depth",
        name="depth",
        description="d",
        queue=Queue(
            stack, "Orders", name="orders", account=ACCOUNT, dead_letters=None, consumer_timeout_seconds=30
        ).queue,
        comparison=Comparison.ABOVE,
        threshold_messages=10,
        actions=actions,
    )


def rate_alarm(stack: TerraformStack, actions: list[str]) -> None:
    FunctionErrorRateAlarm(
        stack, "Rate", name="rate", description="d", function_name="f", threshold_percent=1, actions=actions
    )


@pytest.mark.parametrize("make", [depth_alarm, rate_alarm])
@pytest.mark.parametrize("actions", [[], ["arn:aws:sns:eu-west-1:444444444444:ops"]])
def test_an_alarm_tells_its_actions_of_alarm_and_recovery(
    make: Callable[[TerraformStack, list[str]], None], actions: list[str]
) -> None:
    stack = new_stack()
    make(stack, actions)
    (alarm,) = resources(synth(stack), CloudwatchMetricAlarm.TF_RESOURCE_TYPE)
    assert alarm.get("alarm_actions", []) == actions
    assert alarm.get("ok_actions", []) == actions


def test_an_alarm_topic_takes_this_accounts_alarms_alone_and_sends_them_to_the_address() -> None:
    stack = new_stack()
    topic = AlarmTopic(stack, "Ops", name="ops", account=ACCOUNT, email="ops@example.com")
    synthesized = synth(stack)
    assert topic.arn == "arn:aws:sns:eu-west-1:444444444444:ops"
    assert Testing.to_have_resource_with_properties(
        synthesized, SnsTopicSubscription.TF_RESOURCE_TYPE, {"protocol": "email", "endpoint": "ops@example.com"}
    )
    (found,) = resources(synthesized, "aws_sns_topic")
    assert json.loads(found["policy"])["Statement"] == [
        {
            "Sid": "AllowAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:444444444444:ops",
            "Condition": {"StringEquals": {"aws:SourceAccount": "444444444444"}},
        },
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:444444444444:ops",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
