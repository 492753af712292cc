"""A bucket with every option on the emulator, which describes it as it was declared."""

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from cdktf import TerraformStack

from constructs_lib.bucket import Bucket, Cors
from constructs_lib.lifecycle import Expire, ExpireOldVersions, StorageClass, Transition, TransitionOldVersions
from ops.supply_chain.harden import scan
from tests.clients import client
from tests.journeys.constructs import ACCOUNT, deployed, synthesize

pytestmark = pytest.mark.xdist_group("bucket construct")
NAME = "orders-archive"


def add_bucket(stack: TerraformStack) -> None:
    Bucket(
        stack,
        "Archive",
        name=NAME,
        account=ACCOUNT,
        rules=[
            Expire(prefix="exports/", days=7),
            Transition(prefix="raw/", days=0, storage_class=StorageClass.INTELLIGENT_TIERING),
            Transition(prefix="raw/", days=90, storage_class=StorageClass.GLACIER_IR, id="Archive"),
            Transition(prefix="invoices/", days=30, storage_class=StorageClass.STANDARD_IA),
            Transition(prefix="invoices/", days=60, storage_class=StorageClass.ONEZONE_IA),
            Transition(prefix="invoices/", days=90, storage_class=StorageClass.GLACIER),
            Transition(prefix="invoices/", days=180, storage_class=StorageClass.DEEP_ARCHIVE),
            TransitionOldVersions(days=10, storage_class=StorageClass.GLACIER, keep=2),
            ExpireOldVersions(days=30, keep=3),
            ExpireOldVersions(prefix="exports/", days=1),
        ],
        kept_prefixes=["templates/"],
        versioned=True,
        cors=[
            Cors(
                origins=["https://app.example.com", "http://localhost:*"],
                methods=["GET", "PUT"],
                headers=["*"],
                exposed_headers=["ETag"],
                max_age_seconds=600,
            )
        ],
    )


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Generator[Any]:
    """Deploy the bucket on an emulator of its own; a second plan finds nothing to change."""
    with deployed(tmp_path_factory, add_bucket) as endpoint:
        yield client("s3", endpoint)


def test_its_rules_are_described_as_they_were_declared(s3: Any) -> None:
    found = s3.get_bucket_lifecycle_configuration(Bucket=NAME)["Rules"]
    assert {each["Status"] for each in found} == {"Enabled"}
    rules = {each["ID"]: {key: value for key, value in each.items() if key not in {"ID", "Status"}} for each in found}
    assert rules == {
        "Expire-exports/": {"Filter": {"Prefix": "exports/"}, "Expiration": {"Days": 7}},
        "TransitionTo-INTELLIGENT_TIERING-raw/": {
            "Filter": {"Prefix": "raw/"},
            "Transitions": [{"Days": 0, "StorageClass": "INTELLIGENT_TIERING"}],
        },
        "Archive": {"Filter": {"Prefix": "raw/"}, "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}]},
        "TransitionTo-STANDARD_IA-invoices/": {
            "Filter": {"Prefix": "invoices/"},
            "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}],
        },
        "TransitionTo-ONEZONE_IA-invoices/": {
            "Filter": {"Prefix": "invoices/"},
            "Transitions": [{"Days": 60, "StorageClass": "ONEZONE_IA"}],
        },
        "TransitionTo-GLACIER-invoices/": {
            "Filter": {"Prefix": "invoices/"},
            "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
        },
        "TransitionTo-DEEP_ARCHIVE-invoices/": {
            "Filter": {"Prefix": "invoices/"},
            "Transitions": [{"Days": 180, "StorageClass": "DEEP_ARCHIVE"}],
        },
        "TransitionOldVersionsTo-GLACIER": {
            "Filter": {"Prefix": ""},
            "NoncurrentVersionTransitions": [
                {"NoncurrentDays": 10, "StorageClass": "GLACIER", "NewerNoncurrentVersions": 2}
            ],
        },
        "ExpireOldVersions": {
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
        "ExpireOldVersions-exports/": {
            "Filter": {"Prefix": "exports/"},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "Expiration": {"ExpiredObjectDeleteMarker": True},
        },
        "AbortIncompleteUploads": {
            "Filter": {"Prefix": ""},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    }


def test_its_versions_and_its_cors_are_described_as_they_were_declared(s3: Any) -> None:
    assert s3.get_bucket_versioning(Bucket=NAME)["Status"] == "Enabled"
    (rule,) = s3.get_bucket_cors(Bucket=NAME)["CORSRules"]
    assert {**rule, "AllowedOrigins": {*rule["AllowedOrigins"]}, "AllowedMethods": {*rule["AllowedMethods"]}} == {
        "AllowedOrigins": {"http://localhost:*", "https://app.example.com"},
        "AllowedMethods": {"GET", "PUT"},
        "AllowedHeaders": ["*"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 600,
    }


def test_it_is_private_and_encrypted(s3: Any) -> None:
    (encryption,) = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"]
    assert encryption["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": True,
    }
    (ownership,) = s3.get_bucket_ownership_controls(Bucket=NAME)["OwnershipControls"]["Rules"]
    assert ownership == {"ObjectOwnership": "BucketOwnerEnforced"}


def test_checkov_finds_what_an_account_decides_alone(tmp_path: Path) -> None:
    """A customer's key, access logs, a copy elsewhere and notifications, which checkov.toml gives reasons for."""
    results = scan([synthesize(tmp_path, add_bucket) / "cdk.tf.json"], os.environ)
    assert {each.where.partition("/")[2].partition(".")[0] for each in results} >= {
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_public_access_block",
    }
    assert {each.check for each in results if each.failed} == {
        "CKV_AWS_145",
        "CKV_AWS_18",
        "CKV_AWS_144",
        "CKV2_AWS_62",
    }
