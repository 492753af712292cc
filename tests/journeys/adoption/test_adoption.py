"""Adoption: what is in the account and not in the state comes under Terraform, and nothing of it is lost."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.resource_types import TYPES
from tests.checkout import make_checkout
from tests.journeys.adoption.conftest import Adopted
from tests.journeys.adoption.older_stack import account
from tests.journeys.adoption.ways_to_lose_data import BUCKET_AT, QUEUE_AT, TABLE_AT


@pytest.mark.xdist_group("adopted")
def test_an_older_stack_is_adopted_with_every_item_message_and_object(adopted: Adopted) -> None:
    """1,000 items, 100 messages and 100 objects are there after adopt and apply, and no plan finds more to do."""
    counts = adopted.adopt.stdout
    assert [word for word in ("to replace", "to delete") if word in counts] == []
    for adopted_name in (
        "careervp-jobs-table-prod",
        "careervp-vpr-jobs-queue-prod",
        "careervp-vpr-jobs-dlq-prod",
        "careervp-prod-vpr-results-us-east-1-2d9368",
    ):
        assert f" {adopted_name}\n" in adopted.adopt.stdout
    assert adopted.account.holds_everything()
    assert adopted.terraform("plan", "-detailed-exitcode", "-input=false").returncode == 0
    again = adopted.ops("adopt")
    assert (again.returncode, again.stdout) == (0, "")
    assert "nothing to adopt: what vpr-async-prod declares is in its state, or not in AWS" in again.stderr


@pytest.mark.xdist_group("adopted")
def test_what_a_crash_left_unrecorded_or_half_made_is_taken_back(adopted: Adopted) -> None:
    """A bucket that the state does not know, a tainted table and a tainted queue, all with what they hold."""
    assert adopted.terraform("state", "rm", BUCKET_AT).returncode == 0
    for address in (TABLE_AT, QUEUE_AT):
        assert adopted.terraform("taint", address).returncode == 0
    adopt = adopted.ops("adopt")
    assert adopt.returncode == 0, adopt.stderr
    for address in (TABLE_AT, QUEUE_AT):
        assert f"untainted {address}: it is there, and is kept" in adopt.stderr
    assert [word for word in ("to create", "to replace", "to delete") if word in adopt.stdout] == []
    apply = adopted.ops("apply")
    assert apply.returncode == 0, apply.stderr
    assert list((adopted.checkout.path / "plans" / "emulator" / "vpr-async-prod").glob("*.tf.json")) == []
    assert adopted.terraform("plan", "-detailed-exitcode", "-input=false").returncode == 0
    assert adopted.account.holds_everything()


def test_a_table_of_another_key_is_refused_with_the_difference(tmp_path: Path) -> None:
    """Nothing is changed, and nothing is left to apply or to import."""
    checkout = make_checkout(tmp_path)
    left = [f"plans/emulator/vpr-async-prod/{name}" for name in ("imports.tf.json", "tfplan")]
    with account(checkout.path) as older:
        older.make_table(key="id", index_key="user")
        refused = checkout.run("python", "-m", "ops", "adopt", ENV="prod")
        assert refused.returncode == 1
        assert (
            f"{TABLE_AT}: table careervp-jobs-table-prod: its key is id (S), declared job_id (S); "
            "its index idempotency-key-index's key is user (S), declared idempotency_key (S); "
        ) in refused.stderr
        assert [name for name in left if (checkout.path / name).exists()] == []
        assert older.dynamodb.list_tables()["TableNames"] == ["careervp-jobs-table-prod"]


def test_every_type_of_resource_in_the_stack_is_looked_for(stacks: Mapping[str, dict[str, Any]]) -> None:
    types = {type_ for stack in stacks.values() for type_ in stack["resource"]}
    assert len(types) == 10
    assert types <= set(TYPES)
