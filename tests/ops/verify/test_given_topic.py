"""A topic that the settings name: found or not, and whether alarms get through its policy and its key."""

import json
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aws_emulator import Emulator, temporary
from ops.access.deployer import policy_document
from ops.verify import Clients, Mode, Verification, verify
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.clients import client
from tests.journeys.verify.deployed import ACCOUNT
from tests.ops.verify.told import PLAIN_STATE_BUCKET, ToldClients, refusal
from tests.settings_files import written_settings

TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:operations"
FOREIGN = "arn:aws:sns:us-east-1:999999999999:operations"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1234"
ALARMS = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}


def settings(directory: Path, topic: str = TOPIC) -> Settings:
    return written_settings(
        f'account_id = "{ACCOUNT}"\nregion = "us-east-1"\nstate_bucket = "careervp-state"\n'
        'data_protection = "destroy"\nholds_customer_data = false\n[vpr_async.worker]\ntimeout_seconds = 300\n'
        f'[vpr_async.alarms]\ntopic_arns = ["{topic}"]\n'
        '[tags]\nOwner = "careervp-platform"\n',
        directory,
    )


def statement(action: str, principal: Any = CLOUDWATCH, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
OWNER = {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}
DEFAULT = statement("SNS:Publish", {"AWS": "*"}, Condition=OWNER)
"""Of every topic that is made without a policy."""
USES_KEY = statement("kms:Decrypt"), statement("kms:GenerateDataKey*")


def told(topic: str, directory: Path, *, policy: str = document(DEFAULT), **attributes: str) -> Any:
    def verified(mode: Mode = Mode.PREREQUISITES, **answers: Any) -> Verification:
        known: dict[str, Any] = {
            "dynamodb.describe_table": {"Table": {"TableStatus": "ACTIVE"}},
            **PLAIN_STATE_BUCKET,
            "sns.get_topic_attributes": {"Attributes": {"Policy": policy, **attributes}},
            "kms.describe_key": {"KeyMetadata": {"Arn": KEY, "KeyManager": "CUSTOMER", "KeyState": "Enabled"}},
            **{key.replace("__", "."): answer for key, answer in answers.items()},
        }
        return verify(VPR_ASYNC, settings(directory, topic), ToldClients(known), mode)

    return verified


def of_topic(report: Verification) -> list[tuple[str, str, str]]:
    return [
        (check.property, check.outcome, check.note) for check in report.checks if check.resource_type == "aws_sns_topic"
    ]


def only_fault(report: Verification) -> tuple[str, Any, str]:
    (fault,) = report.faults
    return fault.property, fault.found, fault.note


# --- the topic ----------------------------------------------------------------------------------------------------


def test_a_topic_that_lets_alarms_publish_is_ok(tmp_path: Path) -> None:
    report = told(TOPIC, tmp_path)()
    assert of_topic(report) == [("", "ok", ""), ("policy", "ok", ""), ("KmsMasterKeyId", "ok", "")]
    assert report.exit_status == 0


def test_a_topic_that_is_not_there_is_missing(tmp_path: Path) -> None:
    report = told(TOPIC, tmp_path)(sns__get_topic_attributes=refusal("NotFound"))
    assert of_topic(report) == [("", "missing", "")]


def test_a_topic_of_this_account_that_cannot_be_read_is_unreadable(tmp_path: Path) -> None:
    report = told(TOPIC, tmp_path)(sns__get_topic_attributes=refusal("AuthorizationError"))
    assert of_topic(report) == [("", "unreadable", "AuthorizationError; needs sns:GetTopicAttributes")]
    assert report.exit_status == 2


def test_a_topic_of_another_account_that_cannot_be_read_is_noted(tmp_path: Path) -> None:
    """It is that account's to say who reads it; what is unknown is never ok without a word."""
    report = told(FOREIGN, tmp_path)(sns__get_topic_attributes=refusal("AuthorizationError"))
    ((property_, outcome, note),) = of_topic(report)
    assert (property_, outcome) == ("alarms", "ok")
    assert "AuthorizationError" in note
    assert "it is unknown whether alarms get through" in note
    assert report.exit_status == 0


# --- its policy ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statements", "outcome"),
    [
        ([statement("sns:Publish")], "ok"),
        ([statement("sns:Publish", "*")], "ok"),
        ([statement("sns:Publish", Condition={"ArnLike": {"aws:SourceArn": ALARMS}})], "ok"),
        ([statement("sns:*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}})], "ok"),
        ([statement("sns:Publish", Resource=TOPIC)], "ok"),
        ([], "differs"),
        ([statement("sns:Publish", {"Service": "events.amazonaws.com"})], "differs"),
        ([statement("sns:Publish", ROOT)], "differs"),
        ([statement("sns:Subscribe")], "differs"),
        ([statement("sns:Publish", Resource=FOREIGN)], "differs"),
        ([statement("sns:Publish", Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}})], "differs"),
        ([statement("sns:Publish", Condition={"ArnLike": {"aws:SourceArn": ALARMS.replace("*", "other")}})], "differs"),
        ([DEFAULT, statement("sns:Publish", "*", Effect="Deny")], "differs"),
        (
            [DEFAULT, statement("*", "*", Effect="Deny", Condition={"Bool": {"aws:SecureTransport": "false"}})],
            "ok",
        ),
    ],
)
def test_cloudwatch_has_to_be_let_publish(tmp_path: Path, statements: list[dict[str, Any]], outcome: str) -> None:
    """For every alarm of the stack, in this account, over TLS."""
    report = told(TOPIC, tmp_path, policy=document(*statements))()
    assert of_topic(report)[1] == ("policy", outcome, "")


@pytest.mark.parametrize(
    "unclear",
    [
        statement("sns:Publish", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        statement("sns:Publish", Condition={"NumericLessThan": {"aws:MultiFactorAuthAge": "1"}}),
        {"Effect": "Allow", "Principal": CLOUDWATCH, "NotAction": "sns:Subscribe", "Resource": "*"},
    ],
)
def test_a_policy_that_is_not_evaluated_here_is_noted(tmp_path: Path, unclear: dict[str, Any]) -> None:
    report = told(TOPIC, tmp_path, policy=document(unclear))()
    note = "its policy has parts that are not evaluated here: see that a test message arrives"
    assert of_topic(report)[1] == ("policy", "ok", note)


# --- its key ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["alias/aws/sns", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/aws/sns"])
def test_snss_own_key_lets_no_alarm_through(tmp_path: Path, key: str) -> None:
    """CloudWatch may not use it, and its policy cannot be changed; KMS need not be asked."""
    property_, found, note = only_fault(told(TOPIC, tmp_path, KmsMasterKeyId=key)())
    assert (property_, found) == ("KmsMasterKeyId", key)
    assert note.startswith("CloudWatch may not use SNS's own key")


def test_snss_own_key_is_known_by_its_id_too(tmp_path: Path) -> None:
    described = {"KeyMetadata": {"Arn": KEY, "KeyManager": "AWS", "KeyState": "Enabled"}}
    property_, found, _ = only_fault(told(TOPIC, tmp_path, KmsMasterKeyId="1234")(kms__describe_key=described))
    assert (property_, found) == ("KmsMasterKeyId", "1234")


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (USES_KEY, None),
        ((statement("kms:*"),), None),
        ((USES_KEY[0], statement("kms:GenerateDataKey")), None),
        (
            (statement("kms:*", Condition={"StringEquals": {"kms:EncryptionContext:aws:sns:topicArn": TOPIC}}),),
            None,
        ),
        ((statement("kms:*", ROOT), *USES_KEY), None),
        ((statement("kms:*", ROOT),), "1234, which CloudWatch may not use"),
        (USES_KEY[:1], "1234, which CloudWatch may not use"),
        (USES_KEY[1:], "1234, which CloudWatch may not use"),
        ((statement("kms:*", {"Service": "sns.amazonaws.com"}),), "1234, which CloudWatch may not use"),
    ],
)
def test_a_key_has_to_let_cloudwatch_use_it(
    tmp_path: Path, statements: tuple[dict[str, Any], ...], found: str | None
) -> None:
    answer = {"Policy": document(*statements)}
    report = told(TOPIC, tmp_path, KmsMasterKeyId="1234")(kms__get_key_policy=answer)
    if found is None:
        assert of_topic(report)[2] == ("KmsMasterKeyId", "ok", "")
    else:
        note = "its policy has to let cloudwatch.amazonaws.com use kms:Decrypt and kms:GenerateDataKey*"
        assert only_fault(report) == ("KmsMasterKeyId", found, note)


def test_a_key_that_is_not_enabled_lets_no_alarm_through(tmp_path: Path) -> None:
    described = {"KeyMetadata": {"Arn": KEY, "KeyManager": "CUSTOMER", "KeyState": "PendingDeletion"}}
    report = told(TOPIC, tmp_path, KmsMasterKeyId="alias/own")(kms__describe_key=described)
    assert only_fault(report)[1] == "alias/own, which is PendingDeletion"


def test_a_key_that_cannot_be_read_is_never_ok_without_a_word(tmp_path: Path) -> None:
    """Unreadable in this account; in another account, a note."""
    refused = refusal("AccessDeniedException")
    report = told(TOPIC, tmp_path, KmsMasterKeyId="1234")(kms__get_key_policy=refused)
    assert of_topic(report) == [("", "unreadable", "AccessDeniedException; needs kms:GetKeyPolicy")]
    allowing = document(statement("sns:Publish"))
    foreign = told(FOREIGN, tmp_path, policy=allowing, KmsMasterKeyId="1234")(kms__describe_key=refused)
    assert [property_ for property_, _, note in of_topic(foreign) if note] == ["alarms"]
    assert foreign.exit_status == 0


# --- on an emulator that enforces the policy of `make access` ------------------------------------------------------


@pytest.fixture(scope="module")
def running() -> Generator[Emulator]:
    with temporary(ACCOUNT) as started:
        yield started


@pytest.fixture
def guarded(running: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Yield the administrator's clients; the process environment has a user with the verifier's policy alone."""
    iam = client("iam", running.endpoint)
    iam.create_user(UserName="verifier")
    allowed = json.dumps(policy_document(settings(tmp_path), "verify"))
    iam.put_user_policy(UserName="verifier", PolicyName="verify", PolicyDocument=allowed)
    made = iam.create_access_key(UserName="verifier")["AccessKey"]
    for name, value in running.environment("us-east-1").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", made["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", made["SecretAccessKey"])
    yield partial(client, endpoint=running.endpoint)
    iam.delete_access_key(UserName="verifier", AccessKeyId=made["AccessKeyId"])
    iam.delete_user_policy(UserName="verifier", PolicyName="verify")
    iam.delete_user(UserName="verifier")


def test_topic_and_key_are_read_with_the_policy_of_make_access(guarded: Any, tmp_path: Path) -> None:
    """The key by its alias, of which the topic's attributes alone tell; both as AWS makes them, and then encrypted."""
    sns, kms = guarded("sns"), guarded("kms")
    sns.create_topic(Name="operations")
    key = kms.create_key(Policy=document(*USES_KEY), BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/operations", TargetKeyId=key)
    clients = Clients(region="us-east-1", where="a guarded emulator")

    def read() -> list[tuple[str, str, str]]:
        return of_topic(verify(VPR_ASYNC, settings(tmp_path), clients, Mode.PREREQUISITES))

    right = [("", "ok", ""), ("policy", "ok", ""), ("KmsMasterKeyId", "ok", "")]
    assert read() == right
    sns.set_topic_attributes(TopicArn=TOPIC, AttributeName="KmsMasterKeyId", AttributeValue="alias/operations")
    assert read() == right
    only_decrypts = {"Policy": document(USES_KEY[0]), "BypassPolicyLockoutSafetyCheck": True}
    kms.put_key_policy(KeyId=key, PolicyName="default", **only_decrypts)
    assert [outcome for _, outcome, _ in read()] == ["ok", "ok", "differs"]
    deployed = verify(VPR_ASYNC, settings(tmp_path), clients)
    assert [(check.property, check.outcome) for check in deployed.faults if check.resource == TOPIC] == [
        ("KmsMasterKeyId", "differs")
    ]
