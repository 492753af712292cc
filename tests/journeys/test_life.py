"""The README's commands and the reference's, with a look at what is really deployed in between; and prod's refusals."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from tests import required
from tests.checkout import Checkout, in_a_month, make_checkout
from tests.clients import client
from tests.surroundings import HANG_SECONDS


def sections(path: str) -> list[list[list[str]]]:
    """Return the commands of a document: its sections' blocks of lines."""
    parts = re.split(r"^## ", (PROJECT_ROOT / path).read_text(), flags=re.MULTILINE)
    return [[block.splitlines() for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL)] for part in parts]


README, REFERENCE = sections("README.md"), sections("docs/reference.md")
TAKE_DOWN = ["make destroy", "make down"]
"""The reference's block that comes last in a life: what is after it on the page works on what is deployed."""
TERMINALS = [
    [command for block in section if block != TAKE_DOWN for command in block] for section in (*README, *REFERENCE)
]
"""The commands of each section, for each of which a user opens a terminal."""
COMMANDS = [*(command for typed in TERMINALS for command in typed), *TAKE_DOWN]
(ACT_AS_A_HANDLER,) = re.findall(r"```python\n(.*?)```", (PROJECT_ROOT / "README.md").read_text(), re.DOTALL)
RUN_BY_CI = {"make test"}
NEED_NO_DEPLOYMENT = {
    "make plan ENV=prod",
    "make review PLAN=plans/emulator/vpr-async-prod/plan.json",
    ".venv/bin/ops review plans/emulator/vpr-async-prod/plan.json --output plans/reviewed",
    ".venv/bin/python -m plan_review.schema",
    "make validate",
    ".venv/bin/python scripts/validate_naming.py --path plans --strict --format sarif",
    "make harden",
    "make sbom",
    'make access ARGS="--repository careervp@123/reports@456"',
    "make setup",
    "npx cdktf list",
    "npx cdktf synth",
    "make help",
}
"""What is typed in a checkout of its own, at the same time as the rest, of which each waits for the one before."""


class Shell:
    """A shell in which the README's commands are typed: what one exports, the next one has."""

    def __init__(self, checkout: Checkout) -> None:
        self.checkout = checkout
        self.variables = dict(checkout.variables)

    def type(self, command: str) -> subprocess.CompletedProcess[str]:
        """Type one command."""
        saved = self.checkout.path / ".cache" / "shell"
        script = f"{command}\nstatus=$?\nenv -0 > '{saved}'\nexit $status"
        done = self.checkout.run("bash", "-c", script, **self.variables)
        self.variables = dict(entry.split("=", 1) for entry in saved.read_text().split("\0") if entry)
        return done


def clients(checkout: Checkout, environment: str) -> dict[str, Any]:
    record = json.loads((checkout.path / ".emulator" / f"{environment}.json").read_text())
    assert record["endpoint"].startswith("http://127.0.0.1:")
    return {service: client(service, record["endpoint"]) for service in ("sqs", "dynamodb", "s3", "cloudwatch", "iam")}


def end(checkout: Checkout, environment: str) -> None:
    assert checkout.run("python", "-m", "ops", "down", ENV=environment).returncode == 0


def deployed(aws: Mapping[str, Any], environment: str, account: str, bucket: str, *, protected: bool) -> None:
    """Look at every value of the requirement on what is really there."""
    queue, dlq = f"careervp-vpr-jobs-queue-{environment}", f"careervp-vpr-jobs-dlq-{environment}"
    arn = f"arn:aws:sqs:us-east-1:{account}:"
    found = {name: attributes(aws["sqs"], name) for name in (queue, dlq)}
    assert found[queue]["VisibilityTimeout"] == required.VISIBILITY
    assert found[queue]["MessageRetentionPeriod"] == required.RETENTION
    assert json.loads(found[queue]["RedrivePolicy"]) == {
        "deadLetterTargetArn": arn + dlq,
        "maxReceiveCount": required.RECEIVES,
    }
    assert found[dlq]["MessageRetentionPeriod"] == required.DLQ_RETENTION
    assert json.loads(found[dlq]["RedriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arn + queue],
    }
    for name, values in found.items():
        assert values["ReceiveMessageWaitTimeSeconds"] == required.WAIT
        assert values["SqsManagedSseEnabled"] == "true"
        assert json.loads(values["Policy"])["Statement"] == [deny("sqs:*", arn + name)]
        tags = aws["sqs"].list_queue_tags(QueueUrl=aws["sqs"].get_queue_url(QueueName=name)["QueueUrl"])["Tags"]
        assert tags == {
            "Project": "careervp",
            "Feature": "vpr",
            "Environment": environment,
            "ManagedBy": "terraform",
            "Owner": "careervp-platform",
        }
    deployed_table(aws["dynamodb"], f"careervp-jobs-table-{environment}", protected=protected)
    deployed_bucket(aws["s3"], bucket)
    deployed_alarms(aws["cloudwatch"], environment)


def deny(action: str, resource: str | list[str]) -> dict[str, Any]:
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resource,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def attributes(sqs: Any, name: str) -> dict[str, str]:
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]


def deployed_table(dynamodb: Any, name: str, *, protected: bool) -> None:
    table = dynamodb.describe_table(TableName=name)["Table"]
    assert table["KeySchema"] == [{"AttributeName": "job_id", "KeyType": "HASH"}]
    assert sorted((each["AttributeName"], each["AttributeType"]) for each in table["AttributeDefinitions"]) == [
        ("idempotency_key", "S"),
        ("job_id", "S"),
    ]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is protected
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "idempotency-key-index"
    assert index["KeySchema"] == [{"AttributeName": "idempotency_key", "KeyType": "HASH"}]
    assert index["Projection"] == {"ProjectionType": "ALL"}
    assert dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "ttl",
    }
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert recovery == ("ENABLED" if protected else "DISABLED")


def deployed_bucket(s3: Any, name: str) -> None:
    (rule,) = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}
    policy = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])
    assert policy["Statement"] == [deny("s3:*", [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"])]
    rules = {rule["ID"]: rule for rule in s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]}
    assert set(rules) == {"DeleteOldResults", "AbortIncompleteUploads"}
    assert rules["DeleteOldResults"]["Expiration"] == {"Days": required.RESULTS_DAYS}
    assert rules["AbortIncompleteUploads"]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)


def deployed_alarms(cloudwatch: Any, environment: str) -> None:
    alarms = {alarm["AlarmName"]: alarm for alarm in cloudwatch.describe_alarms()["MetricAlarms"]}
    depth, failed = f"careervp-vpr-queue-depth-alarm-{environment}", f"careervp-vpr-dlq-alarm-{environment}"
    errors = f"careervp-vpr-worker-errors-alarm-{environment}"
    assert set(alarms) == {depth, failed, errors}
    for name, queue, comparison, threshold in (
        (
            failed,
            f"careervp-vpr-jobs-dlq-{environment}",
            "GreaterThanOrEqualToThreshold",
            required.DLQ_ALARM["Threshold"],
        ),
        (depth, f"careervp-vpr-jobs-queue-{environment}", "GreaterThanThreshold", required.DEPTH_ALARM["Threshold"]),
    ):
        alarm = alarms[name]
        assert alarm["Namespace"] == "AWS/SQS"
        assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": queue}]
        assert (alarm["Statistic"], alarm["Period"]) == ("Maximum", 300)
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == (comparison, threshold)
    assert alarms[errors]["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarms[errors]["Threshold"] == required.ERRORS_ALARM["Threshold"]
    queries = {query["Id"]: query for query in alarms[errors]["Metrics"]}
    assert queries["error_rate"]["Expression"] == "100 * errors / invocations"
    assert queries["error_rate"]["ReturnData"] is True
    for query, metric in (("errors", "Errors"), ("invocations", "Invocations")):
        stat = queries[query]["MetricStat"]
        assert (stat["Stat"], stat["Period"], stat["Metric"]["MetricName"]) == ("Sum", 300, metric)
        assert stat["Metric"]["Dimensions"] == [
            {"Name": "FunctionName", "Value": f"careervp-vpr-worker-lambda-{environment}"}
        ]
    for alarm in alarms.values():
        assert (alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (1, 1)
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["AlarmActions"] == []


def remaining(aws: Mapping[str, Any]) -> dict[str, list[str]]:
    return {
        "queues": aws["sqs"].list_queues().get("QueueUrls", []),
        "tables": aws["dynamodb"].list_tables()["TableNames"],
        "buckets": [bucket["Name"] for bucket in aws["s3"].list_buckets()["Buckets"]],
        "alarms": [alarm["AlarmName"] for alarm in aws["cloudwatch"].describe_alarms()["MetricAlarms"]],
    }


def reach(checkout: Checkout, environment: str) -> dict[str, str]:
    """Return what points a command typed by hand at the environment's emulator."""
    record = json.loads((checkout.path / ".emulator" / f"{environment}.json").read_text())
    return {
        "AWS_ENDPOINT_URL": record["endpoint"],
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "TF_DATA_DIR": str(checkout.path / ".cache" / "terraform" / "emulator" / f"vpr-async-{environment}"),
    }


def terraform(checkout: Checkout, environment: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform where the commands ran it, against the environment's emulator."""
    directory = checkout.folder(f"vpr-async-{environment}")
    return checkout.terraform(directory, *arguments, **reach(checkout, environment))


def difference(checkout: Checkout, environment: str) -> int:
    """Return the status of a plan with -detailed-exitcode: 0 is no difference."""
    done = terraform(checkout, environment, "plan", "-detailed-exitcode", "-input=false")
    assert done.returncode in {0, 2}, done.stderr
    return done.returncode


@pytest.fixture
def dev(tmp_path: Path) -> Generator[Checkout]:
    """Return a checkout in which everything is as it is for a user."""
    checkout = make_checkout(tmp_path, checks_provider=True)
    yield checkout
    end(checkout, "dev")


@pytest.mark.xdist_group("undeployed")
def test_the_readmes_commands_that_need_no_deployment_work(dev: Checkout) -> None:
    """In the documents' order; and cdktf's own lists and synthesizes every environment."""
    shell = Shell(dev)
    typed = [command for command in COMMANDS if command in NEED_NO_DEPLOYMENT]
    assert len(typed) == len(NEED_NO_DEPLOYMENT) == 13
    for command in typed:
        done = shell.type(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if command.endswith("--output plans/reviewed"):
            made, again = (dev.path / "plans" / folder for folder in ("emulator/vpr-async-prod", "reviewed"))
            assert all(
                (again / name).read_bytes() == (made / name).read_bytes()
                for name in ("review.md", "review.html", "review.json")
            )
        if command == "npx cdktf list":
            assert sorted(set(re.findall(r"(?:vpr-async|state-backend)-\w+", done.stdout))) == [
                "state-backend-dev",
                "state-backend-prod",
                "state-backend-staging",
                "vpr-async-dev",
                "vpr-async-prod",
                "vpr-async-staging",
            ]
            shutil.rmtree(dev.path / "cdktf.out")
        if command == "npx cdktf synth":
            assert len(list(dev.path.glob("cdktf.out/stacks/*/cdk.tf.json"))) == 6


@pytest.mark.xdist_group("dev")
def test_the_readmes_other_commands_are_a_whole_life_in_dev(dev: Checkout) -> None:
    """Each command works, in the documents' order: plan, deploy, use, destroy; and nothing is left at the end."""
    life = [
        (shell, command)
        for commands in (*TERMINALS, TAKE_DOWN)
        for shell in [Shell(dev)]
        for command in commands
        if command not in {*RUN_BY_CI, *NEED_NO_DEPLOYMENT}
    ]
    assert len(life) == 27
    for shell, command in life:
        done = shell.type(command)
        if "TARGET=aws" in command:
            assert done.returncode == 2, command
            assert re.match(r"TARGET=aws: (no usable AWS credentials|.* no terminal)", done.stderr)
            continue
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if command == "make apply":
            deployed(
                clients(dev, "dev"),
                "dev",
                "111111111111",
                "careervp-dev-vpr-results-us-east-1-f6121f",
                protected=False,
            )
            assert difference(dev, "dev") == 0
        if command == 'eval "$(make env)"':
            up_exports_what_handlers_read(shell)
            acted = shell.type(f".venv/bin/python -c {shlex.quote(ACT_AS_A_HANDLER)}")
            assert acted.returncode == 0, acted.stderr
        if command == "make status":
            assert re.search(
                r"^dev: http://127\.0\.0\.1:\d+ \(account 111111111111, pid \d+\)$", done.stdout, re.MULTILINE
            )
            clients(dev, "dev")["s3"].put_object(
                Bucket="careervp-dev-vpr-results-us-east-1-f6121f", Key="results/a.json", Body=b"{}"
            )
        if command == "make destroy":
            assert remaining(clients(dev, "dev")) == {
                "queues": [],
                "tables": [],
                "buckets": ["careervp-terraform-state-dev-111111111111"],
                "alarms": [],
            }
            # Those that make up made have no policy of Terraform's, which would then have stayed.
            assert clients(dev, "dev")["iam"].list_roles()["Roles"] == []
    assert not (dev.path / ".emulator" / "dev.json").exists()


def up_exports_what_handlers_read(shell: Shell) -> None:
    variables = shell.variables
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", variables["AWS_ENDPOINT_URL"])
    assert variables["SQS_QUEUE_URL"] == f"{variables['AWS_ENDPOINT_URL']}/111111111111/careervp-vpr-jobs-queue-dev"
    assert variables["VPR_JOBS_TABLE_NAME"] == "careervp-jobs-table-dev"
    assert variables["VPR_RESULTS_BUCKET_NAME"] == "careervp-dev-vpr-results-us-east-1-f6121f"
    assert variables["JOBS_QUEUE_URL"] == variables["SQS_QUEUE_URL"]
    assert variables["JOBS_DLQ_URL"].endswith("/careervp-vpr-jobs-dlq-dev")
    assert variables["JOBS_TABLE_ARN"] == "arn:aws:dynamodb:us-east-1:111111111111:table/careervp-jobs-table-dev"
    assert variables["SUBMIT_ROLE_ARN"] == "arn:aws:iam::111111111111:role/careervp-vpr-submit-role-dev"
    assert variables["RESULTS_BUCKET_ARN"] == "arn:aws:s3:::careervp-dev-vpr-results-us-east-1-f6121f"


@pytest.fixture
def prod(tmp_path: Path) -> Generator[Checkout]:
    checkout = make_checkout(tmp_path)
    yield checkout
    end(checkout, "prod")


STATE_BUCKET = "careervp-terraform-state-prod-333333333333"
START = "from ops import emulators; emulators.start('prod', '333333333333')"


EXCEPTION = f"""
[[exception]]
rule = "no-weaker-security"
address = "aws_s3_bucket_server_side_encryption_configuration.State_Encryption_00D63BFF"
reason = "the key that the bucket had is nobody's"
expires = {in_a_month()}
"""


def make_bucket_by_hand(s3: Any) -> None:
    """Make the state bucket as somebody else might have: some of it as declared, some otherwise, some not at all."""
    s3.create_bucket(Bucket=STATE_BUCKET)
    s3.put_bucket_encryption(
        Bucket=STATE_BUCKET,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}],
        },
    )
    everything = {"Status": "Enabled", "Filter": {"Prefix": ""}}
    old = {"NoncurrentVersionExpiration": {"NoncurrentDays": 90}, "Expiration": {"ExpiredObjectDeleteMarker": True}}
    uploads = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1}}
    s3.put_bucket_lifecycle_configuration(
        Bucket=STATE_BUCKET,
        LifecycleConfiguration={
            "Rules": [
                {"ID": "ExpireOldVersions", **everything, **old},
                {"ID": "AbortIncompleteUploads", **everything, **uploads},
            ]
        },
    )
    s3.put_object(Bucket=STATE_BUCKET, Key="somebody-else/terraform.tfstate", Body=b"{}")


def state_bucket_is_as_settled(s3: Any) -> None:
    (rule,) = s3.get_bucket_encryption(Bucket=STATE_BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=STATE_BUCKET)["Status"] == "Enabled"
    blocked = s3.get_public_access_block(Bucket=STATE_BUCKET)["PublicAccessBlockConfiguration"]
    assert list(blocked.values()) == [True] * 4
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=STATE_BUCKET)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=STATE_BUCKET)["Policy"])["Statement"]
    assert statement == deny("s3:*", [f"arn:aws:s3:::{STATE_BUCKET}", f"arn:aws:s3:::{STATE_BUCKET}/*"])
    assert s3.get_object(Bucket=STATE_BUCKET, Key="somebody-else/terraform.tfstate")["Body"].read() == b"{}"
    state = json.loads(s3.get_object(Bucket=STATE_BUCKET, Key="state-backend-prod/terraform.tfstate")["Body"].read())
    assert len(state["resources"]) == 7


def killed_apply_leaves_its_lock(prod: Checkout) -> str:
    """Kill an apply when it has made something, while another one is refused; return the id of the lock that stays."""
    process = prod.start("python", "-m", "ops", "apply", ENV="prod")
    assert process.stderr
    for line in process.stderr:
        if "Creation complete" in line:
            break
    second = prod.run("python", "-m", "ops", "apply", ENV="prod")
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=HANG_SECONDS)
    assert second.returncode == 2
    assert second.stderr.startswith(f"prod on emulator: make apply ENV=prod (process {process.pid}, since ")
    assert "is at work on it in this checkout; nothing was changed" in second.stderr
    unasked = prod.run("python", "-m", "ops", "unlock", ENV="prod")
    held = re.search(r"locked by \S+@\S+, for apply, since \S+ \S+ UTC \(.*\); lock id (\S+)\n", unasked.stdout)
    assert held, unasked.stdout
    return held[1]


@pytest.mark.xdist_group("prod")
def test_prod_survives_a_kill_and_refuses_to_be_destroyed(prod: Checkout) -> None:
    """Its state bucket is another's and adopted once the weaker encryption is excepted; its first apply is killed.

    It is whole and retained at last.
    """
    assert prod.run("python", "-c", START).returncode == 0
    aws = clients(prod, "prod")
    make_bucket_by_hand(aws["s3"])
    stopped = prod.run("python", "-m", "ops", "bootstrap", ENV="prod")
    assert stopped.returncode == 1
    assert "state-backend-prod: not to be applied, and nothing was changed: 1 finding above" in stopped.stderr
    assert "      no-weaker-security: this environment holds customers' data" in stopped.stdout.splitlines()
    with (prod.path / "review.toml").open("a") as rules:
        rules.write(EXCEPTION)
    adopted = prod.run("make", "bootstrap", "plan", "ENV=prod")
    assert adopted.returncode == 0, adopted.stdout + adopted.stderr
    assert "4 to create, 2 to change, 3 to import" in adopted.stdout
    state_bucket_is_as_settled(aws["s3"])

    lock = killed_apply_leaves_its_lock(prod)
    refused = prod.run("make", "plan", "ENV=prod")
    assert f"lock id {lock}" in refused.stderr
    assert prod.run("make", "unlock", "ENV=prod", f"LOCK_ID={lock}").returncode == 0
    found = prod.run("make", "plan", "ENV=prod")
    assert found.returncode == 0, found.stderr
    assert (
        "careervp-jobs-table-prod: exists, but is not in Terraform's state; make adopt ENV=prod brings" in found.stdout
    )
    assert prod.run("make", "apply", "ENV=prod").returncode == 2
    made = prod.run("make", "adopt", "apply", "ENV=prod")
    assert made.returncode == 0, made.stdout + made.stderr

    bucket = "careervp-prod-vpr-results-us-east-1-2d9368"
    deployed(aws, "prod", "333333333333", bucket, protected=True)
    again = prod.run("make", "bootstrap", "plan", "apply", "ENV=prod")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "state-backend-prod: no difference" in again.stderr
    assert re.search(r"^vpr-async-prod on .*:\s+nothing to do: no changes$", again.stdout, re.MULTILINE)
    assert re.search(r"^vpr-async-prod on .*: nothing to apply, the plan has no changes$", again.stdout, re.MULTILINE)

    refused = prod.run("make", "destroy", "ENV=prod")
    assert refused.returncode == 2
    assert "refused to destroy careervp-jobs-table-prod and careervp-prod-vpr-results" in refused.stderr
    by_hand = terraform(prod, "prod", "plan", "-destroy", "-input=false")
    assert by_hand.returncode == 1
    assert by_hand.stderr.count("Instance cannot be destroyed") == 2
    assert (
        prod.run("npx", "cdktf", "destroy", "vpr-async-prod", "--auto-approve", **reach(prod, "prod")).returncode == 1
    )
    deployed(aws, "prod", "333333333333", bucket, protected=True)
    assert len(remaining(aws)["queues"]) == 2


@pytest.mark.xdist_group("interrupted")
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_deployment_saves_its_state_and_releases_its_lock(
    dev: Checkout, ended_by: signal.Signals
) -> None:
    """Ctrl-C, a supervisor's SIGTERM or a lost terminal while Terraform creates: the next plan knows what was made."""
    process = dev.start("python", "-m", "ops", "up")
    assert process.stderr
    for line in process.stderr:
        if "Creation complete" in line:
            break
    if ended_by is signal.SIGTERM:
        process.send_signal(ended_by)
    else:
        # A terminal sends them to all that it runs.
        os.killpg(process.pid, ended_by)
    output, errors = process.communicate(timeout=HANG_SECONDS)
    assert process.returncode == 128 + ended_by, errors
    assert output == ""
    assert "Traceback" not in errors
    again = dev.run("python", "-m", "ops", "plan")
    assert again.returncode == 0, again.stderr
    assert "15 to create" not in again.stdout
    assert "to create" in again.stdout


def test_every_command_of_the_readme_is_one_that_a_test_runs() -> None:
    """The one that this test leaves out is what CI runs: `make test`, which begins with `make check`."""
    assert set(COMMANDS) >= RUN_BY_CI
    assert TAKE_DOWN in [block for section in REFERENCE for block in section]
    assert "make test" in (PROJECT_ROOT / ".ci" / "run").read_text().splitlines()
    assert re.search(r"^test: tools check ", (PROJECT_ROOT / "Makefile").read_text(), re.MULTILINE)
    assert os.access(PROJECT_ROOT / ".ci" / "run", os.X_OK)
