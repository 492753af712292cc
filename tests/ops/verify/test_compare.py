"""One property a check: what is right, lost, added or different, alone and within a collection."""

from typing import Any

import pytest

from ops.resource_types.interface import UnknownError, UnreadableError
from ops.verify.compare import Resource, compared, take
from ops.verify.report import Check, Outcome
from stacks.requirement import AtMost, Members, Noted, Statements

QUEUE = Resource("aws_sqs_queue", "jobs")


def outcomes(expected: Any, found: Any) -> list[tuple[str, str]]:
    return [(check.property, check.outcome.value) for check in compared(QUEUE, "property", expected, found)]


@pytest.mark.parametrize(
    ("expected", "found", "outcome"),
    [
        (7, 7, Outcome.OK),
        (None, None, Outcome.OK),
        (7, 8, Outcome.DIFFERS),
        (7, None, Outcome.MISSING),
        (False, None, Outcome.MISSING),
        (None, 7, Outcome.UNEXPECTED),
    ],
)
def test_a_property_is_right_or_lost_or_added_or_different(expected: Any, found: Any, outcome: Outcome) -> None:
    assert outcomes(expected, found) == [("property", outcome)]


def test_every_member_of_a_collection_counts_expected_or_not() -> None:
    expected = Members("index", {"by-key": "ALL", "by-time": "ALL", "lost": "ALL"})
    assert outcomes(expected, {"by-key": "ALL", "by-time": "KEYS_ONLY", "added": "ALL"}) == [
        ("index added", "unexpected"),
        ("index by-key", "ok"),
        ("index by-time", "differs"),
        ("index lost", "missing"),
    ]
    assert outcomes(Members("index", {}), None) == []


def test_of_a_collection_that_may_have_some_members_every_other_one_is_unexpected() -> None:
    allowed = AtMost("consumer", frozenset({"worker"}))
    assert outcomes(allowed, {"worker": "takes messages"}) == outcomes(allowed, None) == []
    assert outcomes(allowed, {"stranger": "takes messages"}) == [("consumer stranger", "unexpected")]


def test_a_policy_is_right_only_with_all_of_its_statements_and_no_other() -> None:
    required = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "arn"}
    more = {**required, "Effect": "Allow"}
    document = '{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "arn"}%s]}'
    added = ', {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "arn"}'
    assert outcomes(Statements((required,)), document % "") == [("property", "ok")]
    assert outcomes(Statements((required,)), document % added) == [("property", "unexpected")]
    assert outcomes(Statements((required, more)), document % "") == [("property", "missing")]


def test_another_value_has_the_note_that_is_for_it() -> None:
    (differing,) = compared(QUEUE, "property", Noted(0, "failed jobs wait"), 3)
    assert (differing.outcome, differing.note) == (Outcome.DIFFERS, "failed jobs wait")
    (right,) = compared(QUEUE, "property", Noted(0, "failed jobs wait"), 0)
    assert (right.outcome, right.note) == (Outcome.OK, "")


def failing(error: Exception) -> list[Check]:
    def checks() -> list[Check]:
        raise error

    return take(QUEUE, "policy", checks)


def test_whatever_keeps_a_look_from_being_made_is_unreadable_and_says_why() -> None:
    (refused,) = failing(UnreadableError("AccessDenied; needs sqs:GetQueueAttributes"))
    assert (refused.property, refused.outcome) == ("policy", Outcome.UNREADABLE)
    assert refused.note == "AccessDenied; needs sqs:GetQueueAttributes"
    (strange,) = failing(KeyError("Attributes"))
    assert (strange.property, strange.outcome) == ("policy", Outcome.UNREADABLE)
    assert strange.note == "an answer that is not understood (KeyError: 'Attributes')"


def test_a_question_without_an_answer_here_is_a_note_and_no_finding() -> None:
    (unknown,) = failing(UnknownError("permissions", "the root's are not simulated"))
    assert (unknown.property, unknown.outcome) == ("permissions", Outcome.OK)
    assert unknown.note == "the root's are not simulated"
