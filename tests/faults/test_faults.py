"""A sample of `make faults`, which takes half an hour: one of its runs, and what there is to run."""

from pathlib import Path

import pytest

from tests.faults import flaky, killing


@pytest.mark.xdist_group("flaky")
def test_an_apply_survives_that_a_fifth_of_the_requests_fails(tmp_path: Path) -> None:
    """At once or after the recovery that the messages tell: whole, with no lock left, and no difference in a plan."""
    assert "requests went wrong" in flaky.survive("20 % of the requests fail", tmp_path)


def test_the_points_and_shares_are_as_many_as_they_must_be() -> None:
    """24 points of a kill, after each of the 15 resources among them; 10 shares of faults, from 10 to 30 %.

    And 6 points of an apply that only writes the state.
    """
    assert len(killing.REFRESH_POINTS) == 6
    assert len(killing.POINTS) == 24
    assert len(killing.MADE) == 15
    assert (len(flaky.SHARES), min(flaky.SHARES.values()), max(flaky.SHARES.values())) == (10, 10, 30)
