"""A bucket's defaults, its options, its grants, and what it refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cdktf import TerraformStack

from constructs_lib.bucket import Bucket, Cors
from constructs_lib.grants import Grant
from constructs_lib.lifecycle import (
    Expire,
    ExpireOldVersions,
    LifecycleRule,
    StorageClass,
    Transition,
    TransitionOldVersions,
)
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

MOST_DAYS = 2147483647
ABORTED = {
    "id": "AbortIncompleteUploads",
    "status": "Enabled",
    "filter": [{"prefix": ""}],
    "abort_incomplete_multipart_upload": [{"days_after_initiation": 1}],
}


def bucket(stack: TerraformStack, **arguments: Any) -> Bucket:
    given: dict[str, Any] = {"name": "orders-bucket", "account": ACCOUNT}
    return Bucket(stack, "Orders", **{**given, **arguments})


def synthesized(**arguments: Any) -> str:
    """Return the JSON of a stack with a bucket."""
    stack = new_stack()
    bucket(stack, **arguments)
    return synth(stack)


def made(type_: str, **arguments: Any) -> dict[str, Any]:
    """Return the one resource of a type that a bucket makes, without the construct's path."""
    (found,) = resources(synthesized(**arguments), type_)
    return {key: value for key, value in found.items() if key not in {"//", "bucket"}}


def rules(*given: LifecycleRule, **arguments: Any) -> list[dict[str, Any]]:
    """Return the bucket's lifecycle rules besides the one that every bucket has."""
    *own, last = made("aws_s3_bucket_lifecycle_configuration", rules=given, **arguments)["rule"]
    assert last == ABORTED
    return own


def faults(**arguments: Any) -> list[str]:
    """Return what the bucket refuses, without its path."""
    with pytest.raises(InvalidConstructError) as caught:
        bucket(new_stack(), **arguments)
    assert all(fault.startswith("other/Orders: ") for fault in caught.value.faults)
    return [fault.removeprefix("other/Orders: ") for fault in caught.value.faults]


def cors(**arguments: Any) -> Cors:
    given: dict[str, Any] = {"origins": ["https://app.example.com"], "methods": ["GET"]}
    return Cors(**{**given, **arguments})


# --- defaults -----------------------------------------------------------------------------------------------------


def test_a_bucket_is_private_encrypted_and_retained_unless_said_otherwise() -> None:
    """Every property, and nothing more: no versions, no CORS, and no rule but for incomplete uploads."""
    found = json.loads(synthesized())["resource"]
    ((address, content),) = found.pop("aws_s3_bucket").items()
    content.pop("//", None)
    assert content == {"bucket": "orders-bucket", "force_destroy": False, "lifecycle": {"prevent_destroy": True}}
    contents = {type_: next(iter(of_type.values())) for type_, of_type in found.items()}
    for each in contents.values():
        assert each.pop("bucket") == f"${{aws_s3_bucket.{address}.bucket}}"
        each.pop("//", None)
    policy = json.loads(contents["aws_s3_bucket_policy"].pop("policy"))
    assert policy["Statement"] == [
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": ["arn:aws:s3:::orders-bucket", "arn:aws:s3:::orders-bucket/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]
    (waits_for,) = contents.pop("aws_s3_bucket_policy")["depends_on"]
    assert waits_for.startswith("aws_s3_bucket_public_access_block.")
    assert contents == {
        "aws_s3_bucket_server_side_encryption_configuration": {
            "rule": [{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}]
        },
        "aws_s3_bucket_public_access_block": {
            "block_public_acls": True,
            "block_public_policy": True,
            "ignore_public_acls": True,
            "restrict_public_buckets": True,
        },
        "aws_s3_bucket_ownership_controls": {"rule": {"object_ownership": "BucketOwnerEnforced"}},
        "aws_s3_bucket_lifecycle_configuration": {"rule": [ABORTED]},
    }


def test_a_bucket_can_be_destroyed_if_its_data_is_not_retained() -> None:
    assert made("aws_s3_bucket", retain_data=False) == {"force_destroy": True}


def test_name_and_arn_are_literals() -> None:
    made_bucket = bucket(new_stack())
    assert (made_bucket.name, made_bucket.arn) == ("orders-bucket", "arn:aws:s3:::orders-bucket")


# --- options ------------------------------------------------------------------------------------------------------


def test_objects_expire_by_prefix() -> None:
    assert rules(Expire(prefix="exports/", days=7), Expire(prefix="raw/", days=30, id="Old")) == [
        {
            "id": "Expire-exports/",
            "status": "Enabled",
            "filter": [{"prefix": "exports/"}],
            "expiration": [{"days": 7}],
        },
        {"id": "Old", "status": "Enabled", "filter": [{"prefix": "raw/"}], "expiration": [{"days": 30}]},
    ]


def test_a_rule_without_prefix_is_for_the_whole_bucket() -> None:
    assert rules(Expire(days=30)) == [
        {"id": "Expire", "status": "Enabled", "filter": [{"prefix": ""}], "expiration": [{"days": 30}]}
    ]


def test_objects_move_to_other_storage_classes() -> None:
    found = rules(
        Transition(days=30, storage_class=StorageClass.STANDARD_IA),
        Transition(prefix="raw/", days=0, storage_class=StorageClass.GLACIER_IR),
    )
    assert found == [
        {
            "id": "TransitionTo-STANDARD_IA",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "transition": [{"days": 30, "storage_class": "STANDARD_IA"}],
        },
        {
            "id": "TransitionTo-GLACIER_IR-raw/",
            "status": "Enabled",
            "filter": [{"prefix": "raw/"}],
            "transition": [{"days": 0, "storage_class": "GLACIER_IR"}],
        },
    ]


def test_old_versions_move_and_expire_with_the_markers_of_deletions() -> None:
    found = rules(
        TransitionOldVersions(days=30, storage_class=StorageClass.GLACIER, keep=2),
        ExpireOldVersions(days=90, keep=3),
        ExpireOldVersions(prefix="raw/", days=7),
        versioned=True,
    )
    assert found == [
        {
            "id": "TransitionOldVersionsTo-GLACIER",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "noncurrent_version_transition": [
                {"newer_noncurrent_versions": 2, "noncurrent_days": 30, "storage_class": "GLACIER"}
            ],
        },
        {
            "id": "ExpireOldVersions",
            "status": "Enabled",
            "filter": [{"prefix": ""}],
            "noncurrent_version_expiration": [{"newer_noncurrent_versions": 3, "noncurrent_days": 90}],
            "expiration": [{"expired_object_delete_marker": True}],
        },
        {
            "id": "ExpireOldVersions-raw/",
            "status": "Enabled",
            "filter": [{"prefix": "raw/"}],
            "noncurrent_version_expiration": [{"noncurrent_days": 7}],
            "expiration": [{"expired_object_delete_marker": True}],
        },
    ]


def test_versions_come_before_the_rules_about_them() -> None:
    assert made("aws_s3_bucket_versioning", versioned=True)["versioning_configuration"] == {"status": "Enabled"}
    (waits_for,) = made("aws_s3_bucket_lifecycle_configuration", versioned=True)["depends_on"]
    assert waits_for.startswith("aws_s3_bucket_versioning.")


def test_sites_may_send_requests_from_a_browser() -> None:
    given = [
        Cors(
            origins=["https://app.example.com", "https://*.example.com:8443", "http://localhost:*"],
            methods=["GET", "PUT", "POST", "DELETE", "HEAD"],
            headers=["*", "x-amz-*", "Content-Type"],
            exposed_headers=["ETag"],
            max_age_seconds=86400,
        ),
        Cors(origins=["http://localhost", "http://localhost:3000"], methods=["GET"], max_age_seconds=0),
    ]
    assert made("aws_s3_bucket_cors_configuration", cors=given)["cors_rule"] == [
        {
            "allowed_origins": ["https://app.example.com", "https://*.example.com:8443", "http://localhost:*"],
            "allowed_methods": ["GET", "PUT", "POST", "DELETE", "HEAD"],
            "allowed_headers": ["*", "x-amz-*", "Content-Type"],
            "expose_headers": ["ETag"],
            "max_age_seconds": 86400,
        },
        {
            "allowed_origins": ["http://localhost", "http://localhost:3000"],
            "allowed_methods": ["GET"],
            "max_age_seconds": 0,
        },
    ]


# --- what S3 accepts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({"rules": [Expire(days=1)]}, id="least-days"),
        pytest.param({"rules": [Expire(days=MOST_DAYS)]}, id="most-days"),
        pytest.param({"rules": [Expire(days=1, id="r" * 255)]}, id="longest-id"),
        pytest.param({"rules": [Expire(days=1, id="r", prefix="p" * 1023 + "/")]}, id="longest-prefix"),
        pytest.param({"rules": [Expire(days=1, prefix=f"{each}/") for each in range(999)]}, id="most-rules"),
        pytest.param(
            {"rules": [ExpireOldVersions(days=1, keep=1), ExpireOldVersions(prefix="a/", days=1)], "versioned": True},
            id="least-kept",
        ),
        pytest.param({"rules": [ExpireOldVersions(days=MOST_DAYS, keep=100)], "versioned": True}, id="most-kept"),
        pytest.param({"cors": [cors()] * 100}, id="most-cors"),
        pytest.param(
            {"rules": [Expire(days=31), Transition(days=30, storage_class=StorageClass.ONEZONE_IA)]},
            id="moved-the-day-before",
        ),
        pytest.param({"rules": [Expire(days=30), Expire(prefix="raw/", days=29)]}, id="the-inner-one-first"),
        pytest.param({"rules": [Expire(prefix="a/", days=1), Expire(prefix="b/", days=9)]}, id="side-by-side"),
        pytest.param(
            {"rules": [Expire(prefix="raw/", days=1), Transition(days=90, storage_class=StorageClass.GLACIER)]},
            id="only-some-expire-first",
        ),
        pytest.param(
            {
                "rules": [
                    Transition(days=30, storage_class=StorageClass.STANDARD_IA),
                    Transition(days=60, storage_class=StorageClass.GLACIER_IR),
                    Transition(days=90, storage_class=StorageClass.GLACIER),
                    Transition(days=180, storage_class=StorageClass.DEEP_ARCHIVE),
                ]
            },
            id="down-the-waterfall",
        ),
        pytest.param(
            {
                "rules": [
                    Transition(days=60, storage_class=StorageClass.GLACIER),
                    Transition(prefix="raw/", days=59, storage_class=StorageClass.GLACIER),
                ]
            },
            id="one-class-sooner-for-a-prefix",
        ),
        pytest.param(
            {
                "rules": [
                    ExpireOldVersions(days=30, keep=3),
                    ExpireOldVersions(prefix="raw/", days=60),
                    TransitionOldVersions(prefix="exports/", days=60, storage_class=StorageClass.GLACIER, keep=2),
                ],
                "versioned": True,
            },
            id="versions-that-the-sooner-rule-keeps",
        ),
        pytest.param(
            {
                "rules": [Expire(days=1, prefix="exports/"), ExpireOldVersions(days=30)],
                "kept_prefixes": ["templates/", "exports-kept/"],
                "versioned": True,
            },
            id="old-versions-of-what-is-kept",
        ),
    ],
)
def test_the_limits_themselves_are_accepted(arguments: dict[str, Any]) -> None:
    (lifecycle,) = resources(synthesized(**arguments), "aws_s3_bucket_lifecycle_configuration")
    assert len(lifecycle["rule"]) == len(arguments.get("rules", ())) + 1


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        pytest.param(
            {"name": "Orders"},
            'name = "Orders" is no S3 bucket name; allowed: lower-case letters, digits and hyphens, with a letter or '
            "digit at both ends and none of the prefixes and suffixes that S3 reserves",
            id="name",
        ),
        pytest.param(
            {"rules": [Expire(days=0)]}, 'rule "Expire": days = 0: not allowed; allowed: 1 to 2147483647', id="no-days"
        ),
        pytest.param(
            {"rules": [Expire(days=MOST_DAYS + 1)]},
            'rule "Expire": days = 2147483648: not allowed; allowed: 1 to 2147483647',
            id="too-many-days",
        ),
        pytest.param(
            {"rules": [ExpireOldVersions(days=0)], "versioned": True},
            'rule "ExpireOldVersions": days = 0: not allowed; allowed: 1 to 2147483647',
            id="old-versions-without-days",
        ),
        pytest.param(
            {"rules": [Transition(days=29, storage_class=StorageClass.STANDARD_IA)]},
            'rule "TransitionTo-STANDARD_IA": days = 29: not allowed; allowed: 30 to 2147483647',
            id="too-early-for-ia",
        ),
        pytest.param(
            {"rules": [TransitionOldVersions(days=29, storage_class=StorageClass.ONEZONE_IA)], "versioned": True},
            'rule "TransitionOldVersionsTo-ONEZONE_IA": days = 29: not allowed; allowed: 30 to 2147483647',
            id="old-versions-too-early-for-ia",
        ),
        pytest.param(
            {"rules": [Transition(days=-1, storage_class=StorageClass.GLACIER)]},
            'rule "TransitionTo-GLACIER": days = -1: not allowed; allowed: 0 to 2147483647',
            id="before-it-is-written",
        ),
        pytest.param(
            {"rules": [ExpireOldVersions(days=1, keep=0)], "versioned": True},
            'rule "ExpireOldVersions": keep = 0: not allowed; allowed: 1 to 100',
            id="none-kept",
        ),
        pytest.param(
            {"rules": [TransitionOldVersions(days=1, storage_class=StorageClass.GLACIER, keep=101)], "versioned": True},
            'rule "TransitionOldVersionsTo-GLACIER": keep = 101: not allowed; allowed: 1 to 100',
            id="too-many-kept",
        ),
        pytest.param(
            {"rules": [Expire(days=1, id="")]},
            'rule "": the id has 0 characters; allowed: 1 to 255, so give it an id',
            id="empty-id",
        ),
        pytest.param(
            {"rules": [Expire(days=1, prefix="p" * 249)]},
            f'rule "Expire-{"p" * 249}": the id has 256 characters; allowed: 1 to 255, so give it an id',
            id="made-id-too-long",
        ),
        pytest.param(
            {"rules": [Expire(days=1, id="r", prefix="é" * 513)]},
            f'rule "r": prefix = "{"é" * 513}": 1026 bytes long; allowed: at most 1024 bytes of UTF-8',
            id="prefix-too-long",
        ),
        pytest.param(
            {"rules": [Expire(days=1, prefix="/exports/")]},
            'rule "Expire-/exports/": prefix = "/exports/": no key begins so, for S3 reads it literally; '
            "allowed: a prefix without / at its beginning and without *",
            id="slash-in-front",
        ),
        pytest.param(
            {"rules": [Expire(days=1, prefix="exports/*")]},
            'rule "Expire-exports/*": prefix = "exports/*": no key begins so, for S3 reads it literally; '
            "allowed: a prefix without / at its beginning and without *",
            id="wildcard-in-a-prefix",
        ),
        pytest.param(
            {"rules": [Expire(days=1, prefix=f"{each}/") for each in range(1000)]},
            "rules: 1000; allowed: at most 999, S3's 1000 without AbortIncompleteUploads",
            id="too-many-rules",
        ),
        pytest.param(
            {"rules": [Expire(days=1, prefix="a/", id="Old"), Expire(days=1, prefix="b/", id="Old")]},
            'rule "Old": 2 rules have this id; allowed: 1',
            id="one-id-twice",
        ),
        pytest.param(
            {"rules": [Expire(days=1, id="AbortIncompleteUploads")]},
            'rule "AbortIncompleteUploads": 2 rules have this id; allowed: 1',
            id="the-id-of-every-bucket",
        ),
        pytest.param(
            {"rules": [Expire(days=1, prefix="a/", id="A"), Expire(days=9, prefix="a/", id="B")]},
            'rules: 2 of Expire for "a/"; allowed: 1',
            id="one-kind-twice",
        ),
        pytest.param(
            {"rules": [Expire(days=1, id="A"), Expire(days=1, id="B"), Expire(days=1, id="C")]},
            "rules: 3 of Expire for the whole bucket; allowed: 1",
            id="one-kind-three-times",
        ),
        pytest.param(
            {"rules": [ExpireOldVersions(days=30)]},
            'rule "ExpireOldVersions": the bucket has no old versions; allowed: in a bucket with versioned=True',
            id="no-versions-to-expire",
        ),
        pytest.param(
            {"rules": [TransitionOldVersions(days=30, storage_class=StorageClass.GLACIER)]},
            'rule "TransitionOldVersionsTo-GLACIER": the bucket has no old versions; '
            "allowed: in a bucket with versioned=True",
            id="no-versions-to-move",
        ),
        pytest.param(
            {"rules": [Expire(days=30)], "versioned": True},
            'rule "Expire": hides objects and deletes none, because each stays as an old version; '
            "allowed: with an ExpireOldVersions for the whole bucket",
            id="expired-but-there",
        ),
        pytest.param(
            {"rules": [Expire(days=30, prefix="a/"), ExpireOldVersions(days=1, prefix="a/b/")], "versioned": True},
            'rule "Expire-a/": hides objects and deletes none, because each stays as an old version; '
            'allowed: with an ExpireOldVersions for "a/"',
            id="expired-but-partly-there",
        ),
        pytest.param(
            {"rules": [Expire(days=30), Expire(days=90, prefix="raw/")]},
            'rule "Expire-raw/": days = 90: never applies, because rule "Expire" deletes its objects after 30 days; '
            'allowed: fewer than 30 or a prefix of rule "Expire" that does not cover "raw/"',
            id="swallowed-expiry",
        ),
        pytest.param(
            {"rules": [Expire(days=30, prefix="raw/2026/"), Expire(days=30, prefix="raw/")]},
            'rule "Expire-raw/2026/": days = 30: never applies, because rule "Expire-raw/" deletes its objects after '
            '30 days; allowed: fewer than 30 or a prefix of rule "Expire-raw/" that does not cover "raw/2026/"',
            id="swallowed-on-the-same-day",
        ),
        pytest.param(
            {"rules": [Expire(days=30), Transition(days=90, prefix="raw/", storage_class=StorageClass.GLACIER_IR)]},
            'rule "TransitionTo-GLACIER_IR-raw/": days = 90: never applies, because rule "Expire" deletes its objects '
            'after 30 days; allowed: fewer than 30 or a prefix of rule "Expire" that does not cover "raw/"',
            id="swallowed-transition",
        ),
        pytest.param(
            {"rules": [Transition(days=30, storage_class=StorageClass.STANDARD_IA), Expire(days=30)]},
            'rule "TransitionTo-STANDARD_IA": days = 30: never applies, because rule "Expire" deletes its objects '
            "after 30 days; allowed: fewer than 30",
            id="moved-the-day-it-expires",
        ),
        pytest.param(
            {
                "rules": [
                    ExpireOldVersions(days=30, keep=2),
                    TransitionOldVersions(days=60, storage_class=StorageClass.GLACIER, keep=2),
                ],
                "versioned": True,
            },
            'rule "TransitionOldVersionsTo-GLACIER": days = 60: never applies, because rule "ExpireOldVersions" '
            "deletes its objects after 30 days; allowed: fewer than 30",
            id="swallowed-transition-of-old-versions",
        ),
        pytest.param(
            {
                "rules": [
                    Transition(days=60, storage_class=StorageClass.GLACIER),
                    Transition(days=90, prefix="raw/", storage_class=StorageClass.GLACIER_IR),
                ]
            },
            'rule "TransitionTo-GLACIER_IR-raw/": days = 90: never applies, because rule "TransitionTo-GLACIER" moves '
            "its objects to GLACIER after 60 days, and S3 moves none from there to GLACIER_IR; "
            'allowed: fewer than 60 or a prefix of rule "TransitionTo-GLACIER" that does not cover "raw/"',
            id="up-the-waterfall",
        ),
        pytest.param(
            {
                "rules": [
                    Transition(days=30, storage_class=StorageClass.ONEZONE_IA),
                    Transition(days=90, storage_class=StorageClass.GLACIER_IR),
                ]
            },
            'rule "TransitionTo-GLACIER_IR": days = 90: never applies, because rule "TransitionTo-ONEZONE_IA" moves '
            "its objects to ONEZONE_IA after 30 days, and S3 moves none from there to GLACIER_IR; "
            "allowed: fewer than 30",
            id="not-from-one-zone",
        ),
        pytest.param(
            {
                "rules": [
                    Transition(days=30, storage_class=StorageClass.STANDARD_IA),
                    Transition(days=59, storage_class=StorageClass.GLACIER),
                ]
            },
            'rule "TransitionTo-GLACIER": days = 59: less than 30 days after rule "TransitionTo-STANDARD_IA", which '
            "moves the same objects to STANDARD_IA after 30; allowed: at least 60",
            id="too-early-out-of-ia",
        ),
        pytest.param(
            {"rules": [Expire(days=7)], "kept_prefixes": ["templates/"]},
            'rule "Expire": prefix = "": covers the kept prefix "templates/", and S3\'s rules know no exceptions; '
            'allowed: a rule for each prefix that expires, like Expire(prefix="exports/", days=7)',
            id="everything-expires",
        ),
        pytest.param(
            {"rules": [Expire(days=7, prefix="temp")], "kept_prefixes": ["templates/"]},
            'rule "Expire-temp": prefix = "temp": covers the kept prefix "templates/", and S3\'s rules know no '
            'exceptions; allowed: a rule for each prefix that expires, like Expire(prefix="exports/", days=7)',
            id="more-expires-than-meant",
        ),
        pytest.param(
            {"rules": [Expire(days=7, prefix="templates/")], "kept_prefixes": ["templates/"]},
            'rule "Expire-templates/": prefix = "templates/": covers the kept prefix "templates/", and S3\'s rules '
            'know no exceptions; allowed: a rule for each prefix that expires, like Expire(prefix="exports/", days=7)',
            id="what-is-kept-expires",
        ),
        pytest.param(
            {"rules": [Expire(days=7, prefix="templates/old/")], "kept_prefixes": ["templates/"]},
            'rule "Expire-templates/old/": prefix = "templates/old/": lies under the kept prefix "templates/"; '
            "allowed: a prefix beside it",
            id="a-part-of-what-is-kept-expires",
        ),
        pytest.param(
            {"kept_prefixes": ["templates"]},
            'kept_prefixes: "templates": allowed: a prefix that ends in /',
            id="kept-without-slash",
        ),
        pytest.param(
            {"kept_prefixes": ["/templates/"]},
            'kept_prefixes: "/templates/": no key begins so, for S3 reads it literally; '
            "allowed: a prefix without / at its beginning and without *",
            id="kept-with-slash-in-front",
        ),
        pytest.param({"cors": [cors()] * 101}, "cors: 101; allowed: at most 100", id="too-many-cors"),
        pytest.param({"cors": [cors(origins=[])]}, "cors 1: origins: none; allowed: at least one", id="no-origin"),
        pytest.param({"cors": [cors(methods=[])]}, "cors 1: methods: none; allowed: at least one", id="no-method"),
        pytest.param(
            {"cors": [cors(), cors(methods=["PATCH"])]},
            'cors 2: method "PATCH"; allowed: GET, PUT, POST, DELETE, HEAD',
            id="method",
        ),
        pytest.param(
            {"cors": [cors(headers=["x-*-*"])]},
            'cors 1: header "x-*-*"; allowed: a header\'s name, with at most one *',
            id="two-wildcards-in-a-header",
        ),
        pytest.param(
            {"cors": [cors(exposed_headers=["*"])]},
            'cors 1: exposed header "*"; allowed: a header\'s name, without *',
            id="every-header-exposed",
        ),
        pytest.param(
            {"cors": [cors(max_age_seconds=86401)]},
            "cors 1: max_age_seconds = 86401: not allowed; allowed: 0 to 86400",
            id="longer-than-a-browser",
        ),
        pytest.param(
            {"cors": [cors(max_age_seconds=-1)]},
            "cors 1: max_age_seconds = -1: not allowed; allowed: 0 to 86400",
            id="negative-age",
        ),
    ],
)
def test_what_s3_would_refuse_or_never_apply_is_refused(arguments: dict[str, Any], fault: str) -> None:
    assert faults(**arguments) == [fault]


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*",
        "https://*.com",
        "https://app.*.example.com",
        "http://app.example.com",
        "https://app.example.com/",
        "https://App.example.com",
        "app.example.com",
        "http://localhost:*:*",
        "http://localhost.example.com",
        "",
    ],
)
def test_an_origin_is_a_site_that_one_knows_over_tls(origin: str) -> None:
    assert faults(cors=[cors(origins=[origin])]) == [
        (
            f'cors 1: origin "{origin}"; allowed: https:// and a host in lower case, which may begin with *. and end '
            "in a port, without a path; or http://localhost, with a port or :* for any"
        )
    ]


def test_everything_wrong_is_reported_together() -> None:
    assert faults(
        name="B",
        rules=[Expire(days=0), ExpireOldVersions(days=0)],
        kept_prefixes=["templates/"],
        cors=[cors(origins=["*"], methods=["PATCH"])],
    ) == [
        'name = "B" is 1 characters long; S3 bucket names have 3 to 63',
        'rule "Expire": days = 0: not allowed; allowed: 1 to 2147483647',
        'rule "ExpireOldVersions": days = 0: not allowed; allowed: 1 to 2147483647',
        'rule "ExpireOldVersions": the bucket has no old versions; allowed: in a bucket with versioned=True',
        (
            'rule "Expire": prefix = "": covers the kept prefix "templates/", and S3\'s rules know no exceptions; '
            'allowed: a rule for each prefix that expires, like Expire(prefix="exports/", days=0)'
        ),
        (
            'cors 1: origin "*"; allowed: https:// and a host in lower case, which may begin with *. and end in a '
            "port, without a path; or http://localhost, with a port or :* for any"
        ),
        'cors 1: method "PATCH"; allowed: GET, PUT, POST, DELETE, HEAD',
    ]


# --- grants -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "action"),
    [(Bucket.read, "s3:GetObject"), (Bucket.write, "s3:PutObject"), (Bucket.delete, "s3:DeleteObject")],
)
def test_a_grant_reaches_the_objects_under_its_prefix_alone(asked: Callable[..., Grant], action: str) -> None:
    made_bucket = bucket(new_stack())
    assert asked(made_bucket, "exports/") == Grant(actions=(action,), resource="arn:aws:s3:::orders-bucket/exports/*")
    assert asked(made_bucket) == Grant(actions=(action,), resource="arn:aws:s3:::orders-bucket/*")


def test_listing_names_the_keys_under_its_prefix_alone() -> None:
    made_bucket = bucket(new_stack())
    assert made_bucket.list("exports/") == Grant(
        actions=("s3:ListBucket",),
        resource="arn:aws:s3:::orders-bucket",
        condition={"StringLike": {"s3:prefix": "exports/*"}},
    )
    assert made_bucket.list() == Grant(actions=("s3:ListBucket",), resource="arn:aws:s3:::orders-bucket")


@pytest.mark.parametrize("asked", [Bucket.read, Bucket.write, Bucket.delete, Bucket.list])
@pytest.mark.parametrize(
    ("prefix", "fault"),
    [
        ("exports", "allowed: a prefix that ends in /, without * ? and $"),
        ("?/", "allowed: a prefix that ends in /, without * ? and $"),
        ("${aws:username}/", "allowed: a prefix that ends in /, without * ? and $"),
        (
            "/exports/",
            "no key begins so, for S3 reads it literally; allowed: a prefix without / at its beginning and without *",
        ),
    ],
)
def test_a_prefix_that_reaches_further_than_it_says_is_refused(
    asked: Callable[..., Grant], prefix: str, fault: str
) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        asked(bucket(new_stack()), prefix)
    assert caught.value.faults == (f'other/Orders: prefix = "{prefix}": {fault}',)
