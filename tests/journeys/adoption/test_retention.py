"""Retention: no command loses prod's data. A few of the ways to try; `faults.py` has them all tried."""

import pytest

from tests.journeys.adoption.conftest import Adopted
from tests.journeys.adoption.ways_to_lose_data import TABLE_AT, WAYS, refused

SAMPLE = ("the table's key changed without prevent_destroy",)


@pytest.mark.xdist_group("adopted")
@pytest.mark.parametrize("way", SAMPLE)
def test_a_way_to_lose_data_is_stopped_before_terraform_applies(way: str, adopted: Adopted) -> None:
    said = refused(adopted, WAYS[way])
    assert all(part in said for part in WAYS[way].told), said
    assert adopted.account.holds_everything()


@pytest.mark.xdist_group("adopted")
def test_terraform_itself_refuses_to_destroy(adopted: Adopted) -> None:
    """By hand, past every command of ours, on what the settings synthesize."""
    assert adopted.checkout.run("python", "main.py", ENV="prod").returncode == 0
    folder = adopted.checkout.path / "cdktf.out" / "stacks" / "vpr-async-prod"
    by_hand = adopted.terraform("destroy", "-auto-approve", "-input=false", folder=folder)
    assert by_hand.returncode == 1
    assert f"Resource {TABLE_AT} has lifecycle.prevent_destroy" in by_hand.stderr
    assert adopted.account.holds_everything()


def test_every_stateful_resource_has_its_ways() -> None:
    """The table's own names are told in the refusals of the three kinds."""
    told = [" ".join(way.told) for way in WAYS.values()]
    assert len(told) >= 20
    for name in ("aws_dynamodb_table.", "aws_s3_bucket.", "aws_sqs_queue."):
        assert sum(name in each for each in told) >= 3
