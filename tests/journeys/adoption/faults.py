"""Every way to lose data, tried on a deployed prod: `make faults`; `make test` tries a few of them."""

from pathlib import Path

import pytest

from tests.checkout import in_a_month
from tests.journeys.adoption.conftest import Adopted, adopted_stack
from tests.journeys.adoption.ways_to_lose_data import BUCKET_AT, RETAIN, SETTINGS, TABLE_AT, WAYS, refused

EXCEPTION = """
[[exception]]
rule = "{rule}"
address = "{address}"
reason = "it is decommissioned"
expires = {expires}
"""


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_lose_data_is_open(way: str, adopted: Adopted) -> None:
    """It is refused with its cause, and everything is still there."""
    said = refused(adopted, WAYS[way])
    assert all(part in said for part in WAYS[way].told), said
    assert adopted.account.holds_everything()


@pytest.mark.parametrize("address", [TABLE_AT, BUCKET_AT])
def test_what_is_tainted_and_protected_is_kept(address: str, adopted: Adopted) -> None:
    """The next plan takes the mark off, and finds nothing to do."""
    assert adopted.terraform("taint", address).returncode == 0
    planned = adopted.ops("plan")
    assert planned.returncode == 0, planned.stderr
    assert f"{address}: its creation was interrupted; kept, and what it lacks is planned" in planned.stderr
    assert ": no changes\n" in planned.stdout
    assert adopted.account.holds_everything()


def test_the_two_steps_of_a_decommission_take_everything(tmp_path: Path) -> None:
    """The first loses nothing, and wants exceptions; the second wants the stack's name, and takes all but the state."""
    with adopted_stack(tmp_path) as prod:
        settings = prod.checkout.path / SETTINGS
        settings.write_text(settings.read_text().replace(*RETAIN))
        stopped = prod.ops("plan")
        assert stopped.returncode == 1
        assert "careervp-jobs-table-prod: deletion_protection_enabled true -> false" in stopped.stdout
        assert "no-weaker-security: " in stopped.stdout
        with (prod.checkout.path / "review.toml").open("a") as rules:
            for rule, address in (("no-weaker-security", TABLE_AT), ("no-loss", BUCKET_AT)):
                rules.write(EXCEPTION.format(rule=rule, address=address, expires=in_a_month()))
        for command in ("plan", "apply"):
            done = prod.ops(command)
            assert done.returncode == 0, done.stderr
        assert prod.account.holds_everything()
        unconfirmed = prod.ops("destroy")
        assert unconfirmed.returncode == 1
        assert "make destroy ENV=prod CONFIRM_DATA_LOSS=vpr-async-prod" in unconfirmed.stderr
        assert prod.account.holds_everything()
        destroyed = prod.ops("destroy", CONFIRM_DATA_LOSS="vpr-async-prod")
        assert destroyed.returncode == 0, destroyed.stderr
        assert prod.account.dynamodb.list_tables()["TableNames"] == []
        assert prod.account.sqs.list_queues().get("QueueUrls", []) == []
        (state,) = prod.account.s3.list_buckets()["Buckets"]
        assert state["Name"] == "careervp-terraform-state-prod-333333333333"
