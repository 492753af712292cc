"""What a saved plan is bound to, what an interrupted creation leaves to be kept, and which alarms tell nobody."""

import dataclasses
from typing import Any

import pytest

from ops.saved_plan import Record, differences, silent_alarms, tainted_and_protected

MADE = Record(
    stack="vpr-async-prod",
    environment="prod",
    target="emulator",
    account="333333333333",
    region="us-east-1",
    emulator="http://127.0.0.1:4566 (pid 7)",
    terraform="1.11.4",
    configuration={"cdk.tf.json": "aa"},
    plan={"tfplan": "bb", "plan.json": "cc"},
)
CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"stack": "vpr-async-dev"}, "stack: the plan was made for vpr-async-prod, now it is vpr-async-dev"),
    ({"environment": "dev"}, "environment: the plan was made for prod, now it is dev"),
    ({"target": "aws"}, "target: the plan was made for emulator, now it is aws"),
    ({"account": "444444444444"}, "account: the plan was made for 333333333333, now it is 444444444444"),
    ({"region": "eu-west-1"}, "region: the plan was made for us-east-1, now it is eu-west-1"),
    ({"emulator": ""}, "emulator: the plan was made for http://127.0.0.1:4566 (pid 7), now it is none"),
    ({"terraform": "1.12.0"}, "terraform: the plan was made for 1.11.4, now it is 1.12.0"),
    ({"configuration": {"cdk.tf.json": "ab"}}, "cdk.tf.json: settings or code have changed since the plan"),
    ({"configuration": {}}, "cdk.tf.json: settings or code have changed since the plan"),
    ({"plan": {"tfplan": "ba", "plan.json": "cc"}}, "tfplan: not as make plan left it"),
    ({"plan": {"tfplan": "bb", "plan.json": "cd"}}, "plan.json: not as make plan left it"),
]


def test_a_plan_is_bound_to_every_value_of_its_record() -> None:
    assert list(differences(MADE, MADE)) == []
    assert {key for change, _ in CHANGES for key in change} == {field.name for field in dataclasses.fields(Record)}


@pytest.mark.parametrize(("change", "said"), CHANGES)
def test_each_value_that_differs_is_named_with_what_it_was_and_is(change: dict[str, Any], said: str) -> None:
    assert list(differences(MADE, dataclasses.replace(MADE, **change))) == [said]


def test_an_import_that_was_added_after_the_plan_is_a_difference() -> None:
    present = dataclasses.replace(MADE, configuration={"cdk.tf.json": "aa", "imports.tf.json": "dd"})
    assert list(differences(MADE, present)) == ["imports.tf.json: settings or code have changed since the plan"]


def test_what_is_tainted_is_kept_exactly_when_no_plan_may_destroy_it() -> None:
    protected = {"lifecycle": {"prevent_destroy": True}}
    synthesized: dict[str, Any] = {
        "resource": {
            "aws_dynamodb_table": {"Jobs": protected},
            "aws_s3_bucket": {"Results": protected},
            "aws_sqs_queue": {"Queue": {}},
        }
    }

    def found(type_: str, name: str, status: str | None) -> dict[str, Any]:
        return {"type": type_, "name": name, "instances": [{"status": status} if status else {}]}

    state = {
        "resources": [
            found("aws_dynamodb_table", "Jobs", "tainted"),
            found("aws_s3_bucket", "Results", None),
            found("aws_sqs_queue", "Queue", "tainted"),
            found("aws_s3_bucket", "Gone", "tainted"),
        ]
    }
    assert tainted_and_protected(state, synthesized) == ["aws_dynamodb_table.Jobs"]
    assert tainted_and_protected({}, synthesized) == []


def test_alarms_that_notify_nobody_are_named_unless_they_go() -> None:
    def alarm(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
        return {"type": "aws_cloudwatch_metric_alarm", "change": {"before": before, "after": after}}

    plan = {
        "resource_changes": [
            alarm(None, {"alarm_name": "silent", "alarm_actions": None}),
            alarm(None, {"alarm_name": "loud", "alarm_actions": ["arn"]}),
            alarm({"alarm_name": "going"}, None),
            {"type": "aws_sqs_queue", "change": {"before": None, "after": {"name": "q"}}},
        ]
    }
    assert silent_alarms(plan) == ["silent"]
    assert silent_alarms({}) == []
