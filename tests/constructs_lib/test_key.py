"""An alarm key: who may use it, its alias, and what it refuses."""

import json
from typing import Any

import pytest

from constructs_lib.key import AlarmKey
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth


def made(**options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the key and its alias, without what cdktf adds."""
    stack = new_stack()
    given: dict[str, Any] = {"alias": "alias/alarms", "account": ACCOUNT}
    AlarmKey(stack, "Key", **{**given, **options})
    synthesized = synth(stack)
    key, alias = (
        {key: value for key, value in resource.items() if key != "//"}
        for type_ in ("aws_kms_key", "aws_kms_alias")
        for resource in resources(synthesized, type_)
    )
    return key, alias


def test_a_key_is_rotated_and_only_this_accounts_alarms_may_use_it_besides_the_account_itself() -> None:
    key, alias = made()
    assert json.loads(key.pop("policy")) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AllowAccount",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::444444444444:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "AllowAlarms",
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:SourceAccount": "444444444444"}},
            },
        ],
    }
    assert key == {"description": "Encrypts the messages of alarms.", "enable_key_rotation": True}
    assert alias == {"name": "alias/alarms", "target_key_id": "${aws_kms_key.Key_43586C89.key_id}"}


def test_a_key_can_be_described() -> None:
    key, _ = made(description="d" * 8192)
    assert key["description"] == "d" * 8192


def test_the_longest_alias_is_accepted() -> None:
    _, alias = made(alias=f"alias/{'a' * 250}")
    assert len(alias["name"]) == 256


@pytest.mark.parametrize("alias", ["alarms-key", "alias/aws/sns", "alias/my alarms", "alias/a.b"])
def test_an_alias_that_kms_refuses_is_refused(alias: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        made(alias=alias)
    assert caught.value.faults == (
        (
            f'other/Key: alias = "{alias}" is no KMS alias name; allowed: letters, digits, slashes, hyphens and '
            "underscores after alias/, but not alias/aws/"
        ),
    )


def test_all_faults_of_a_key_are_reported_together() -> None:
    with pytest.raises(InvalidConstructError) as caught:
        made(alias="alias/", description="d" * 8193)
    assert caught.value.faults == (
        'other/Key: alias = "alias/" is 6 characters long; KMS alias names have 7 to 256',
        "other/Key: description: 8193 characters; allowed: at most 8192",
    )
