"""The plans that are kept are still what Terraform and the provider make of a deployed stack."""

import pytest

from tests.checkout import Checkout
from tests.review.golden.cases import CASES
from tests.review.golden.making import make

from golden_plans import load


@pytest.mark.xdist_group("deployed")
def test_a_plan_that_is_kept_is_the_one_that_is_made_today(deployed_dev: Checkout) -> None:
    """`make goldens` makes all of them anew."""
    assert make(deployed_dev, CASES["key-schema-dev"]) == load("key-schema-dev")
