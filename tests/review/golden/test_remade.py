"""The plans that are kept are still what Terraform and the provider make of a deployed stack."""

from pathlib import Path

import pytest

from tests.checkout import make_checkout
from tests.review.golden.cases import CASES
from tests.review.golden.making import edited, make

from golden_plans import load


@pytest.mark.xdist_group("kept plans")
def test_a_plan_that_is_kept_is_the_one_that_is_made_today(tmp_path: Path) -> None:
    """`make goldens` makes all of them anew. What a test has put right again would be planned otherwise."""
    # Not from a snapshot, whose state may be refreshed already: the first plan after a deployment is meant.
    checkout = make_checkout(tmp_path / "kept")
    try:
        made = checkout.run("python", "-m", "ops", "up", ENV="dev")
        assert made.returncode == 0, made.stderr
        assert make(checkout, CASES["key-schema-dev"]) == load("key-schema-dev")
    finally:
        assert checkout.run("python", "-m", "ops", "down", ENV="dev").returncode == 0


def test_every_plan_that_is_kept_can_be_made_anew(tmp_path: Path) -> None:
    """Each case's edits fit the source, and what they make is a stack, or `make goldens` would end at it."""
    checkout = make_checkout(tmp_path)
    cases = {name: case for name, case in CASES.items() if case.edits}
    assert {"key-schema", "index-removed", "policy-widened"} <= set(cases)
    failed = {}
    for name, case in cases.items():
        with edited(checkout, case.edits):
            done = checkout.run("python", "-O", "main.py", ENV=case.environment)
        if done.returncode:
            failed[name] = done.stderr
    assert failed == {}
