"""KMS keys: named by their descriptions, without those that wait for their deletion."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.resource_types.interface import MismatchError, UnreadableError
from ops.resource_types.kms_key import TYPE
from stacks.requirement import Statements
from tests.ops.resource_types.answers import DEV, found, listed, seen
from tests.ops.verify.told import refusal

NAME = "careervp-orders-key-dev"
KEY: dict[str, Any] = {
    "KeyId": "1",
    "Description": NAME,
    "KeyManager": "CUSTOMER",
    "KeyState": "Enabled",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "MultiRegion": False,
}
PENDING = {**KEY, "KeyId": "2", "KeyState": "PendingDeletion"}
AWS_OWN = {**KEY, "KeyId": "3", "KeyManager": "AWS"}
OTHER = {**KEY, "KeyId": "4", "Description": "other"}


def keys(*described: dict[str, Any]) -> dict[str, Any]:
    return {"Keys": [{"KeyId": each["KeyId"]} for each in described]}


def find(*described: dict[str, Any], description: str = NAME) -> str | None:
    answers = (("describe_key", {"KeyMetadata": each}) for each in described)
    return found(TYPE, {"description": description}, "kms", ("list_keys", keys(*described)), *answers)


def test_a_key_is_found_by_its_description() -> None:
    """Neither AWS's own, nor one that waits for its deletion: that one is to go."""
    assert find(OTHER, PENDING, AWS_OWN, KEY) == "1"
    assert find(OTHER, PENDING, AWS_OWN) is None


def test_a_key_without_a_description_is_nobodys() -> None:
    assert TYPE.find({}, DEV, lambda _: None) is None


def test_of_two_keys_of_one_description_none_is_taken() -> None:
    with pytest.raises(MismatchError) as caught:
        find(KEY, {**KEY, "KeyId": "5"})
    assert str(caught.value) == (
        f"key {NAME}: 2 keys have that description: 1, 5; give the others another one: "
        "aws kms update-key-description --key-id 5 --description old"
    )


def test_a_key_whose_policy_keeps_everybody_out_is_passed_over_and_no_other_error() -> None:
    answers = ("list_keys", keys(OTHER, KEY)), ("describe_key", "AccessDeniedException")
    assert found(TYPE, {"description": NAME}, "kms", *answers, ("describe_key", {"KeyMetadata": KEY})) == "1"
    with pytest.raises(ClientError, match="ThrottlingException"):
        found(TYPE, {"description": NAME}, "kms", ("list_keys", keys(KEY)), ("describe_key", "ThrottlingException"))


def test_the_accounts_own_keys_are_listed_by_description() -> None:
    every = {each["KeyId"]: each for each in (KEY, PENDING, AWS_OWN)}

    def described(KeyId: str) -> Any:  # noqa: N803 - AWS's name
        return {"KeyMetadata": every[KeyId]} if KeyId in every else refusal("AccessDeniedException")

    ids = keys(*every.values(), OTHER)
    assert listed(TYPE, "careervp-orders-", kms__list_keys=ids, kms__describe_key=described) == {NAME: KEY}


def test_keys_that_none_may_be_described_are_unreadable_and_not_absent() -> None:
    with pytest.raises(UnreadableError, match="needs kms:DescribeKey"):
        listed(TYPE, "", kms__list_keys=keys(KEY), kms__describe_key=refusal("AccessDeniedException"))


def test_each_look_has_the_words_of_aws() -> None:
    rotation = {"KeyRotationEnabled": True, "RotationPeriodInDays": 90, "NextRotationDate": "tomorrow"}
    grants = {"Grants": [{"GrantId": "g", "GranteePrincipal": "arn:role"}]}
    tags = {"Tags": [{"TagKey": "Project", "TagValue": "careervp"}]}
    assert {
        **seen(TYPE, "description", NAME, KEY),
        **seen(TYPE, "rotation", NAME, KEY, kms__get_key_rotation_status=rotation),
        **seen(TYPE, "policy", NAME, KEY, kms__get_key_policy={"Policy": "{}"}),
        **seen(TYPE, "grants", NAME, KEY, kms__list_grants=grants),
        **seen(TYPE, "tags", NAME, KEY, kms__list_resource_tags=tags),
    } == {
        "KeyState": "Enabled",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "MultiRegion": False,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": 90,
        "policy": "{}",
        "grants": {"g": "arn:role"},
        "tags": {"Project": "careervp"},
    }


def test_a_plan_is_checked_for_all_but_grants() -> None:
    assert TYPE.in_plan
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
    expected: dict[str, dict[str, Any]] = {
        "description": {"KeyState": "Enabled"},
        "rotation": {"KeyRotationEnabled": True},
        "policy": {"policy": Statements((statement,))},
        "grants": {"grants": {}},
    }
    assert TYPE.in_plan(expected) == {"KeyState": "Enabled", "KeyRotationEnabled": True, "Policy": [statement]}


def test_who_applies_deletes_keys_of_its_environment_alone() -> None:
    """And where data is retained, none."""
    managing, deleting = TYPE.permissions
    assert managing.arns(DEV, NAME, {}) == ("arn:aws:kms:us-east-1:111111111111:key/*",)
    assert managing.condition(DEV, NAME) == {}
    assert "Deletion" not in managing.apply + managing.erase
    assert deleting.erase == deleting.loses == "kms:DisableKey kms:ScheduleKeyDeletion"
    assert (deleting.plan, deleting.apply, deleting.verify) == ("", "", "")
    assert deleting.condition(DEV, NAME) == {
        "StringEquals": {"aws:ResourceTag/Project": ("careervp",), "aws:ResourceTag/Environment": ("dev",)}
    }
