"""A bucket's defaults, its options, and what it refuses."""

from typing import Any

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import S3BucketLifecycleConfiguration

from constructs_lib.bucket import ExpiringBucket
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth


def bucket(stack: TerraformStack, **arguments: Any) -> ExpiringBucket:
    given: dict[str, Any] = {
        "name": "orders-bucket",
        "account": ACCOUNT,
        "retain_data": True,
        "expiration_rule": "Old",
        "expiration_days": 30,
    }
    return ExpiringBucket(stack, "Orders", **{**given, **arguments})


@pytest.mark.parametrize("retain_data", [True, False])
def test_a_bucket_can_be_destroyed_exactly_when_data_is_not_retained(*, retain_data: bool) -> None:
    stack = new_stack()
    bucket(stack, retain_data=retain_data)
    (found,) = resources(synth(stack), S3Bucket.TF_RESOURCE_TYPE)
    assert found["force_destroy"] is not retain_data
    assert found.get("lifecycle") == ({"prevent_destroy": True} if retain_data else None)


def test_a_buckets_rules_cover_it_whole() -> None:
    stack = new_stack()
    bucket(stack)
    (rules,) = resources(synth(stack), S3BucketLifecycleConfiguration.TF_RESOURCE_TYPE)
    assert [(rule["id"], rule["status"], rule["filter"]) for rule in rules["rule"]] == [
        ("Old", "Enabled", [{"prefix": ""}]),
        ("AbortIncompleteUploads", "Enabled", [{"prefix": ""}]),
    ]
    assert rules["rule"][0]["expiration"] == [{"days": 30}]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"expiration_days": 0}, "expiration_days = 0: not allowed"),
        ({"expiration_rule": ""}, 'expiration_rule = "": 1 to 255 characters'),
        ({"expiration_rule": "r" * 256}, "1 to 255 characters"),
    ],
)
def test_a_bucket_refuses_a_rule_that_s3_refuses(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        bucket(new_stack(), **arguments)
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]
