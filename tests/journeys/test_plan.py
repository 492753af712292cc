"""`make plan`: what it prints and leaves, and how it ends when it must."""

import json
import os
import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.checkout import ENVIRONMENTS, Checkout, make_checkout, other_terraform
from tests.surroundings import HANG_SECONDS

CREATED = {
    "aws_sqs_queue": 2,
    "aws_dynamodb_table": 1,
    "aws_s3_bucket": 1,
    "aws_s3_bucket_lifecycle_configuration": 1,
    "aws_s3_bucket_ownership_controls": 1,
    "aws_s3_bucket_policy": 1,
    "aws_s3_bucket_public_access_block": 1,
    "aws_s3_bucket_server_side_encryption_configuration": 1,
    "aws_cloudwatch_metric_alarm": 3,
    "aws_iam_policy": 3,
}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    return make_checkout(tmp_path_factory.mktemp("a checkout with spaces"))


def emulators(checkout: Checkout) -> list[str]:
    """Return the command lines of the emulators that this checkout's commands started and that still run."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            inside = os.readlink(process / "cwd") == str(checkout.path)  # noqa: PTH115 - says more than it raises
        except OSError:
            continue
        if inside and re.search(r"aws_emulator|terraform|node", command):
            found.append(command)
    return found


def test_a_first_plan_only_creates_and_leaves_the_plan_and_its_review(checkout: Checkout) -> None:
    done = checkout.run("make", "plan", "ENV=staging")
    assert done.returncode == 0, done.stderr
    first, verdict, counts, _, *lines = done.stdout.splitlines()
    assert first.startswith("vpr-async-staging on the emulator at http://127.0.0.1:")
    assert verdict == "only creates: careervp-vpr-dlq-alarm-staging: alarm_actions []: it would notify nobody"
    assert counts == "15 to create; 2 more findings"
    assert sum(line.startswith("  + aws_") for line in lines) == 15
    assert not any("not as required" in line for line in lines)
    assert any("careervp-vpr-jobs-queue-staging" in line for line in lines)
    assert (
        "note: the alarms notify nobody; set topic_arns or emails under [vpr_async.alarms] in environments/staging.toml"
        in lines
    )
    left = checkout.path / "plans" / "emulator" / "vpr-async-staging"
    plan = json.loads((left / "plan.json").read_text())
    assert Counter(change["type"] for change in plan["resource_changes"]) == CREATED
    assert all(change["change"]["actions"] == ["create"] for change in plan["resource_changes"])
    assert (left / "tfplan").stat().st_size > 0
    review = json.loads((left / "review.json").read_text())
    assert (review["title"], review["environment"]) == ("vpr-async-staging", "staging")
    assert review["where"].startswith("the emulator at http://127.0.0.1:")
    assert (review["verdict"], review["exit_status"]) == ("only creates", 0)
    assert "**only creates**: " in (left / "review.md").read_text()
    assert ">only creates<" in (left / "review.html").read_text()
    said = done.stderr.splitlines()
    assert said[0] == (
        "staging: a preview, on an emulator that ends with this command, because none is running; to deploy: make "
        "bootstrap ENV=staging && make plan ENV=staging && make apply ENV=staging, or make up ENV=staging"
    )
    assert said[-1] == (
        "this was a preview: its emulator has ended, so it cannot be applied; make up ENV=staging deploys"
    )
    assert emulators(checkout) == []


@pytest.mark.parametrize("stack", [*(f"vpr-async-{environment}" for environment in ENVIRONMENTS), "state-backend-dev"])
def test_the_synthesized_stack_is_valid_terraform(synthesized: Path, checkout: Checkout, stack: str) -> None:
    directory = synthesized / "stacks" / stack
    (directory / "terraform.d").unlink(missing_ok=True)
    (directory / "terraform.d").symlink_to(checkout.path / "terraform.d")
    for arguments in (("init", "-backend=false", "-input=false", "-lockfile=readonly"), ("validate",)):
        done = checkout.terraform(directory, *arguments)
        assert done.returncode == 0, done.stderr
    assert "Success! The configuration is valid." in done.stdout


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_plan_leaves_no_process_behind(checkout: Checkout, ended_by: signal.Signals) -> None:
    process = checkout.start("python", "-m", "ops", "plan", ENV="staging")
    assert process.stderr
    assert "a preview" in process.stderr.readline()
    assert "start the emulator" in process.stderr.readline()
    assert any("aws_emulator" in command for command in emulators(checkout))
    # A terminal's Ctrl-C reaches the whole group; a supervisor's SIGTERM the command alone.
    if ended_by is signal.SIGINT:
        os.killpg(process.pid, ended_by)
    else:
        process.send_signal(ended_by)
    _, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[ended_by], errors
    assert "Traceback" not in errors
    assert emulators(checkout) == []


def test_a_plan_that_fails_leaves_no_older_plan_that_could_be_taken_for_it(checkout: Checkout, tmp_path: Path) -> None:
    left = checkout.path / "plans" / "emulator" / "vpr-async-prod"
    left.mkdir(parents=True, exist_ok=True)
    (left / "tfplan").write_text("older")
    (left / "plan.json").write_text("{}")
    (left / "review.md").write_text("older")
    failing = other_terraform(checkout, tmp_path, '[ "$1" = plan ] && set -- plan -no-such-option')
    done = checkout.run("python", "-m", "ops", "plan", ENV="prod", **failing)
    assert done.returncode == 1
    assert "terraform plan failed on the emulator at " in done.stderr
    assert "-no-such-option" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(left.iterdir()) == []


AWS_FAULTS: list[tuple[dict[str, str], str]] = [
    ({}, "TARGET=aws: no usable AWS credentials"),
    ({"AWS_PROFILE": "gone"}, "TARGET=aws: no usable AWS credentials"),
    ({"AWS_PROFILE": "", "AWS_SESSION_TOKEN": ""}, "TARGET=aws: no usable AWS credentials"),
    ({"AWS_CONFIG_FILE": "broken"}, "TARGET=aws: AWS cannot be asked whose credentials these are (Unable to parse"),
    (
        {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "HTTPS_PROXY": "http://127.0.0.1:9"},
        "TARGET=aws: AWS cannot be asked whose credentials these are (Failed to connect to proxy URL",
    ),
    ({"TF_AWS_SQS_ENDPOINT": "http://127.0.0.1:1"}, "TARGET=aws: TF_AWS_SQS_ENDPOINT = http://127.0.0.1:1 leads else"),
    (
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "emulator"},
        "TARGET=aws: this shell has the emulator's variables from make up: open a new shell",
    ),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "TARGET=aws: AWS_ENDPOINT_URL = http://127.0.0.1:1 leads elsewhere"),
]


@pytest.mark.parametrize(("variables", "said"), AWS_FAULTS)
@pytest.mark.parametrize("command", ["plan", "deploy", "destroy", "bootstrap", "apply", "unlock"])
def test_aws_without_usable_credentials_stops_before_anything_starts(
    tmp_path: Path, command: str, variables: dict[str, str], said: str
) -> None:
    checkout = make_checkout(tmp_path)
    (checkout.path / "broken").write_text("[profile")
    done = checkout.run("python", "-m", "ops", command, TARGET="aws", AUTO_APPROVE="yes", **variables)
    assert done.returncode == 2
    assert done.stderr.startswith(said)
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not (checkout.path / "cdktf.out").exists()
    assert not (checkout.path / "plans").exists()
