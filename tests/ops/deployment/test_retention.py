"""The two steps by which an environment's data is given up, told by a destroy's plan."""

from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT
from ops.deployment.retention import destroy_refusals, is_new, managed_changes, retention
from stacks.settings import Settings
from tests.journeys.adoption.ways_to_lose_data import WAYS
from tests.settings_files import written_settings

TABLE = {
    "name": "jobs",
    "hash_key": "job_id",
    "deletion_protection_enabled": True,
    "point_in_time_recovery": [{"enabled": True}],
    "ttl": [{"attribute_name": "ttl", "enabled": True}],
}
BUCKET = {"bucket": "results", "force_destroy": False}
QUEUE = {"name": "queue", "url": "https://sqs/queue", "message_retention_seconds": 14400}
ALARM = {"alarm_name": "alarm"}

DEV = "vpr-async-dev"


def make(command: str) -> str:
    return f"make {command} ENV=prod TARGET=aws"


def change(kind: str, before: Any) -> dict[str, Any]:
    return {
        "address": f"aws_{kind}.It",
        "mode": "managed",
        "type": f"aws_{kind}",
        "change": {"actions": ["delete"], "before": before, "after": None},
    }


def settings(tmp_path: Path, environment: str = "prod", data_protection: str = "retain") -> Settings:
    """Return settings that leave out what dev alone says: that customers' data is not in it."""
    extra = "holds_customer_data = false\n" * (environment == "dev")
    return written_settings(
        'account_id = "333333333333"\nregion = "us-east-1"\nstate_bucket = "states"\n'
        f'data_protection = "{data_protection}"\n{extra}[vpr_async.worker]\ntimeout_seconds = 300\n',
        tmp_path,
        environment,
    )


def destroyed(*, protected: bool) -> dict[str, Any]:
    table = {**TABLE, "deletion_protection_enabled": protected, "point_in_time_recovery": [{"enabled": protected}]}
    bucket = {**BUCKET, "force_destroy": not protected}
    changes = [
        change("dynamodb_table", table),
        change("s3_bucket", bucket),
        change("sqs_queue", QUEUE),
        change("cloudwatch_metric_alarm", ALARM),
    ]
    return {"resource_changes": changes}


def test_a_destroy_needs_two_deliberate_steps(tmp_path: Path) -> None:
    """Protection has been taken off by an apply before, and the stack's name is given; neither does alone."""
    given_up = settings(tmp_path, "prod", "destroy")
    stack = "vpr-async-prod"
    for confirmed in ("", stack):
        table, bucket = destroy_refusals(destroyed(protected=True), given_up, stack, confirmed, make)
        assert "jobs (aws_dynamodb_table.It): still has deletion protection and point-in-time recovery; the " in table
        assert "results (aws_s3_bucket.It): still has force_destroy = false; the first step is to apply " in bucket
        assert table.endswith('"destroy" in environments/prod.toml, see docs/runbooks/decommission.md')
    (unconfirmed,) = destroy_refusals(destroyed(protected=False), given_up, stack, "", make)
    assert unconfirmed.startswith("CONFIRM_DATA_LOSS: not given; vpr-async-prod goes with all that it holds: ")
    assert "make destroy ENV=prod TARGET=aws CONFIRM_DATA_LOSS=vpr-async-prod, see " in unconfirmed
    (other,) = destroy_refusals(destroyed(protected=False), given_up, stack, "vpr-async-dev\x1b[2J", make)
    assert other.startswith('CONFIRM_DATA_LOSS = "vpr-async-dev\\u001b[2J": not this stack; ')
    assert destroy_refusals(destroyed(protected=False), given_up, stack, stack, make) == []


def test_dev_is_destroyed_without_ceremony(tmp_path: Path) -> None:
    assert destroy_refusals(destroyed(protected=False), settings(tmp_path, "dev", "destroy"), DEV, "", make) == []


def test_dev_is_not_destroyed_while_what_is_deployed_is_protected(tmp_path: Path) -> None:
    """Settings that say "destroy" protect nothing any more once they are applied; half of it would go before that."""
    for confirmed in ("", "vpr-async-dev"):
        table, bucket = destroy_refusals(
            destroyed(protected=True), settings(tmp_path, "dev", "destroy"), DEV, confirmed, make
        )
        assert "jobs (aws_dynamodb_table.It): still has deletion protection; the first step is to apply " in table
        assert "results (aws_s3_bucket.It): still has force_destroy = false; the first step is to apply " in bucket
        assert table.endswith('"destroy" in environments/dev.toml, see docs/runbooks/decommission.md')


def test_backups_alone_do_not_keep_dev(tmp_path: Path) -> None:
    """Point-in-time recovery that somebody switched on by hand stops no destroy."""
    table = {**TABLE, "deletion_protection_enabled": False}
    plan = {"resource_changes": [change("dynamodb_table", table)]}
    assert destroy_refusals(plan, settings(tmp_path, "dev", "destroy"), DEV, "", make) == []


def test_only_an_environment_that_keeps_its_data_has_retention(tmp_path: Path) -> None:
    """In prod with data_protection = "destroy" protection may go, which is the first step; data may not."""
    assert retention(settings(tmp_path, "dev", "destroy"), make) is None
    keeping = (("dev", "retain"), ("staging",), ("staging", "destroy"), ("prod", "destroy"))
    kept = [retention(settings(tmp_path, *each), make) for each in keeping]
    assert [each.protects for each in kept if each] == [True, True, False, False]
    assert [each.adopt for each in kept if each] == ["make adopt ENV=prod TARGET=aws"] * 4


def test_every_way_to_lose_data_that_make_faults_tries_edits_the_source_as_it_is_today() -> None:
    """What an edit replaces is there once, after the edits before it."""
    edits = 0
    for way in WAYS.values():
        for file, pairs in way.edits.items():
            text = (PROJECT_ROOT / file).read_text()
            for old, new in pairs:
                assert text.count(old) == 1, f"{file}: {old}"
                text = text.replace(old, new)
                edits += 1
    assert edits == 32


def test_a_data_source_is_no_resource_of_the_stack() -> None:
    bucket = change("s3_bucket", BUCKET)
    assert managed_changes({"resource_changes": [{**bucket, "mode": "data"}, bucket]}) == [bucket]


def test_new_is_what_a_plan_only_creates() -> None:
    found = [["create"], ["delete", "create"], ["create", "delete"], ["update"], ["no-op"]]
    assert [is_new({"change": {"actions": actions}}) for actions in found] == [True, False, False, False, False]
