"""Buckets: what is seen of one, and which one that is there may be adopted."""

from typing import Any

import attrs
import pytest

from config.environments import Environment
from ops.resource_types import s3_bucket_cors_configuration
from ops.resource_types.interface import Account, MismatchError
from ops.resource_types.s3_bucket import TYPE
from ops.verify.compare import Resource, reads
from ops.verify.report import Outcome
from stacks.features import load_settings
from stacks.requirement import private_bucket
from stacks.settings import Settings
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


RULES = {
    "Expire-exports/": {"Status": "Enabled", "Filter": {"Prefix": "exports/"}, "Expiration": {"Days": 7}},
    "Archive": {
        "Status": "Enabled",
        "Filter": {"Prefix": "raw/"},
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}, {"Days": 180, "StorageClass": "GLACIER"}],
    },
    "OldVersions": {
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionTransitions": [
            {"NoncurrentDays": 10, "NewerNoncurrentVersions": 2, "StorageClass": "GLACIER"}
        ],
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    },
}
CORS = [{"AllowedOrigins": ["https://app.example.com"], "AllowedMethods": ["GET", "PUT"], "MaxAgeSeconds": 600}]
REQUIRED = {**private_bucket(DEV, "archive", rules=RULES, versioning="Enabled"), "CORS": {"CORS": CORS}}


@pytest.mark.parametrize(
    ("rule", "more", "differs"),
    [
        ("Archive", {}, []),
        ("Expire-exports/", {"Filter": {"Prefix": ""}}, ["lifecycle rule Expire-exports/"]),
        ("Archive", {"Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]}, ["lifecycle rule Archive"]),
        ("OldVersions", {"NoncurrentVersionExpiration": {"NoncurrentDays": 30}}, ["lifecycle rule OldVersions"]),
    ],
)
def test_a_requirement_says_rules_by_prefix_moves_and_old_versions(
    rule: str, more: dict[str, Any], differs: list[str]
) -> None:
    rules = {**RULES, rule: {**RULES[rule], **more}}
    answer = {"Rules": [{"ID": name, **each} for name, each in rules.items()]}
    told = ToldClients({"s3.get_bucket_lifecycle_configuration": answer, "s3.get_bucket_cors": {"CORSRules": CORS}})
    account = Account(DEV, VPR_ASYNC.requirement(DEV), told)
    looks = {look: REQUIRED[look] for look in ("lifecycle rules", "CORS")}
    checks = [
        check for read in reads(account, Resource("aws_s3_bucket", "archive"), TYPE.looks, looks) for check in read()
    ]
    assert [check.property for check in checks if check.outcome is not Outcome.OK] == differs
    assert len(checks) == 4


def test_a_plan_is_checked_against_the_same_rules_and_sites() -> None:
    assert TYPE.in_plan is not None
    properties = TYPE.in_plan(REQUIRED)
    assert {key: value for key, value in properties.items() if key.startswith("lifecycle rule ") or key == "CORS"} == {
        "lifecycle rule Expire-exports/": RULES["Expire-exports/"],
        "lifecycle rule Archive": RULES["Archive"],
        "lifecycle rule OldVersions": RULES["OldVersions"],
        "CORS": CORS,
    }


def test_who_deploys_may_write_the_cors_of_a_bucket_that_has_some() -> None:
    (cors,) = (each for each in TYPE.permissions if each.apply == "s3:PutBucketCORS")
    assert cors.arns(DEV, "archive", REQUIRED) == ("arn:aws:s3:::archive",)
    assert cors.arns(DEV, "archive", {**REQUIRED, "CORS": {"CORS": None}}) == ()


def found(code: str = "", region: str = "", *, settings: Settings = DEV) -> str | None:
    s3, stubber = stubbed("s3")
    if code:
        stubber.add_client_error("head_bucket", service_error_code=code)
    else:
        stubber.add_response("head_bucket", {}, {"Bucket": "results", "ExpectedBucketOwner": "111111111111"})
        stubber.add_response("get_bucket_location", {"LocationConstraint": region})
    return TYPE.find({"bucket": "results"}, settings, lambda _: s3)


def test_a_bucket_of_this_account_and_region_is_found() -> None:
    assert found() == "results"


@pytest.mark.parametrize("location", ["EU", "eu-west-1"])
def test_an_old_bucket_of_ireland_is_found_by_the_old_name_of_its_place(location: str) -> None:
    """S3 answers `EU` for a bucket that was made with that, and such a bucket is in eu-west-1."""
    assert found(region=location, settings=attrs.evolve(DEV, region="eu-west-1")) == "results"
    with pytest.raises(MismatchError, match=r"^bucket results: is in eu-west-1, declared in us-east-1 "):
        found(region=location)


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
