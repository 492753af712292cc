"""Permissions taken away one by one, on an emulator that enforces them: what cannot be read is never ok."""

import json
from collections.abc import Generator, Mapping
from typing import Any

import pytest

from aws_emulator import temporary
from config.environments import Environment
from ops.access.deployer import policy_document
from ops.verify import Clients, Mode, Outcome, verify
from stacks.features import load_settings
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.clients import client
from tests.journeys.verify.deployed import ACCOUNT, make_everything

EMAIL = "ops@example.com"
LISTINGS = {
    "sqs:ListQueues",
    "dynamodb:ListTables",
    "s3:ListAllMyBuckets",
    "cloudwatch:DescribeAlarms",
    "sns:ListTopics",
    "iam:GetAccountAuthorizationDetails",
}
# Every action that the verifier needs, with the number of looks that fail without it.
ACTIONS = {
    **dict.fromkeys(LISTINGS, 1),
    "sqs:GetQueueAttributes": 2,
    "sqs:ListQueueTags": 2,
    "dynamodb:DescribeTable": 1,
    "dynamodb:DescribeTimeToLive": 1,
    "dynamodb:DescribeContinuousBackups": 1,
    "dynamodb:GetResourcePolicy": 1,
    "dynamodb:ListTagsOfResource": 1,
    "s3:GetEncryptionConfiguration": 1,
    "s3:GetBucketPublicAccessBlock": 1,
    "s3:GetBucketOwnershipControls": 1,
    "s3:GetBucketPolicy": 1,
    "s3:GetLifecycleConfiguration": 1,
    "s3:GetBucketVersioning": 1,
    "s3:GetBucketTagging": 1,
    "s3:GetBucketNotification": 1,
    "s3:GetBucketCORS": 1,
    "s3:GetBucketLogging": 1,
    "s3:GetBucketRequestPayment": 1,
    "s3:GetAccelerateConfiguration": 1,
    "cloudwatch:ListTagsForResource": 3,
    "lambda:GetFunctionConfiguration": 1,
    "lambda:ListEventSourceMappings": 2,
    "iam:ListEntitiesForPolicy": 1,
    "sns:GetTopicAttributes": 1,
    "sns:ListSubscriptionsByTopic": 1,
    "sns:GetSubscriptionAttributes": 1,
    "sns:ListTagsForResource": 1,
}
SERVICES = ("sqs", "dynamodb", "s3", "cloudwatch", "sns", "iam")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    directory = tmp_path_factory.mktemp("environments")
    (directory / "dev.toml").write_text(
        f'account_id = "{ACCOUNT}"\n'
        'region = "us-east-1"\n'
        'state_bucket = "careervp-terraform-state-dev-111111111111"\n'
        'data_protection = "destroy"\nholds_customer_data = false\n'
        "[vpr_async.worker]\ntimeout_seconds = 300\n"
        f'[vpr_async.alarms]\nemails = ["{EMAIL}"]\n'
        '[tags]\nOwner = "careervp-platform"\n'
    )
    return load_settings(Environment("dev"), directory=directory)


class Guarded:
    """An emulator that lets its one user do what the user's policy allows, and nothing else."""

    def __init__(self, endpoint: str) -> None:
        self._root = {service: client(service, endpoint) for service in SERVICES}
        make_everything(self._root, email=EMAIL)
        self._root["iam"].create_user(UserName="verifier")
        self.key = self._root["iam"].create_access_key(UserName="verifier")["AccessKey"]

    def allow(self, actions: set[str]) -> None:
        """Give the user these actions, all of them and no more."""
        statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
        self.grant({"Version": "2012-10-17", "Statement": [statement]})

    def grant(self, document: Mapping[str, Any]) -> None:
        """Give the user this policy alone."""
        self._root["iam"].put_user_policy(UserName="verifier", PolicyName="verify", PolicyDocument=json.dumps(document))


@pytest.fixture(scope="module")
def guarded() -> Generator[Guarded]:
    with temporary(ACCOUNT) as running, pytest.MonkeyPatch.context() as environment:
        made = Guarded(running.endpoint)
        for name, value in running.environment("us-east-1").items():
            environment.setenv(name, value)
        environment.setenv("AWS_ACCESS_KEY_ID", made.key["AccessKeyId"])
        environment.setenv("AWS_SECRET_ACCESS_KEY", made.key["SecretAccessKey"])
        yield made


@pytest.fixture(scope="module")
def clients(guarded: Guarded) -> Clients:
    """Return clients as they are for AWS itself, with the credentials of the process environment."""
    assert guarded
    return Clients(region="us-east-1", where="a guarded emulator")


def test_with_every_permission_all_is_read(guarded: Guarded, settings: Settings, clients: Clients) -> None:
    """33 actions are all that a look at everything needs, and 38 calls where one handler's policy is attached."""
    assert len(ACTIONS) == 33
    guarded.allow(set(ACTIONS))
    report = verify(VPR_ASYNC, settings, clients)
    assert report.faults == ()
    assert report.exit_status == 0
    assert report.api_calls == 38


def test_the_policy_of_make_access_lets_the_verifier_read_everything(
    guarded: Guarded, settings: Settings, clients: Clients
) -> None:
    guarded.grant(policy_document(settings, "verify"))
    report = verify(VPR_ASYNC, settings, clients)
    assert report.faults == ()


def test_alarms_are_not_read_with_a_permission_on_alarms_alone(
    guarded: Guarded, settings: Settings, clients: Clients
) -> None:
    """AWS describes composite alarms only to a permission on everything (DescribeAlarms, CloudWatch's reference)."""
    others = {"Effect": "Allow", "Action": sorted(set(ACTIONS) - {"cloudwatch:DescribeAlarms"}), "Resource": "*"}
    narrow = {
        "Effect": "Allow",
        "Action": "cloudwatch:DescribeAlarms",
        "Resource": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*",
    }
    guarded.grant({"Version": "2012-10-17", "Statement": [others, narrow]})
    report = verify(VPR_ASYNC, settings, clients)
    assert [(check.resource_type, check.outcome) for check in report.faults] == [
        ("aws_cloudwatch_metric_alarm", Outcome.UNREADABLE)
    ]


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_without_one_permission_that_is_unreadable(
    guarded: Guarded, settings: Settings, clients: Clients, action: str
) -> None:
    """What cannot be read says which action it needs, nothing else is a fault, and the exit status is 2."""
    guarded.allow(set(ACTIONS) - {action})
    report = verify(VPR_ASYNC, settings, clients)
    assert [check.outcome for check in report.faults] == [Outcome.UNREADABLE] * ACTIONS[action]
    assert all(check.note.endswith(f"; needs {action}") for check in report.faults)
    assert report.exit_status == 2


@pytest.mark.parametrize("action", sorted(LISTINGS))
def test_what_cannot_be_listed_is_not_absent(
    guarded: Guarded, settings: Settings, clients: Clients, action: str
) -> None:
    guarded.allow(LISTINGS - {action})
    report = verify(VPR_ASYNC, settings, clients, Mode.CLEAN)
    outcomes = {check.outcome for check in report.faults}
    assert outcomes == {Outcome.UNEXPECTED, Outcome.UNREADABLE}
    (unread,) = (check for check in report.faults if check.outcome is Outcome.UNREADABLE)
    assert unread.note.endswith(f"; needs {action}")
    assert report.exit_status == 2


def test_without_permissions_nothing_is_ok(guarded: Guarded, settings: Settings, clients: Clients) -> None:
    guarded.allow({"iam:GetUser"})
    for mode in (Mode.DEPLOYED, Mode.CLEAN, Mode.PREREQUISITES):
        report = verify(VPR_ASYNC, settings, clients, mode)
        assert {check.outcome for check in report.checks} == {Outcome.UNREADABLE}, mode
        assert len(report.checks) == (4 if mode is Mode.PREREQUISITES else 6)
        assert report.exit_status == 2


def test_keys_of_nobody_are_unreadable(guarded: Guarded, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials that AWS does not know read nothing, whatever error it answers with."""
    guarded.allow(set(ACTIONS))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA" + 16 * "0")
    report = verify(VPR_ASYNC, settings, Clients(region="us-east-1", where="a guarded emulator"))
    assert {check.outcome for check in report.checks} == {Outcome.UNREADABLE}
