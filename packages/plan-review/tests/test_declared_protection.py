"""Protections that the configuration has and a plan has not are reviewed in the JSON that the plan was made from."""

from typing import Any

import pytest

from plan_review.data_loss import Retention
from plan_review.model import Review
from plan_review.review import review
from plan_review.rules import Rules

from plan_builder import TODAY, entry, plan, told

RETAIN = Retention(protects=True, setting="retain = true", runbook="keep.md", adopt="adopt")
GIVEN_UP = Retention(protects=False, setting="retain = true", runbook="keep.md", adopt="adopt")
TABLE = entry("aws_dynamodb_table", "no-op", {"name": "jobs"}, {"name": "jobs"})
WITHOUT = ("protection", "declared without prevent_destroy: a plan could delete it with all that it holds")
HIDDEN = "could go, and no plan would show it"


def declared(type_: str = "aws_dynamodb_table", retention: Retention | None = RETAIN, **lifecycle: Any) -> Review:
    """Return the review of a plan that changes nothing, made from one resource with such a lifecycle."""
    configuration = {"resource": {type_: {"this": {"name": "jobs", "lifecycle": lifecycle}}}}
    return review(plan(TABLE), title="t", retention=retention, configuration=configuration, rules=Rules(), today=TODAY)


@pytest.mark.parametrize("type_", ["aws_dynamodb_table", "aws_s3_bucket"])
def test_what_holds_data_and_is_declared_without_prevent_destroy_is_refused(type_: str) -> None:
    found = declared(type_)
    assert told(found) == [WITHOUT]
    (refusal,) = found.refusals
    assert refusal == (
        f"jobs ({type_}.this): declared without prevent_destroy, while retain = true; "
        "declare it with prevent_destroy, or see keep.md"
    )
    assert (found.blocked, told(declared(type_, prevent_destroy=False))) == (True, [WITHOUT])


def test_prevent_destroy_is_asked_for_only_where_data_is_protected() -> None:
    assert told(declared(prevent_destroy=True)) == []
    assert told(declared("aws_sqs_queue")) == []
    assert told(declared(retention=GIVEN_UP)) == told(declared(retention=None)) == []
    assert told(review(plan(TABLE), title="t", retention=RETAIN, rules=Rules(), today=TODAY)) == []


@pytest.mark.parametrize(
    ("type_", "ignored", "sentence"),
    [
        (
            "aws_sqs_queue",
            "all",
            "ignore_changes = all: whatever is changed by hand would stay, and no plan would show it",
        ),
        (
            "aws_s3_bucket",
            ["all"],
            "ignore_changes = all: whatever is changed by hand would stay, and no plan would show it",
        ),
        (
            "aws_dynamodb_table",
            ["point_in_time_recovery", "tags"],
            f"ignore_changes names point_in_time_recovery: point-in-time recovery {HIDDEN}",
        ),
        ("aws_s3_bucket", ["force_destroy"], f"ignore_changes names force_destroy: force_destroy = false {HIDDEN}"),
    ],
)
def test_what_no_plan_would_show_any_more_is_found_in_every_environment(
    type_: str, ignored: Any, sentence: str
) -> None:
    assert told(declared(type_, retention=None, ignore_changes=ignored)) == [("protection", sentence)]


def test_what_is_ignored_and_protects_nothing_is_no_finding() -> None:
    assert told(declared(prevent_destroy=True, ignore_changes=["tags", "read_capacity"])) == []
