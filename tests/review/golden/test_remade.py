"""The plans that are kept are still what Terraform and the provider make of a deployed stack."""

from collections.abc import Generator

import pytest

from tests.checkout import Checkout, make_checkout
from tests.review.golden.cases import CASES
from tests.review.golden.making import make

from golden_plans import load


@pytest.fixture
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Generator[Checkout]:
    """Return a checkout whose dev stack is as Terraform made it: what a test has put right again plans otherwise."""
    checkout = make_checkout(tmp_path_factory.mktemp("kept"))
    try:
        made = checkout.run("python", "-m", "ops", "up", ENV="dev")
        assert made.returncode == 0, made.stderr
        yield checkout
    finally:
        assert checkout.run("python", "-m", "ops", "down", ENV="dev").returncode == 0


@pytest.mark.xdist_group("kept plans")
def test_a_plan_that_is_kept_is_the_one_that_is_made_today(deployed: Checkout) -> None:
    """`make goldens` makes all of them anew."""
    assert make(deployed, CASES["key-schema-dev"]) == load("key-schema-dev")
