"""The project's own review.toml: what it stops, and where."""

from typing import Any

import attrs
import pytest

from config.environments import Environment
from ops.review import judge
from ops.review_context import Context
from stacks.features import load_settings
from stacks.settings import DataProtection, Settings

from plan_builder import entry, plan

PROD, DEV, STAGING = (load_settings(each) for each in (Environment("prod"), Environment("dev"), Environment("staging")))
LOSS = entry("aws_s3_bucket", "delete", {"bucket": "b"})
WEAKER = entry("aws_dynamodb_table", "update", {"deletion_protection_enabled": True}, {})
SLOWER = entry("aws_sqs_queue", "update", {"visibility_timeout_seconds": 660}, {"visibility_timeout_seconds": 30})
INDEX = {"name": "by-key", "hash_key": "key", "projection_type": "ALL"}
INDEX_REMOVED = entry(
    "aws_dynamodb_table",
    "update",
    {"name": "jobs", "global_secondary_index": [INDEX]},
    {"name": "jobs", "global_secondary_index": []},
)
OUTPUT_REMOVED = {"url": {"actions": ["delete"], "before": "https://a", "after": None}}


def stopped(settings: Settings | None, *entries: dict[str, Any], **more: Any) -> list[tuple[str, str]]:
    found = judge(plan(*entries, **more), context=Context(title="t"), settings=settings)
    return [(block.rule, block.finding.address) for block in found.blocks]


def test_loss_is_stopped_where_data_is_kept() -> None:
    expected = [("no-loss", "aws_s3_bucket.this")]
    assert [stopped(each, LOSS) for each in (PROD, STAGING, DEV, None)] == [expected, expected, [], []]


def test_dev_counts_as_retaining_if_its_settings_say_so() -> None:
    retaining = attrs.evolve(DEV, data_protection=DataProtection.RETAIN)
    assert stopped(retaining, LOSS) == [("no-loss", "aws_s3_bucket.this")]


@pytest.mark.parametrize(
    ("change", "rules"), [(WEAKER, [("no-weaker-security", "aws_dynamodb_table.this")]), (SLOWER, [])]
)
def test_weaker_security_is_stopped_in_prod_and_slower_handlers_are_not(
    change: dict[str, Any], rules: list[tuple[str, str]]
) -> None:
    assert stopped(PROD, change) == rules


def test_what_clients_would_lose_is_stopped_where_data_is_kept() -> None:
    expected = [("no-lost-clients", "aws_dynamodb_table.this"), ("no-lost-clients", "output.url")]
    found = [stopped(each, INDEX_REMOVED, output_changes=OUTPUT_REMOVED) for each in (DEV, STAGING, PROD)]
    assert found == [[], expected, expected]
