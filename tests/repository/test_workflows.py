"""GitHub's workflows: valid, pinned, least privileged, and the scripts in them do what they are for."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.environments import Environment, environments
from config.request import PROJECT_ROOT
from ops.access.deployer import trust_document
from ops.review import judge
from ops.review_context import Context
from plan_review.forms.markdown import markdown
from stacks.features import load_settings

GITHUB = PROJECT_ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTION = GITHUB / "actions" / "set-up" / "action.yml"
REVIEW_ACTION = PROJECT_ROOT / "packages" / "plan-review" / "action.yml"
TOOLS = Path(sys.executable).parent
# What stands for GitHub's command: it tells each call, and answers with the next of the lines that it is given.
GH = """#!/bin/sh
printf '%s\\n' "$*" >> "$FAKE/calls"
case "$*" in *"run download"*) cp -r "$FAKE/reviewed" . ; exit ;; esac
sed -n 1p "$FAKE/answers"
sed -i 1d "$FAKE/answers"
"""


def workflow(name: str) -> dict[str, Any]:
    return yaml.safe_load((GITHUB / "workflows" / name).read_text())


def script(name: str, job: str, step: str) -> str:
    (found,) = (each["run"] for each in workflow(name)["jobs"][job]["steps"] if each.get("name") == step)
    return found


def run(folder: Path, shell: str, answers: list[str], **variables: str) -> tuple[int, str, list[str]]:
    """Run a step as GitHub would; return its status, what it says, and what it asked of GitHub."""
    gh = folder / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    (folder / "answers").write_text("".join(f"{answer}\n" for answer in answers))
    (folder / "calls").touch()
    kept = {"PATH": f"{folder}:{os.environ['PATH']}", "FAKE": str(folder)}
    done = subprocess.run(
        ("bash", "-e", "-c", shell), cwd=folder, env={**kept, **variables}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, (folder / "calls").read_text().splitlines()


def test_github_takes_every_file() -> None:
    """Its own schemas say so."""
    names = ("audit.yml", "deploy-environment.yml", "deploy.yml", "exits.yml", "review.yml")
    assert [path.name for path in WORKFLOWS] == [*names]
    files_of = {
        "vendor.github-workflows": WORKFLOWS,
        "vendor.github-actions": [ACTION, REVIEW_ACTION],
        "vendor.dependabot": [GITHUB / "dependabot.yml"],
    }
    for schema, files in files_of.items():
        command = (TOOLS / "check-jsonschema", "--builtin-schema", schema, *files)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_nothing_is_insecure() -> None:
    """Actions are pinned, rights are least, and nothing that others write gets into a script: zizmor looks."""
    command = (TOOLS / "zizmor", "--offline", "--quiet", "--persona=pedantic", "--min-severity=medium")
    done = subprocess.run((*command, GITHUB, REVIEW_ACTION), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_script_is_sound_shell() -> None:
    action = yaml.safe_load(REVIEW_ACTION.read_text())
    scripts = [step["run"] for step in (*steps(), *action["runs"]["steps"]) if "run" in step]
    assert len(scripts) >= 8
    for each in scripts:
        done = subprocess.run(
            (TOOLS / "shellcheck", "--shell=bash", "-"), input=each, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_only_the_jobs_that_need_it_may_write_or_get_a_role() -> None:
    """A pull request's own code never has a token that writes."""
    rights = {
        (path.stem, name): {right: access for right, access in job["permissions"].items() if access == "write"}
        for path in WORKFLOWS
        for name, job in workflow(path.name)["jobs"].items()
    }
    role = {"id-token": "write"}
    assert rights == {
        ("audit", "audit"): {},
        ("exits", "exits"): {},
        ("review", "check"): {},
        ("review", "plan"): role,
        ("review", "comment"): {"pull-requests": "write"},
        ("deploy", "dev"): role,
        ("deploy", "staging"): role,
        ("deploy", "prod"): role,
        ("deploy-environment", "plan"): role,
        ("deploy-environment", "apply"): role,
    }
    assert all(workflow(path.name)["permissions"] == {} for path in WORKFLOWS)
    assert not any(
        "uses" in step and "checkout" in step["uses"] for step in workflow("review.yml")["jobs"]["comment"]["steps"]
    )


def test_the_plan_is_approved_before_it_is_applied_and_the_planning_role_is_another() -> None:
    jobs = workflow("deploy-environment.yml")["jobs"]
    assert jobs["apply"]["environment"] == "${{ inputs.environment }}"
    assert jobs["plan"]["environment"]["name"] == "plan-${{ inputs.environment }}"
    assert jobs["apply"]["needs"] == "plan"
    assert [step["run"] for step in jobs["apply"]["steps"] if "run" in step] == ["make apply LOCK_TIMEOUT=10m"]


def steps() -> list[dict[str, Any]]:
    return [step for path in WORKFLOWS for job in workflow(path.name)["jobs"].values() for step in job.get("steps", ())]


def test_every_command_that_takes_the_lock_waits_for_it() -> None:
    """Every pull request's plan holds it for a while."""
    locking = re.compile(r"\bmake (bootstrap|plan|adopt|apply|up|deploy|destroy|unlock)\b.*")
    commands = [found[0] for step in steps() if (found := locking.search(step.get("run", "")))]
    assert commands == ["make plan LOCK_TIMEOUT=10m", "make apply LOCK_TIMEOUT=10m", "make plan LOCK_TIMEOUT=10m"]


def test_the_role_that_applies_trusts_the_branch_that_is_deployed() -> None:
    """`on` is YAML's word for true."""
    on: dict[str, Any] = {str(event): each for event, each in workflow("deploy.yml").items()}["True"]
    assert on["push"]["branches"] == ["main"]
    trust = trust_document(load_settings(Environment("prod")), "apply", ["acme@1/reports@2"])
    conditions = trust["Statement"][0]["Condition"]["StringEquals"]
    assert conditions["token.actions.githubusercontent.com:ref"] == "refs/heads/main"


def test_a_role_is_assumed_for_the_audience_of_its_partition() -> None:
    """STS in China is another audience; the action's own default is the rest of the world's."""
    given = [step["with"]["audience"] for step in steps() if "configure-aws-credentials" in step.get("uses", "")]
    expected = "${{ startsWith(vars.AWS_REGION, 'cn-') && 'sts.amazonaws.com.cn' || 'sts.amazonaws.com' }}"
    assert given == [expected] * 3


def test_a_state_that_an_apply_could_not_write_outlives_the_runner() -> None:
    """In the place where the next command looks for it; of every attempt, for names are unique in a run."""
    (kept,) = (step for step in workflow("deploy-environment.yml")["jobs"]["apply"]["steps"] if "upload" in str(step))
    assert kept["if"] == "${{ failure() || cancelled() }}"
    assert kept["with"]["path"].split() == ["unsaved-state/**", "**/errored.tfstate"]
    assert kept["with"]["if-no-files-found"] == "ignore"
    assert kept["with"]["name"] == "unsaved-state-${{ inputs.environment }}-${{ github.run_attempt }}"


def test_terraform_is_pinned_to_a_version_that_the_prerequisites_allow() -> None:
    text = ACTION.read_text()
    assert re.search(r"terraform_version: 1\.1[0-9]\.\d+$", text, re.MULTILINE)
    assert 'python-version: "3.11"' in text


def test_every_node_that_the_readme_names_is_checked_on_a_pull_request() -> None:
    """A version that nobody runs is a promise."""
    job = workflow("review.yml")["jobs"]["check"]
    assert job["strategy"]["matrix"]["node"] == ["20", "22", "24"]
    (set_up,) = (step["with"] for step in job["steps"] if step.get("uses") == "./.github/actions/set-up")
    assert set_up == {"node-version": "${{ matrix.node }}"}
    installed = [step for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"] if "setup-node" in step["uses"]]
    assert [step["with"]["node-version"] for step in installed] == ["${{ inputs.node-version }}"]
    assert "Node 20, 22 or 24," in (PROJECT_ROOT / "README.md").read_text()


def test_the_exits_are_tried_every_week() -> None:
    """`on` is YAML's word for true."""
    on: dict[str, Any] = {str(event): each for event, each in workflow("exits.yml").items()}["True"]
    assert [re.sub(r"^\d+ \d+ ", "", each["cron"]) for each in on["schedule"]] == ["* * 1"]
    assert [step["run"] for step in workflow("exits.yml")["jobs"]["exits"]["steps"] if "run" in step] == ["make exits"]


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ("", "api --silent repos/o/r/issues/7/comments --field body=@review/review.md"),
        ("42", "api --silent --method PATCH repos/o/r/issues/comments/42 --field body=@review/review.md"),
    ],
)
def test_the_review_is_one_comment_that_is_written_anew(tmp_path: Path, answer: str, written: str) -> None:
    shell = script("review.yml", "comment", "Write the comment, or the one that is there anew")
    variables = {"COMMENTS": "repos/o/r/issues", "NUMBER": "7", "MARKER": "<!-- plan-review: vpr-async-dev -->"}
    status, _, (listed, *others) = run(tmp_path, shell, [answer], **variables)
    assert status == 0
    assert listed.startswith("api --paginate repos/o/r/issues/7/comments --jq .[] | select(")
    assert others == [written]


@pytest.mark.parametrize("left", [True, False])
def test_the_comment_that_is_looked_for_begins_as_every_review_does(tmp_path: Path, *, left: bool) -> None:
    """Also what stands in for the review of a plan that failed before there was one."""
    plans = tmp_path / "plans" / "aws" / "vpr-async-dev"
    plans.mkdir(parents=True)
    if left:
        review = judge({"format_version": "1.2"}, context=Context(title="vpr-async-dev"), settings=None)
        (plans / "review.md").write_text(markdown(review))
    shell = script("review.yml", "plan", "Show the review")
    status, _, _ = run(tmp_path, shell, [], ENV="dev", TARGET="aws", GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert status == 0
    written = (tmp_path / "review" / "review.md").read_text()
    comment = next(each for each in workflow("review.yml")["jobs"]["comment"]["steps"] if "env" in each)
    assert written.startswith(comment["env"]["MARKER"].replace("${{ matrix.environment }}", "dev"))
    assert (tmp_path / "summary").read_text() == written


NOT_REVIEWED: list[tuple[list[str], str, str]] = [
    ([""], "same", "This commit is of no pull request, so no plan of it was reviewed"),
    (["abc", ""], "same", "No review of the pull request's last commit has passed"),
    (["abc", "12"], "other", "The plan is not the one that was reviewed"),
]


@pytest.mark.parametrize(("answers", "planned", "said"), NOT_REVIEWED)
def test_nothing_but_what_was_reviewed_goes_on_to_be_applied(
    tmp_path: Path, answers: list[str], planned: str, said: str
) -> None:
    status, output, _ = after_merge(tmp_path, answers, planned)
    assert status == 1
    assert f"::error::{said}; nothing is applied" in output


def test_what_was_reviewed_goes_on(tmp_path: Path) -> None:
    status, output, calls = after_merge(tmp_path, ["abc", "12"], "same")
    assert (status, output) == (0, "")
    assert calls[0].startswith("api repos/o/r/commits/c0ffee/pulls ")
    assert calls[1].startswith("run list --workflow review.yml --commit abc --status success ")
    assert calls[2] == "run download 12 --name review-dev --dir reviewed"


def after_merge(folder: Path, answers: list[str], planned: str) -> tuple[int, str, list[str]]:
    here = folder / "plans" / "aws" / "vpr-async-dev"
    here.mkdir(parents=True)
    (here / "review.json").write_text(planned)
    (folder / "reviewed").mkdir()
    (folder / "reviewed" / "review.json").write_text("same")
    work = folder / "work"
    work.mkdir()
    (work / "plans").symlink_to(folder / "plans")
    shell = f"cd work\n{script('deploy-environment.yml', 'plan', 'Stop unless this is what was reviewed')}"
    return run(folder, shell, answers, GH_REPO="o/r", COMMIT="c0ffee", ENV="dev")


def test_every_environment_is_planned_on_a_pull_request_and_deployed_on_a_merge() -> None:
    review, deploy = workflow("review.yml")["jobs"], workflow("deploy.yml")["jobs"]
    matrices = [review[job]["strategy"]["matrix"]["environment"] for job in ("plan", "comment")]
    deployed = [job["with"]["environment"] for job in deploy.values()]
    assert [sorted(each) for each in (*matrices, deployed)] == [sorted(environments())] * 3
