"""Aliases of KMS keys: found by their whole name, and seen by the key behind them."""

from datetime import UTC, datetime

from ops.resource_types.interface import Seen
from ops.resource_types.kms_alias import TYPE
from tests.ops.resource_types.answers import DEV, found, listed, seen

NAME = "alias/careervp-orders-key-dev"
ALIAS = {"AliasName": NAME, "TargetKeyId": "1"}


def test_an_alias_is_listed_and_found_by_its_whole_name() -> None:
    longer = {"AliasName": f"{NAME}-2", "TargetKeyId": "2"}
    answer = {"Aliases": [longer, ALIAS]}
    assert listed(TYPE, "alias/careervp-", kms__list_aliases=answer) == {f"{NAME}-2": longer, NAME: ALIAS}
    assert found(TYPE, {"name": NAME}, "kms", ("list_aliases", answer)) == NAME
    assert found(TYPE, {"name": NAME}, "kms", ("list_aliases", {"Aliases": [longer]})) is None
    assert TYPE.find_first


def test_the_key_behind_it_is_seen_by_its_description() -> None:
    key = {"KeyId": "1", "Description": "careervp-orders-key-dev", "KeyState": "Enabled"}
    answer = {"KeyMetadata": key}
    assert seen(TYPE, "target", NAME, ALIAS, kms__describe_key=answer) == {
        "TargetKey": "careervp-orders-key-dev",
        "KeyState": "Enabled",
    }


def test_a_key_that_waits_for_its_deletion_is_noted_with_the_day_and_what_keeps_it() -> None:
    deletion = {"KeyState": "PendingDeletion", "DeletionDate": datetime(2030, 1, 31, tzinfo=UTC)}
    answer = {"KeyMetadata": {"KeyId": "1", "Description": "it", **deletion}}
    state = seen(TYPE, "target", NAME, ALIAS, kms__describe_key=answer)["KeyState"]
    assert state == Seen(
        "PendingDeletion",
        "the key will be deleted on 2030-01-31, and what it encrypts is unreadable; to keep it: "
        "aws kms cancel-key-deletion --key-id 1",
    )


def test_permissions_are_on_the_alias_and_on_keys() -> None:
    own, keys = TYPE.permissions
    arn = "arn:aws:kms:us-east-1:111111111111"
    assert own.arns(DEV, NAME, {}) == (f"{arn}:{NAME}", f"{arn}:key/*")
    assert own.apply == "kms:CreateAlias kms:DeleteAlias kms:UpdateAlias"
    assert (keys.arns(DEV, NAME, {}), keys.verify) == ((f"{arn}:key/*",), "kms:DescribeKey")
