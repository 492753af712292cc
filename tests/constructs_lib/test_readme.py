"""The README of the constructs: each section's examples run, and its table of defaults has every option."""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from constructs_lib.alarms import MetricAlarm
from constructs_lib.bucket import Bucket, Cors
from constructs_lib.composite_alarm import CompositeAlarm
from constructs_lib.dashboard import Dashboard, ShownFunction, ShownQueue, ShownTable
from constructs_lib.function import FunctionLogs, QueueConsumer
from constructs_lib.grants import ManagedPolicy
from constructs_lib.key import AlarmKey
from constructs_lib.lifecycle import ExpireOldVersions
from constructs_lib.metrics import Expression, Metric
from constructs_lib.queue import DeadLetters, Fifo, Queue
from constructs_lib.table import Table
from constructs_lib.topic import AlarmTopic, Subscription
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import new_stack, resources, synth


@dataclass(frozen=True, kw_only=True)
class Section:
    """What a section of the README is about, by hand."""

    constructs: tuple[type, ...]
    """Each option of these is a row of the section's table."""
    made: Mapping[str, set[str]]
    """The names that the examples give, by Terraform's type of resource and its attribute, as "aws_sqs_queue.name"."""
    others: frozenset[str] = frozenset()
    """Options in the table that belong to another class."""


SECTIONS = {
    "Queue": Section(
        constructs=(Queue, DeadLetters, Fifo),
        made={"aws_sqs_queue.name": {"jobs", "jobs-dead", "payments.fifo", "payments-dead.fifo"}},
        others=frozenset({"dead_letters"}),
    ),
    "Grants": Section(constructs=(ManagedPolicy,), made={"aws_iam_policy.name": {"submit", "metrics"}}),
    "Functions of other projects": Section(
        constructs=(QueueConsumer, FunctionLogs),
        made={
            "aws_lambda_event_source_mapping.function_name": {"arn:aws:lambda:eu-west-1:444444444444:function:worker"},
            "aws_cloudwatch_log_group.name": {"/aws/lambda/worker"},
        },
    ),
    "Table": Section(
        constructs=(Table,),
        made={"aws_dynamodb_table.name": {"orders", "order-lines", "sessions"}},
        others=frozenset({"projection"}),
    ),
    "Bucket": Section(
        constructs=(Bucket, Cors, ExpireOldVersions),
        made={
            "aws_s3_bucket.bucket": {"orders-invoices", "orders-archive", "orders-contracts", "orders-uploads"},
            "aws_iam_policy.name": {"orders-importer"},
        },
    ),
    "Alarms": Section(
        constructs=(MetricAlarm, Metric, Expression),
        made={
            "aws_cloudwatch_metric_alarm.alarm_name": {
                *("jobs-depth", "worker-errors", "worker-slow", "orders-throttles", "carts-abandoned"),
            }
        },
    ),
    "Composite alarms": Section(
        constructs=(CompositeAlarm,),
        made={"aws_cloudwatch_composite_alarm.alarm_name": {"jobs-unhealthy", "jobs-down"}},
    ),
    "Topic": Section(
        constructs=(AlarmTopic, AlarmKey, Subscription),
        made={
            "aws_sns_topic.name": {"ops", "sealed"},
            "aws_sns_topic_subscription.endpoint": {"ops@example.com", "https://events.example.com/alarms"},
            "aws_kms_alias.name": {"alias/alarms"},
        },
    ),
    "Dashboard": Section(
        constructs=(Dashboard, ShownQueue, ShownFunction, ShownTable),
        made={"aws_cloudwatch_dashboard.dashboard_name": {"jobs", "queues"}},
    ),
}
TEXTS = dict(
    re.findall(
        r"(?ms)^## (.+?)\n(.*?)(?=^## |\Z)",
        (PROJECT_ROOT / "constructs_lib" / "README.md").read_text(),
    )
)
each_section = pytest.mark.parametrize("title", SECTIONS)


def examples(title: str) -> list[str]:
    """Return a section's examples; the last one is refused."""
    return re.findall(r"```python\n(.*?)```", TEXTS[title], re.DOTALL)


def run(*examples: str) -> str:
    """Run examples in the stack `other`; return its JSON."""
    stack = new_stack()
    names: dict[str, Any] = {"self": stack}
    for example in examples:
        exec(example, names)  # noqa: S102 - our own README
    return synth(stack)


def test_every_section_is_known() -> None:
    assert set(TEXTS) == set(SECTIONS)


@each_section
def test_the_examples_make_the_resources_that_they_name(title: str) -> None:
    made = run(*examples(title)[:-1])
    for attribute, names in SECTIONS[title].made.items():
        type_, key = attribute.split(".")
        assert {resource[key] for resource in resources(made, type_)} == names


@each_section
def test_the_last_example_is_refused_with_the_message_beside_it(title: str) -> None:
    (message,) = re.findall(r"```text\n(.*?)\n```", TEXTS[title], re.DOTALL)
    *_, last = examples(title)
    with pytest.raises(InvalidConstructError) as caught:
        run(examples(title)[0], last)
    assert str(caught.value) == message


@each_section
def test_every_option_has_a_default_and_a_reason(title: str) -> None:
    rows = re.findall(r"(?m)^\| (`.*?) \| .+ \| .+ \|$", TEXTS[title])
    documented = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    options = {
        each.name
        for construct in SECTIONS[title].constructs
        for each in inspect.signature(construct.__init__).parameters.values()
        if each.default is not inspect.Parameter.empty
    }
    assert documented == options | SECTIONS[title].others


def test_the_projects_reference_has_an_example_that_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (PROJECT_ROOT / "docs" / "reference.md").read_text(), re.DOTALL)
    made = run(example)
    assert {each["name"] for each in resources(made, "aws_sqs_queue")} == {
        "shop-orders-queue-dev",
        "shop-orders-dlq-dev",
    }
    assert [each["alarm_name"] for each in resources(made, "aws_cloudwatch_metric_alarm")] == [
        "shop-orders-dlq-alarm-dev"
    ]
