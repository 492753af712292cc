"""Buckets: what is seen of one, and which one that is there may be adopted."""

from typing import Any

import pytest

from config.environments import Environment
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


def test_all_pages_of_the_regions_buckets_are_named() -> None:
    """A bucket of another region cannot be meant: it is declared in this one."""
    s3, stubber = stubbed("s3")
    first = {"Buckets": [{"Name": "a"}, {"Name": "b"}], "ContinuationToken": "more"}
    stubber.add_response("list_buckets", first, {"BucketRegion": "us-east-1"})
    stubber.add_response(
        "list_buckets", {"Buckets": [{"Name": "c"}]}, {"BucketRegion": "us-east-1", "ContinuationToken": "more"}
    )
    assert TYPE.names
    assert list(TYPE.names(DEV, lambda _: s3)) == ["a", "b", "c"]
