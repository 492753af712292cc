"""Fixtures of the handlers' policies: the deployed stack, and a role for each handler."""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from aws_emulator.identities import Identity
from tests.checkout import Checkout
from tests.journeys.test_smoke import outcomes, smoke

ACCOUNT = "111111111111"
QUEUE, DLQ = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev"
TABLE, INDEX = "careervp-jobs-table-dev", "idempotency-key-index"
BUCKET, OTHER_BUCKET = "careervp-dev-vpr-results-us-east-1-f6121f", "careervp-someone-elses"
OTHER_TABLE = "careervp-users-table-dev"
OTHER_QUEUE = "careervp-vpr-other-queue-dev"

QUEUE_ARN = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{QUEUE}"
TABLE_ARN = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{TABLE}"
RESULTS_ARN = f"arn:aws:s3:::{BUCKET}/results/*"
GRANTED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "submit": (
        ("dynamodb:PutItem", TABLE_ARN),
        ("dynamodb:UpdateItem", TABLE_ARN),
        ("dynamodb:Query", f"{TABLE_ARN}/index/{INDEX}"),
        ("sqs:SendMessage", QUEUE_ARN),
    ),
    "worker": (
        ("sqs:ReceiveMessage", QUEUE_ARN),
        ("sqs:DeleteMessage", QUEUE_ARN),
        ("sqs:ChangeMessageVisibility", QUEUE_ARN),
        ("sqs:GetQueueAttributes", QUEUE_ARN),
        ("dynamodb:GetItem", TABLE_ARN),
        ("dynamodb:UpdateItem", TABLE_ARN),
        ("s3:PutObject", RESULTS_ARN),
    ),
    "status": (("dynamodb:GetItem", TABLE_ARN), ("s3:GetObject", RESULTS_ARN)),
}
"""Every action of every policy, written from the requirement's notes."""


@dataclass(frozen=True)
class Scene:
    """The deployed stack, a role for each handler, and what must stay out of their reach."""

    checkout: Checkout
    administrator: Identity
    roles: Mapping[str, str]
    sessions: Mapping[str, Identity]

    def url(self, queue: str) -> str:
        """Return a queue's address."""
        return f"{self.administrator.endpoint}/{ACCOUNT}/{queue}"


@pytest.fixture(scope="module")
def scene(deployed_dev: Checkout) -> Generator[Scene]:
    record = json.loads((deployed_dev.path / ".emulator" / "dev.json").read_text())
    administrator = Identity(record["endpoint"])
    sqs, dynamodb, s3, iam = (administrator.client(service) for service in ("sqs", "dynamodb", "s3", "iam"))
    sqs.create_queue(QueueName=OTHER_QUEUE)
    # Other tests share the deployment, and a smoke run refuses a queue with messages.
    sqs.purge_queue(QueueUrl=sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"])
    key = {"AttributeName": "user_id", "AttributeType": "S"}
    dynamodb.create_table(
        TableName=OTHER_TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "user_id", "KeyType": "HASH"}],
        AttributeDefinitions=[key],
    )
    s3.create_bucket(Bucket=OTHER_BUCKET)
    s3.put_object(Bucket=OTHER_BUCKET, Key="results/1.json", Body=b"{}")
    s3.put_object(Bucket=BUCKET, Key="results/1.json", Body=b"{}")
    s3.put_object(Bucket=BUCKET, Key="private/1.json", Body=b"{}")
    roles = {
        handler: administrator.make_role(
            f"vpr-{handler}", ACCOUNT, [f"arn:aws:iam::{ACCOUNT}:policy/careervp-vpr-{handler}-policy-dev"]
        )
        for handler in GRANTED
    }
    sessions = {handler: administrator.assume(role) for handler, role in roles.items()}
    yield Scene(deployed_dev, administrator, roles, sessions)
    for handler in GRANTED:
        policy = f"arn:aws:iam::{ACCOUNT}:policy/careervp-vpr-{handler}-policy-dev"
        iam.detach_role_policy(RoleName=f"vpr-{handler}", PolicyArn=policy)
        iam.delete_role(RoleName=f"vpr-{handler}")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=OTHER_QUEUE)["QueueUrl"])
    dynamodb.delete_table(TableName=OTHER_TABLE)
    for bucket, name in ((OTHER_BUCKET, "results/1.json"), (BUCKET, "results/1.json"), (BUCKET, "private/1.json")):
        s3.delete_object(Bucket=bucket, Key=name)
    s3.delete_bucket(Bucket=OTHER_BUCKET)


def roles_for(scene: Scene, roles: Mapping[str, str]) -> list[str]:
    return [word for handler, role in {**scene.roles, **roles}.items() for word in (f"--{handler}-role", role)]


def statements(*granted: tuple[str, str]) -> dict[str, Any]:
    """Return a document that allows these actions, each on its resource."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in granted],
    }


def denied_without(scene: Scene, handler: str, action: str) -> set[str]:
    """See a job not go through for want of one action of one handler; return what that handler was denied."""
    name = f"less-{handler}-{action.partition(':')[2]}"
    role = scene.administrator.make_role(name, ACCOUNT)
    left = [grant for grant in GRANTED[handler] if grant[0] != action]
    scene.administrator.grant(name, [statements(*left)])
    done = smoke(scene.checkout, *roles_for(scene, {handler: role}))
    assert done.returncode == 1, done.stdout + done.stderr
    assert "FAILED" in outcomes(done.stdout).values()
    assert "cleaned up: nothing is left" in done.stdout
    return {
        call["action"] for call in scene.administrator.calls() if f"/{name}/" in call["caller"] and not call["allowed"]
    }
