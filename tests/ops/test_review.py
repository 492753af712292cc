"""`review`: what it prints and leaves, its exit status, and whose rules hold."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from ops import workspace
from ops.cli import main
from ops.review import judge
from ops.review_context import Context
from plan_review.cli import show

QUEUE = "aws_sqs_queue.Jobs"
LEFT = {"plan.json", "review.md", "review.html", "review.json"}


def plan(name: str, *actions: str) -> dict[str, Any]:
    """Return a plan of one queue."""
    change: dict[str, Any] = {"actions": list(actions), "before": {"name": name}, "after": None, "after_unknown": {}}
    queue = {"address": QUEUE, "mode": "managed", "type": "aws_sqs_queue", "name": "Jobs", "change": change}
    return {"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": [queue]}


DELETED_IN_PROD, DELETED_IN_DEV = (plan(f"careervp-vpr-jobs-queue-{env}", "delete") for env in ("prod", "dev"))
DELETED_ELSEWHERE = plan("orders", "delete")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("ENV", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "review.json").read_text())


@pytest.mark.parametrize(
    ("content", "environment", "status"),
    [(DELETED_IN_PROD, "prod", 1), (DELETED_IN_DEV, "dev", 0), (DELETED_ELSEWHERE, "", 0)],
)
def test_a_plan_is_judged_by_the_environment_whose_resources_it_has(
    here: Path, content: dict[str, Any], environment: str, status: int
) -> None:
    """Another project's is of no environment, so that what holds for ours alone does not stop it."""
    (here / "plan.json").write_text(json.dumps(content))
    assert main(["review", "plan.json"]) == status
    assert left(here)["environment"] == environment
    assert left(here)["exit_status"] == status
    assert {file.name for file in here.iterdir()} == LEFT


def test_the_environment_that_is_asked_for_holds(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "prod")
    (here / "plan.json").write_text(json.dumps(DELETED_ELSEWHERE))
    assert main(["review", "plan.json"]) == 1
    assert left(here)["environment"] == "prod"


@pytest.mark.parametrize(("own", "given"), [("prod", "dev"), ("prod", "staging"), ("dev", "prod")])
def test_another_environment_than_the_plans_own_is_refused(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], own: str, given: str
) -> None:
    """The rules of dev would let prod's data go; nothing is left that says so."""
    monkeypatch.setenv("ENV", given)
    (here / "plan.json").write_text(json.dumps(plan(f"careervp-vpr-jobs-queue-{own}", "delete")))
    assert main(["review", "plan.json"]) == 2
    message = f'ENV = "{given}": the plan has resources of {own}; leave ENV out, or give ENV={own}\n'
    assert capsys.readouterr() == ("", message)
    assert list(here.glob("review*")) == []


def test_of_two_environments_in_one_plan_the_one_that_keeps_its_data_may_be_given(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    both = {**DELETED_IN_DEV, "resource_changes": [*DELETED_IN_DEV["resource_changes"]]}
    both["resource_changes"].append({**DELETED_IN_PROD["resource_changes"][0], "address": f"{QUEUE}2"})
    (here / "plan.json").write_text(json.dumps(both))
    monkeypatch.setenv("ENV", "dev")
    assert main(["review", "plan.json"]) == 2
    message = 'ENV = "dev": the plan has resources of dev and prod; leave ENV out, or give ENV=prod\n'
    assert capsys.readouterr().err == message
    monkeypatch.setenv("ENV", "prod")
    assert main(["review", "plan.json"]) == 1


def test_the_plans_own_environment_may_be_given(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENV", "prod")
    (here / "plan.json").write_text(json.dumps(DELETED_IN_PROD))
    assert main(["review", "plan.json"]) == 1


def test_of_two_environments_in_one_plan_the_one_that_keeps_its_data_holds(here: Path) -> None:
    both = {**DELETED_IN_DEV, "resource_changes": [DELETED_IN_DEV["resource_changes"][0]]}
    both["resource_changes"].append({**DELETED_IN_PROD["resource_changes"][0], "address": f"{QUEUE}2"})
    (here / "plan.json").write_text(json.dumps(both))
    assert main(["review", "plan.json"]) == 1
    assert left(here)["environment"] == "prod"


@pytest.mark.parametrize(("given", "said"), [([], "env -u ENV"), (["ENV=prod"], "")])
def test_make_takes_no_environment_that_was_not_given(given: list[str], said: str) -> None:
    variables = {key: value for key, value in os.environ.items() if not key.startswith(("ENV", "MAKE", "MFLAGS"))}
    command = ("make", "--dry-run", "review", "PLAN=a plan.json", *given)
    done = subprocess.run(command, cwd=PROJECT_ROOT, env=variables, capture_output=True, text=True, check=True)
    last = done.stdout.splitlines()[-1].strip()
    assert last == f'{said} .venv/bin/python -m ops review "$PLAN"'.strip()


def test_the_files_go_where_they_are_wanted(here: Path) -> None:
    (here / "plan.json").write_text(json.dumps(DELETED_ELSEWHERE))
    assert main(["review", "plan.json", "--output", "some/where"]) == 0
    assert {file.name for file in (here / "some" / "where").iterdir()} == LEFT - {"plan.json"}
    assert [file.name for file in here.glob("review*")] == []


def test_the_json_that_is_printed_is_the_one_that_is_left(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "plan.json").write_text(json.dumps(DELETED_IN_PROD))
    assert main(["review", "plan.json", "--json"]) == 1
    assert capsys.readouterr().out == (here / "review.json").read_text()


def test_a_terminal_is_told_the_verdict_and_the_rule(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    (here / "plan.json").write_text(json.dumps(DELETED_IN_PROD))
    main(["review", "plan.json"])
    printed = capsys.readouterr().out
    assert "STOPPED: careervp-vpr-jobs-queue-prod: would be deleted: its messages lost" in printed.splitlines()[0]
    assert "no-loss" in printed
    assert "\x1b" not in printed


UNREADABLE: list[tuple[list[str], str, str]] = [
    ([], "", "PLAN: missing; make review PLAN=plan.json, which "),
    (["plan.json"], "", "plan.json: no such file"),
    (["plan.json"], '{"format_version": "1.2", "resource_', "plan.json: not JSON, or cut off, at line 1"),
    (["plan.json"], '{"version": 4, "lineage": "a", "resources": []}', "plan.json: not a plan but a state"),
]


@pytest.mark.parametrize(("arguments", "content", "said"), UNREADABLE)
def test_what_cannot_be_read_gets_one_message_and_status_2_and_leaves_nothing(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], content: str, said: str
) -> None:
    if content:
        (here / "plan.json").write_text(content)
    assert main(["review", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert printed.err.startswith(said)
    assert list(here.glob("review*")) == []


@pytest.mark.parametrize(
    ("folder", "command"),
    [
        ("emulator/vpr-async-dev", "make plan ENV=dev"),
        ("aws/vpr-async-prod", "make plan ENV=prod TARGET=aws"),
        ("emulator/state-backend-staging", "make bootstrap ENV=staging"),
        ("emulator/vpr-dev", "make plan"),
    ],
)
def test_a_plan_of_ours_that_is_gone_is_answered_with_the_command_that_makes_it(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: str, command: str
) -> None:
    """An apply has removed it. A file elsewhere may be anybody's, and is made with Terraform's own command."""
    monkeypatch.setattr(workspace, "PLANS", here / "plans")
    assert main(["review", f"plans/{folder}/plan.json"]) == 2
    message = f"plans/{folder}/plan.json: no such file; {command} makes a plan, and an apply removes it\n"
    assert capsys.readouterr() == ("", message)
    assert main(["review", f"elsewhere/{folder}/plan.json"]) == 2
    message = f"elsewhere/{folder}/plan.json: no such file; make one with: terraform show -json PLANFILE\n"
    assert capsys.readouterr() == ("", message)


@pytest.mark.parametrize("obstacle", ["out", "out/review.json.partial/x"])
def test_where_a_file_cannot_be_written_none_is_left(
    here: Path, capsys: pytest.CaptureFixture[str], obstacle: str
) -> None:
    """A file is where the folder should be, or a folder where the last file should be."""
    (here / "plan.json").write_text(json.dumps(DELETED_ELSEWHERE))
    (here / obstacle).parent.mkdir(parents=True, exist_ok=True)
    (here / obstacle).write_text("")
    assert main(["review", "plan.json", "--output", "out"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("out: the review cannot be left there: ")
    assert len(printed.err.splitlines()) == 1
    assert [file.name for file in here.glob("out/*") if file.is_file()] == []


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_has_colours_unless_they_are_not_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variables: dict[str, str], *, coloured: bool
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    show(judge(DELETED_IN_DEV, context=Context(title="plan"), settings=None), variables)
    assert ("\x1b[" in capsys.readouterr().out) is coloured


def test_a_narrow_terminal_is_not_overrun(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    show(judge(DELETED_IN_PROD, context=Context(title="plan"), settings=None), {})
    assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 60


def test_a_reader_who_goes_early_is_no_failure_to_tell_of(here: Path) -> None:
    """As with `| head`: no traceback, the status of a broken pipe, and the files are left."""
    (here / "plan.json").write_text(json.dumps(DELETED_IN_PROD))
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        (sys.executable, "-m", "ops", "review", str(here / "plan.json")),
        cwd=PROJECT_ROOT,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")
    assert {file.name for file in here.iterdir()} == LEFT
