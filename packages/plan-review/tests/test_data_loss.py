"""Losses of data: one change has one verdict, by the plan and by what is known of the deployed resources."""

from collections.abc import Mapping
from typing import Any

import pytest

from plan_review.data_loss import Retention, protections
from plan_review.facts import UNKNOWN_FACTS, Facts
from plan_review.model import Kind, Review, Verdict
from plan_review.requirement import RequiredResource, Requirement
from plan_review.review import review
from plan_review.rules import Exemption, Rule, Rules

from plan_builder import TODAY, KnownFacts, plan

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


def rule(days: int | None, prefix: str = "", status: str = "Enabled", date: str | None = None) -> dict[str, Any]:
    expiration = [{"days": days, "date": date}] if days or date else []
    filters: list[dict[str, Any]] = [{"prefix": prefix, "and": [], "tag": [], "object_size_less_than": None}]
    return {"id": "old", "status": status, "filter": filters, "expiration": expiration}


def expiry(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"bucket": "results", "rule": list(rules)}


def change(  # noqa: PLR0913, PLR0917 - a row of a table
    kind: str, actions: list[str], before: Any, after: Any, reason: str = "", paths: list[list[Any]] | None = None
) -> dict[str, Any]:
    return {
        "address": f"aws_{kind}.It",
        "mode": "managed",
        "type": f"aws_{kind}",
        "change": {"actions": actions, "before": before, "after": after, "replace_paths": paths or []},
        "action_reason": reason,
    }


RETAIN = Retention(
    protects=True,
    setting='data_protection = "retain"',
    runbook="docs/runbooks/decommission.md",
    adopt="make adopt ENV=prod TARGET=aws",
)
GIVEN_UP = Retention(protects=False, setting=RETAIN.setting, runbook=RETAIN.runbook, adopt=RETAIN.adopt)
NO_LOSS = Rule(name="no-loss", why="it is kept", kinds=frozenset({Kind.LOSS}), environments=None, types=None)
EMPTY = KnownFacts(messages=0, object_days=0, table_hours=23)
HOLDING = KnownFacts(messages=98, object_days=8, table_hours=25)
GONE, REPLACED, CHANGED, NEW = ["delete"], ["delete", "create"], ["update"], ["create"]
NO_CONFIG, CANNOT = "delete_because_no_resource_config", "replace_because_cannot_update"
KEY = {**TABLE, "hash_key": "id"}
NO_TTL = {**TABLE, "ttl": []}

REFUSED = [
    (
        "key changed",
        change("dynamodb_table", REPLACED, TABLE, KEY, CANNOT, [["hash_key"]]),
        'jobs (aws_dynamodb_table.It): would be replaced, for hash_key "job_id" -> "id", and its items lost; undo that',
    ),
    (
        "name not known yet",
        change("dynamodb_table", REPLACED, TABLE, {}, CANNOT, [["name"]]),
        'would be replaced, for name "jobs" -> (not set), and its items lost',
    ),
    (
        "made before it goes",
        change("s3_bucket", ["create", "delete"], BUCKET, BUCKET),
        "would be replaced, and its obj",
    ),
    (
        "construct gone",
        change("s3_bucket", GONE, BUCKET, None, NO_CONFIG),
        "results (aws_s3_bucket.It): would be deleted, and its objects lost; it is not declared any more: put it back",
    ),
    (
        "tainted",
        change("s3_bucket", REPLACED, BUCKET, BUCKET, "replace_because_tainted"),
        "its creation was interrupted: make adopt ENV=prod TARGET=aws takes it as it is",
    ),
    (
        "replace asked for",
        change("dynamodb_table", REPLACED, TABLE, TABLE, "replace_by_request"),
        "a replacement was asked for: leave that out",
    ),
    ("destroyed", change("dynamodb_table", GONE, TABLE, None), "if it is to go, see docs/runbooks/decommission.md"),
    (
        "protection off",
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "deletion_protection_enabled": False}),
        'would lose deletion protection, while data_protection = "retain"',
    ),
    (
        "recovery off",
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "point_in_time_recovery": [{"enabled": False}]}),
        "would lose point-in-time recovery",
    ),
    (
        "force_destroy",
        change("s3_bucket", CHANGED, BUCKET, {**BUCKET, "force_destroy": True}),
        "would lose force_destroy = false",
    ),
    (
        "other expiry attribute",
        change("dynamodb_table", CHANGED, TABLE, {**TABLE, "ttl": [{"attribute_name": "at", "enabled": True}]}),
        'would expire items by another attribute: "ttl" -> "at"',
    ),
    (
        "expires earlier",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(1))),
        'configuration.It): rule "old" would delete objects earlier than now, after 1 day',
    ),
    (
        "expires by date",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(None, date="2026-01-01"))),
        "would delete objects earlier than now, on 2026-01-01",
    ),
    (
        "expires more",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7, "tmp/")), expiry(rule(7))),
        "would delete objects earlier than now, after 7 days",
    ),
    (
        "expiry switched on",
        change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7, status="Disabled")), expiry(rule(7))),
        "would delete objects earlier than now, after 7 days",
    ),
    (
        "expires earlier, by rules made anew",
        change("s3_bucket_lifecycle_configuration", REPLACED, expiry(rule(7)), expiry(rule(1))),
        "would delete objects earlier than now, after 1 day",
    ),
    (
        "first expiry, older objects",
        change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(7))),
        "would delete the objects that are there and older than 7 days; copy them elsewhere first",
    ),
    ("queue gone", change("sqs_queue", GONE, QUEUE, None, NO_CONFIG), "would be deleted, and its 98 messages lost"),
    (
        "queue keeps less",
        change("sqs_queue", CHANGED, QUEUE, {**QUEUE, "message_retention_seconds": 60}),
        "would keep messages for 60 s instead of 14400 s, and its 98 messages lost; empty it first",
    ),
]

ALLOWED = [
    change("cloudwatch_metric_alarm", GONE, ALARM, None),
    change("s3_bucket_policy", REPLACED, {"bucket": "results"}, {"bucket": "results"}),
    change("dynamodb_table", NEW, None, TABLE),
    change("dynamodb_table", ["no-op"], TABLE, TABLE),
    change("dynamodb_table", ["forget"], TABLE, None),
    change("dynamodb_table", CHANGED, NO_TTL, TABLE),
    change("dynamodb_table", CHANGED, {**TABLE, "deletion_protection_enabled": False}, TABLE),
    change("dynamodb_table", CHANGED, {**TABLE, "point_in_time_recovery": [{"enabled": False}]}, TABLE),
    change("dynamodb_table", CHANGED, TABLE, {**TABLE, "global_secondary_index": []}),
    change("s3_bucket", CHANGED, {**BUCKET, "force_destroy": True}, BUCKET),
    change("s3_bucket", CHANGED, {"bucket": "results", "force_destroy": None}, BUCKET),
    change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(8), rule(7, "tmp/"))),
    change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(7), rule(1, status="Disabled"))),
    change("s3_bucket_lifecycle_configuration", GONE, expiry(rule(7)), None),
    change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(30))),
    change("sqs_queue", CHANGED, QUEUE, {**QUEUE, "message_retention_seconds": 86400}),
]


def judged(*planned: dict[str, Any], retention: Retention | None = RETAIN, facts: Facts = HOLDING) -> Review:
    rules = Rules(rules=(NO_LOSS,))
    return review(plan(*planned), title="t", retains=True, retention=retention, facts=facts, rules=rules, today=TODAY)


def refusals(*planned: dict[str, Any], retention: Retention | None = RETAIN, facts: Facts = HOLDING) -> list[str]:
    return list(judged(*planned, retention=retention, facts=facts).refusals)


@pytest.mark.parametrize(("planned", "told"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_plan_that_loses_data_is_refused_with_its_cause(planned: dict[str, Any], told: str) -> None:
    """The line is that of a finding about data or its protection, and the review is blocked."""
    found = judged(planned)
    (line,) = found.refusals
    assert told in line
    assert found.blocked
    (finding,) = (each for each in found.findings if each.refusal)
    assert finding.kind in {Kind.LOSS, Kind.SECURITY}


def test_a_plan_that_loses_nothing_is_not_refused() -> None:
    assert refusals(*ALLOWED) == []
    assert refusals() == []


def test_an_environment_that_keeps_nothing_refuses_nothing() -> None:
    assert len(REFUSED) == 19
    assert [line for _, planned, _ in REFUSED for line in refusals(planned, retention=None)] == []


def test_settings_that_give_the_data_up_still_let_no_plan_take_it() -> None:
    """Protection may go, which is the first step of a decommission; data may not."""
    given_up = [line for _, planned, _ in REFUSED for line in refusals(planned, retention=GIVEN_UP)]
    assert len(given_up) == 16
    assert not [line for line in given_up if "would lose" in line]


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        (HOLDING, "its 98 messages lost"),
        (KnownFacts(messages=1), "its 1 messages lost"),
        (KnownFacts(messages="no"), "whatever it holds (it cannot be read: no) lost"),
        (UNKNOWN_FACTS, "its messages lost"),
    ],
)
def test_a_queue_that_may_hold_messages_is_a_loss(facts: Facts, told: str) -> None:
    for planned in QUEUE_CHANGES:
        found = judged(planned, facts=facts)
        (line,) = found.refusals
        assert told in line
        assert found.verdict is Verdict.STOPPED


QUEUE_CHANGES = [
    change("sqs_queue", GONE, QUEUE, None, NO_CONFIG),
    change("sqs_queue", REPLACED, QUEUE, {**QUEUE, "name": "other"}, CANNOT, [["name"]]),
    change("sqs_queue", REPLACED, QUEUE, QUEUE, "replace_because_tainted"),
    change("sqs_queue", ["create", "delete"], QUEUE, QUEUE, "replace_by_request"),
    change("sqs_queue", CHANGED, QUEUE, {**QUEUE, "message_retention_seconds": 60}),
]


@pytest.mark.parametrize("planned", QUEUE_CHANGES)
def test_an_empty_queue_is_a_loss_nowhere(planned: dict[str, Any]) -> None:
    """Neither in the findings nor in the verdict, the rules' blocks and the refusals."""
    found = judged(planned, facts=EMPTY)
    assert [each.kind for each in found.findings if each.kind is Kind.LOSS] == []
    assert [each.sentence.endswith("; it is empty now") for each in found.findings] == [True]
    assert (found.blocks, found.refusals, found.blocked) == ((), (), False)
    assert found.verdict in {Verdict.DELETES, Verdict.REPLACES, Verdict.CHANGES}


def test_a_first_expiry_is_refused_for_objects_that_it_would_delete_at_once() -> None:
    """A bucket that the same plan makes is not asked for; one that cannot be listed may hold some."""
    first = change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(7)))
    by_date = change("s3_bucket_lifecycle_configuration", NEW, None, expiry(rule(None, date="2026-01-01")))
    assert refusals(first, facts=EMPTY) == []
    assert not judged(first, facts=EMPTY).blocked
    for facts in (HOLDING, UNKNOWN_FACTS):
        assert len(refusals(first, facts=facts)) == 1
        assert judged(first, facts=facts).blocked
    assert len(refusals(by_date)) == 1
    both = [change("s3_bucket", NEW, None, BUCKET), first]
    assert refusals(*both, facts=UNKNOWN_FACTS) == []
    assert not judged(*both, facts=UNKNOWN_FACTS).blocked


def test_a_first_expiry_of_old_versions_is_no_loss_once_somebody_has_asked() -> None:
    old = {"id": "old", "status": "Enabled", "noncurrent_version_expiration": [{"noncurrent_days": 90}]}
    first = change("s3_bucket_lifecycle_configuration", NEW, None, expiry(old))
    assert not judged(first, facts=HOLDING).blocked
    assert judged(first, facts=UNKNOWN_FACTS).blocked


def test_rules_that_were_taken_away_come_back_no_sooner_than_the_requirement_says() -> None:
    """A loss in two steps: without rules everything is kept, so that the second step alone would delete nothing now."""
    kept = RequiredResource(
        type="aws_s3_bucket",
        name="results",
        properties={"lifecycle rule old": {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}},
    )

    def back(*rules: dict[str, Any], requirement: Requirement = (kept,), facts: Facts = EMPTY) -> list[str]:
        first = plan(change("s3_bucket_lifecycle_configuration", NEW, None, expiry(*rules)))
        found = review(
            first, title="t", retention=RETAIN, requirement=requirement, facts=facts, rules=Rules(), today=TODAY
        )
        assert [each.kind is Kind.LOSS for each in found.findings] == [bool(found.refusals)] * len(found.findings)
        return list(found.refusals)

    assert back(rule(1)) == [
        (
            'results (aws_s3_bucket_lifecycle_configuration.It): rule "old" would delete objects after 1 day, '
            "and the requirement says after 7 days; undo that change"
        )
    ]
    assert len(back(rule(None, date="2026-01-01"))) == 1
    assert back(rule(7)) == back(rule(8)) == back(rule(7, "tmp/")) == []
    assert back(rule(1), requirement=()) == []
    assert len(back(rule(7), facts=HOLDING)) == 1


def test_an_expiry_that_gets_sooner_is_a_loss_whatever_the_bucket_holds() -> None:
    """Objects to come would go sooner as well."""
    later = change("s3_bucket_lifecycle_configuration", CHANGED, expiry(rule(7)), expiry(rule(1)))
    assert len(refusals(later, facts=EMPTY)) == 1


def test_a_first_time_to_live_is_no_loss_in_a_table_that_has_just_been_made() -> None:
    """As after a crash between a table and its time to live; within a day no item is meant to have gone."""
    first = change("dynamodb_table", CHANGED, {**TABLE, "ttl": [{"attribute_name": "", "enabled": False}]}, TABLE)
    assert not judged(first, facts=EMPTY).blocked
    for facts in (HOLDING, UNKNOWN_FACTS):
        assert judged(first, facts=facts).blocked
        assert refusals(first, facts=facts) == []
    by_another = change("dynamodb_table", CHANGED, {**TABLE, "ttl": [{"attribute_name": "at", "enabled": True}]}, TABLE)
    assert len(refusals(by_another, facts=EMPTY)) == 1


def test_no_exception_lets_a_refused_loss_pass() -> None:
    gone = change("s3_bucket", GONE, BUCKET, None)
    exception = Exemption(rule="no-loss", address="aws_s3_bucket.It", reason="it may go", expires=TODAY)
    rules = Rules(rules=(NO_LOSS,), exceptions=(exception,))
    found = [
        review(plan(gone), title="t", retains=True, retention=each, rules=rules, today=TODAY) for each in (None, RETAIN)
    ]
    assert [each.blocked for each in found] == [False, True]
    (excepted,), (retained, refused) = (each.blocks for each in found)
    assert (retained.rule, retained.why, retained.to_paste) == ("retention", retained.finding.refusal, "")
    assert (excepted.exception, excepted.problem) == ("it may go (until 2030-01-01)", "")
    assert (refused.exception, refused.to_paste) == ("", "")
    assert refused.problem == (
        "this environment refuses the loss, whatever the exception says (it may go (until 2030-01-01))"
    )


def test_a_refusal_blocks_without_any_rule() -> None:
    gone = change("s3_bucket", GONE, BUCKET, None)
    found = review(plan(gone), title="t", retains=True, retention=RETAIN, rules=Rules(), today=TODAY)
    assert [(each.rule, each.exception) for each in found.blocks] == [("retention", "")]
    assert (found.verdict, found.blocked) == (Verdict.STOPPED, True)


def test_a_log_group_that_is_known_to_be_empty_is_no_loss_and_any_other_is() -> None:
    class OfLogs(Facts):
        def __init__(self, found: int | None) -> None:
            self.found = found

        def count_in(self, type_: str, values: Mapping[str, Any]) -> int | str | None:
            assert (type_, values["name"]) == ("aws_cloudwatch_log_group", "logs")
            return self.found

    gone = change("cloudwatch_log_group", GONE, {"name": "logs"}, None)
    assert refusals(gone, facts=OfLogs(0)) == []
    (line,) = refusals(gone, facts=OfLogs(None))
    assert line == (
        "logs (aws_cloudwatch_log_group.It): would be deleted, and its log events lost; if it is to go, see "
        "docs/runbooks/decommission.md"
    )


def test_nothing_is_asked_where_no_verdict_depends_on_it() -> None:
    class Asking(Facts):
        def count_in(self, type_: str, values: Mapping[str, Any]) -> int | str | None:
            raise AssertionError(type_, values)

        def has_objects_older_than(self, bucket: str, days: float) -> bool | None:
            raise AssertionError(bucket, days)

        def is_younger_than_a_day(self, table: str) -> bool | None:
            raise AssertionError(table)

    harmless = [each for each in ALLOWED if each["change"]["actions"] != NEW and each["change"]["before"] != NO_TTL]
    found = judged(*harmless, change("s3_bucket", NEW, None, BUCKET), facts=Asking())
    assert found.refusals == ()


def test_a_refusal_has_the_name_by_which_the_resource_is_known_now() -> None:
    renamed = change("dynamodb_table", REPLACED, TABLE, {**TABLE, "name": "other"}, CANNOT, [["name"]])
    (line,) = refusals(renamed)
    assert line == (
        'jobs (aws_dynamodb_table.It): would be replaced, for name "jobs" -> "other", and its items lost; undo that '
        "change, or declare a second one beside it and move the data"
    )


def test_an_unknown_action_that_deletes_is_refused_too() -> None:
    lines = [refusals(change("s3_bucket", actions, BUCKET, None)) for actions in (["delete", "mourn"], ["mourn"])]
    assert [len(each) for each in lines] == [1, 0]


def test_the_protections_of_a_resource_are_those_that_its_values_have() -> None:
    assert protections("aws_dynamodb_table", TABLE) == {"deletion protection", "point-in-time recovery"}
    assert protections("aws_dynamodb_table", {"deletion_protection_enabled": False}) == set()
    assert protections("aws_s3_bucket", BUCKET) == {"force_destroy = false"}
    assert protections("aws_s3_bucket", {"force_destroy": True}) == set()
    assert protections("aws_sqs_queue", QUEUE) == set()
