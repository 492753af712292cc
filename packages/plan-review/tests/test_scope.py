"""Declared scope: each change outside of it is shown, and first; a pattern that matches nothing is reported."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from check_report.errors import InvalidInputError
from plan_review.cli import main
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from plan_review.model import Review
from plan_review.review import review
from plan_review.rules import Rules
from plan_review.scope import read_scope

from plan_builder import TODAY, entry, plan
from review_sample import CREATES

MOVED = "module.old.aws_sns_topic.this"


def at(address: str, change: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**change, "address": address, **more}


PLAN = plan(
    at("aws_sqs_queue.jobs", entry("aws_sqs_queue", "update", {"name": "q-prod"}, {"name": "q-prod", "delay": 1})),
    at('module.db["a"].aws_db_instance.this', entry("aws_db_instance", "delete", {"name": "db-prod"})),
    at("aws_iam_role.new", entry("aws_iam_role", "create", None, {"name": "worker-prod"})),
    at("aws_sns_topic.this", entry("aws_sns_topic", "no-op", {"name": "t"}, {"name": "t"}), previous_address=MOVED),
    at("aws_lb.kept", entry("aws_lb", "no-op", {"name": "kept"}, {"name": "kept"})),
    at("data.aws_vpc.this", {**entry("aws_vpc", "read", None, {}), "mode": "data"}),
    at("aws_kms_key.left", entry("aws_kms_key", "forget", {"name": "left"})),
)
QUEUE, DATABASE, ROLE = "aws_sqs_queue.jobs", 'module.db["a"].aws_db_instance.this', "aws_iam_role.new"
TOPIC, KEY = "aws_sns_topic.this", "aws_kms_key.left"
ALL = {QUEUE, DATABASE, ROLE, TOPIC, KEY}


def scoped(*only: str, **more: Any) -> Review:
    return review({**PLAN, **more}, title="test", rules=Rules(), only=only, today=TODAY)


@pytest.mark.parametrize(
    ("only", "inside"),
    [
        ([QUEUE], {QUEUE}),
        (["q-prod"], {QUEUE}),
        (["aws_sqs_queue.*"], {QUEUE}),
        (["*-prod"], {QUEUE, DATABASE, ROLE}),
        ([DATABASE], {DATABASE}),
        (["module.db[*].aws_db_instance.*"], {DATABASE}),
        (['module.db["?"].*'], {DATABASE}),
        (["aws_sqs_queue.jobs", "worker-*"], {QUEUE, ROLE}),
        (["*"], ALL),
        (["AWS_SQS_QUEUE.*"], set[str]()),
        (["aws_sqs_queue"], set[str]()),
        (["jobs"], set[str]()),
    ],
)
def test_a_change_that_no_pattern_matches_is_outside(only: list[str], inside: set[str]) -> None:
    """Of those that move, are forgotten and are created too; not what is read or stays as it is."""
    found = scoped(*only)
    assert set(found.outside_scope) == ALL - inside
    assert len(found.outside_scope) == len(ALL - inside)
    assert found.only == tuple(only)


def test_without_a_pattern_nothing_is_outside() -> None:
    found = scoped()
    assert (found.only, found.outside_scope) == ((), ())


def test_the_most_dangerous_is_the_first_outside() -> None:
    assert scoped(QUEUE).outside_scope[0] == DATABASE


def test_a_deferred_change_is_outside_too() -> None:
    change = at("aws_lb.later", entry("aws_lb", "create", None, {"name": "later"}))
    found = scoped("*prod", deferred_changes=[{"reason": "absent_prereq", "resource_change": change}])
    assert found.outside_scope == (KEY, TOPIC, "aws_lb.later")


def test_a_pattern_that_matches_no_change_is_reported_once() -> None:
    """Neither does one that matches only what stays as it is, or is read."""
    found = scoped("*-prod", "aws_lb.kept", "data.*", "nothing\x1b", "aws_lb.kept")
    assert found.notes[:3] == (
        'declared scope: the plan changes no resource whose address or name matches "aws_lb.kept"',
        'declared scope: the plan changes no resource whose address or name matches "data.*"',
        'declared scope: the plan changes no resource whose address or name matches "nothing\\u001b"',
    )


def test_a_review_says_what_is_outside_before_all_else() -> None:
    found = scoped("aws_iam_role.*", "*-prod")
    line = "OUTSIDE THE DECLARED SCOPE (aws_iam_role.*, *-prod): 2 resources: aws_kms_key.left, aws_sns_topic.this"
    assert terminal(found, width=160, colour=False).splitlines()[0] == line
    text = markdown(found)
    assert text.index("OUTSIDE THE DECLARED SCOPE") < text.index("[!CAUTION]", text.index("[!CAUTION]") + 1)


def test_nothing_outside_needs_no_line() -> None:
    for text in (terminal(scoped("*"), width=160, colour=False), markdown(scoped("*")), markdown(CREATES)):
        assert "SCOPE" not in text


def test_what_is_outside_comes_out_printable_and_short() -> None:
    hostile = replace(scoped("*prod"), only=("evil\x1b[31m",), outside_scope=("a\x1b[31m\nb",) * 500)
    first = terminal(hostile, width=2_000, colour=False).splitlines()[0]
    assert "\x1b" not in first
    assert len(first) < 1_000


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("", []),
        ("plan-review: only aws_sqs_queue.*\n", ["aws_sqs_queue.*"]),
        ("Why\r\n\r\nplan-review: only a.b \r\nplan-review: only c.d\r\n", ["a.b", "c.d"]),
        ("- `plan-review: only aws_lb.this`\n> plan-review: only q-prod", ["aws_lb.this", "q-prod"]),
        ('plan-review: only `module.a["x y"].*`\nplan-review: only a\nplan-review: only a', ['module.a["x y"].*', "a"]),
        ("write plan-review: only PATTERN to declare it\nplan-review: only\nplan-review: only  ", []),
    ],
)
def test_a_text_declares_a_scope_by_its_lines(text: str, patterns: list[str], tmp_path: Path) -> None:
    file = tmp_path / "pull-request.md"
    file.write_bytes(b"not UTF-8: \xff\n" + text.encode())
    assert read_scope(file) == patterns


def test_a_text_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"none\.md: cannot be read: No such file or directory"):
        read_scope(tmp_path / "none.md")


def test_the_command_takes_patterns_and_a_text_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plan.json").write_text(json.dumps(PLAN), encoding="utf-8")
    Path("text.md").write_text("plan-review: only worker-prod\n", encoding="utf-8")
    options = ["--only", "aws_sqs_queue.*", "--only", "db-prod", "--scope-from", "text.md"]
    assert main(["plan.json", *options]) == 0
    found = json.loads(Path("review.json").read_text(encoding="utf-8"))
    assert found["only"] == ["aws_sqs_queue.*", "db-prod", "worker-prod"]
    assert found["outside_scope"] == [KEY, TOPIC]
    assert main(["plan.json", "--scope-from", "none.md"]) == 2
    assert capsys.readouterr().err == "none.md: cannot be read: No such file or directory\n"
