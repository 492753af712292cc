"""The saved plan: what it is bound to, what an interrupted creation leaves to be kept, which alarms tell nobody."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from config.request import Target
from ops import terraform
from ops import workspace as workspace_module
from ops.deployment import saved_plan
from ops.deployment.saved_plan import (
    Record,
    _recorded,  # pyright: ignore[reportPrivateUsage]
    differences,
    silent_alarms,
    tainted_and_protected,
    untaint,
)
from ops.errors import CommandError
from ops.workspace import Workspace
from tests.workspaces import workspace_of

MADE = Record(
    stack="vpr-async-prod",
    environment="prod",
    target="emulator",
    account="333333333333",
    region="us-east-1",
    emulator="http://127.0.0.1:4566 (pid 7)",
    product="terraform",
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
    (
        {"product": "tofu"},
        "made by terraform, now it is tofu; the same command with TERRAFORM=terraform applies it",
    ),
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


def test_of_another_programs_plan_nothing_else_is_named() -> None:
    """Its version and the checksums beside the stack differ as well, and for no other reason."""
    made = dataclasses.replace(MADE, product="tofu", terraform="1.10.6", configuration={".terraform.lock.hcl": "ee"})
    assert list(differences(made, MADE)) == [
        "made by tofu, now it is terraform; the same command with TERRAFORM=tofu applies it"
    ]


def test_an_import_that_was_added_after_the_plan_is_a_difference() -> None:
    present = dataclasses.replace(MADE, configuration={"cdk.tf.json": "aa", "imports.tf.json": "dd"})
    assert list(differences(MADE, present)) == ["imports.tf.json: settings or code have changed since the plan"]


def test_a_record_is_read_only_if_each_of_its_values_is_a_text() -> None:
    written = dataclasses.asdict(MADE)
    assert _recorded(written) == MADE
    for damage in ({"region": None}, {"plan": {"tfplan": 7}}, {"configuration": {"cdk.tf.json": ["aa"]}}, {"more": ""}):
        with pytest.raises(TypeError):
            _recorded({**written, **damage})


def test_what_is_tainted_is_kept_exactly_when_no_plan_may_destroy_it() -> None:
    protected = {"lifecycle": {"prevent_destroy": True}}
    synthesized: dict[str, Any] = {
        "resource": {
            "aws_dynamodb_table": {"Jobs": protected},
            "aws_s3_bucket": {"Results": protected},
            "aws_sqs_queue": {"Queue": {"name": "queue"}},
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


REFUSED = """\
terraform untaint failed on AWS:
Error writing state file: failed to upload state: operation error S3: PutObject, https response error StatusCode: 403,
api error AccessDenied: not authorized to perform: s3:PutObject
terraform untaint: the credentials lack a permission"""
KEPT = "aws_dynamodb_table.Jobs: its creation was interrupted; kept, and what it lacks is planned\n"
STILL_TAINTED = (
    "aws_dynamodb_table.Jobs: its creation was interrupted, and it stays tainted, for these credentials may not write "
    "the state; make plan ENV=prod TARGET=aws with credentials that may apply untaints it\n"
)


@pytest.mark.parametrize(("failure", "said"), [("", KEPT), (REFUSED, STILL_TAINTED)], ids=["may", "may not"])
def test_who_may_only_read_plans_with_the_mark_and_says_who_may_act(
    failure: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A role that plans may not write the state, in which an interrupted creation is marked."""
    run(monkeypatch, failure)
    assert capsys.readouterr().err == said


def test_any_other_failure_to_take_a_mark_off_ends_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="locked by"):
        run(monkeypatch, "vpr-async-prod on AWS: locked by somebody")


def run(monkeypatch: pytest.MonkeyPatch, failure: str) -> None:
    """Take a mark off with a Terraform that fails with these words; with none it succeeds."""

    def ran(_: Workspace, *arguments: str) -> None:
        assert arguments == ("untaint", "aws_dynamodb_table.Jobs")
        if failure:
            raise CommandError(failure)

    monkeypatch.setattr(terraform, "run", ran)
    workspace = workspace_of()
    untaint(workspace, "aws_dynamodb_table.Jobs")


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


@pytest.mark.parametrize("changed", ["cdk.tf.json", "assets/code/archive.zip"])
def test_what_changes_while_terraform_plans_leaves_no_plan(
    changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record would be of what is there now, and the plan of what was there before. Assets are in folders."""
    stack = tmp_path / "stack"
    (stack / "assets" / "code").mkdir(parents=True)
    for file in ("cdk.tf.json", "assets/code/archive.zip"):
        (stack / file).write_text("{}")
    monkeypatch.setattr(workspace_module, "PLANS", tmp_path / "plans")
    workspace = workspace_of(target=Target.EMULATOR, stack_directory=stack)

    def plan(_: Workspace, file: Path) -> None:
        file.write_bytes(b"plan")
        (stack / changed).write_text('{"terraform": {}}')

    def nothing(*_: Any) -> Any:
        return None

    def empty(*_: Any) -> Any:
        return {}

    answers: list[tuple[Any, str, Any]] = [
        (terraform, "state", empty),
        (terraform, "plan", plan),
        *((saved_plan, name, nothing) for name in ("_shown_review", "require_no_loss")),
    ]
    for module, name, answer in answers:
        monkeypatch.setattr(module, name, answer)
    with pytest.raises(CommandError, match=rf"(?s)no plan is left;.*\n  {changed}: changed while Terraform planned$"):
        saved_plan.make(workspace)
    assert list((tmp_path / "plans" / "emulator" / "vpr-async-prod").iterdir()) == []
