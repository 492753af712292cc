"""Each outcome of a plan has a verdict of its own, from what is gravest in it; nothing unknown is called safe."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from plan_review.forms.wording import counts, verdict
from plan_review.model import Kind, Review, Verdict
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import Rule, Rules
from plan_review.verdict import GRAVE

from plan_builder import entry, plan, reviewed, told

QUEUE = {"name": "q"}
DELETED = [{**entry("aws_iam_role", "delete", {"name": "r"}), "address": "aws_iam_role.r"}]
REPLACED = entry(
    "aws_lambda_function", "replace", {"function_name": "f", "package_type": "Zip"}, {"function_name": "f"}
)
INVOKED = {"address": "action.aws_lambda_invoke.purge", "type": "aws_lambda_invoke", "name": "purge"}
ASKED = {**INVOKED, "config_values": {"function_name": "purge-orders"}, "invoke_action_trigger": {}}
CREATED = entry("aws_sqs_queue", "create", None, QUEUE)
UNKNOWN = entry("acme_vault_door", "create", None, {"name": "d"})
DRIFT = [entry("aws_sqs_queue", "update", {**QUEUE, "delay_seconds": 0}, {**QUEUE, "delay_seconds": 9})]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (reviewed, "nothing to do: no changes"),
        (lambda: reviewed(CREATED), "safe: 1 to create"),
        (lambda: reviewed(UNKNOWN), "only creates: 1 to create"),
        (lambda: reviewed(CREATED, UNKNOWN), "only creates: 2 to create"),
        (
            lambda: reviewed(entry("aws_sqs_queue", "update", QUEUE, {**QUEUE, "tags": {"a": "b"}})),
            "changes: 1 to change",
        ),
        (lambda: reviewed(entry("terraform_data", "delete", {"id": "1"})), "deletes (no data): 1 to delete"),
        (lambda: reviewed(*DELETED), "deletes (no data): r: would be deleted"),
        (lambda: reviewed(REPLACED), "replaces (no data): f: would be replaced"),
        (lambda: reviewed(entry("null_resource", "forget", {"id": "1"})), "state only: 1 to forget"),
        (lambda: reviewed(resource_drift=DRIFT, applyable=True), "state only: 1 to refresh"),
        (
            lambda: reviewed(CREATED, complete=False),
            "incomplete: only a part was planned, as with -target: what was left",
        ),
        (
            lambda: reviewed(CREATED, errored=True),
            "incomplete: Terraform failed while planning: what is here may be only a",
        ),
        (lambda: reviewed(entry("aws_sqs_queue", "delete", QUEUE)), "DANGER: q: would be deleted: its messages lost"),
    ],
)
def test_each_outcome_has_its_verdict(found: Callable[[], Review], expected: str) -> None:
    assert verdict(found()).startswith(expected)


def test_a_new_policy_that_is_known_only_after_the_apply_is_not_safe() -> None:
    role = entry("aws_iam_role", "create", None, {"name": "r"}, after_unknown={"assume_role_policy": True})
    found = reviewed(role)
    assert found.verdict is Verdict.CREATES
    assert found.notes[0] == ('policies that are known only after the apply, so what they allow is not reviewed: "r"')


def test_a_plan_that_runs_an_action_alone_says_so_and_names_it() -> None:
    found = reviewed(action_invocations=[ASKED])
    assert found.verdict is Verdict.ACTIONS
    assert told(found) == [("execution", "would run as asked for with -invoke: no plan shows what it does")]
    assert counts(found) == "1 action to run"


@pytest.mark.parametrize(
    ("event", "trigger"),
    [
        ("BeforeCreate", "before aws_sqs_queue.this is created"),
        ("AfterCreate", "after aws_sqs_queue.this is created"),
        ("BeforeUpdate", "before aws_sqs_queue.this changes"),
        ("AfterUpdate", "after aws_sqs_queue.this has changed"),
        ("BeforeDestroy", "before aws_sqs_queue.this is deleted"),
        ("AfterDestroy", "after aws_sqs_queue.this is deleted"),
        ("AfterLunch", "at AfterLunch of aws_sqs_queue.this"),
    ],
)
def test_an_action_says_what_triggers_it(event: str, trigger: str) -> None:
    lifecycle = {"action_trigger_event": event, "triggering_resource_address": "aws_sqs_queue.this"}
    found = reviewed(CREATED, action_invocations=[{**INVOKED, "lifecycle_action_trigger": lifecycle}])
    assert [each.trigger for each in found.invocations] == [trigger]
    assert found.verdict is Verdict.CHANGES


def test_a_deferred_action_waits_and_what_is_sensitive_or_unknown_in_it_is_hidden() -> None:
    invoked = {
        **ASKED,
        "config_values": {"function_name": "f", "payload": "hunter2-canary"},
        "config_sensitive": {"payload": True},
        "config_unknown": {"qualifier": True},
    }
    found = reviewed(deferred_action_invocations=[{"reason": "absent_prereq", "action_invocation": invoked}])
    (action,) = found.invocations
    assert action.deferred == "what it needs does not exist yet"
    assert found.verdict is Verdict.INCOMPLETE
    assert {each.path: each.after.known for each in action.settings} == {
        ("function_name",): "value",
        ("payload",): "sensitive",
        ("qualifier",): "unknown",
    }
    assert "hunter2" not in repr(found)


def test_the_gravest_finding_is_the_answer_whatever_its_place() -> None:
    table = entry("aws_dynamodb_table", "delete", {"name": "t"})
    found = reviewed(*DELETED, table)
    assert (found.verdict, found.answer) == (Verdict.DANGER, "t: would be deleted: its items lost")


def test_what_stops_the_plan_is_the_answer_before_what_is_graver_and_does_not() -> None:
    alarms = Rule(name="r", why="w", kinds=frozenset({Kind.ALARMS}), environments=None, types=None)
    alarm = entry("aws_cloudwatch_metric_alarm", "delete", {"alarm_name": "a"})
    content = plan(entry("aws_dynamodb_table", "delete", {"name": "t"}), alarm)
    found = review(content, title="t", rules=Rules(rules=(alarms,)), today=date(2030, 1, 1))
    assert found.verdict is Verdict.STOPPED
    assert found.answer == "a: would be deleted: what it watches would go unnoticed"


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("sqs:SendMessage", "anyone could sqs:SendMessage on q"),
        (["sqs:SendMessage", "sqs:ReceiveMessage"], "anyone could sqs:SendMessage, sqs:ReceiveMessage on q"),
        (["a:a", "a:b", "a:c", "a:d", "a:e"], "anyone could a:a, a:b, a:c and 2 more on q"),
        ("*", "anyone could do everything on q"),
        (None, "anyone could do nearly everything on q"),
    ],
)
def test_a_resource_that_is_opened_to_everyone_is_told_in_plain_words(action: Any, expected: str) -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Resource": "arn:aws:sqs:us-east-1:333333333333:q"}
    what = {"Action": action} if action else {"NotAction": "sqs:DeleteQueue"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **what}]})
    found = reviewed(entry("aws_sqs_queue", "update", {**QUEUE, "policy": ""}, {**QUEUE, "policy": policy}))
    assert (found.verdict, found.answer) == (Verdict.DANGER, expected)


def test_the_kinds_that_are_grave_are_those_that_lose_data_or_weaken_security() -> None:
    assert {kind.value for kind in GRAVE} == {
        "loss",
        "exposure",
        "exfiltration",
        "privilege",
        "security",
        "protection",
    }


@pytest.mark.parametrize(
    ("actions", "order"),
    [
        (["delete", "create"], "the old one is deleted before the new one is there"),
        (["create", "delete"], "the new one is there before the old one is deleted"),
        (["create", "forget"], ""),
    ],
)
def test_a_replacement_says_which_comes_first(actions: list[str], order: str) -> None:
    replaced: dict[str, Any] = entry("aws_lambda_function", "replace", {"function_name": "f"}, {"function_name": "g"})
    replaced["change"]["actions"] = actions
    assert [each.order for each in reviewed(replaced).resources] == [order]


def test_what_alone_becomes_sensitive_says_so() -> None:
    marked = entry("terraform_data", "update", {"input": "x"}, {"input": "x"}, after_sensitive={"input": True})
    (found,) = reviewed(marked).resources
    assert found.sensitivity == ("input would be sensitive from now on; its value stays the same",)


def test_an_output_that_is_no_longer_sensitive_is_shown_in_clear_from_now_on() -> None:
    """Terraform marks both sides of its change; whether it is sensitive from now on is in the configuration."""
    change = {"actions": ["update"], "before": "autumn", "after": "autumn", "before_sensitive": True}
    output: dict[str, Any] = {"expression": {}}
    configuration = {"root_module": {"outputs": {"banner": output}}}
    found = reviewed(output_changes={"banner": {**change, "after_sensitive": True}}, configuration=configuration)
    assert told(found) == [
        ("exposure", "it would no longer be sensitive, and be shown in clear from now on; its value stays the same")
    ]
    assert "autumn" not in repr(found)
    output["sensitive"] = True
    hidden = reviewed(output_changes={"banner": {**change, "after_sensitive": True}}, configuration=configuration)
    assert told(hidden) == []
    assert hidden.outputs[0].sensitivity == ("it would be sensitive from now on; its value stays the same",)


def test_a_plan_that_leaves_the_requirement_is_not_safe() -> None:
    found = reviewed(CREATED)
    assert found.verdict is Verdict.SAFE
    required = RequiredResource(type="aws_sqs_queue", name="q", properties={"VisibilityTimeout": 660})
    left = review(plan(CREATED), title="t", rules=Rules(), requirement=[required], today=date(2030, 1, 1))
    assert (left.verdict, left.answer) == (Verdict.CREATES, "1 of 1 properties leave the requirement")
