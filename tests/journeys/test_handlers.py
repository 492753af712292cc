"""A handler's author at work on a deployed dev stack: variables, roles, examples, a look at the data, and a reset."""

import json
import os
import re
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from aws_emulator.identities import Identity
from config.request import PROJECT_ROOT
from tests.checkout import Checkout, other_terraform
from tests.journeys.test_life import attributes, clients
from tests.surroundings import HANG_SECONDS

pytestmark = pytest.mark.xdist_group("deployed")

QUEUE, DLQ = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev"
TABLE, BUCKET = "careervp-jobs-table-dev", "careervp-dev-vpr-results-us-east-1-f6121f"
STATE_BUCKET = "careervp-terraform-state-dev-111111111111"
HANDLERS = ("submit", "worker", "status")


@pytest.fixture
def aws(deployed_dev: Checkout) -> Generator[dict[str, Any]]:
    """Give clients of the emulator; the resources are empty before and afterwards."""
    ops(deployed_dev, "reset")
    yield clients(deployed_dev, "dev")
    ops(deployed_dev, "reset")


def ops(checkout: Checkout, *arguments: str, **variables: str) -> str:
    done = checkout.run("python", "-m", "ops", *arguments, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def endpoint(checkout: Checkout) -> str:
    return json.loads((checkout.path / ".emulator" / "dev.json").read_text())["endpoint"]


def url(aws: dict[str, Any], queue: str) -> str:
    return aws["sqs"].get_queue_url(QueueName=queue)["QueueUrl"]


def fill(aws: dict[str, Any]) -> None:
    """Put into each resource what reset has to find: in flight, delayed, in pages, half uploaded."""
    sqs = aws["sqs"]
    sqs.send_message(QueueUrl=url(aws, QUEUE), MessageBody="in flight")
    sqs.receive_message(QueueUrl=url(aws, QUEUE), VisibilityTimeout=900)
    sqs.send_message(QueueUrl=url(aws, QUEUE), MessageBody="delayed", DelaySeconds=900)
    sqs.send_message(QueueUrl=url(aws, DLQ), MessageBody="dead")
    for number in range(60):
        aws["dynamodb"].put_item(TableName=TABLE, Item={"job_id": {"S": f"{number}"}})
    aws["s3"].put_object(Bucket=BUCKET, Key="results/ü &.json", Body=b"{}")
    aws["s3"].create_multipart_upload(Bucket=BUCKET, Key="results/half.json")


def test_env_prints_export_lines_and_nothing_else_and_runs_no_terraform(deployed_dev: Checkout, tmp_path: Path) -> None:
    """The state's outputs suffice. What make up printed is printed again, the roles' ARNs included."""
    printed = ops(deployed_dev, "env", **other_terraform(deployed_dev, tmp_path, "exit 1"))
    exported = dict(line.removeprefix("export ").split("=", 1) for line in printed.splitlines())
    assert all(line.startswith("export ") for line in printed.splitlines())
    assert exported["AWS_ENDPOINT_URL"] == endpoint(deployed_dev)
    assert exported["SQS_QUEUE_URL"] == f"{endpoint(deployed_dev)}/111111111111/{QUEUE}"
    assert exported["JOBS_DLQ_URL"] == f"{endpoint(deployed_dev)}/111111111111/{DLQ}"
    for handler in HANDLERS:
        role = f"arn:aws:iam::111111111111:role/careervp-vpr-{handler}-role-dev"
        assert exported[f"{handler.upper()}_ROLE_ARN"] == role


def test_the_examples_pass_as_a_user_types_them(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """In a shell that knows of no AWS but what make env prints. The table has what they wrote, and the DLQ nothing."""
    typed = re.findall(r"^(?:eval|\.venv).*$", (PROJECT_ROOT / "examples" / "README.md").read_text(), re.MULTILINE)
    assert typed == ['eval "$(make env)"', ".venv/bin/python -m pytest examples"]
    done = deployed_dev.run("bash", "-c", " && ".join(typed))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b5 passed\b", done.stdout)
    items = aws["dynamodb"].scan(TableName=TABLE)["Items"]
    statuses = sorted(item["status"]["S"] for item in items)
    # The one that is never worked on, and the one that was submitted again.
    assert statuses == ["COMPLETED", "COMPLETED", "FAILED", "PENDING", "PENDING"]
    assert aws["s3"].list_objects_v2(Bucket=BUCKET)["KeyCount"] == 2
    assert attributes(aws["sqs"], DLQ)["ApproximateNumberOfMessages"] == "0"


def test_each_role_has_its_handlers_policy_and_nothing_else(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Also after somebody changed a role. The policy itself is attached to nobody, so that it can be deleted."""
    iam = aws["iam"]
    for handler in HANDLERS:
        role = f"careervp-vpr-{handler}-role-dev"
        wider = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [wider]})
        iam.put_role_policy(RoleName=role, PolicyName="handler", PolicyDocument=document)
    ops(deployed_dev, "env")
    for handler in HANDLERS:
        role, policy = f"careervp-vpr-{handler}-role-dev", f"careervp-vpr-{handler}-policy-dev"
        arn = f"arn:aws:iam::111111111111:policy/{policy}"
        own = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]["Document"]
        assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["handler"]
        assert iam.get_role_policy(RoleName=role, PolicyName="handler")["PolicyDocument"] == own
        assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
        (trust,) = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"]
        assert trust == {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111111111111:root"},
            "Action": "sts:AssumeRole",
        }


def test_the_roles_are_no_finding_and_no_drift(deployed_dev: Checkout) -> None:
    verified = ops(deployed_dev, "verify")
    assert "role" not in verified
    assert ops(deployed_dev, "drift").endswith("\ndrift: none\n")


def test_peek_shows_what_is_there_and_leaves_it_as_it_is(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Neither is a message received, nor does it count as an attempt."""
    fill(aws)
    ops(deployed_dev, "peek")
    (stack,) = json.loads(ops(deployed_dev, "peek", "--json", "--most", "2"))["stacks"]
    seen = {each["name"]: each for each in stack["resources"]}
    assert {name: each["counts"] for name, each in seen.items()} == {
        DLQ: {"waiting": 1, "in_flight": 0, "delayed": 0},
        QUEUE: {"waiting": 0, "in_flight": 1, "delayed": 1},
        TABLE: {"items": 60},
        BUCKET: {"objects": 1},
    }
    assert [(each["body"], each["state"], each["receives"]) for each in seen[QUEUE]["entries"]] == [
        ("in flight", "in flight", 1),
        ("delayed", "delayed", 0),
    ]
    assert [(each["body"], each["receives"]) for each in seen[DLQ]["entries"]] == [("dead", 0)]
    assert len(seen[TABLE]["entries"]) == 2
    assert seen[TABLE]["note"] == "shown: the first 2, in the table's own order"
    assert seen[BUCKET]["entries"][0]["key"] == "results/ü &.json"
    assert [each["error"] for each in seen.values()] == [""] * 4


def test_reset_deletes_all_that_is_there_and_the_resources_stay(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Twice within a minute, in which SQS allows one purge. Terraform's state is nobody's data."""
    before = aws["s3"].list_objects_v2(Bucket=STATE_BUCKET)["KeyCount"]
    fill(aws)
    assert ops(deployed_dev, "reset") == (
        f"vpr-async-dev on the emulator at {endpoint(deployed_dev)} (account 111111111111, us-east-1):\n"
        f"  {DLQ}: deleted 1 message\n  {QUEUE}: deleted 2 messages\n"
        f"  {TABLE}: deleted 60 items\n  {BUCKET}: deleted 1 object\n"
    )
    for queue in (QUEUE, DLQ):
        counts = attributes(aws["sqs"], queue)
        assert {counts[key] for key in counts if key.startswith("ApproximateNumberOf")} == {"0"}
    assert aws["dynamodb"].scan(TableName=TABLE)["Count"] == 0
    assert aws["s3"].list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    assert "Uploads" not in aws["s3"].list_multipart_uploads(Bucket=BUCKET)
    assert ops(deployed_dev, "reset").count(": empty already\n") == 4
    assert aws["s3"].list_objects_v2(Bucket=STATE_BUCKET)["KeyCount"] == before > 0


def test_peek_takes_these_permissions_and_no_others(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """On AWS it is asked by somebody who may read, and no more. The emulator's own reads of messages are not asked."""
    aws["sqs"].send_message(QueueUrl=url(aws, QUEUE), MessageBody="{}")
    administrator = Identity(endpoint(deployed_dev))
    role = administrator.make_role("peeks", "111111111111")
    queues = [f"arn:aws:sqs:us-east-1:111111111111:{name}" for name in (QUEUE, DLQ)]
    table = f"arn:aws:dynamodb:us-east-1:111111111111:table/{TABLE}"
    needed = {
        *(("sqs:GetQueueAttributes", queue) for queue in queues),
        ("dynamodb:DescribeTable", table),
        ("dynamodb:Scan", table),
        ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
        ("s3:ListBucket", f"arn:aws:s3:::{STATE_BUCKET}"),
        ("s3:GetObject", f"arn:aws:s3:::{STATE_BUCKET}/vpr-async-dev/terraform.tfstate"),
    }
    allowed = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in sorted(needed)]
    administrator.grant("peeks", [{"Version": "2012-10-17", "Statement": allowed}])
    peeker = administrator.assume(role)
    peeker.sign_in()
    try:
        ops(deployed_dev, "peek")
    finally:
        administrator.sign_out()
    administrator.grant("peeks", [])
    administrator.client("iam").delete_role(RoleName="peeks")
    taken = {(each["action"], each["resource"]) for each in administrator.calls() if "/peeks/" in each["caller"]}
    assert taken == needed


def test_peek_follows_until_ctrl_c(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    process = deployed_dev.start("python", "-m", "ops", "peek", "--follow", "--json")
    assert process.stdout
    assert '"waiting": 1' not in process.stdout.readline()
    aws["sqs"].send_message(QueueUrl=url(aws, QUEUE), MessageBody="{}")
    assert '"waiting": 1' in process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=HANG_SECONDS)
    assert (process.returncode, output, errors) == (130, "", "interrupted\n")
