"""Patches of KMS, seen as a client of AWS sees them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from emulator_helpers import ACCOUNT_ID

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def kms(client: Callable[[str], Any]) -> Any:
    return client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """Make a key; return its ARN."""
    return kms.create_key()["KeyMetadata"]["Arn"]


def test_a_key_keeps_the_days_after_which_it_is_rotated(kms: Any, key: str) -> None:
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    found = kms.get_key_rotation_status(KeyId=key)
    assert (found["KeyRotationEnabled"], found["RotationPeriodInDays"]) == (True, 90)
    with pytest.raises(ClientError, match="Member must have value between 90 and 2560"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2561)
    kms.disable_key_rotation(KeyId=key)
    assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)


def test_a_key_that_waits_for_its_deletion_does_nothing_until_that_is_cancelled(
    kms: Any, key: str, unique: str
) -> None:
    with pytest.raises(ClientError, match="Member must have value between 7 and 30"):
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=6)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    kms.create_alias(AliasName=f"alias/{unique}", TargetKeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    for refused in (
        lambda: kms.encrypt(KeyId=f"alias/{unique}", Plaintext=b"it"),
        lambda: kms.create_alias(AliasName=f"alias/{unique}-2", TargetKeyId=key),
        lambda: kms.enable_key_rotation(KeyId=key),
        lambda: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7),
    ):
        with pytest.raises(ClientError, match=f"KMSInvalidStateException.*{key} is pending deletion"):
            refused()
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    kms.encrypt(KeyId=f"alias/{unique}", Plaintext=b"it")


def policy(principal: Any, action: str) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.mark.parametrize(
    ("principal", "action"),
    [
        ({"Service": "cloudwatch.amazonaws.com"}, "kms:*"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "kms:Decrypt"),
        ({"AWS": "arn:aws:iam::999999999999:root"}, "kms:*"),
    ],
)
def test_a_policy_that_locks_the_account_out_is_refused(kms: Any, key: str, principal: Any, action: str) -> None:
    """Unless it is said to be meant."""
    document = policy(principal, action)
    before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    words = "MalformedPolicyDocumentException.*will not allow you to update the key policy in the future"
    with pytest.raises(ClientError, match=words):
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == before
    with pytest.raises(ClientError, match=words):
        kms.create_key(Policy=document)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document, BypassPolicyLockoutSafetyCheck=True)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == document


@pytest.mark.parametrize(
    ("principal", "action"),
    [
        ({"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}, "kms:*"),
        ({"AWS": [ACCOUNT_ID]}, "kms:Put*"),
        ("*", "kms:PutKeyPolicy"),
    ],
)
def test_a_policy_that_lets_the_account_change_it_is_kept(kms: Any, principal: Any, action: str) -> None:
    document = policy(principal, action)
    key = kms.create_key(Policy=document)["KeyMetadata"]["KeyId"]
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == document
