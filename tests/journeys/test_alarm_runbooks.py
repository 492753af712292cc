"""An alarm's runbook, followed from the page alone: each block is typed as it stands, for dev on an emulator."""

import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import Checkout
from tests.clients import client
from tests.functions import make_worker

pytestmark = pytest.mark.xdist_group("deployed")

RUNBOOKS = PROJECT_ROOT / "docs" / "runbooks"
QUEUE, DLQ = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev"
QUEUE_ARN = f"arn:aws:sqs:us-east-1:111111111111:{QUEUE}"
TABLE = "careervp-jobs-table-dev"
WORKER = "careervp-vpr-worker-lambda-dev"
LOG = f"/aws/lambda/{WORKER}"
END = "::status "


@dataclass
class Night:
    """A shell in a checkout, and a runbook that somebody types into it."""

    page: str
    checkout: Checkout
    aws: dict[str, Any]
    shell: subprocess.Popen[str]
    job_id: str = "11111111-2222-4333-8444-555555555555"
    typed: list[str] = field(default_factory=list[str])

    def blocks(self, heading: str) -> list[str]:
        """Return the blocks under a heading, for dev on an emulator as the page says; dev is what is deployed here."""
        sections = re.split(r"^## (?:\d\. )?", (RUNBOOKS / self.page).read_text(), flags=re.MULTILINE)
        (section,) = (each for each in sections if each.startswith(heading))
        blocks: list[str] = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
        changes = (("TARGET=aws", "TARGET=emulator"), ("prod", "dev"), ("JOB_ID", self.job_id))
        for old, new in changes:
            blocks = [re.sub(rf"\b{old}\b", new, block) for block in blocks]
        return blocks

    def type(self, block: str) -> tuple[int, str]:
        """Type a block; return its status and all that it printed."""
        assert self.shell.stdin
        assert self.shell.stdout
        self.shell.stdin.write(f"{{\n{block}\n}} </dev/null 2>&1\nprintf '\\n{END}%s\\n' $?\n")
        self.shell.stdin.flush()
        said: list[str] = []
        for line in self.shell.stdout:
            if line.startswith(END):
                self.typed.append(block)
                return int(line.removeprefix(END)), "".join(said)
            said.append(line)
        raise AssertionError("".join(said))

    def follow(self, heading: str, number: int = 0) -> str:
        """Type a block of a section, which succeeds; return what it printed."""
        status, said = self.type(self.blocks(heading)[number])
        assert status == 0, said
        return said

    def finds(self, heading: str, number: int) -> str:
        """Type a block that ends with an error, as the page says; return what it printed."""
        status, said = self.type(self.blocks(heading)[number])
        assert status != 0, said
        return said

    def url(self, queue: str) -> str:
        """Return a queue's URL."""
        return self.aws["sqs"].get_queue_url(QueueName=queue)["QueueUrl"]

    def alarm(self, name: str, state: str) -> None:
        """Raise an alarm, or put it out: the emulator evaluates none."""
        self.aws["cloudwatch"].set_alarm_state(
            AlarmName=f"careervp-vpr-{name}-alarm-dev", StateValue=state, StateReason="night"
        )

    def put_job(self, status: str) -> None:
        """Put the job's item."""
        item = {"job_id": {"S": self.job_id}, "status": {"S": status}, "input_data": {"S": "a customer's own words"}}
        self.aws["dynamodb"].put_item(TableName=TABLE, Item=item)

    def fail_job(self) -> None:
        """Send the job's message, and let a worker fail on it until it is in the dead-letter queue."""
        sqs, url = self.aws["sqs"], self.url(QUEUE)
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"job_id": self.job_id, "user_id": "u-7"}))
        for _ in range(3):
            assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=0)["Messages"]
        assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)

    def work(self) -> None:
        """Take the job's message as the worker does, which takes a job only if it is PENDING, and finish it."""
        (message,) = self.aws["sqs"].receive_message(QueueUrl=self.url(QUEUE), WaitTimeSeconds=1)["Messages"]
        self.aws["dynamodb"].update_item(
            TableName=TABLE,
            Key={"job_id": {"S": json.loads(message["Body"])["job_id"]}},
            UpdateExpression="SET #s = :done",
            ConditionExpression="#s = :pending",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":done": {"S": "COMPLETED"}, ":pending": {"S": "PENDING"}},
        )
        self.aws["sqs"].delete_message(QueueUrl=self.url(QUEUE), ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def night(request: pytest.FixtureRequest, deployed_dev: Checkout, tmp_path: Path) -> Generator[Night]:
    """Return a shell in which the emulator's block of a page was typed; the worker is another project's, and failed."""
    endpoint = json.loads((deployed_dev.path / ".emulator" / "dev.json").read_text())["endpoint"]
    services = ("sqs", "dynamodb", "cloudwatch", "lambda", "logs", "iam")
    aws = {service: client(service, endpoint) for service in services}
    command = tmp_path / "aws"
    stand_in = shlex.join((sys.executable, str(PROJECT_ROOT / "tests" / "aws_cli.py")))
    command.write_text(f'#!/bin/sh\nexec {stand_in} "$@"\n')
    command.chmod(0o755)
    make_worker(endpoint, WORKER, queue_arn=QUEUE_ARN)
    aws["logs"].create_log_group(logGroupName=LOG)
    shell = subprocess.Popen(
        ("bash", "--norc"),
        cwd=deployed_dev.path,
        env={**deployed_dev.variables, "PATH": f"{tmp_path}:{deployed_dev.variables['PATH']}"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    made = Night(request.param, deployed_dev, aws, shell)
    try:
        log(made)
        for number in (0, 1):
            made.follow("Before you type", number)
        yield made
    finally:
        shell.kill()
        shell.communicate()
        for mapping in aws["lambda"].list_event_source_mappings(FunctionName=WORKER)["EventSourceMappings"]:
            aws["lambda"].delete_event_source_mapping(UUID=mapping["UUID"])
        aws["lambda"].delete_function(FunctionName=WORKER)
        aws["logs"].delete_log_group(logGroupName=LOG)
        aws["iam"].delete_role_policy(RoleName=WORKER, PolicyName="receive")
        aws["iam"].delete_role(RoleName=WORKER)
        aws["dynamodb"].delete_item(TableName=TABLE, Key={"job_id": {"S": made.job_id}})
        for name in ("dlq", "worker-errors", "queue-depth"):
            made.alarm(name, "OK")


def log(night: Night) -> None:
    """Let the worker have said why it failed, a second ago."""
    logs = night.aws["logs"]
    logs.create_log_stream(logGroupName=LOG, logStreamName="one")
    event = {"timestamp": int(time.time() * 1000) - 1000, "message": f"ERROR AccessDenied on job {night.job_id}"}
    logs.put_log_events(logGroupName=LOG, logStreamName="one", logEvents=[event])


@pytest.mark.parametrize("night", ["alarm-dlq.md"], indirect=True)
def test_a_job_that_failed_for_good_is_found_moved_back_and_done(night: Night) -> None:
    """The dead-letter queue's alarm rings; afterwards the job is COMPLETED, and the queue is empty."""
    night.put_job("PROCESSING")
    night.fail_job()
    night.alarm("dlq", "ALARM")
    looked = night.follow("Check", 0)
    assert f"{DLQ}: 1 message, to go back to {QUEUE}" in looked
    assert night.job_id in looked
    verified = night.finds("Check", 1)
    assert "careervp-vpr-jobs-dlq-dev" in verified
    job = night.follow("Check", 2)
    assert '"PROCESSING"' in job
    assert "customer's own words" not in job
    assert night.follow("Check", 3).count("ERROR AccessDenied") == 2
    night.follow("Check", 4)
    assert f"1 message moved to {QUEUE}" in night.follow("Redrive", 0)
    # The worker takes no job that is PROCESSING; the page says how to go on.
    night.follow("Redrive", 2)
    night.work()
    assert "nothing to move" in night.follow("Redrive", 1)
    assert '"COMPLETED"' in night.follow("Check", 2)
    night.alarm("dlq", "OK")
    assert "nothing to move" in night.follow("It is over when", 0)
    night.follow("Check", 1)


@pytest.mark.parametrize("night", ["alarm-dlq.md"], indirect=True)
def test_the_message_of_a_job_that_is_done_is_deleted_and_no_other(night: Night) -> None:
    night.put_job("COMPLETED")
    night.fail_job()
    night.aws["sqs"].send_message(QueueUrl=night.url(DLQ), MessageBody='{"job_id": "another"}')
    assert '"COMPLETED"' in night.follow("Check", 2)
    # Hidden for a second instead of a minute: the test does not wait for the other message.
    find, _ = night.blocks("Not to redrive")
    status, said = night.type(find.replace("--visibility-timeout 60", "--visibility-timeout 1"))
    assert status == 0, said
    assert json.loads(said)["job_id"] == night.job_id
    night.follow("Not to redrive", 1)
    (left,) = night.aws["sqs"].receive_message(QueueUrl=night.url(DLQ), WaitTimeSeconds=20)["Messages"]
    assert left["Body"] == '{"job_id": "another"}'
    night.aws["sqs"].delete_message(QueueUrl=night.url(DLQ), ReceiptHandle=left["ReceiptHandle"])
    # Typed once more, the first finds no such message, and the second deletes none.
    assert night.follow("Not to redrive", 0).strip() == "None"
    night.finds("Not to redrive", 1)


@pytest.mark.parametrize("night", ["alarm-worker-errors.md"], indirect=True)
def test_a_worker_that_fails_is_looked_at_stopped_and_started(night: Night) -> None:
    """And nothing is moved back to it while its alarm is raised."""
    night.aws["lambda"].create_event_source_mapping(EventSourceArn=QUEUE_ARN, FunctionName=WORKER)
    night.aws["sqs"].send_message(QueueUrl=night.url(DLQ), MessageBody="{}")
    night.alarm("worker-errors", "ALARM")
    assert "careervp-vpr-worker-errors-alarm-dev" in night.finds("Check", 0)
    assert "ERROR AccessDenied" in night.follow("Check", 1)
    for metric in ("Invocations", "Errors", "Throttles"):
        assert f'"{metric}": 0' in night.follow("Check", 2)
    assert "careervp-vpr-worker-errors-alarm-dev: RAISED" in night.follow("Check", 3)
    status, refused = night.type("make redrive ENV=dev TARGET=emulator")
    assert status != 0
    assert "careervp-vpr-worker-errors-alarm-dev raised: " in refused
    outage = "An outage elsewhere"
    assert night.follow(outage, 0).strip() in {"Disabled", "Disabling"}
    assert night.follow(outage, 1).strip() in {"Enabled", "Enabling"}
    night.alarm("worker-errors", "OK")
    assert "1 message, to go back" in night.follow("It is over when", 0)
    (message,) = night.aws["sqs"].receive_message(QueueUrl=night.url(DLQ))["Messages"]
    night.aws["sqs"].delete_message(QueueUrl=night.url(DLQ), ReceiptHandle=message["ReceiptHandle"])


@pytest.mark.parametrize("night", ["alarm-queue-depth.md"], indirect=True)
def test_jobs_that_wait_are_kept_longer_and_the_queue_is_set_back(night: Night) -> None:
    night.aws["lambda"].create_event_source_mapping(
        EventSourceArn=QUEUE_ARN, FunctionName=WORKER, ScalingConfig={"MaximumConcurrency": 5}
    )

    def retention() -> str:
        asked = {"QueueUrl": night.url(QUEUE), "AttributeNames": ["MessageRetentionPeriod"]}
        return night.aws["sqs"].get_queue_attributes(**asked)["Attributes"]["MessageRetentionPeriod"]

    night.follow("How old is the oldest message?", 0)
    night.follow("How old is the oldest message?", 1)
    assert retention() == "86400"
    assert '"ApproximateNumberOfMessages": "0"' in night.follow("Check", 0)
    connected = night.follow("Check", 1)
    assert re.search(rf"Enabled\t5\t{re.escape(QUEUE_ARN)}", connected)
    night.follow("Check", 2)
    assert "MessageRetentionPeriod" in night.finds("Check", 3)
    assert night.follow("Decide", 0).strip() in {"Enabled", "Enabling"}
    assert night.follow("Decide", 1).strip().endswith("10")
    set_back = night.follow("It is over when", 0)
    assert retention() == "14400"
    assert "drift: none" in set_back
