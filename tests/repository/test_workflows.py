"""GitHub's workflows: valid, pinned, least privileged, and the scripts in them do what they are for."""

import json
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
from stacks.features import FEATURES, load_settings

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
    # The folder in which Terraform runs is below .cache, which is hidden.
    assert kept["with"]["include-hidden-files"] is True
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


def test_a_pull_request_is_planned_on_aws_once_that_is_asked_for_and_a_forks_never() -> None:
    """Roles can be tried before a merge deploys; who deploys already is asked for nothing new."""
    target = workflow("review.yml")["jobs"]["plan"]["env"]["TARGET"].strip()
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert target == f"${{{{ (vars.PLAN == 'yes' || vars.DEPLOY == 'yes') && {own} && 'aws' || 'emulator' }}}}"


@pytest.mark.parametrize(
    ("answer", "written"),
    [
        ("", "api --silent repos/o/r/issues/7/comments --field body=@review/{}/review.md"),
        ("42", "api --silent --method PATCH repos/o/r/issues/comments/42 --field body=@review/{}/review.md"),
    ],
)
def test_the_review_of_each_stack_is_one_comment_that_is_written_anew(
    tmp_path: Path, answer: str, written: str
) -> None:
    """It is found by the line that the review of that stack begins with."""
    for stack in ("orders-dev", "vpr-async-dev"):
        (tmp_path / "review" / stack).mkdir(parents=True)
        (tmp_path / "review" / stack / "review.md").touch()
    shell = script("review.yml", "comment", "Write each stack's comment, or the one that is there anew")
    shell = f'gh() {{ command gh "$@" "$MARKER"; }}\n{shell}'
    # The answer to writing is not looked at.
    status, _, calls = run(tmp_path, shell, [answer, "", answer, ""], COMMENTS="repos/o/r/issues", NUMBER="7")
    assert status == 0
    for stack, (listed, wrote) in zip(("orders-dev", "vpr-async-dev"), (calls[:2], calls[2:]), strict=True):
        marker = f" <!-- plan-review: {stack} -->"
        assert listed.startswith("api --paginate repos/o/r/issues/7/comments --jq .[] | select(")
        assert listed.endswith(marker)
        assert wrote == written.format(stack) + marker


@pytest.mark.parametrize("left", [True, False])
def test_each_stack_has_a_review_that_begins_with_what_its_comment_is_found_by(tmp_path: Path, *, left: bool) -> None:
    """Also what stands in for the review of a plan that failed before there was one."""
    stacks = ("vpr-async-dev", "orders-dev")
    features(tmp_path, "vpr-async orders")
    for stack in stacks:
        plans = tmp_path / "plans" / "aws" / stack
        plans.mkdir(parents=True)
        if left:
            review = judge({"format_version": "1.2"}, context=Context(title=stack), settings=None)
            (plans / "review.md").write_text(markdown(review))
    shell = script("review.yml", "plan", "Show the review")
    status, _, _ = run(tmp_path, shell, [], ENV="dev", TARGET="aws", GITHUB_STEP_SUMMARY=str(tmp_path / "summary"))
    assert status == 0
    written = [(tmp_path / "review" / stack / "review.md").read_text() for stack in stacks]
    assert [text.splitlines()[0] for text in written] == [f"<!-- plan-review: {stack} -->" for stack in stacks]
    assert (tmp_path / "summary").read_text() == "".join(written)


def test_the_stacks_that_are_shown_are_those_of_all_features() -> None:
    """A new one is in no workflow's text."""
    (asked,) = re.findall(r"python -c '(.*?)'", script("review.yml", "plan", "Show the review"))
    shown = subprocess.run((sys.executable, "-c", asked), cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == [feature.stack for feature in FEATURES]
    named = [path.name for path in WORKFLOWS for feature in FEATURES if feature.stack in path.read_text()]
    assert named == []


def features(folder: Path, names: str) -> None:
    """Put what stands for the project's Python into a folder: it answers with the names of features."""
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\necho {names}\n")
    python.chmod(0o755)


@pytest.mark.parametrize(
    ("verdicts", "verdict"),
    [
        (("nothing to do",), "nothing to do"),
        (("nothing to do", "nothing to do"), "nothing to do"),
        (("nothing to do", "safe"), "safe"),
        (("stopped", "safe"), "safe, stopped"),
    ],
)
def test_an_environment_has_nothing_to_do_only_if_no_stack_has(
    tmp_path: Path, verdicts: tuple[str, ...], verdict: str
) -> None:
    """Otherwise the plans of all are applied; and the summary shows the review of each."""
    for number, each in enumerate(verdicts):
        here = tmp_path / "plans" / "aws" / f"stack-{number}"
        here.mkdir(parents=True)
        (here / "review.md").write_text(f"{each}\n")
        (here / "review.json").write_text(json.dumps({"verdict": each}))
    outputs = {"GITHUB_STEP_SUMMARY": "summary", "GITHUB_OUTPUT": "output"}
    status, _, _ = run(tmp_path, script("deploy-environment.yml", "plan", "Show the reviews"), [], **outputs)
    assert status == 0
    assert (tmp_path / "output").read_text() == f"verdict={verdict}\n"
    assert (tmp_path / "summary").read_text() == "".join(f"{each}\n" for each in verdicts)


NOT_REVIEWED: list[tuple[list[str], str, str]] = [
    ([""], "same", "This commit is of no pull request, so no plan of it was reviewed"),
    (["abc", ""], "same", "No review of the pull request's last commit has passed"),
    (["abc", "12"], "other", "The plan of vpr-async-dev is not the one that was reviewed"),
]


@pytest.mark.parametrize(("answers", "planned", "said"), NOT_REVIEWED)
def test_nothing_but_what_was_reviewed_goes_on_to_be_applied(
    tmp_path: Path, answers: list[str], planned: str, said: str
) -> None:
    """Of no stack, whatever the first one's plan is."""
    status, output, _ = after_merge(tmp_path, answers, planned)
    assert status == 1
    assert f"::error::{said}; nothing is applied" in output


def test_a_stack_that_was_not_reviewed_is_not_applied(tmp_path: Path) -> None:
    """As one that another merge brought."""
    (tmp_path / "plans" / "aws" / "new-dev").mkdir(parents=True)
    (tmp_path / "plans" / "aws" / "new-dev" / "review.json").write_text("same")
    status, output, _ = after_merge(tmp_path, ["abc", "12"], "same")
    assert status == 1
    assert "::error::The plan of new-dev is not the one that was reviewed; nothing is applied" in output


def test_what_was_reviewed_goes_on(tmp_path: Path) -> None:
    status, output, calls = after_merge(tmp_path, ["abc", "12"], "same")
    assert (status, output) == (0, "")
    assert calls[0].startswith("api repos/o/r/commits/c0ffee/pulls ")
    assert calls[1].startswith("run list --workflow review.yml --commit abc --status success ")
    assert calls[2] == "run download 12 --name review-dev --dir reviewed"


def after_merge(folder: Path, answers: list[str], planned: str) -> tuple[int, str, list[str]]:
    """Run the comparison where two stacks were reviewed, and the second one's plan is this."""
    for stack, now in (("orders-dev", "same"), ("vpr-async-dev", planned)):
        for root, text in (("plans/aws", now), ("reviewed", "same")):
            (folder / root / stack).mkdir(parents=True)
            (folder / root / stack / "review.json").write_text(text)
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
