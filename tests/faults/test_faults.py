"""A sample of `make faults`, which takes all of them: one of each kind."""

from pathlib import Path

import pytest

from tests.faults import concurrently, flaky, killing


@pytest.mark.xdist_group("killed")
def test_an_apply_that_is_killed_when_the_bucket_was_made_is_recovered(tmp_path: Path) -> None:
    """The lock is named and removed, what was made is adopted with what it holds, and nothing is left to do."""
    told = killing.kill("after aws_s3_bucket.Results_Bucket", tmp_path)
    assert "unlocked, " in told
    assert "adopted, applied; kept what " in told


@pytest.mark.xdist_group("raced")
def test_of_two_applies_at_once_one_wins_and_the_other_names_it(tmp_path: Path) -> None:
    with concurrently.pair(tmp_path) as (one, other):
        assert " won, serial " in concurrently.race(one, other, 0)


@pytest.mark.xdist_group("flaky")
def test_an_apply_survives_that_a_fifth_of_the_requests_fails(tmp_path: Path) -> None:
    assert "requests went wrong" in flaky.survive("20 % of the requests fail", tmp_path)


def test_the_points_and_shares_are_as_many_as_they_must_be() -> None:
    """At least 15 points of a kill, after each of the 12 resources among them; 10 shares, from 10 to 30 %."""
    assert len(killing.POINTS) == 21
    assert len(killing.MADE) == 12
    assert (len(flaky.SHARES), min(flaky.SHARES.values()), max(flaky.SHARES.values())) == (10, 10, 30)
