"""Topics: the key that encrypts the messages of one's own is seen by its description."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.resource_types.sns_topic import TYPE
from tests.ops.resource_types.answers import DEV, seen
from tests.ops.test_aws import stubbed

TOPIC = "arn:aws:sns:us-east-1:111111111111:careervp-orders-topic-dev"


@pytest.mark.parametrize(
    ("attributes", "key"),
    [({"KmsMasterKeyId": "arn:aws:kms:us-east-1:111111111111:key/1"}, "careervp-orders-key-dev"), ({}, None)],
)
def test_its_key_is_seen_by_its_description(attributes: dict[str, str], key: str | None) -> None:
    """One without a key of a customer has none, and KMS is not asked."""
    described: dict[str, Any] = {"KeyMetadata": {"Description": "careervp-orders-key-dev"}}
    answers = {"sns__get_topic_attributes": {"Attributes": attributes}, "kms__describe_key": described}
    if key is None:
        del answers["kms__describe_key"]
    assert seen(TYPE, "key", "careervp-orders-topic-dev", TOPIC, **answers) == {"Key": key}


def test_who_verifies_reads_keys_where_a_topic_is_to_have_one() -> None:
    (permissions,) = (each for each in TYPE.permissions if each.sid == "TopicKeys")
    keys = ("arn:aws:kms:us-east-1:111111111111:key/*",)
    assert permissions.arns(DEV, "it", {"key": {"Key": "careervp-orders-key-dev"}}) == keys
    assert permissions.arns(DEV, "it", {"key": {}}) == permissions.arns(DEV, "it", {}) == ()
    assert (permissions.plan, permissions.apply, permissions.verify) == ("", "", "kms:DescribeKey")


def exists(code: str = "") -> bool:
    """Return the type's answer where SNS answers a question for the topic so; code: an error's."""
    sns, stubber = stubbed("sns")
    asked = {"TopicArn": TOPIC}
    if code:
        stubber.add_client_error("get_topic_attributes", service_error_code=code, expected_params=asked)
    else:
        stubber.add_response("get_topic_attributes", {"Attributes": {}}, asked)
    assert TYPE.exists
    return TYPE.exists(TOPIC, lambda _: sns)


def test_a_topic_of_others_exists_unless_sns_says_that_it_does_not() -> None:
    """A refusal is no answer."""
    assert exists()
    assert not exists("NotFound")
    with pytest.raises(ClientError, match="AuthorizationError"):
        exists("AuthorizationError")
