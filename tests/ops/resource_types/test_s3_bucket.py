"""Buckets: what is seen of one, and which one that is there may be adopted."""

from typing import Any

import pytest

from config.environments import Environment
from ops.resource_types import s3_bucket_cors_configuration
from ops.resource_types.interface import Account, MismatchError
from ops.resource_types.s3_bucket import TYPE
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.ops.test_aws import stubbed
from tests.ops.verify.told import ToldClients

DEV = load_settings(Environment("dev"))


def seen(look: str, **answers: Any) -> Any:
    told = ToldClients({f"s3.{operation}": answer for operation, answer in answers.items()})
    return TYPE.looks[look].read(Account(DEV, VPR_ASYNC.requirement(DEV), told), "results", None)


@pytest.mark.parametrize(
    ("rule", "chosen"),
    [
        ({"Filter": {"Prefix": "results/"}}, {"Prefix": "results/"}),
        ({"Filter": {"ObjectSizeGreaterThan": 1000}}, {"ObjectSizeGreaterThan": 1000}),
        ({"Filter": {}}, {"Prefix": ""}),
        ({"Filter": {"Prefix": ""}}, {"Prefix": ""}),
        ({"Prefix": "results/"}, {"Prefix": "results/"}),
        ({}, {"Prefix": ""}),
    ],
)
def test_a_rule_is_seen_with_what_it_is_for(rule: dict[str, Any], chosen: dict[str, Any]) -> None:
    answer = {"Rules": [{"ID": "DeleteOldResults", "Status": "Enabled", "Expiration": {"Days": 7}, **rule}]}
    assert seen("lifecycle rules", get_bucket_lifecycle_configuration=answer) == {
        "lifecycle rules": {
            "DeleteOldResults": {"Status": "Enabled", "Expiration": {"Days": 7}, "Filter": chosen},
        }
    }


@pytest.mark.parametrize(("answer", "status"), [({"Status": "Suspended"}, "Suspended"), ({}, None)])
def test_versions_are_seen_as_they_are(answer: dict[str, Any], status: str | None) -> None:
    assert seen("Versioning", get_bucket_versioning=answer) == {"Versioning": status}


def found(code: str = "", region: str = "") -> str | None:
    s3, stubber = stubbed("s3")
    if code:
        stubber.add_client_error("head_bucket", service_error_code=code)
    else:
        stubber.add_response("head_bucket", {}, {"Bucket": "results", "ExpectedBucketOwner": "111111111111"})
        stubber.add_response("get_bucket_location", {"LocationConstraint": region})
    return TYPE.find({"bucket": "results"}, DEV, lambda _: s3)


def test_a_bucket_of_this_account_and_region_is_found() -> None:
    assert found() == "results"


@pytest.mark.parametrize("code", ["403", "AccessDenied"])
def test_a_name_that_another_account_has_is_a_mismatch_and_no_crash(code: str) -> None:
    with pytest.raises(MismatchError, match=r"^bucket results: exists and is not open to account 111111111111: "):
        found(code)


def test_a_bucket_elsewhere_is_a_mismatch() -> None:
    with pytest.raises(MismatchError, match=r"^bucket results: is in eu-west-1, declared in us-east-1 "):
        found(region="eu-west-1")


def test_rules_for_other_origins_are_a_part_of_the_bucket() -> None:
    """Who applies may put them where there are to be some; to delete them is the same action."""
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://a.example"]}]
    assert seen("CORS", get_bucket_cors={"CORSRules": rules}) == {"CORS": rules}
    s3, stubber = stubbed("s3")
    stubber.add_response("get_bucket_cors", {"CORSRules": rules}, {"Bucket": "results"})
    assert s3_bucket_cors_configuration.TYPE.find({"bucket": "results"}, DEV, lambda _: s3) == "results"
    assert s3_bucket_cors_configuration.TYPE.part_of == ("aws_s3_bucket", "cors")
    (permissions,) = (each for each in TYPE.permissions if each.sid == "BucketCors")
    assert permissions.arns(DEV, "results", {"CORS": {"CORS": rules}}) == ("arn:aws:s3:::results",)
    assert permissions.arns(DEV, "results", {"CORS": {"CORS": None}}) == permissions.arns(DEV, "results", {}) == ()
    assert permissions.apply == "s3:PutBucketCORS"
