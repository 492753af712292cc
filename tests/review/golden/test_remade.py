"""The plans that are kept are still what Terraform and the provider make of a deployed stack."""

from pathlib import Path

import pytest

from tests.conftest import deployed
from tests.review.golden.cases import CASES
from tests.review.golden.making import make

from golden_plans import load


@pytest.mark.xdist_group("kept plans")
def test_a_plan_that_is_kept_is_the_one_that_is_made_today(tmp_path: Path) -> None:
    """`make goldens` makes all of them anew. What a test has put right again would be planned otherwise."""
    with deployed(tmp_path / "kept") as checkout:
        assert make(checkout, CASES["key-schema-dev"]) == load("key-schema-dev")
