"""Whether an apply of a plan does something: by the plan's word, and where it has none as Terraform decides it."""

from typing import Any

import pytest

from plan_review.changes import is_applyable

from golden_plans import PLANS, load
from plan_builder import entry, plan

QUEUE = entry("aws_sqs_queue", "no-op", {"name": "jobs"}, {"name": "jobs"})


@pytest.mark.parametrize("name", sorted(file.name.removesuffix(".json.gz") for file in PLANS.glob("*.json.gz")))
def test_what_is_derived_is_what_terraform_wrote_of_the_same_plan(name: str) -> None:
    made = load(name)
    told = made.pop("applyable")
    assert is_applyable(made) is told


@pytest.mark.parametrize(
    ("changed", "applyable"),
    [
        (plan(), False),
        (plan(QUEUE), False),
        (plan(QUEUE, output_changes={"url": {"actions": ["no-op"]}}), False),
        (plan(QUEUE, resource_drift=[entry("aws_sqs_queue", "update", {}, {})]), False),
        (plan({**QUEUE, "mode": "ephemeral", "change": {"actions": ["open"]}}), False),
        (plan({**QUEUE, "previous_address": QUEUE["address"]}), False),
        *((plan(QUEUE, entry("aws_sqs_queue", each)), True) for each in ("create", "update", "delete", "forget")),
        (plan(QUEUE, entry("aws_sqs_queue", "replace")), True),
        (plan({**QUEUE, "change": {"actions": ["of-tomorrow"]}}), True),
        (plan({**QUEUE, "mode": "data", "change": {"actions": ["read"]}}), True),
        (plan({**QUEUE, "previous_address": "aws_sqs_queue.before"}), True),
        (plan(entry("aws_sqs_queue", "no-op", {}, {}, importing={"id": "jobs"})), True),
        (plan(QUEUE, output_changes={"url": {"actions": ["update"]}}), True),
        (plan(QUEUE, output_changes={"url": {"actions": ["delete"]}}), True),
        (plan(entry("aws_sqs_queue", "create"), errored=True), False),
    ],
)
def test_a_plan_without_a_word_of_its_own_is_applyable_if_anything_in_it_is_done(
    changed: dict[str, Any], *, applyable: bool
) -> None:
    """As OpenTofu writes them; literals, by `Changes.Empty` and `Plan.CanApply` of both products."""
    assert is_applyable(changed) is applyable


@pytest.mark.parametrize("told", [True, False])
def test_the_plans_own_word_counts_whatever_else_is_in_it(*, told: bool) -> None:
    """Terraform knows more than it writes: of a plan that only refreshes, for example."""
    assert is_applyable(plan(QUEUE, applyable=told)) is told
    assert is_applyable(plan(entry("aws_sqs_queue", "create"), applyable=told)) is told
