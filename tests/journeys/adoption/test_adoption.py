"""Adoption: what is in the account and not in the state comes under Terraform, and nothing of it is lost."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ops.resource_types import TYPES
from tests.checkout import make_checkout
from tests.journeys.adoption.conftest import Adopted
from tests.journeys.adoption.older_stack import BUCKET, DLQ, account
from tests.journeys.adoption.ways_to_lose_data import BUCKET_AT, QUEUE_AT, TABLE_AT

DLQ_AT = "aws_sqs_queue.Jobs_DeadLetterQueue_FA298334"


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


OTHER_BUCKET, OTHER_DLQ = "careervp-vpr-results-prod", "failed-reports"
NAMES = f"""
results_bucket = "{OTHER_BUCKET}"
jobs_dlq = "{OTHER_DLQ}"
"""


def test_what_is_there_by_another_name_is_asked_for_and_adopted_by_it(tmp_path: Path) -> None:
    """A bucket whose name looks like ours, and the queue that the live jobs queue redrives to, whatever its name."""
    checkout = make_checkout(tmp_path)
    settings = checkout.path / "environments" / "prod.toml"
    with account(checkout.path) as older:
        older.make_queues(OTHER_DLQ)
        older.make_bucket(OTHER_BUCKET)
        questions = (
            (
                f"{BUCKET}: is not there, but {OTHER_BUCKET} is; in environments/prod.toml, "
                f'vpr_async.names.results_bucket = "{OTHER_BUCKET}" adopts that one, and '
                f'vpr_async.names.results_bucket = "{BUCKET}" makes a new one'
            ),
            (
                f"{DLQ}: is not there, but {OTHER_DLQ} (in use in its place) is; in environments/prod.toml, "
                f'vpr_async.names.jobs_dlq = "{OTHER_DLQ}" adopts that one, and '
                f'vpr_async.names.jobs_dlq = "{DLQ}" makes a new one'
            ),
        )
        planned = checkout.run("python", "-m", "ops", "plan", ENV="prod")
        assert planned.returncode == 0, planned.stderr
        assert [question for question in questions if f"note: {question}\n" not in planned.stdout] == []
        refused = checkout.run("python", "-m", "ops", "adopt", ENV="prod")
        assert refused.returncode == 1
        assert [question for question in questions if f": {question}\n" not in refused.stderr] == []
        settings.write_text(settings.read_text().replace("[vpr_async.names]\n", f"[vpr_async.names]{NAMES}"))
        adopted = checkout.run("python", "-m", "ops", "adopt", ENV="prod")
        assert adopted.returncode == 0, adopted.stderr
        plan = json.loads((checkout.path / "plans" / "emulator" / "vpr-async-prod" / "plan.json").read_text())
        changes = {change["address"]: change["change"] for change in plan["resource_changes"]}
        assert changes[BUCKET_AT]["importing"]["id"] == OTHER_BUCKET
        assert changes[DLQ_AT]["importing"]["id"].endswith(f"/{OTHER_DLQ}")
        assert changes[QUEUE_AT]["before"]["redrive_policy"] == changes[QUEUE_AT]["after"]["redrive_policy"]
        assert "exists beside it" not in adopted.stdout


def test_every_type_of_resource_in_the_stack_is_looked_for(stacks: Mapping[str, dict[str, Any]]) -> None:
    types = {type_ for stack in stacks.values() for type_ in stack["resource"]}
    assert len(types) == 10
    assert types <= set(TYPES)
