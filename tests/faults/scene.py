"""An emulated production account and the checkouts at work on it: what the harness deploys, breaks and looks at."""

import json
import re
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_emulator import Emulator, background
from tests.checkout import Checkout, make_checkout
from tests.clients import client

ENVIRONMENT, ACCOUNT, STACK = "prod", "333333333333", "vpr-async-prod"
TABLE, QUEUE, DLQ = "careervp-jobs-table-prod", "careervp-vpr-jobs-queue-prod", "careervp-vpr-jobs-dlq-prod"
BUCKET, STATE_BUCKET = "careervp-prod-vpr-results-us-east-1-2d9368", "careervp-terraform-state-prod-333333333333"
STATE_KEY = "vpr-async-prod/terraform.tfstate"
EVERYTHING = {
    "alarms": [
        "careervp-vpr-dlq-alarm-prod",
        "careervp-vpr-queue-depth-alarm-prod",
        "careervp-vpr-worker-errors-alarm-prod",
    ],
    "buckets": [BUCKET, STATE_BUCKET],
    "policies": [
        "careervp-vpr-status-policy-prod",
        "careervp-vpr-submit-policy-prod",
        "careervp-vpr-worker-policy-prod",
    ],
    "queues": [DLQ, QUEUE],
    "tables": [TABLE],
}
"""What there is in the account after an apply: each once, and nothing else."""
HOLDER = re.compile(r"locked by \S+@\S+, for \w+, since .* UTC \(.*\); lock id (\S+)$", re.MULTILINE)
RESOURCES = 15
"""How many the state then has."""


@dataclass(frozen=True)
class Done:
    """The end of a command."""

    status: int
    output: str
    errors: str


@dataclass(frozen=True)
class Scene:
    """The account, and one of the checkouts from which it is deployed to."""

    checkout: Checkout
    running: Emulator

    def ops(self, command: str, **variables: str) -> Done:
        """Run one of the commands; none of them may end in a traceback."""
        done = self.checkout.run("python", "-m", "ops", command, ENV=ENVIRONMENT, **variables)
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def succeeds(self, command: str, **variables: str) -> Done:
        """Run one of the commands, which must end well."""
        done = self.ops(command, **variables)
        assert done.status == 0, f"{command}: {done.errors}"
        return done

    def client(self, service: str) -> Any:
        """Return a client that reaches the account by the shortest way."""
        return client(service, self.running.endpoint)

    def present(self) -> dict[str, list[str]]:
        """Return the names of what is in the account."""
        urls = self.client("sqs").list_queues().get("QueueUrls", [])
        return {
            "alarms": sorted(each["AlarmName"] for each in self.client("cloudwatch").describe_alarms()["MetricAlarms"]),
            "buckets": sorted(bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]),
            "policies": sorted(
                each["PolicyName"] for each in self.client("iam").list_policies(Scope="Local")["Policies"]
            ),
            "queues": sorted(url.rsplit("/", 1)[1] for url in urls),
            "tables": sorted(self.client("dynamodb").list_tables()["TableNames"]),
        }

    def put_something_into_all_that_is_there(self) -> list[str]:
        """Leave an item, a message and an object in what has been made; return the names of what holds one now."""
        present = self.present()
        if TABLE in present["tables"]:
            self.client("dynamodb").put_item(TableName=TABLE, Item={"job_id": {"S": "kept"}})
        if QUEUE in present["queues"]:
            url = self.client("sqs").get_queue_url(QueueName=QUEUE)["QueueUrl"]
            self.client("sqs").send_message(QueueUrl=url, MessageBody="kept")
        if BUCKET in present["buckets"]:
            self.client("s3").put_object(Bucket=BUCKET, Key="results/kept.json", Body=b"kept")
        return self.holding_something()

    def holding_something(self) -> list[str]:
        """Return the names of the table, the queue and the bucket, as far as they hold what was left there."""
        present, holding = self.present(), list[str]()
        if TABLE in present["tables"] and self.client("dynamodb").scan(TableName=TABLE)["Count"]:
            holding.append(TABLE)
        if QUEUE in present["queues"]:
            sqs = self.client("sqs")
            url = sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"]
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            holding += [QUEUE] * int(told["Attributes"]["ApproximateNumberOfMessages"])
        if BUCKET in present["buckets"] and self.client("s3").list_objects_v2(Bucket=BUCKET)["KeyCount"]:
            holding.append(BUCKET)
        return holding

    def is_locked(self) -> bool:
        """Return True if the state's lock is there."""
        found = self.client("s3").list_objects_v2(Bucket=STATE_BUCKET, Prefix=f"{STATE_KEY}.tflock")
        return bool(found["KeyCount"])

    def state(self, stack: str = STACK) -> dict[str, Any]:
        """Return a stack's state as Terraform stored it last; the VPR stack's unless another one is named."""
        key = f"{stack}/terraform.tfstate"
        return json.loads(self.client("s3").get_object(Bucket=STATE_BUCKET, Key=key)["Body"].read())

    def forget(self, type_: str, attribute: str) -> None:
        """Take an attribute out of the state, as if a provider had written it that did not know it."""
        state = self.state()
        for attributes in _attributes(state, type_):
            del attributes[attribute]
        state["serial"] += 1
        self.client("s3").put_object(Bucket=STATE_BUCKET, Key=STATE_KEY, Body=json.dumps(state).encode())

    def knows(self, type_: str, attribute: str) -> bool:
        """Return True if all resources of a type have an attribute in the state."""
        return all(attribute in attributes for attributes in _attributes(self.state(), type_))

    def is_whole(self) -> None:
        """Assert that everything is there once, recorded, unlocked, and that a plan finds no difference."""
        plan = self.succeeds("plan")
        assert re.search(rf"^{STACK} on .*: no changes$", plan.output, re.MULTILINE), plan.output
        assert self.present() == EVERYTHING
        assert len(self.state()["resources"]) == RESOURCES
        assert not self.is_locked()

    def recover(self) -> str:
        """Do what the messages and the runbook say until nothing is left to do; return, in words, what that was."""
        told: list[str] = []
        for _ in range(3):
            plan = self.whatever_is_locked("plan", told)
            if "exists, but is not in Terraform's state" in plan.output or "takes it as it is" in plan.errors:
                adopted = self.whatever_is_locked("adopt", told)
                told.append(f"{len(re.findall('^  [=~] ', adopted.output, re.MULTILINE))} adopted")
            if re.search(": no changes$", plan.output, re.MULTILINE):
                break
            if self.whatever_is_locked("apply", told).status == 0:
                told.append("applied")
                break
        return ", ".join(told) or "nothing to do"

    def whatever_is_locked(self, command: str, told: list[str]) -> Done:
        """Run a command, and again when the lock that it named, and that nobody holds any more, has been removed."""
        done = self.ops(command)
        while held := HOLDER.search(done.errors):
            assert done.status == 2
            assert len(told) < 10, done.errors
            self.ops("unlock", LOCK_ID=held[1])
            told.append("unlocked")
            done = self.ops(command)
        return done


def _attributes(state: Mapping[str, Any], type_: str) -> list[dict[str, Any]]:
    """Return the attributes of a state's resources of a type."""
    resources = [resource for resource in state["resources"] if resource["type"] == type_]
    return [instance["attributes"] for resource in resources for instance in resource["instances"]]


@contextmanager
def scene(path: Path) -> Generator[Scene]:
    """Run an emulated account, with its state bucket made, for a checkout at the path."""
    checkout = make_checkout(path)
    with account(checkout.path / ".emulator") as running:
        yield Scene(checkout, running)


@contextmanager
def account(directory: Path) -> Generator[Emulator]:
    """Run the environment's emulator in the background, as the commands would have started it."""
    running = background.start(ENVIRONMENT, directory, account_id=ACCOUNT)
    try:
        yield running
    finally:
        background.stop(ENVIRONMENT, directory)


def colleague(of: Scene, path: Path) -> Scene:
    """Return another checkout, at the path, that deploys to the same account."""
    checkout = make_checkout(path)
    (checkout.path / ".emulator").symlink_to(of.checkout.path / ".emulator", target_is_directory=True)
    return Scene(checkout, of.running)
