"""What counts as a change in the plans of the exits, and what their stand-in for the app runs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.exits.plans import STUB, changes


def plan(**others: Any) -> dict[str, Any]:
    unchanged = {"address": "aws_sqs_queue.Jobs", "change": {"actions": ["no-op"]}}
    return {"applyable": False, "resource_changes": [unchanged], "output_changes": {}, **others}


def test_a_plan_that_does_nothing_has_no_changes() -> None:
    """Neither has one that reads, or in which the provider fills in what a creation left open."""
    assert changes(plan()) == []
    read = {"address": "data.aws_region.Here", "change": {"actions": ["read"]}}
    assert changes(plan(resource_changes=[read], resource_drift=[read])) == []


def test_each_change_is_named() -> None:
    replaced = {"address": "aws_sqs_queue.Jobs", "change": {"actions": ["delete", "create"]}}
    moved = {"address": "aws_sqs_queue.Dead", "change": {"actions": ["forget"]}}
    outputs = {"url": {"actions": ["update"]}, "arn": {"actions": ["no-op"]}}
    assert changes(plan(resource_changes=[replaced, moved], output_changes=outputs, applyable=True)) == [
        "aws_sqs_queue.Jobs: delete/create",
        "aws_sqs_queue.Dead: forget",
        "output url: update",
    ]


def test_a_plan_that_can_be_applied_is_not_empty_whatever_it_names() -> None:
    """Terraform 1.14's actions stand in a section of their own."""
    assert changes(plan(applyable=True)) == ["something: the plan can be applied"]


def test_the_stand_in_runs_the_command_with_its_variables_and_ends_as_it_does(tmp_path: Path) -> None:
    says = "import os; print(os.environ['A'], os.environ['B']); raise SystemExit(3)"
    (tmp_path / "main.py").write_text(STUB.format(variables={"A": "it's"}, command=[sys.executable, "-c", says]))
    command = (sys.executable, str(tmp_path / "main.py"))
    done = subprocess.run(command, env={"A": "a", "B": "b"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "it's b\n")
