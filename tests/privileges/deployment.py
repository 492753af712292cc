"""The life of a deployment on the emulator, command by command, with the caller holding what a test gives it."""

import json
import re
import subprocess
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aws_emulator.identities import Identity
from config.environments import Environment
from ops.access.deployer import policy_document
from stacks.features import load_settings
from tests.checkout import Checkout, make_checkout

ACCOUNT = "111111111111"
STATE_BUCKET = "careervp-terraform-state-dev-111111111111"
RESULTS_BUCKET = "careervp-dev-vpr-results-us-east-1-f6121f"
ROLE = "deployer"
START = f"from ops import emulators; emulators.start('dev', '{ACCOUNT}')"

CHANGES = (
    # What changes below leaves the requirement, which would stop the plan.
    ("review.toml", 'kinds = ["requirement"]', 'kinds = ["execution"]'),
    ("environments/dev.toml", 'Owner = "careervp-platform"', 'Team = "careervp"'),
    ("environments/dev.toml", "# emails = ", "emails = "),
    ("stacks/vpr_async/stack.py", "VISIBILITY_SECONDS = ", "VISIBILITY_SECONDS = 60 + "),
    ("stacks/vpr_async/stack.py", "RESULTS_DAYS = ", "RESULTS_DAYS = 1 + "),
    ("stacks/vpr_async/stack.py", '"PutAndUpdateJobs": ', '"PutAndUpdateEachJob": '),
    ("constructs_lib/topic.py", '"AllowAlarms"', '"AllowEachAlarm"'),
    ("constructs_lib/policies.py", '"DenyInsecureTransport"', '"DenyPlainHttp"'),
    ("constructs_lib/table.py", "enabled=retain_data or recovery", "enabled=not retain_data or recovery"),
    ("constructs_lib/table.py", "protection_enabled=retain_data", "protection_enabled=not retain_data"),
)
"""Between them they change something of every resource, so that every call of an update is made."""


FOR_PROVIDER_6: Mapping[str, str] = {
    "s3:ListTagsForResource": "S3 Control's call, for the tags of a bucket",
    "s3:TagResource": "S3 Control's call, and CreateBucket with tags",
    "s3:UntagResource": "S3 Control's call",
}
"""Actions that the AWS provider takes from 6.23.0 on, and the installed one never: no life shows that they are needed.

It tags as before where they are missing (hashicorp/terraform-provider-aws, pull request 45251). What a life takes must
not be here: see `test_what_waits_for_provider_6_is_taken_by_none_before`.
"""


@dataclass(frozen=True)
class Deployment:
    """Dev on an emulator of its own."""

    checkout: Checkout
    administrator: Identity
    _callers: list[Identity | None] = field(default_factory=list[Identity | None])

    @contextmanager
    def acting(self, policies: Collection[str] | None, without: tuple[str, str] = ("", "")) -> Generator[None]:
        """Let the caller have nothing but these policies of the deployer's for the length of a block.

        policies: of `plan`, `apply`, `verify` and `operate`, for the checkout's settings; None is the administrator,
        within another block too.
        without: the Sid of a statement and an action that it then lacks.
        """
        caller = None
        if policies is not None:
            settings = load_settings(Environment("dev"), directory=self.checkout.path / "environments")
            self.administrator.grant(ROLE, [_less(policy_document(settings, policy), *without) for policy in policies])
            caller = self.administrator.assume(f"arn:aws:iam::{ACCOUNT}:role/{ROLE}")
        self._callers.append(caller)
        self._sign_in()
        try:
            yield
        finally:
            self._callers.pop()
            self._sign_in()

    def _sign_in(self) -> None:
        caller = self._callers[-1] if self._callers else None
        if caller:
            caller.sign_in()
        else:
            self.administrator.sign_out()

    def run(self, policies: Collection[str], *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command with nothing but these policies."""
        with self.acting(policies):
            return self.command(*command)

    def command(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as whoever the caller is."""
        return self.checkout.run("python", "-m", "ops", *command, CONFIRM_DATA_LOSS="vpr-async-dev")

    def terraform(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform by hand in the stack's folder, which a command has made ready."""
        reach = {
            "AWS_ENDPOINT_URL": self.administrator.endpoint,
            "AWS_ACCESS_KEY_ID": "emulator",
            "AWS_SECRET_ACCESS_KEY": "emulator",
            "HTTP_PROXY": self.administrator.endpoint,
            "TF_DATA_DIR": str(self.checkout.path / ".cache" / "terraform" / "emulator" / "vpr-async-dev"),
            "TF_INPUT": "0",
        }
        return self.checkout.terraform(self.checkout.folder("vpr-async-dev"), *arguments, **reach)

    def edit(self, file: str, text: str, replacement: str) -> None:
        """Change a file of the checkout."""
        path = self.checkout.path / file
        before = path.read_text()
        assert text in before, (file, text)
        path.write_text(before.replace(text, replacement))

    def forget_state(self) -> None:
        """Lose both states, as a crash before the first save does."""
        s3 = self.administrator.client("s3")
        for stack in ("vpr-async-dev", "state-backend-dev"):
            s3.delete_object(Bucket=STATE_BUCKET, Key=f"{stack}/terraform.tfstate")

    @contextmanager
    def handler(self) -> Generator[None]:
        """Let a handler's role have its policy for the length of a block."""
        policy = f"arn:aws:iam::{ACCOUNT}:policy/careervp-vpr-worker-policy-dev"
        self.administrator.make_role("worker", ACCOUNT, [policy])
        try:
            yield
        finally:
            iam = self.administrator.client("iam")
            iam.detach_role_policy(RoleName="worker", PolicyArn=policy)
            iam.delete_role(RoleName="worker")

    def unlock(self) -> None:
        """Take away the locks that a command left, which was not allowed to."""
        if not self.has_state_bucket():
            return
        s3 = self.administrator.client("s3")
        for stack in ("vpr-async-dev", "state-backend-dev"):
            s3.delete_object(Bucket=STATE_BUCKET, Key=f"{stack}/terraform.tfstate.tflock")

    def has_state_bucket(self) -> bool:
        """Return True if there is one yet."""
        buckets = self.administrator.client("s3").list_buckets()["Buckets"]
        return STATE_BUCKET in {bucket["Name"] for bucket in buckets}

    def taken(self) -> set[tuple[str, str]]:
        """Return each action with its resource that the deployer took, and was given."""
        return {
            (call["action"], call["resource"])
            for call in self.administrator.calls()
            if f"assumed-role/{ROLE}/" in call["caller"] and call["allowed"]
        }

    def denied(self) -> set[str]:
        """Return the actions that the deployer was refused, with their resources."""
        return {
            f"{call['action']} on {call['resource']}"
            for call in self.administrator.calls()
            if f"assumed-role/{ROLE}/" in call["caller"] and not call["allowed"]
        }


def _less(document: Mapping[str, Any], sid: str, action: str) -> dict[str, Any]:
    statements = [
        {**statement, "Action": [each for each in statement["Action"] if (statement["Sid"], each) != (sid, action)]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [statement for statement in statements if statement["Action"]]}


@contextmanager
def deployment(path: Path) -> Generator[Deployment]:
    """Start dev's emulator in a checkout at the path, with the deployer's role and the tables of others."""
    checkout = make_checkout(path)
    started = checkout.run("python", "-c", START)
    assert started.returncode == 0, started.stderr
    record = json.loads((path / ".emulator" / "dev.json").read_text())
    administrator = Identity(record["endpoint"])
    administrator.make_role(ROLE, ACCOUNT)
    for name in ("users", "idempotency"):
        administrator.client("dynamodb").create_table(
            TableName=f"careervp-{name}-table-dev",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    try:
        yield Deployment(checkout, administrator)
    finally:
        assert checkout.run("python", "-m", "ops", "down").returncode == 0


def covers(granted: Collection[tuple[str, str]], action: str, resource: str) -> bool:
    """Return True if one of the grants is for this action and resource."""
    return any(
        each == action and re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), resource) for each, pattern in granted
    )
