"""A command reviews its plan once, and asks AWS once what the verdict depends on."""

import json
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config.request import Request, read_request
from ops import terraform, unsaved_state, workspace
from ops.cli import main
from ops.deployment import apply, bootstrap, cdktf_cli, plan, saved_plan
from ops.errors import CommandError, NoAnswerError
from ops.review_context import Context
from ops.workspace import Workspace
from tests.workspaces import workspace_of

from plan_builder import entry
from plan_builder import plan as built_plan

QUEUE = entry("aws_sqs_queue", "delete", {"name": "queue", "url": "https://sqs/queue"})
PLAN = json.dumps(built_plan(QUEUE, applyable=True))


@dataclass
class Counted:
    """Counts of what a command should do once."""

    titles: list[str] = field(default_factory=list[str])
    """Of the plans that were reviewed."""
    asked: int = 0
    messages: int = 0

    def get_queue_attributes(self, *, QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: N803 - as boto3 has it
        """Answer for the queue."""
        assert QueueUrl == "https://sqs/queue"
        self.asked += 1
        return {"Attributes": {**dict.fromkeys(AttributeNames, "0"), "ApproximateNumberOfMessages": str(self.messages)}}


@pytest.fixture
def counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Return the counts of commands that run in prod, with Terraform and AWS replaced."""
    # The plans' own environment is found.
    monkeypatch.delenv("ENV", raising=False)
    found = Counted()
    stack = tmp_path / "stack"
    stack.mkdir()
    (stack / "cdk.tf.json").write_text("{}")
    on = workspace_of(stack_directory=stack)

    @contextmanager
    def opened(*_: object, **__: object) -> Generator[Workspace]:
        yield on

    @contextmanager
    def all_opened(*_: object, **__: object) -> Generator[list[Workspace]]:
        yield [on]

    def nothing(*_: object, **__: object) -> None:
        """Do what need not be done here."""

    def client(_: Workspace, service: str) -> Any:
        return found if service == "sqs" else SimpleNamespace()

    def made(_: Workspace, file: Path, *__: str) -> None:
        file.write_bytes(b"plan")

    def judge(content: dict[str, Any], *, context: Context, **more: Any) -> Any:
        found.titles.append(context.title)
        return real(content, context=context, **more)

    real = saved_plan.judge
    monkeypatch.setattr(saved_plan, "judge", judge)
    monkeypatch.setattr(saved_plan, "PROJECT_ROOT", tmp_path)
    monkeypatch.setattr(workspace, "PLANS", tmp_path / "plans")
    monkeypatch.setattr(Workspace, "client", client)
    monkeypatch.setattr(bootstrap, "open_workspace", opened)
    for module in (plan, apply, cdktf_cli):
        monkeypatch.setattr(module, "open_workspaces", all_opened)
    for module, name in (
        *(
            (terraform, each)
            for each in ("prepare", "init", "apply", "write_unsaved_states", "require_no_unsaved_state")
        ),
        *((apply, "synthesize"), (bootstrap, "synthesize"), (cdktf_cli, "_cdktf")),
        (apply.dependents, "require_deletable"),
    ):
        monkeypatch.setattr(module, name, nothing)
    answers: list[tuple[Any, str, Callable[..., Any]]] = [
        (terraform, "plan", made),
        (terraform, "plan_json", lambda *_: PLAN),
        (terraform, "state", lambda *_: {}),
        (terraform, "version", lambda *_: "1.11.4"),
        (apply, "held_lock", lambda *_: None),
        (apply.adoption, "already_there", lambda *_: []),
        (bootstrap.aws, "state_bucket_exists", lambda *_: True),
        (bootstrap.aws, "state_object", lambda *_: {}),
        (unsaved_state, "keep", lambda *_: None),
    ]
    for module, name, answer in answers:
        monkeypatch.setattr(module, name, answer)
    return found


def request() -> Request:
    return read_request({"ENV": "prod", "TARGET": "aws", "AUTO_APPROVE": "yes"})


@pytest.mark.parametrize("command", [plan.plan, bootstrap.bootstrap, cdktf_cli.deploy])
def test_a_command_that_plans_makes_one_review(command: Callable[[Request], None], counted: Counted) -> None:
    command(request())
    assert (counted.titles, counted.asked) == (["vpr-async-prod"], 1)


def test_an_apply_makes_one_review_of_the_saved_plan(counted: Counted, capsys: pytest.CaptureFixture[str]) -> None:
    plan.plan(request())
    counted.titles.clear()
    counted.asked = 0
    apply.apply(request())
    assert (counted.titles, counted.asked) == (["vpr-async-prod"], 1)
    assert capsys.readouterr().out.splitlines()[-1].endswith("applied: 1 deleted")


def test_a_later_review_of_the_saved_plan_is_the_same_and_asks_nobody(counted: Counted, tmp_path: Path) -> None:
    """What AWS said, where the plan is for, and what the environment retains lie beside the plan, wherever it goes."""
    plan.plan(request())
    counted.asked, counted.messages = 0, 7
    made = tmp_path / "plans" / "aws" / "vpr-async-prod"
    reviews = {file.name: file.read_bytes() for file in made.glob("review.*")}
    taken = shutil.copytree(made, tmp_path / "taken")
    for file in taken.glob("review.*"):
        file.unlink()
    assert main(["review", str(taken / "plan.json")]) == 0
    assert sorted(reviews) == ["review.html", "review.json", "review.md"]
    assert {file.name: file.read_bytes() for file in taken.glob("review.*")} == reviews
    assert b"it is empty now" in reviews["review.md"]
    assert counted.asked == 0


@pytest.mark.usefixtures("counted")
def test_a_plan_that_loses_retained_data_can_be_reviewed_again_and_not_applied(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its JSON stays beside its review, also where Terraform refuses the plan itself; nothing to apply does."""
    lost = entry("aws_dynamodb_table", "delete", {"name": "careervp-jobs-table-prod"})

    def failing(_: Workspace, file: Path, *__: str) -> None:
        file.write_bytes(b"plan")
        message = "Instance cannot be destroyed"
        raise CommandError(message)

    def shown(*_: object) -> str:
        return json.dumps(built_plan(lost, applyable=True))

    monkeypatch.setattr(terraform, "plan_json", shown)
    made = tmp_path / "plans" / "aws" / "vpr-async-prod"
    for is_terraforms in (False, True):
        if is_terraforms:
            monkeypatch.setattr(terraform, "plan", failing)
        with pytest.raises(CommandError, match="careervp-jobs-table-prod"):
            plan.plan(request())
        left = {"plan.json", "review-context.json", "review.html", "review.json", "review.md"}
        assert {file.name for file in made.iterdir()} == left
        first = (made / "review.json").read_bytes()
        assert main(["review", str(made / "plan.json")]) == 1
        assert (made / "review.json").read_bytes() == first
        with pytest.raises(NoAnswerError, match="no plan to apply"):
            apply.apply(request())


@pytest.mark.parametrize(("runs", "notes"), [(True, ["note: it: does not exist"]), (False, [])])
def test_a_plan_notes_what_of_others_does_not_exist_unless_its_emulator_began_with_it(
    counted: Counted,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    runs: bool,
    notes: list[str],
) -> None:
    """On such an emulator nothing of others' exists. A note stops nothing."""

    def missing(_: Workspace) -> list[str]:
        return ["it: does not exist"]

    def emulator_runs(_: Request) -> bool:
        return runs

    monkeypatch.setattr(plan.given, "missing", missing)
    monkeypatch.setattr(plan, "emulator_runs", emulator_runs)
    plan.plan(request())
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("note: it")] == notes
    assert counted.titles == ["vpr-async-prod"]


@pytest.mark.parametrize("command", [plan.plan, bootstrap.bootstrap, cdktf_cli.deploy])
def test_a_queue_that_holds_messages_is_refused_by_every_command(
    command: Callable[[Request], None], counted: Counted
) -> None:
    counted.messages = 7
    with pytest.raises(saved_plan.CommandError) as refused:
        command(request())
    assert str(refused.value) == (
        "queue (aws_sqs_queue.this): would be deleted, and its 7 messages lost; if it is to go, see "
        "docs/runbooks/decommission.md"
    )
    assert (len(counted.titles), counted.asked) == (1, 1)


@pytest.mark.parametrize("command", [plan.plan, bootstrap.bootstrap, cdktf_cli.deploy])
def test_a_table_that_is_declared_without_prevent_destroy_is_refused_by_every_command(
    command: Callable[[Request], None], counted: Counted, tmp_path: Path
) -> None:
    """No plan shows it: the synthesized stack does."""
    declared = {"resource": {"aws_dynamodb_table": {"Jobs": {"name": "jobs"}}}}
    (tmp_path / "stack" / "cdk.tf.json").write_text(json.dumps(declared))
    with pytest.raises(saved_plan.CommandError) as refused:
        command(request())
    assert str(refused.value) == (
        'jobs (aws_dynamodb_table.Jobs): declared without prevent_destroy, while data_protection = "retain"; '
        "declare it with prevent_destroy, or see docs/runbooks/decommission.md"
    )
    assert counted.asked == 1
