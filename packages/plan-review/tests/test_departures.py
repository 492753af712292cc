"""What would not be as the requirement says is a finding, which a rule can stop and an exception let pass."""

from datetime import date
from typing import Any

import pytest

from plan_review.comparison import is_as_required
from plan_review.model import Kind, Review, Verdict
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import Exemption, Rule, Rules

from plan_builder import TODAY, entry, plan

BUCKET = RequiredResource(type="aws_s3_bucket", name="results", properties={"Versioning": None, "force_destroy": False})
QUEUE = RequiredResource(type="aws_sqs_queue", name="jobs", properties={"VisibilityTimeout": 60, "DelaySeconds": 0})
STOPS = Rule(name="kept", why="so it was agreed", kinds=frozenset({Kind.REQUIREMENT}), environments=None, types=None)


def reviewed(
    *entries: dict[str, Any],
    required: tuple[RequiredResource, ...] = (QUEUE,),
    rules: tuple[Rule, ...] = (STOPS,),
    exceptions: tuple[Exemption, ...] = (),
    **more: Any,
) -> Review:
    return review(
        {**plan(*entries), **more},
        title="t",
        requirement=required,
        rules=Rules(rules=rules, exceptions=exceptions),
        today=TODAY,
    )


def queue(**more: Any) -> dict[str, Any]:
    return entry(
        "aws_sqs_queue", "create", None, {"name": "jobs", "visibility_timeout_seconds": 60, "delay_seconds": 0, **more}
    )


def test_a_property_that_is_not_as_required_is_a_finding_that_stops_the_plan() -> None:
    found = reviewed(queue(visibility_timeout_seconds=30))
    said = [(each.kind, each.type, each.name, each.sentence) for each in found.findings]
    assert said == [("requirement", "aws_sqs_queue", "jobs", "VisibilityTimeout: 60 is required, 30 is planned")]
    assert [(block.rule, block.finding.address, block.exception) for block in found.blocks] == [
        ("kept", "aws_sqs_queue.this", "")
    ]
    assert (found.verdict, found.answer) == (
        Verdict.STOPPED,
        "jobs: VisibilityTimeout: 60 is required, 30 is planned",
    )
    assert reviewed(queue()).verdict is Verdict.SAFE


def test_what_is_decided_otherwise_passes_by_an_exception() -> None:
    decided = Exemption(rule="kept", address="aws_sqs_queue.this", reason="OPS-1", expires=date(2099, 1, 1))
    found = reviewed(queue(visibility_timeout_seconds=30), exceptions=(decided,))
    assert (found.blocked, found.blocks[0].exception) == (False, "OPS-1 (until 2099-01-01)")


def test_without_a_rule_the_plan_passes_and_its_answer_is_how_far_it_leaves_the_requirement() -> None:
    found = reviewed(queue(visibility_timeout_seconds=30), rules=())
    assert (found.verdict, found.answer) == (Verdict.CREATES, "1 of 2 properties leave the requirement")


def test_a_part_of_another_type_is_told_where_it_is_planned() -> None:
    """As a bucket's versions, which are a resource of their own in Terraform."""
    bucket = entry("aws_s3_bucket", "create", None, {"bucket": "results"})
    on = {"bucket": "results", "versioning_configuration": [{"status": "Enabled"}]}
    versions = entry("aws_s3_bucket_versioning", "create", None, on)
    (found,) = reviewed(bucket, versions, required=(BUCKET,)).findings
    assert (found.type, found.address, found.sentence) == (
        "aws_s3_bucket_versioning",
        "aws_s3_bucket_versioning.this",
        'Versioning: "Enabled" is planned, and not required',
    )


def test_a_resource_that_would_not_be_there_is_a_finding_of_a_whole_plan_alone() -> None:
    other = RequiredResource(type="aws_sqs_queue", name="dead", properties={})
    gone = {**entry("aws_sqs_queue", "delete", {"name": "dead"}), "address": "aws_sqs_queue.dead_letters"}
    whole = reviewed(queue(), gone, required=(QUEUE, other))
    assert [each.sentence for each in whole.findings if each.kind is Kind.REQUIREMENT] == [
        "is required, and would not be there"
    ]
    assert [each.address for each in whole.findings if each.kind is Kind.REQUIREMENT] == ["aws_sqs_queue.dead_letters"]
    part = reviewed(queue(), required=(QUEUE, other), complete=False)
    assert part.findings == ()
    assert [(each.resource, each.agrees) for each in part.intent if each.property == "exists"] == [("dead", None)]
    assert reviewed(queue(), required=(QUEUE, other)).findings[0].address == "aws_sqs_queue.dead"


def test_a_value_that_is_not_known_yet_is_no_finding() -> None:
    unknown = entry(
        "aws_sqs_queue", "create", None, {"name": "jobs"}, after_unknown={"visibility_timeout_seconds": True}
    )
    found = reviewed(unknown)
    assert [each.sentence for each in found.findings] == ["DelaySeconds: 0 is required, and not set"]


@pytest.mark.parametrize(
    ("required", "found", "expected"),
    [
        ("660", 660, True),
        (50, 50.0, True),
        (50, 50.5, False),
        (True, "true", True),
        (["a", "b"], ["b", "a"], True),
        (["a", "b"], ["a"], False),
        (None, [], True),
        (None, {}, True),
        (None, "", True),
        (None, False, False),
        (None, 0, False),
        ({"maxReceiveCount": 3}, '{"maxReceiveCount": "3"}', True),
        ({"maxReceiveCount": 3}, '{"maxReceiveCount": 4}', False),
        ({"Days": 7}, {"Days": 7, "Date": "2099-01-01"}, False),
    ],
)
def test_values_are_as_required_by_what_they_mean(required: Any, found: Any, *, expected: bool) -> None:
    assert is_as_required(required, found) is expected
