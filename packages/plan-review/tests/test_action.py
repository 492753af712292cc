"""The GitHub Action: its script reviews a plan, says so to GitHub, and takes every input for a text alone."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from plan_builder import entry, plan

ACTION = Path(__file__).parents[1] / "action.yml"
LOSS = plan(entry("aws_s3_bucket", "delete", {"bucket": "results"}))
RULES = '[[rule]]\nname = "no-loss"\nwhy = "data is kept"\nkinds = ["loss"]\nenvironments = ["retaining", "live"]\n'
DANGER = "DANGER"
OUTSIDE = "OUTSIDE THE DECLARED SCOPE"


def action() -> dict[str, Any]:
    return yaml.safe_load(ACTION.read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Done:
    """A run of the action's step."""

    status: int
    log: str
    summary: str
    outputs: dict[str, str]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a workspace with a plan and rules, beside a stand-in for what the first step installs."""
    (tmp_path / "plan.json").write_text(json.dumps(LOSS), encoding="utf-8")
    (tmp_path / "rules.toml").write_text(RULES, encoding="utf-8")
    programs = tmp_path / "temp" / "plan-review" / "bin"
    programs.mkdir(parents=True)
    for name, arguments in (("python", ""), ("plan-review", "-m plan_review ")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments}"$@"\n', encoding="utf-8")
        (programs / name).chmod(0o755)
    return tmp_path


def run(here: Path, **inputs: str) -> Done:
    """Run the second step as GitHub would, with the inputs and the defaults of the others."""
    declared = action()
    step = declared["runs"]["steps"][1]
    values = {name: each.get("default", "") for name, each in declared["inputs"].items()}
    values |= {"scope-text": ""} | {name.replace("_", "-"): text for name, text in inputs.items()}
    environment = {
        name: values[text.removeprefix("${{ inputs.").removesuffix(" }}")] for name, text in step["env"].items()
    }
    done = subprocess.run(
        ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]),
        cwd=here,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(sys.path),
            "RUNNER_TEMP": str(here / "temp"),
            "GITHUB_STEP_SUMMARY": str(here / "summary.md"),
            "GITHUB_OUTPUT": str(here / "outputs"),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    summary, outputs = here / "summary.md", here / "outputs"
    return Done(
        status=done.returncode,
        log=done.stdout + done.stderr,
        summary=summary.read_text(encoding="utf-8") if summary.exists() else "",
        outputs=dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines()),
    )


def test_every_input_reaches_the_scripts_by_the_environment_alone() -> None:
    """An expression in a script would be a place to put commands in."""
    declared = action()
    used: set[str] = set()
    for step in declared["runs"]["steps"]:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        used |= set(step["env"].values())
    assert used == {f"${{{{ inputs.{name} }}}}" for name in declared["inputs"]}
    assert {name for name, each in declared["inputs"].items() if each.get("required")} == {"plan"}


def test_a_reviewed_plan_has_its_verdict_status_files_and_summary(here: Path) -> None:
    done = run(here, plan="plan.json")
    assert done.status == 0
    folder = Path(done.outputs.pop("folder"))
    assert done.outputs == {"verdict": DANGER, "status": "0"}
    assert sorted(file.name for file in folder.glob("review*")) == ["review.html", "review.json", "review.md"]
    assert done.summary == (folder / "review.md").read_text(encoding="utf-8")
    assert DANGER in done.summary
    assert f"plan.json: {DANGER}" in done.log
    assert sorted(file.name for file in here.iterdir() if "review" in file.name) == []


@pytest.mark.parametrize(
    ("inputs", "status"),
    [
        ({"rules": "rules.toml"}, 0),
        ({"rules": "rules.toml", "environment": "live"}, 1),
        ({"rules": "rules.toml", "environment": "test"}, 0),
        ({"rules": "rules.toml", "retains_data": "true"}, 1),
        ({"rules": "rules.toml", "retains_data": "false"}, 0),
        ({"rules": "none.toml"}, 2),
        ({"plan": "none.json"}, 2),
    ],
)
def test_the_step_ends_with_the_status_of_the_review(here: Path, inputs: dict[str, str], status: int) -> None:
    done = run(here, **{"plan": "plan.json", **inputs})
    assert (done.status, done.outputs["status"]) == (status, str(status))
    assert done.outputs["verdict"] == (DANGER, "STOPPED", "")[status]
    assert bool(done.summary) is (status != 2)


@pytest.mark.parametrize(
    ("inputs", "outside"),
    [
        ({}, False),
        ({"only": "aws_s3_bucket.*"}, False),
        ({"only": "aws_sqs_queue.*"}, True),
        ({"only": "aws_sqs_queue.*\r\n\r\nresults\r\n"}, False),
        ({"scope_text": "Deletes the old queue.\r\n\r\nplan-review: only aws_sqs_queue.*\r\n"}, True),
        ({"scope_text": "plan-review: only aws_sqs_queue.*", "only": "results"}, False),
    ],
)
def test_the_scope_is_a_pattern_a_line_and_what_the_pull_request_declares(
    here: Path, inputs: dict[str, str], *, outside: bool
) -> None:
    done = run(here, plan="plan.json", **inputs)
    assert (OUTSIDE in done.summary) is outside
    assert done.status == 0


@pytest.mark.parametrize(
    "text", ["$(touch hacked)", "`touch hacked`", '"; touch hacked; "', "'; touch hacked; '", "--output=hacked", "-h"]
)
@pytest.mark.parametrize(
    ("names", "status"),
    [(("plan",), 2), (("rules",), 2), (("environment", "only", "scope_text", "retains_data"), 0)],
    ids=["plan", "rules", "the others"],
)
def test_an_input_is_never_a_command_nor_an_option(here: Path, names: tuple[str, ...], text: str, status: int) -> None:
    done = run(here, **({"plan": "plan.json"} | dict.fromkeys(names, text)))
    assert not (here / "hacked").exists()
    assert done.status == status


def test_the_runner_obeys_no_command_in_what_is_printed(here: Path) -> None:
    planned = entry("aws_s3_bucket", "delete", {"bucket": "x\n::add-mask::y"})
    (here / "plan.json").write_text(json.dumps(plan(planned)), encoding="utf-8")
    lines = run(here, plan="plan.json").log.splitlines()
    word, token = lines[0].rsplit("::", 1)
    assert word == "::stop-commands"
    assert len(token) == 20
    assert lines[-1] == f"::{token}::"
    assert lines.count(f"::{token}::") == 1
    assert DANGER in "\n".join(lines[1:-1])
