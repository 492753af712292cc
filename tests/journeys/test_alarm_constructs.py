"""Alarms, topics, keys and dashboards with every option, which Terraform accepts with the real provider's schema."""

import json
from pathlib import Path

import pytest
from cdktf import App, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from constructs_lib.account import Account
from constructs_lib.alarms import MetricAlarm, MissingData
from constructs_lib.composite_alarm import CompositeAlarm
from constructs_lib.dashboard import Dashboard, ShownFunction, ShownQueue, ShownTable
from constructs_lib.key import AlarmKey
from constructs_lib.metrics import (
    Metric,
    function_duration,
    function_error_rate,
    function_throttles,
    oldest_message_age,
    queue_depth,
    table_system_errors,
    table_throttles,
)
from constructs_lib.topic import AlarmTopic, Subscription
from tests.checkout import make_checkout

pytestmark = pytest.mark.xdist_group("alarm constructs")
ACCOUNT = Account(id="444444444444", region="us-east-1")
CONDITIONS = {
    "depth": queue_depth("orders").above(50),
    "dead": queue_depth("orders-dead.fifo").at_least(1),
    "age": oldest_message_age("orders", period_seconds=3600).above(600),
    "errors": function_error_rate("submit").above(5),
    "throttled": function_throttles("submit", period_seconds=60).above(0),
    "slow": function_duration("submit", 99.99).near_timeout(seconds=300),
    "throttles": table_throttles("orders", indexes=["by-customer", "by-product"]).above(0),
    "system-errors": table_system_errors("orders").above(0),
    "carts": Metric(namespace="Shop", name="Carts", statistic="tm90", period_seconds=20, label="Carts").at_most(0.5),
}


def synthesize(folder: Path) -> Path:
    """Return the folder of a stack with all of them; its state is a file there."""
    app = App(outdir=str(folder))
    stack = TerraformStack(app, "shop")
    AwsProvider(stack, "Aws", region=ACCOUNT.region)
    key = AlarmKey(stack, "Key", alias="alias/alarms", account=ACCOUNT, description="Encrypts alarms.")
    topic = AlarmTopic(
        stack,
        "Ops",
        name="ops",
        account=ACCOUNT,
        subscriptions=[
            Subscription.email("ops@example.com"),
            Subscription.email("dev@example.com", id="Developers"),
            Subscription.https("https://events.example.com/alarms"),
            Subscription.queue(ACCOUNT.queue_arn("alarms")),
            Subscription.function(ACCOUNT.function_arn("pager")),
        ],
        key_arn=key.arn,
    )
    alarms = [
        MetricAlarm(
            stack,
            name.title(),
            name=name,
            condition=condition,
            evaluation_periods=3,
            datapoints=2,
            missing_data=MissingData.MISSING,
            actions=[topic.arn],
            ok_actions=[topic.arn],
            insufficient_data_actions=[topic.arn],
        )
        for name, condition in CONDITIONS.items()
    ]
    unhealthy = CompositeAlarm(
        stack,
        "Unhealthy",
        name="unhealthy",
        any_of=alarms,
        description="Orders wait, or fail.",
        actions=[topic.arn],
        insufficient_data_actions=[topic.arn],
    )
    CompositeAlarm(stack, "Down", name="down", all_of=[unhealthy, "payments"])
    Dashboard(
        stack,
        "Dashboard",
        name="shop",
        account=ACCOUNT,
        queues=[ShownQueue("orders", dead_letters="orders-dead.fifo")],
        functions=[ShownFunction("submit", timeout_seconds=300)],
        tables=[ShownTable("orders", indexes=["by-customer", "by-product"])],
        conditions=list(CONDITIONS.values()),
    )
    stack.add_override("terraform.backend", {"local": {"path": "terraform.tfstate"}})
    app.synth()
    return folder / "stacks" / "shop"


def test_terraform_accepts_every_option(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path / "checkout")
    folder = synthesize(tmp_path / "synthesized")
    (folder / "terraform.d").symlink_to(checkout.path / "terraform.d")
    assert {
        type_: len(of_type) for type_, of_type in json.loads((folder / "cdk.tf.json").read_text())["resource"].items()
    } == {
        "aws_cloudwatch_composite_alarm": 2,
        "aws_cloudwatch_dashboard": 1,
        "aws_cloudwatch_metric_alarm": 9,
        "aws_kms_alias": 1,
        "aws_kms_key": 1,
        "aws_sns_topic": 1,
        "aws_sns_topic_subscription": 5,
    }
    for command in (("init",), ("validate",)):
        done = checkout.terraform(folder, *command)
        assert done.returncode == 0, (done.stdout, done.stderr)
