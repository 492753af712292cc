"""Weakenings that checkov's checks name are findings, each of its kind; harmless changes of the same types are not.

weakenings.json: what checkov's checks of one attribute of AWS's resources know, a good value and a bad one.
harmless.json: 100 changes of optional attributes of the same types, from the provider's schema. They were taken from a
random order, read one by one, and kept if they touch neither data, security, clients nor price. Added by hand were some
whose names or values contain the words of the rules, as tags do.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from plan_review.known_types import held, is_known
from plan_review.risk_tables import ALIASES, BY_TYPE, GRANTS, GUARDS, OWNERS

from plan_builder import entry, reviewed, values

FOLDER = Path(__file__).parent
WEAKENINGS: list[tuple[str, str, str, Any, Any, str]] = json.loads((FOLDER / "weakenings.json").read_text("utf-8"))
HARMLESS: list[tuple[str, str, Any, Any]] = json.loads((FOLDER / "harmless.json").read_text("utf-8"))


def kinds(type_: str, path: str, before: Any, after: Any) -> list[str]:
    steps = path.split("/")
    found = reviewed(entry(type_, "update", values(steps, before), values(steps, after)))
    return [each.kind.value for each in found.findings]


def test_of_253_weakenings_245_are_found() -> None:
    """Three of the others are not in a plan (`lifecycle`), and five weaken nothing that a review could say."""
    missed = [(check, type_) for check, type_, *_, kind in WEAKENINGS if not kind]
    assert (len(WEAKENINGS), len(missed)) == (253, 8)
    assert missed == [
        ("CKV_AWS_217", "aws_api_gateway_deployment"),
        ("CKV_AWS_233", "aws_acm_certificate"),
        ("CKV_AWS_237", "aws_api_gateway_rest_api"),
        ("CKV_AWS_295", "aws_datasync_location_object_storage"),
        ("CKV_AWS_313", "aws_rds_cluster"),
        ("CKV_AWS_320", "aws_redshift_cluster"),
        ("CKV_AWS_348", "aws_iam_access_key"),
        ("CKV_AWS_362", "aws_neptune_cluster"),
    ]


@pytest.mark.parametrize(
    ("type_", "path", "good", "bad", "kind"),
    [row[1:] for row in WEAKENINGS],
    ids=[f"{row[0]}-{row[1]}" for row in WEAKENINGS],
)
def test_a_weakening_is_one_finding_of_its_kind(type_: str, path: str, good: Any, bad: Any, kind: str) -> None:
    assert kinds(type_, path, good, bad) == ([kind] if kind else [])


WEAKER: dict[str, tuple[str, Any, Any, str]] = {
    "aws_lb": ("desync_mitigation_mode", "defensive", "monitor", "security"),
    "aws_lb_listener": ("protocol", "HTTPS", "HTTP", "security"),
    "aws_lb_listener_certificate": ("certificate_arn", "a", "b", ""),
    "aws_lb_listener_rule": ("action/forward/stickiness/enabled", True, False, ""),
    "aws_lb_target_group": ("protocol", "HTTPS", "HTTP", "security"),
    "aws_lb_target_group_attachment": ("target_id", "a", "b", ""),
}
"""A change of each type that has another name, and the kind of its finding."""


@pytest.mark.parametrize(("alias", "type_"), sorted(ALIASES.items()))
def test_a_type_by_another_name_is_judged_as_by_its_first(alias: str, type_: str) -> None:
    path, before, after, kind = WEAKER[type_]
    assert kinds(type_, path, before, after) == kinds(alias, path, before, after) == ([kind] if kind else [])
    assert [table.get(alias) for table in (BY_TYPE, GUARDS, OWNERS, GRANTS)] == [
        table.get(type_) for table in (BY_TYPE, GUARDS, OWNERS, GRANTS)
    ]
    assert all((alias in owner.types) is (type_ in owner.types) for owner in OWNERS.values())
    assert (is_known(alias), held(alias)) == (is_known(type_), held(type_))


def test_the_types_with_another_name_are_these() -> None:
    assert set(ALIASES.values()) == set(WEAKER)
    assert len(ALIASES) == 6


def test_of_100_harmless_changes_1_is_a_finding() -> None:
    """That a log is without cookies from now on is said, though it rarely matters."""
    found = [(row[0], row[1]) for row in HARMLESS if kinds(*row)]
    assert (len(HARMLESS), found) == (100, [("aws_cloudfront_distribution", "logging_config/include_cookies")])
