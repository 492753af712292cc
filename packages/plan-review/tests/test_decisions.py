"""A decision against the requirement: what counts as right, what is said of it, and what can be pasted."""

import tomllib
from datetime import date
from typing import Any

import pytest

from plan_review.decisions import Decided, at_path, settled, to_paste, with_value
from plan_review.forms.html import html
from plan_review.forms.json_form import as_json
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from plan_review.model import DecisionState, Kind, Review, Verdict
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import Rule, Rules

from plan_builder import TODAY, entry, plan

STOPS = Rule(name="kept", why="so it was agreed", kinds=frozenset({Kind.REQUIREMENT}), environments=None, types=None)
UNTIL = date(2030, 6, 30)
RULE = "lifecycle rule Old"


def decided(value: Any, required: Any, *path: str, **more: Any) -> Decided:
    return Decided(path=path, value=value, required=required, reason="OPS-1", until=UNTIL, **more)


def queue(seconds: int, *decisions: Decided, wanted: Any = 90) -> Review:
    """Return the review of a plan of a queue with a visibility timeout."""
    required = RequiredResource(
        type="aws_sqs_queue",
        name="jobs",
        properties={"VisibilityTimeout": wanted},
        decided={"VisibilityTimeout": decisions},
    )
    made = entry("aws_sqs_queue", "create", None, {"name": "jobs", "visibility_timeout_seconds": seconds})
    return review(plan(made), title="t", requirement=(required,), rules=Rules(rules=(STOPS,)), today=TODAY)


def test_a_value_as_decided_counts_as_right_and_is_shown_in_every_form() -> None:
    found = queue(90, decided(90, 60))
    assert (found.verdict, found.blocked, found.findings) == (Verdict.SAFE, False, ())
    said = "90 (decided; required 60): OPS-1; until 2030-06-30"
    assert [each.sentence for each in found.intent[0].decisions] == [said]
    assert f"  . jobs: VisibilityTimeout: {said}" in terminal(found, width=120, colour=False)
    assert "Requirement: 0 of 1 property as required, 1 as decided" in terminal(found, width=120, colour=False)
    assert f"- `jobs` `VisibilityTimeout`: {said}" in markdown(found).replace("`OPS-1`", "OPS-1").replace(
        "`2030-06-30`", "2030-06-30"
    )
    assert "| `90` | `90` | as decided |" in markdown(found)
    assert said in html(found)
    assert "<b>✓ as decided</b>" in html(found)
    assert '"state":"applies"' in as_json(found)


def test_a_value_as_required_passes_and_the_decision_is_said_not_to_be_in_force() -> None:
    found = queue(60, decided(90, 60))
    assert found.verdict is Verdict.SAFE
    assert [(each.state, each.sentence) for each in found.intent[0].decisions] == [
        (
            DecisionState.NOT_IN_FORCE,
            "60, as required; 90 is decided, and not in force yet or no longer needed (OPS-1; until 2030-06-30)",
        )
    ]


def test_a_value_that_is_neither_is_a_departure_that_names_both() -> None:
    (found,) = queue(30, decided(90, 60)).findings
    assert found.sentence == "VisibilityTimeout: 90 is decided until 2030-06-30 (required 60), 30 is planned"


def test_a_decision_that_has_expired_does_not_apply_and_is_said() -> None:
    expired = decided(90, 60, is_expired=True)
    (found,) = queue(90, expired, wanted=60).findings
    assert found.sentence == (
        "VisibilityTimeout: 60 is required, 90 is planned; VisibilityTimeout: the decision on 90 expired on "
        "2030-06-30 (OPS-1); decide again, or remove it"
    )
    assert [each.state for each in queue(60, expired, wanted=60).intent[0].decisions] == [DecisionState.EXPIRED]


def test_a_decision_on_what_the_requirement_says_itself_is_to_be_removed() -> None:
    (said,) = queue(90, decided(90, 90)).intent[0].decisions
    assert said.sentence == "the requirement itself says 90; remove the decision (OPS-1)"


@pytest.mark.parametrize(
    ("days", "prefix", "agrees", "states"),
    [
        (14, "a/", True, ["applies", "applies"]),
        (14, "", True, ["applies", "not in force"]),
        (7, "a/", True, ["not in force", "applies"]),
        (7, "", True, ["not in force", "not in force"]),
        (21, "a/", False, ["left", "applies"]),
        (14, "b/", False, ["applies", "left"]),
    ],
)
def test_of_two_decisions_on_one_property_each_applies_by_itself(
    days: int, prefix: str, *, agrees: bool, states: list[str]
) -> None:
    decisions = (decided(14, 7, "Expiration", "Days"), decided("a/", "", "Filter", "Prefix"))
    wanted = {"Filter": {"Prefix": "a/"}, "Expiration": {"Days": 14}}
    found = {"Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}
    settled_, said = settled(RULE, wanted, found, decisions)
    assert (settled_ == found) is agrees
    assert [each.state for each in said] == states
    assert [each.property for each in said] == [f"{RULE}.Expiration.Days", f"{RULE}.Filter.Prefix"]


def test_what_was_decided_away_may_be_missing() -> None:
    """The review then knows of it by the decision alone."""
    index = {"Key": {"a": "HASH S"}, "Projection": "ALL"}
    required = RequiredResource(
        type="aws_dynamodb_table",
        name="jobs",
        properties={},
        decided={"index by-a": (decided(None, index),)},
    )
    there = {"global_secondary_index": [{"name": "by-a", "hash_key": "a", "projection_type": "ALL"}]}
    attributes = {"attribute": [{"name": "a", "type": "S"}]}
    for after, state in (({}, DecisionState.APPLIES), (there, DecisionState.NOT_IN_FORCE)):
        table = entry("aws_dynamodb_table", "create", None, {"name": "jobs", **attributes, **after})
        found = review(plan(table), title="t", requirement=(required,), rules=Rules(), today=TODAY)
        assert [(each.property, each.agrees) for each in found.intent] == [("index by-a", True)]
        assert [each.state for each in found.intent[0].decisions] == [state]


def test_a_departure_comes_with_the_decision_to_paste_and_no_exception() -> None:
    """Of a bucket's rule the part that differs; by the bucket, whose rule it is in Terraform's words another's."""
    bucket = entry("aws_s3_bucket", "create", None, {"bucket": "results"})
    rule = {"id": "Old", "status": "Enabled", "filter": [{"prefix": ""}], "expiration": [{"days": 14}]}
    rules = entry("aws_s3_bucket_lifecycle_configuration", "create", None, {"bucket": "results", "rule": [rule]})
    wanted = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}
    required = RequiredResource(type="aws_s3_bucket", name="results", properties={RULE: wanted})
    found = review(plan(bucket, rules), title="t", requirement=(required,), rules=Rules(rules=(STOPS,)), today=TODAY)
    (block,) = (each for each in found.blocks if each.finding.kind is Kind.REQUIREMENT)
    assert tomllib.loads(block.to_paste) == {
        "decision": [
            {
                "resource": "aws_s3_bucket results",
                "property": "lifecycle rule Old.Expiration.Days",
                "value": 14,
                "reason": "",
                "until": date(2030, 1, 15),
            }
        ]
    }
    assert "or decide that it is to be so, with a reason, in the file of decisions:" in terminal(
        found, width=120, colour=False
    )


def test_the_page_calls_nothing_as_required_that_is_as_decided() -> None:
    assert "1 property as required</summary>" in html(queue(90))
    assert "1 property as required or as decided</summary>" in html(queue(90, decided(90, 60)))


def test_a_resource_that_would_not_be_there_can_be_excepted_and_not_decided() -> None:
    required = [RequiredResource(type="aws_sqs_queue", name=name, properties={}) for name in ("jobs", "dead")]
    made = entry("aws_sqs_queue", "create", None, {"name": "jobs"})
    found = review(plan(made), title="t", requirement=required, rules=Rules(rules=(STOPS,)), today=TODAY)
    assert [block.to_paste.partition("\n")[0] for block in found.blocks] == ["[[exception]]"]


@pytest.mark.parametrize(
    "value",
    [14, 0.5, True, 'a "text" \\ with \u007f and é', [1, 2], ["a", "b"], {"Days": 7, "a b": {"c": ["d"]}}, [], {}],
)
def test_what_is_to_be_pasted_is_toml_that_reads_as_the_value(value: Any) -> None:
    read = tomllib.loads(to_paste('aws_x "n"', {"a.b": value}, TODAY))["decision"][0]
    assert (read["resource"], read["property"], read["value"]) == ('aws_x "n"', "a.b", value)


def test_nothing_is_decided_as_not_set_and_what_is_too_long_is_not_offered() -> None:
    assert 'value = "(not set)"' in to_paste("t n", {"p": None}, TODAY)
    assert to_paste("t n", {"p": "x" * 401}, TODAY) == ""


def test_a_part_is_read_and_replaced_by_its_keys() -> None:
    whole = {"a": [{"b": 1}, {"b": 2}], "c": {"d": 3}}
    assert [at_path(whole, path) for path in (["a", "1", "b"], ["c", "d"], ["c", "x"], ["a", "7"])] == [
        2,
        3,
        None,
        None,
    ]
    assert with_value(whole, ["a", "1", "b"], 5) == {"a": [{"b": 1}, {"b": 5}], "c": {"d": 3}}
    assert with_value(whole, ["c", "d"], None) == {"a": [{"b": 1}, {"b": 2}], "c": {}}
    assert whole == {"a": [{"b": 1}, {"b": 2}], "c": {"d": 3}}
