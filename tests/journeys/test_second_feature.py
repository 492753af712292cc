"""A second feature costs a folder, a line and a table of settings, and every tool works on it.

The steps build on one another: one deployment serves them all.
"""

import json
import re
import shutil
from collections.abc import Generator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import Checkout, make_checkout
from tests.clients import client
from tests.functions import make_worker

pytestmark = pytest.mark.xdist_group("second feature")
FOLDER = Path(__file__).with_name("orders")
RUNBOOK = (PROJECT_ROOT / "docs" / "runbooks" / "add-a-feature.md").read_text()
QUEUE, WORKER = "careervp-orders-queue-dev", "careervp-orders-worker-lambda-dev"
KNOW_FEATURES = (
    *("tests/stacks", "tests/config", "tests/repository", "tests/review"),
    *(f"tests/ops/{each}" for each in ("access", "deployment", "drift", "handlers", "smoke", "verify")),
    *(f"tests/ops/test_{each}.py" for each in ("cli", "decisions", "redrive", "requirement", "review")),
    *(f"tests/ops/test_{each}.py" for each in ("review_context", "several_stacks", "validate", "workspace")),
)
"""Where tests read the settings or work on every feature. The rest install, start processes or have no feature."""
ALARMS = ("dlq", "depth", "age", "errors", "throttles", "duration", "table")


def edit(checkout: Checkout, file: str, text: str, replacement: str) -> None:
    path = checkout.path / file
    assert text in path.read_text(), (file, text)
    path.write_text(path.read_text().replace(text, replacement))


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """Return a checkout with a second feature, in a repository of its own as a user's is."""
    made = make_checkout(tmp_path_factory.mktemp("second"))
    assert made.run("git", "init", "--quiet").returncode == 0
    shutil.copytree(FOLDER, made.path / "stacks" / "orders", ignore=shutil.ignore_patterns("__pycache__"))
    # What the runbook says.
    ((imported, features),) = re.findall(r"```python\n(.*)\n\n(.*)\n```", RUNBOOK)
    (settings,) = re.findall(r"```toml\n(.*?)```", RUNBOOK, re.DOTALL)
    edit(made, "stacks/features.py", "from stacks import state_backend, vpr_async", imported)
    edit(made, "stacks/features.py", "FEATURES: Sequence[Feature] = (vpr_async.FEATURE,)", features)
    for environment in ("dev", "staging", "prod"):
        file = made.path / "environments" / f"{environment}.toml"
        file.write_text(f"{file.read_text()}\n{settings}")
    return made


@pytest.fixture(scope="module")
def checkout(followed: Checkout) -> Generator[Checkout]:
    """Return the checkout, and an emulator that keeps running."""
    made = followed
    assert made.run("python", "-m", "ops", "bootstrap").returncode == 0
    try:
        # The worker is another project's, and is there before the feature.
        make_worker(endpoint(made), WORKER, queue_arn=f"arn:aws:sqs:us-east-1:111111111111:{QUEUE}")
        yield made
    finally:
        assert made.run("python", "-m", "ops", "down").returncode == 0


def endpoint(checkout: Checkout) -> str:
    return json.loads((checkout.path / ".emulator" / "dev.json").read_text())["endpoint"]


def ops(checkout: Checkout, *arguments: str, stack: str = "orders", **variables: str) -> CompletedProcess[str]:
    return checkout.run("python", "-m", "ops", *arguments, **({"STACK": stack} if stack else {}), **variables)


def test_it_is_as_make_check_wants_it(followed: Checkout) -> None:
    """Copied as it is: formatted, linted and typed by the rules of stacks/, which are stricter than those of tests/."""
    for checked in (
        ("ruff", "format", "--check", "."),
        ("ruff", "check", "."),
        ("node_modules/.bin/pyright", "--pythonpath", ".venv/bin/python", "stacks/orders", "stacks/features.py"),
    ):
        done = followed.run(*checked)
        assert done.returncode == 0, (checked, done.stdout)


def test_every_fast_test_that_knows_features_passes_with_it(followed: Checkout) -> None:
    """None knows the shipped features alone, and none writes settings that one feature more makes incomplete."""
    tested = followed.run("python", "-m", "pytest", "-q", "-m", "not slow", "--tb=short", *KNOW_FEATURES)
    assert tested.returncode == 0, tested.stdout


def test_without_stack_a_command_works_on_every_feature_and_tells_them_one_by_one(checkout: Checkout) -> None:
    planned = ops(checkout, "plan", stack="")
    assert planned.returncode == 0, planned.stderr
    assert planned.stderr.count("synthesize ") == 1
    assert planned.stdout.index("vpr-async-dev on ") < planned.stdout.index("orders-dev on ")
    for stack in ("vpr-async-dev", "orders-dev"):
        assert (checkout.path / "plans" / "emulator" / stack / "review.json").is_file()
    missing = ops(checkout, "verify", stack="")
    assert missing.returncode == 1
    assert "\norders-dev on " in missing.stdout


def test_a_stack_that_is_not_known_is_refused_with_those_that_are(checkout: Checkout) -> None:
    refused = ops(checkout, "plan", stack="order")
    assert refused.returncode == 2
    assert refused.stderr == (
        'STACK = "order": not known; allowed: vpr-async, orders; all of them if STACK is left out\n'
    )


def test_its_review_holds_it_against_its_own_requirement(checkout: Checkout) -> None:
    review = json.loads((checkout.path / "plans" / "emulator" / "orders-dev" / "review.json").read_text())
    assert {each["resource"] for each in review["intent"]} == {
        *(f"careervp-orders-{each}-dev" for each in ("queue", "dlq", "table", "alarm-topic", "alarm-key")),
        *(f"careervp-orders-{each}-alarm-dev" for each in (*ALARMS, "unhealthy")),
        *(f"careervp-orders-{each}-policy-dev" for each in ("submit", "worker", "status")),
        "careervp-dev-orders-archive-us-east-1-0a1b2c",
        "careervp-orders-dashboard-dev",
        f"{QUEUE}/{WORKER}",
        f"/aws/lambda/{WORKER}",
    }
    assert [each for each in review["intent"] if each["agrees"] is False] == []


def test_apply_deploys_it_alone_and_verify_finds_it_as_required(checkout: Checkout) -> None:
    applied = ops(checkout, "apply")
    assert applied.returncode == 0, applied.stderr
    assert "orders-dev on " in applied.stdout
    assert "vpr-async-dev" not in applied.stdout
    verified = ops(checkout, "verify")
    assert verified.returncode == 0, verified.stdout
    drifted = ops(checkout, "drift")
    assert drifted.returncode == 0, drifted.stdout


def test_its_dead_letters_go_back_unless_the_alarm_that_it_names_is_raised(checkout: Checkout) -> None:
    sqs, cloudwatch = (client(service, endpoint(checkout)) for service in ("sqs", "cloudwatch"))
    dead = sqs.get_queue_url(QueueName="careervp-orders-dlq-dev")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody="{}")
    alarm = {"AlarmName": "careervp-orders-errors-alarm-dev", "StateReason": "test"}
    cloudwatch.set_alarm_state(**alarm, StateValue="ALARM")
    refused = ops(checkout, "redrive")
    cloudwatch.set_alarm_state(**alarm, StateValue="OK")
    shown = ops(checkout, "redrive", "--dry-run", stack="")
    (message,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
    assert refused.returncode == 1
    assert refused.stderr.startswith("careervp-orders-errors-alarm-dev raised: the consumer of ")
    # Of every stack; the other one is not deployed.
    assert shown.returncode == 2
    assert f"careervp-orders-dlq-dev: 1 message, to go back to {QUEUE}\n" in shown.stdout
    assert "vpr-async-dev is not deployed as a whole" in shown.stderr


def test_a_change_by_hand_is_found_by_verify_and_drift(checkout: Checkout) -> None:
    sqs = client("sqs", endpoint(checkout))
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})
    verified = ops(checkout, "verify")
    assert verified.returncode == 1
    assert "VisibilityTimeout" in verified.stdout
    drifted = ops(checkout, "drift")
    assert drifted.returncode == 1
    assert "visibility_timeout_seconds" in drifted.stdout
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "180"})


def test_logs_kept_for_another_time_are_found_by_verify_and_drift(checkout: Checkout) -> None:
    logs, name = client("logs", endpoint(checkout)), f"/aws/lambda/{WORKER}"
    logs.put_retention_policy(logGroupName=name, retentionInDays=1)
    verified = ops(checkout, "verify")
    assert verified.returncode == 1
    assert "RetentionInDays" in verified.stdout
    drifted = ops(checkout, "drift")
    assert drifted.returncode == 1
    assert "retention_in_days (seen by both)" in drifted.stdout
    logs.put_retention_policy(logGroupName=name, retentionInDays=30)


def test_a_log_group_is_a_loss_only_if_it_has_events(checkout: Checkout) -> None:
    declared = 'FunctionLogs(self, "WorkerLogs", function_name=worker,'
    edit(checkout, "environments/dev.toml", 'data_protection = "destroy"', 'data_protection = "retain"')
    edit(checkout, "stacks/orders/stack.py", declared, declared.replace("=worker", '=named("other-lambda")'))
    empty = ops(checkout, "plan")
    logs, name = client("logs", endpoint(checkout)), f"/aws/lambda/{WORKER}"
    logs.create_log_stream(logGroupName=name, logStreamName="one")
    refused = ops(checkout, "plan")
    edit(checkout, "stacks/orders/stack.py", declared.replace("=worker", '=named("other-lambda")'), declared)
    edit(checkout, "environments/dev.toml", 'data_protection = "retain"', 'data_protection = "destroy"')
    assert f"{name} (aws_cloudwatch_log_group" not in empty.stderr
    assert refused.returncode == 1
    assert f"{name} (aws_cloudwatch_log_group" in refused.stderr
    assert "its log events lost" in refused.stderr


def test_a_plan_that_loses_its_table_is_refused(checkout: Checkout) -> None:
    edit(checkout, "environments/dev.toml", 'data_protection = "destroy"', 'data_protection = "retain"')
    edit(checkout, "stacks/orders/stack.py", 'partition_key=Key.string("order_id")', 'partition_key=Key.string("id")')
    refused = ops(checkout, "plan")
    assert refused.returncode == 1
    assert "careervp-orders-table-dev" in refused.stderr
    assert "would be replaced" in refused.stderr
    edit(checkout, "stacks/orders/stack.py", 'partition_key=Key.string("id")', 'partition_key=Key.string("order_id")')
    edit(checkout, "environments/dev.toml", 'data_protection = "retain"', 'data_protection = "destroy"')


@pytest.mark.parametrize(
    ("file", "text", "faulty"),
    [
        ("environments/dev.toml", "worker_timeout_seconds = 30", "worker_timeout_seconds = 0"),
        ("stacks/orders/stack.py", "max_concurrency=5", "max_concurrency=1"),
    ],
)
def test_a_fault_in_its_settings_or_its_stack_leaves_every_stack_alone(
    checkout: Checkout, file: str, text: str, faulty: str
) -> None:
    edit(checkout, file, text, faulty)
    for command in ("plan", "apply", "deploy"):
        refused = ops(checkout, command, stack="")
        assert (refused.returncode, "Backend configuration changed" in refused.stderr) == (2, False), refused.stderr
    by_hand = checkout.run("node_modules/.bin/cdktf", "deploy", "vpr-async-dev", "--auto-approve")
    assert by_hand.returncode != 0
    edit(checkout, file, faulty, text)
    assert ops(checkout, "verify").returncode == 0


def test_what_exists_already_is_adopted(checkout: Checkout) -> None:
    s3 = client("s3", endpoint(checkout))
    s3.delete_object(Bucket="careervp-terraform-state-dev-111111111111", Key="orders-dev/terraform.tfstate")
    adopted = ops(checkout, "adopt")
    assert adopted.returncode == 0, adopted.stderr
    plan = json.loads((checkout.path / "plans" / "emulator" / "orders-dev" / "plan.json").read_text())
    others = [each["type"] for each in plan["resource_changes"] if not each["change"].get("importing")]
    # Until the address has confirmed, its subscription has no ARN by which to import it; subscribing again is no harm.
    assert others == ["aws_sns_topic_subscription"]
    assert ops(checkout, "apply").returncode == 0


def test_the_roles_that_deploy_may_work_on_it(checkout: Checkout, tmp_path: Path) -> None:
    assert ops(checkout, "access", "--output", str(tmp_path), stack="").returncode == 0
    for policy in ("plan", "apply", "verify"):
        statements = json.loads((tmp_path / f"{policy}-policy.json").read_text())["Statement"]
        sids = {statement["Sid"] for statement in statements}
        assert {"VprAsyncQueues", "OrdersQueues", "OrdersTables", "OrdersAlarms", "OrdersLogGroups"} <= sids
        assert {"OrdersCompositeAlarms", "OrdersDashboards", "OrdersMappings", "OrdersKeys"} <= sids


def test_smoke_says_of_which_feature_there_is_no_run(checkout: Checkout) -> None:
    refused = ops(checkout, "smoke")
    assert refused.returncode == 2
    assert refused.stderr == 'STACK = "orders": has no smoke run; allowed: vpr-async\n'
    assert "orders-dev: has no smoke run, so nothing is shown of it\n" in ops(checkout, "smoke", stack="").stdout


def test_what_it_holds_is_shown_and_deleted_by_its_types(checkout: Checkout) -> None:
    """And what Terraform's state bucket holds is not."""
    sqs, s3 = client("sqs", endpoint(checkout)), client("s3", endpoint(checkout))
    url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="an order")
    peeked = ops(checkout, "peek", "--json", stack="")
    assert peeked.returncode == 0, peeked.stderr
    assert "vpr-async-dev: not deployed, so nothing is shown of it\n" in peeked.stderr
    (orders,) = json.loads(peeked.stdout)["stacks"]
    assert [(each["type"], each["name"], each["counts"]) for each in orders["resources"]] == [
        ("aws_sqs_queue", "careervp-orders-dlq-dev", {"waiting": 0, "in_flight": 0, "delayed": 0}),
        ("aws_sqs_queue", QUEUE, {"waiting": 1, "in_flight": 0, "delayed": 0}),
        ("aws_dynamodb_table", "careervp-orders-table-dev", {"items": 0}),
        ("aws_s3_bucket", "careervp-dev-orders-archive-us-east-1-0a1b2c", {"objects": 0}),
        ("aws_cloudwatch_log_group", f"/aws/lambda/{WORKER}", {"log_streams": 1}),
    ]
    reset = ops(checkout, "reset")
    assert reset.returncode == 0, reset.stderr
    assert f"  {QUEUE}: deleted 1 message\n" in reset.stdout
    assert f"  /aws/lambda/{WORKER}: deleted 1 log stream\n" in reset.stdout
    assert reset.stdout.count(": empty already\n") == 3
    state = s3.list_objects_v2(Bucket="careervp-terraform-state-dev-111111111111")["Contents"]
    assert "orders-dev/terraform.tfstate" in {each["Key"] for each in state}


def test_destroy_takes_it_and_nothing_else(checkout: Checkout) -> None:
    destroyed = ops(checkout, "destroy")
    assert destroyed.returncode == 0, destroyed.stderr
    assert "vpr-async" not in destroyed.stdout
    assert ops(checkout, "verify", "--mode", "clean").returncode == 0


def test_deploy_without_stack_deploys_every_feature_each_by_its_own_state(checkout: Checkout) -> None:
    deployed = ops(checkout, "deploy", stack="")
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert ops(checkout, "verify", stack="").returncode == 0
    s3, bucket = client("s3", endpoint(checkout)), "careervp-terraform-state-dev-111111111111"
    for stack, queue in (("vpr-async-dev", "careervp-vpr-jobs-queue-dev"), ("orders-dev", QUEUE)):
        state = json.loads(s3.get_object(Bucket=bucket, Key=f"{stack}/terraform.tfstate")["Body"].read())
        queues = [each for each in state["resources"] if each["type"] == "aws_sqs_queue"]
        names = {each["instances"][0]["attributes"]["name"] for each in queues}
        assert len(names) == 2
        assert queue in names
    assert ops(checkout, "env", stack="").returncode == 0
