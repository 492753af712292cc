"""The ten rules of the README: each stops what it says."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from plan_review.review import review
from plan_review.rules import Rules, load_rules

from plan_builder import entry, plan

TODAY = date(2030, 1, 1)
README = Path(__file__).parents[1] / "README.md"
QUEUE = {"name": "q", "visibility_timeout_seconds": 660}
DATABASE = {"identifier": "d", "storage_encrypted": True, "instance_class": "db.t3.small"}
ADMINISTRATOR = {"role": "r", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
INDEXED = {"name": "t", "global_secondary_index": [{"name": "by-user", "hash_key": "user"}]}
PROGRAM: dict[str, Any] = {
    "address": "action.aws_lambda_invoke.x",
    "type": "aws_lambda_invoke",
    "invoke_action_trigger": {},
}
STOPPED: list[tuple[str, dict[str, Any], set[str]]] = [
    ("aws_s3_bucket", plan(entry("aws_s3_bucket", "delete", {"bucket": "b"})), {"no-loss"}),
    (
        "publicly_accessible",
        plan(entry("aws_db_instance", "update", DATABASE, {**DATABASE, "publicly_accessible": True})),
        {"nothing-open", "no-weaker-security"},
    ),
    (
        "administrator",
        plan(entry("aws_iam_role_policy_attachment", "create", None, ADMINISTRATOR)),
        {"no-more-rights", "no-weaker-security"},
    ),
    ("program", plan(action_invocations=[PROGRAM]), {"no-programs", "no-weaker-security"}),
    (
        "encryption",
        plan(entry("aws_db_instance", "update", DATABASE, {**DATABASE, "storage_encrypted": False})),
        {"no-weaker-security"},
    ),
    ("index", plan(entry("aws_dynamodb_table", "update", INDEXED, {"name": "t"})), {"no-lost-clients"}),
    ("database", plan(entry("aws_db_instance", "replace", DATABASE, DATABASE)), {"no-loss", "no-new-databases"}),
    (
        "timeout",
        plan(entry("aws_sqs_queue", "update", QUEUE, {**QUEUE, "visibility_timeout_seconds": 30})),
        {"queues-stay"},
    ),
    ("alarm", plan(entry("aws_cloudwatch_metric_alarm", "delete", {"alarm_name": "a"})), {"somebody-is-told"}),
    (
        "price",
        plan(entry("aws_db_instance", "update", DATABASE, {**DATABASE, "instance_class": "db.r5.large"})),
        {"prices-are-asked"},
    ),
]


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    (found,) = [
        block
        for block in re.findall(r"```toml\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
        if "queues-stay" in block
    ]
    (tmp_path / "rules.toml").write_text(found)
    return load_rules(tmp_path / "rules.toml", TODAY)


@pytest.mark.parametrize(("what", "content", "expected"), STOPPED)
def test_a_rule_of_the_readme_stops_what_it_says(
    rules: Rules, what: str, content: dict[str, Any], expected: set[str]
) -> None:
    found = review(content, title=what, environment="prod", retains=True, rules=rules, today=TODAY)
    assert {block.rule for block in found.blocks} == expected


def test_each_of_the_ten_rules_has_its_case(rules: Rules) -> None:
    assert {rule.name for rule in rules.rules} == set().union(*(expected for _, _, expected in STOPPED))
    assert len(rules.rules) == 10
