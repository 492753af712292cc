"""The state bucket: every protection of it is checked, on an emulator too once it was bootstrapped."""

import json
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from aws_emulator import Emulator, temporary
from config.environments import Environment
from ops.verify import Check, Clients, Mode, verify, verify_state_bucket
from stacks.features import load_settings
from stacks.settings import Settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.clients import client
from tests.journeys.verify.deployed import ACCOUNT, PUBLIC_ACCESS_BLOCK, deny, policy
from tests.ops.verify.told import PLAIN_STATE_BUCKET, ToldClients, refusal

BUCKET = f"careervp-terraform-state-dev-{ACCOUNT}"
STATEMENT = deny("s3:*", f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*")
EXPIRE: dict[str, Any] = {
    "ID": "ExpireOldVersions",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
    "Expiration": {"ExpiredObjectDeleteMarker": True},
}
ABORT: dict[str, Any] = {
    "ID": "AbortIncompleteUploads",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}
Change = Callable[[Any], Any]


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings(Environment("dev"))


@pytest.fixture(scope="module")
def running() -> Generator[Emulator]:
    with temporary(ACCOUNT) as started:
        yield started


@pytest.fixture(scope="module")
def clients(running: Emulator) -> Clients:
    return Clients(region="us-east-1", where="an emulator", emulator_endpoint=running.endpoint)


@pytest.fixture
def s3(running: Emulator) -> Generator[Any]:
    """Yield a client, with no state bucket; the test's is deleted after it."""
    made = client("s3", running.endpoint)
    yield made
    if BUCKET in {each["Name"] for each in made.list_buckets()["Buckets"]}:
        made.delete_bucket(Bucket=BUCKET)


def put_lifecycle(*rules: dict[str, Any]) -> Change:
    return lambda s3: s3.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": list(rules)}
    )


def bootstrap(s3: Any) -> None:
    """Make the bucket as the state backend's stack has it."""
    s3.create_bucket(Bucket=BUCKET)
    encrypt = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=encrypt)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=PUBLIC_ACCESS_BLOCK)
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=owned)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(STATEMENT))
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put_lifecycle(EXPIRE, ABORT)(s3)


def findings(checks: list[Check]) -> list[tuple[str, str]]:
    return [(check.property, check.outcome) for check in checks if check.outcome != "ok"]


def of_s3(operation: str, **arguments: Any) -> Change:
    return lambda s3: getattr(s3, operation)(Bucket=BUCKET, **arguments)


PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
BY_KMS = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
ONE_DAY = {**EXPIRE, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
EVERYTHING_GOES: dict[str, Any] = {
    "ID": "All",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 1},
}
CHANGES: list[tuple[Change, tuple[str, str]]] = [
    (of_s3("put_bucket_versioning", VersioningConfiguration={"Status": "Suspended"}), ("Versioning", "differs")),
    (of_s3("delete_public_access_block"), ("PublicAccessBlock", "missing")),
    (
        of_s3(
            "put_public_access_block",
            PublicAccessBlockConfiguration={**PUBLIC_ACCESS_BLOCK, "RestrictPublicBuckets": False},
        ),
        ("PublicAccessBlock", "differs"),
    ),
    (of_s3("delete_bucket_policy"), ("policy", "missing")),
    (of_s3("put_bucket_policy", Policy=policy(STATEMENT, PUBLIC)), ("policy", "unexpected")),
    (of_s3("delete_bucket_encryption"), ("Encryption", "missing")),
    (of_s3("put_bucket_encryption", ServerSideEncryptionConfiguration=BY_KMS), ("Encryption", "differs")),
    (of_s3("delete_bucket_ownership_controls"), ("OwnershipControls", "missing")),
    (put_lifecycle(ONE_DAY, ABORT), ("lifecycle rule ExpireOldVersions", "differs")),
    (put_lifecycle(ABORT), ("lifecycle rule ExpireOldVersions", "missing")),
    (put_lifecycle(EXPIRE, ABORT, EVERYTHING_GOES), ("lifecycle rule All", "unexpected")),
]


def test_a_bootstrapped_bucket_is_as_it_should_be(settings: Settings, clients: Clients, s3: Any) -> None:
    bootstrap(s3)
    checks = verify_state_bucket(settings, clients)
    assert findings(checks) == []
    assert [check.property for check in checks] == [
        "",
        "Encryption",
        "PublicAccessBlock",
        "OwnershipControls",
        "policy",
        "lifecycle rule AbortIncompleteUploads",
        "lifecycle rule ExpireOldVersions",
        "Versioning",
    ]
    assert not any(check.note for check in checks)


@pytest.mark.parametrize(("change", "finding"), CHANGES)
def test_a_change_of_the_bucket_is_found(
    settings: Settings, clients: Clients, s3: Any, change: Change, finding: tuple[str, str]
) -> None:
    """As drift and the prerequisites show it."""
    bootstrap(s3)
    change(s3)
    assert findings(verify_state_bucket(settings, clients)) == [finding]
    report = verify(VPR_ASYNC, settings, clients, Mode.PREREQUISITES)
    assert findings([check for check in report.checks if check.resource == BUCKET]) == [finding]


def test_versions_block_and_policy_gone_together_are_found(settings: Settings, clients: Clients, s3: Any) -> None:
    """A bucket that had versions is not taken for one that an emulator was given."""
    bootstrap(s3)
    for change in (CHANGES[0][0], CHANGES[1][0], CHANGES[3][0]):
        change(s3)
    assert findings(verify_state_bucket(settings, clients)) == [
        ("PublicAccessBlock", "missing"),
        ("policy", "missing"),
        ("Versioning", "differs"),
    ]


def test_a_bucket_that_is_not_there_is_one_finding(settings: Settings, clients: Clients, s3: Any) -> None:
    assert s3.list_buckets()["Buckets"] == []
    assert findings(verify_state_bucket(settings, clients)) == [("", "missing")]


def test_a_plain_bucket_of_an_emulator_is_noted(settings: Settings, clients: Clients, s3: Any) -> None:
    """Commands make it so where nobody has bootstrapped."""
    s3.create_bucket(Bucket=BUCKET)
    (check,) = verify_state_bucket(settings, clients)
    assert (check.property, check.outcome) == ("", "ok")
    assert check.note.endswith("make bootstrap ENV=dev makes it as on AWS")


def test_on_aws_a_plain_bucket_is_a_fault(settings: Settings) -> None:
    assert findings(verify_state_bucket(settings, ToldClients(PLAIN_STATE_BUCKET, is_emulated=False))) == [
        ("PublicAccessBlock", "missing"),
        ("policy", "missing"),
        ("lifecycle rule AbortIncompleteUploads", "missing"),
        ("lifecycle rule ExpireOldVersions", "missing"),
        ("Versioning", "missing"),
    ]


def test_one_refused_call_hides_no_other(settings: Settings) -> None:
    answers = {**PLAIN_STATE_BUCKET, "s3.get_bucket_policy": refusal("AccessDenied")}
    checks = verify_state_bucket(settings, ToldClients(answers, is_emulated=False))
    assert ("policy", "unreadable") in findings(checks)
    assert ("Versioning", "missing") in findings(checks)


def test_the_requirement_is_what_the_stack_declares(synthesized: Path) -> None:
    """The days are written twice; this compares them with the synthesized stack."""
    stack = json.loads((synthesized / "stacks" / "state-backend-dev" / "cdk.tf.json").read_text())
    (lifecycle,) = stack["resource"]["aws_s3_bucket_lifecycle_configuration"].values()
    expire, abort = lifecycle["rule"]
    assert (expire["id"], expire["noncurrent_version_expiration"]) == ("ExpireOldVersions", [{"noncurrent_days": 90}])
    assert (abort["id"], abort["abort_incomplete_multipart_upload"]) == (
        "AbortIncompleteUploads",
        [{"days_after_initiation": 1}],
    )
