"""What was decided against the requirement, as verify reports it."""

from datetime import date
from typing import Any

import pytest

from check_report.forms import rendered
from ops.verify.compare import Resource, compared
from ops.verify.report import Check, Outcome, Verification
from plan_review.decisions import Decided
from stacks.requirement import AtMost, Document, Members, Statements

UNTIL = date(2030, 6, 30)


def resource(property_: str, value: Any, required: Any, *path: str, **more: Any) -> Resource:
    decided = Decided(path=path, value=value, required=required, reason="OPS-1", until=UNTIL, **more)
    return Resource("aws_s3_bucket", "results", {property_: (decided,)})


RULE = "lifecycle rule Old"
BUCKET = resource(RULE, 14, 7, "Expiration", "Days")


def checked(days: int) -> Check:
    wanted = Members("lifecycle rule", {"Old": {"Expiration": {"Days": 14}}})
    (check,) = compared(BUCKET, "lifecycle rules", wanted, {"Old": {"Expiration": {"Days": days}}})
    return check


@pytest.mark.parametrize(
    ("days", "outcome", "decided", "note"),
    [
        (14, Outcome.OK, True, "Expiration.Days: 14 (decided; required 7): OPS-1; until 2030-06-30"),
        (
            7,
            Outcome.OK,
            False,
            (
                "Expiration.Days: 7, as required; 14 is decided, and not in force yet or no longer needed (OPS-1; "
                "until 2030-06-30)"
            ),
        ),
        (
            21,
            Outcome.DIFFERS,
            False,
            "Expiration.Days: neither as decided (14: OPS-1; until 2030-06-30) nor as required (7)",
        ),
    ],
)
def test_a_value_as_decided_or_as_required_is_ok_and_another_one_names_both(
    days: int, outcome: Outcome, note: str, *, decided: bool
) -> None:
    check = checked(days)
    assert (check.property, check.outcome, check.decided, check.note) == (RULE, outcome, decided, note)


def test_what_expired_differs_again_and_says_so() -> None:
    expired = resource("VisibilityTimeout", "90", "60", is_expired=True)
    (check,) = compared(expired, "VisibilityTimeout", "60", "90")
    assert check.outcome is Outcome.DIFFERS
    assert check.note == 'the decision on "90" expired on 2030-06-30 (OPS-1); decide again, or remove it'


def test_documents_policies_and_optional_members_are_decided_on_too() -> None:
    redrive = resource("RedrivePolicy", 5, 3, "maxReceiveCount")
    (document,) = compared(redrive, "RedrivePolicy", Document({"maxReceiveCount": 5}), {"maxReceiveCount": 5})
    allow = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    opened = resource("policy", [allow], None)
    text = '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}'
    (policy,) = compared(opened, "policy", Statements((allow,)), text)
    (closed,) = compared(opened, "policy", Statements((allow,)), None)
    more = resource("consumer other", "consumes messages", None)
    (consumer,) = compared(more, "consumers", AtMost("consumer", frozenset({"other"})), {"other": "consumes messages"})
    assert [each.outcome for each in (document, policy, closed, consumer)] == [Outcome.OK] * 4
    assert [each.decided for each in (document, policy, closed, consumer)] == [True, True, False, True]
    assert "nothing" not in consumer.note


def test_every_form_of_the_report_shows_a_decision_and_counts_it_as_ok() -> None:
    found = Verification("deployed", "vpr-async-dev", "dev", "here", checks=(checked(14),), api_calls=1, seconds=0.0)
    assert found.exit_status == 0
    said = "Expiration.Days: 14 (decided; required 7): OPS-1; until 2030-06-30"
    text = rendered(found.report, "text")
    assert said in " ".join(text.split())
    assert "1 checks: 1 ok (1 as decided)" in text
    assert '"decided": true' in rendered(found.report, "json")
    assert said in rendered(found.report, "json")
