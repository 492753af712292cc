"""The drift report's merging, on plans and checks written by hand."""

import json
from collections.abc import Mapping
from dataclasses import astuple
from types import SimpleNamespace
from typing import Any, cast

import pytest

from check_report.forms import rendered
from ops.drift.differences import differences
from ops.drift.output import report_of
from ops.drift.plans import Planned
from ops.drift.report import Comparison, Condition, Fact, add_state_bucket, merge
from ops.verify.report import Check, Outcome
from ops.workspace import Workspace

QUEUE = "aws_sqs_queue", "careervp-vpr-jobs-queue-dev"
TABLE = "aws_dynamodb_table", "careervp-jobs-table-dev"
BUCKET = "careervp-dev-vpr-results-us-east-1-f6121f"
WORKSPACE = cast("Workspace", SimpleNamespace(stack="vpr-async-dev", where="AWS (account 111111111111, us-east-1)"))


def entry(
    resource: tuple[str, str],
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    *actions: str,
    **change: Any,
) -> dict[str, Any]:
    type_, name = resource
    key = "bucket" if type_.startswith("aws_s3") else "name"
    sides = {"before": before, "after": after}
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "change": {
            "actions": list(actions) or ["update"],
            **{side: None if values is None else {key: name, **values} for side, values in sides.items()},
            **change,
        },
    }


def merged(
    *drift: dict[str, Any], changes: tuple[dict[str, Any], ...] = (), checks: tuple[Check, ...] = (), **plan: Any
) -> Comparison:
    return merge({"resource_drift": list(drift)}, {"resource_changes": list(changes), **plan}, checks)


def shown(comparison: Comparison, form: str = "text") -> str:
    return rendered(report_of(WORKSPACE, comparison), form)


def status(comparison: Comparison) -> int:
    return report_of(WORKSPACE, comparison).exit_status


# --- what is a difference -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (None, []),
        (None, {}),
        ("", None),
        (None, 0),
        ([{"id": "errors", "period": None}], [{"id": "errors", "period": 0}]),
        ([{"bucket_key_enabled": None, "rule": [{"a": 1}]}], [{"bucket_key_enabled": False, "rule": [{"a": 1}]}]),
        ('{"a":1,"b":["x","y"]}', '{ "b": ["y", "x"], "a": 1 }'),
        ('{"Action":"sqs:*"}', '{"Action":["sqs:*"]}'),
        ([{"name": "a"}, {"name": "b"}], [{"name": "b"}, {"name": "a"}]),
    ],
)
def test_two_ways_to_write_the_same_are_no_difference(expected: Any, found: Any) -> None:
    assert list(differences(expected, found)) == []
    assert list(differences(found, expected)) == []


@pytest.mark.parametrize(
    ("expected", "found", "parts"),
    [
        (660, 30, [((), 660, 30)]),
        (True, False, [((), True, False)]),
        (20, 0, [((), 20, 0)]),
        ([{"enabled": True, "attribute_name": "ttl"}], [{"enabled": False, "attribute_name": "ttl"}],
         [(("enabled",), True, False)]),
        ('{"deadLetterTargetArn":"arn","maxReceiveCount":3}', '{"deadLetterTargetArn":"arn","maxReceiveCount":10}',
         [(("maxReceiveCount",), 3, 10)]),
        ([{"id": "a", "days": 7}, {"id": "b", "prefix": ""}], [{"id": "a", "days": 8}],
         [(("a", "days"), 7, 8), (("b",), {"id": "b"}, None)]),
        ('{"Statement":[{"Sid":"A"}]}', '{"Statement":[{"Sid":"A"},{"Sid":"B","Effect":"Allow"}]}',
         [(("Statement", "B"), None, {"Sid": "B", "Effect": "Allow"})]),
        ('{"Statement":[{"Sid":"A"}]}', '{"Statement":[{"Sid":"A"},{"Effect":"Allow"}]}',
         [(("Statement", "(no Sid)"), None, {"Effect": "Allow"})]),
        ('{"Statement":[{"Sid":"A","Effect":"Deny"}]}', '{"Statement":{"Effect":"Allow"}}',
         [(("Statement", "(no Sid)"), None, {"Effect": "Allow"}),
          (("Statement", "A"), {"Sid": "A", "Effect": "Deny"}, None)]),
        ('{"Statement":[{"Sid":"A"}]}', '{"Statement":[{"Effect":"Allow"},{"Effect":"Deny"}]}',
         [(("Statement",), [{"Sid": "A"}], [{"Effect": "Allow"}, {"Effect": "Deny"}])]),
        ("{not json", "{not", [((), "{not json", "{not")]),
    ],
)  # fmt: skip
def test_a_difference_is_told_as_the_smallest_part_of_it(
    expected: Any, found: Any, parts: list[tuple[Any, ...]]
) -> None:
    assert [astuple(part) for part in differences(expected, found)] == parts


# --- what an apply would do ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drift", "change", "apply"),
    [
        (entry(QUEUE, {"delay": 1}, {"delay": 2}), entry(QUEUE, {"delay": 2}, {"delay": 1}), "sets it back"),
        (entry(QUEUE, {"delay": None}, {"delay": 2}), entry(QUEUE, {"delay": 2}, {"delay": 0}), "removes it"),
        (entry(QUEUE, {"delay": 1}, {"delay": 2}), entry(QUEUE, {"delay": 2}, {"delay": 3}),
         "sets it to what the stack says now"),
        (entry(QUEUE, {"delay": 1}, {"delay": 2}), entry(QUEUE, {}, {}, "no-op"),
         "nothing: the stack says so now, or says nothing of it"),
        (entry(QUEUE, {"delay": 1}, {"delay": 2}), entry(QUEUE, {"delay": 2, "size": 1}, {"delay": 2, "size": 2}),
         "nothing: the stack says so now, or says nothing of it"),
        (entry(TABLE, {"hash_key": "a"}, {"hash_key": "b"}),
         entry(TABLE, {"hash_key": "b"}, {"hash_key": "a"}, "delete", "create", replace_paths=[["hash_key"]]),
         "REPLACES the resource, losing what it holds"),
        (entry(TABLE, {"ttl": 1}, {"ttl": 2}),
         entry(TABLE, {"ttl": 2}, {"ttl": 1}, "delete", "create", replace_paths=[["hash_key"]]),
         "sets it right in the resource that replaces this one"),
        (entry(TABLE, {"a": 1}, None, "delete"), entry(TABLE, None, {"a": 1}, "create"), "creates it again, empty"),
        (entry(("aws_cloudwatch_metric_alarm", "a"), {"a": 1}, None, "delete"),
         entry(("aws_cloudwatch_metric_alarm", "a"), None, {"a": 1}, "create"), "creates it again"),
        (entry(QUEUE, {"delay": 1}, {"delay": 2}), entry(QUEUE, {"delay": 2}, None, "delete"),
         "deletes the resource, losing what it holds: the stack has it no longer"),
    ],
)  # fmt: skip
def test_what_an_apply_would_do_is_told(drift: dict[str, Any], change: dict[str, Any], apply: str) -> None:
    (fact,) = merged(drift, changes=(change,)).drift
    assert fact.apply == apply
    assert fact.seen_by == "terraform"


def test_an_apply_that_prevent_destroy_refuses_says_so() -> None:
    """Terraform still writes what it would have done, and marks the plan as errored."""
    drift = entry(TABLE, {"hash_key": "a"}, {"hash_key": "b"})
    change = entry(TABLE, {"hash_key": "b"}, {"hash_key": "a"}, "delete", "create", replace_paths=[["hash_key"]])
    report = merged(drift, changes=(change,), errored=True)
    assert report.refused == ("aws_dynamodb_table careervp-jobs-table-dev",)
    assert status(report) == 1
    assert shown(report).splitlines()[-5:-2] == [
        "An apply is refused as a whole:",
        "  aws_dynamodb_table careervp-jobs-table-dev: an apply would have to delete it,",
        "  which prevent_destroy forbids",
    ]
    assert merged(drift, changes=(change,)).refused == ()


# --- drift, and what is none --------------------------------------------------------------------------------------


def test_what_the_state_knows_only_after_a_refresh_is_no_drift() -> None:
    """Right after an apply the state lacks what the bucket repeats of others, and has nulls where AWS has nothing.

    Without the other resource in the state, the same is drift.
    """
    bucket = ("aws_s3_bucket", BUCKET)
    before: dict[str, Any] = {
        "policy": "",
        "lifecycle_rule": [],
        "server_side_encryption_configuration": [],
        "grant": [],
        "cors_rule": [],
        "versioning": [{"enabled": False}],
        "tags": None,
    }
    after = {
        "policy": '{"Statement":[1]}',
        "lifecycle_rule": [1],
        "server_side_encryption_configuration": [1],
        "grant": [1],
        "cors_rule": [1],
        "versioning": [{"enabled": True}],
    }
    parts = (
        *("policy", "lifecycle_configuration", "server_side_encryption_configuration", "ownership_controls"),
        *("cors_configuration", "versioning"),
    )
    found = entry(bucket, before, {**after, "tags": {}})
    resources = [{"type": f"aws_s3_bucket_{part}", "values": {"bucket": BUCKET}} for part in parts]
    refresh = {"resource_drift": [found], "prior_state": {"values": {"root_module": {"resources": resources}}}}
    assert merge(refresh, {}, ()) == Comparison((), (), (), (), ())
    assert {each.property.split(".")[0] for each in merged(found).drift} == {
        *("policy", "lifecycle_rule", "server_side_encryption_configuration", "grant", "cors_rule", "versioning")
    }


def test_a_stack_that_says_something_new_is_pending_and_no_drift() -> None:
    """Even if the verifier, who knows the new settings, misses it already."""
    tags = {"Owner": "old"}, {"Owner": "new"}
    topic = ("aws_sns_topic", "careervp-vpr-alarm-topic-dev")
    report = merged(
        changes=(
            entry(QUEUE, {"tags_all": tags[0], "arn": "a"}, {"tags_all": tags[1]}, after_unknown={"arn": True}),
            entry(topic, None, {}, "create"),
            entry(TABLE, {}, {}, "delete", "create", action_reason="replace_because_tainted"),
        ),
        checks=(
            Check(*QUEUE, "tag Owner", Outcome.DIFFERS, "new", "old"),
            Check(*topic, "", Outcome.MISSING),
        ),
    )
    assert report.drift == ()
    assert status(report) == 0
    assert report.pending == (
        Condition(*QUEUE, "to change: tags_all"),
        Condition(*topic, "to create"),
        Condition(*TABLE, "to replace"),
    )


def test_what_is_there_and_not_in_the_state_is_drift() -> None:
    """An apply would create it a second time, or fail; what is wrong with it counts too."""
    protection = Check(*TABLE, "DeletionProtectionEnabled", Outcome.DIFFERS, True, False)  # noqa: FBT003 - expected, found
    plan = {"resource_changes": [entry(TABLE, None, {"hash_key": "a"}, "create")]}
    report = merge({}, plan, (protection,), lambda change: f"would create {change.name}; make adopt brings it in")
    unmanaged = "the resource, which is not in Terraform's state"
    assert report.drift == (
        Fact(*TABLE, "", "the resource", unmanaged, f"would create {TABLE[1]}; make adopt brings it in", "both"),
        Fact(
            *TABLE,
            "DeletionProtectionEnabled",
            expected=True,
            found=False,
            apply="nothing: Terraform sees no difference there",
            seen_by="verifier",
        ),
    )
    assert (report.pending, status(report)) == ((), 1)
    assert f"found:    {unmanaged}" in shown(report)


def test_only_what_would_be_created_is_looked_for() -> None:
    """Neither what would be changed or replaced, nor what is created again because it is gone."""
    looked_for: list[str] = []

    def adoption(change: Planned) -> str:
        looked_for.append(change.name)
        return ""

    changes = [
        entry(QUEUE, {"delay": 1}, {"delay": 2}),
        entry(TABLE, None, {"hash_key": "a"}, "create"),
        entry(("aws_sns_topic", "gone"), None, {}, "create"),
        entry(("aws_sns_topic", "new"), None, {}, "create"),
    ]
    gone = entry(("aws_sns_topic", "gone"), {}, None, "delete")
    report = merge({"resource_drift": [gone]}, {"resource_changes": changes}, (), adoption)
    assert looked_for == [TABLE[1], "new"]
    assert [each.resource for each in report.pending] == [QUEUE[1], TABLE[1], "new"]


def test_the_state_bucket_counts_as_drift_and_as_unreadable() -> None:
    bucket = ("aws_s3_bucket", "careervp-states")
    checks = (
        Check(*bucket, "", Outcome.OK, "exists", "exists", "a note"),
        Check(*bucket, "Versioning", Outcome.DIFFERS, "Enabled", "Suspended"),
        Check(*bucket, "policy", Outcome.UNREADABLE, note="AccessDenied; needs s3:GetBucketPolicy"),
    )
    right = "nothing: make bootstrap ENV=dev sets it right"
    report = add_state_bucket(merged(entry(TABLE, {"ttl": 1}, {"ttl": 2})), checks, right)
    assert [fact.resource for fact in report.drift] == [TABLE[1], bucket[1]]
    assert report.drift[1] == Fact(*bucket, "Versioning", "Enabled", "Suspended", right, "verifier")
    assert report.unreadable == (Condition(*bucket, "policy: AccessDenied; needs s3:GetBucketPolicy"),)
    assert status(report) == 2
    assert status(add_state_bucket(merged(), checks[:2], right)) == 1
    assert add_state_bucket(merged(), checks[:1], right) == merged()


def test_a_change_that_undoes_a_drift_is_not_pending() -> None:
    drift = entry(QUEUE, {"delay": 1}, {"delay": 2})
    undone = entry(QUEUE, {"delay": 2}, {"delay": 1})
    more = entry(QUEUE, {"delay": 2, "size": 1}, {"delay": 1, "size": 2})
    assert merged(drift, changes=(undone,)).pending == ()
    assert len(merged(drift, changes=(more,)).pending) == 1


@pytest.mark.parametrize(
    ("type_", "attribute", "expected", "found", "property_"),
    [
        ("aws_sqs_queue", "visibility_timeout_seconds", 660, 30, "VisibilityTimeout"),
        ("aws_sqs_queue", "sqs_managed_sse_enabled", True, False, "SqsManagedSseEnabled"),
        ("aws_sqs_queue", "redrive_policy", '{"maxReceiveCount":3}', '{"maxReceiveCount":4}', "RedrivePolicy"),
        ("aws_sqs_queue", "policy", '{"Statement":[]}', '{"Statement":[1]}', "policy"),
        ("aws_sqs_queue", "tags_all", {"A": "1"}, {"A": "2"}, "tag A"),
        ("aws_dynamodb_table", "ttl", [{"enabled": True}], [{"enabled": False}], "TimeToLive"),
        ("aws_dynamodb_table", "point_in_time_recovery", [{"enabled": True}], [], "PointInTimeRecovery"),
        ("aws_dynamodb_table", "deletion_protection_enabled", True, False, "DeletionProtectionEnabled"),
        ("aws_dynamodb_table", "global_secondary_index", [{"name": "i"}], [], "index i"),
        ("aws_dynamodb_table", "local_secondary_index", [{"name": "i"}], [], "index i"),
        ("aws_dynamodb_table", "on_demand_throughput", [], [{"max_read_request_units": 1}], "OnDemandThroughput"),
        ("aws_dynamodb_table", "table_class", "STANDARD", "STANDARD_INFREQUENT_ACCESS", "TableClass"),
        ("aws_s3_bucket", "cors_rule", [], [{"allowed_origins": ["*"]}], "CORS"),
        ("aws_s3_bucket", "logging", [], [{"target_bucket": "logs"}], "Logging"),
        ("aws_s3_bucket", "request_payer", "BucketOwner", "Requester", "RequestPayment"),
        ("aws_s3_bucket", "acceleration_status", "", "Enabled", "Acceleration"),
        ("aws_s3_bucket_public_access_block", "block_public_acls", True, False, "PublicAccessBlock"),
        ("aws_s3_bucket_lifecycle_configuration", "rule", [{"id": "R", "a": 1}], [{"id": "S"}], "lifecycle rule R"),
        ("aws_s3_bucket_policy", "policy", '{"Statement":[]}', '{"Statement":[1]}', "policy"),
        ("aws_cloudwatch_metric_alarm", "alarm_description", "a", "b", "AlarmDescription"),
        ("aws_cloudwatch_metric_alarm", "ok_actions", ["a"], [], "OKActions"),
        ("aws_cloudwatch_metric_alarm", "evaluation_periods", 1, 2, "EvaluationPeriods"),
        ("aws_cloudwatch_metric_alarm", "metric_query", [{"id": "e", "a": 1}], [{"id": "e", "a": 2}], "metric e"),
    ],
)
def test_what_both_see_stands_once(type_: str, attribute: str, expected: Any, found: Any, property_: str) -> None:
    owner = "aws_s3_bucket" if type_.startswith("aws_s3_bucket_") else type_
    drift = entry((type_, "n"), {attribute: expected}, {attribute: found})
    report = merged(drift, checks=(Check(owner, "n", property_, Outcome.DIFFERS, "a", "b"),))
    assert {fact.seen_by for fact in report.drift} == {"both"}
    assert {fact.property.split(".")[0] for fact in report.drift} <= {attribute, property_}


def test_a_resource_that_is_gone_stands_once() -> None:
    """Whatever else the verifier misses of it."""
    report = merged(
        entry(QUEUE, {"delay": 1}, None, "delete"),
        changes=(entry(QUEUE, None, {"delay": 1}, "create"),),
        checks=(Check(*QUEUE, "", Outcome.MISSING), Check(*QUEUE, "policy", Outcome.MISSING, "a", None)),
    )
    assert report.drift == (Fact(*QUEUE, "", "the resource", None, "creates it again, empty", "both"),)


def test_what_the_verifier_alone_sees_is_drift_too() -> None:
    extra = ("aws_sqs_queue", "careervp-vpr-extra-queue-dev")
    report = merged(
        checks=(
            Check(*extra, "", Outcome.UNEXPECTED),
            Check(*QUEUE, "policy", Outcome.DIFFERS, "a", "b"),
            Check(*QUEUE, "tag A", Outcome.OK, "a", "a"),
        )
    )
    assert report.drift == (
        Fact(*extra, "", None, "the resource", "nothing: Terraform does not manage it", "verifier"),
        Fact(*QUEUE, "policy", "a", "b", "nothing: Terraform sees no difference there", "verifier"),
    )
    assert status(report) == 1


def test_messages_and_alarms_are_told_and_are_no_drift() -> None:
    report = merged(
        checks=(
            Check("aws_sqs_queue", "dlq", "messages", Outcome.DIFFERS, 0, 2, "each is a job that failed for good"),
            Check("aws_cloudwatch_metric_alarm", "a", "StateValue", Outcome.DIFFERS, "not ALARM", "ALARM"),
        )
    )
    assert report.drift == ()
    assert status(report) == 0
    assert report.also == (
        Condition("aws_sqs_queue", "dlq", "messages: 2: each is a job that failed for good"),
        Condition("aws_cloudwatch_metric_alarm", "a", "StateValue: ALARM"),
    )


def test_what_could_not_be_read_is_neither_drift_nor_none() -> None:
    drift = entry(QUEUE, {"delay": 1}, {"delay": 2})
    report = merged(drift, checks=(Check(*QUEUE, "tags", Outcome.UNREADABLE, note="AccessDenied; needs sqs:X"),))
    assert report.unreadable == (Condition(*QUEUE, "tags: AccessDenied; needs sqs:X"),)
    assert len(report.drift) == 1
    assert status(report) == 2


# --- how it is shown ----------------------------------------------------------------------------------------------


def test_sensitive_values_are_never_shown() -> None:
    drifts = (
        entry(QUEUE, {"a": "s3cret"}, {"a": "s3cret2"}, after_sensitive={"a": True}),
        entry(TABLE, {"a": [{"b": "s3cret"}]}, {"a": [{"b": "s3cret2"}]}, before_sensitive={"a": [{"b": True}]}),
    )
    report = merged(*drifts)
    assert [(fact.expected, fact.found) for fact in report.drift] == [("(sensitive)", "(sensitive)")] * 2
    assert "s3cret" not in shown(report) + shown(report, "json")


def test_the_text_is_for_80_columns_and_printable() -> None:
    report = merged(entry(QUEUE, {"a": "x" * 70 + "\x1b[31m\u00e9"}, {"a": list(range(300))}))
    lines = shown(report).splitlines()
    assert max(map(len, lines)) <= 80
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert lines[-1] == "drift: 1 (resources: 1)"
    assert shown(merged()).splitlines()[-1] == "drift: none"


def test_what_an_apply_writes_into_the_state_alone_is_said_of_that_and_nothing_else() -> None:
    drift = [entry(QUEUE, {"size": None, "delay": 1}, {"size": 2, "delay": 2})]
    found = merge({"resource_drift": drift}, {}, (), written=[(f"{QUEUE[0]}.{QUEUE[1]}", ("size",))])
    assert {fact.property: fact.apply for fact in found.drift} == {
        "size": "writes it into Terraform's state, and changes nothing else",
        "delay": "nothing: the stack says so now, or says nothing of it",
    }


@pytest.mark.parametrize("index", ["", "[0]", '["a.b"]'])
@pytest.mark.parametrize(
    ("before", "after", "told"),
    [(None, "eu-west-1", []), (None, "us-east-1", ["region"]), ("us-east-1", "eu-west-1", ["region"])],
)
def test_the_region_of_the_provider_is_no_drift_where_there_was_none(
    before: str | None, after: str, told: list[str], index: str
) -> None:
    """As every resource shows it from provider 6 on; another region is drift, and so is one that changed."""
    address = f"{QUEUE[0]}.{QUEUE[1]}"
    configuration: dict[str, Any] = {
        "provider_config": {"aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}}},
        "root_module": {"resources": [{"address": address, "provider_config_key": "aws", "expressions": {}}]},
    }
    drift = [{**entry(QUEUE, {"region": before}, {"region": after}), "address": f"{address}{index}"}]
    found = merge({"resource_drift": drift, "configuration": configuration}, {}, ())
    assert [fact.property for fact in found.drift] == told


def test_the_json_has_everything() -> None:
    report = json.loads(shown(merged(entry(QUEUE, {"delay": 1}, {"delay": 2})), "json"))
    assert report["stack"] == "vpr-async-dev"
    assert report["exit_status"] == 1
    assert set(report) == {"stack", "where", "exit_status", "drift", "also", "pending", "unreadable", "refused"}
    assert report["drift"] == [
        {
            "resource_type": "aws_sqs_queue",
            "resource": "careervp-vpr-jobs-queue-dev",
            "property": "delay",
            "expected": 1,
            "found": 2,
            "apply": "nothing: the stack says so now, or says nothing of it",
            "seen_by": "terraform",
        }
    ]


def test_junit_sarif_and_github_have_each_fact_and_condition() -> None:
    """A changed property is a failure; a resource in another state is worth a notice and fails nothing."""
    raised = Check("aws_cloudwatch_metric_alarm", "a", "StateValue", Outcome.DIFFERS, "OK", "ALARM")
    comparison = merged(entry(QUEUE, {"delay": 1}, {"delay": 2}), checks=(raised,))
    assert 'tests="2" errors="0" failures="1"' in shown(comparison, "junit")
    results = json.loads(shown(comparison, "sarif"))["runs"][0]["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [("drift", "error"), ("note", "note")]
    apply = "apply: nothing: the stack says so now, or says nothing of it"
    assert shown(comparison, "github").splitlines() == [
        f"::error title=drift::{' '.join(QUEUE)}: delay (seen by terraform); expected: 1; found: 2; {apply}",
        "::notice::aws_cloudwatch_metric_alarm a: StateValue: ALARM",
        "drift: 1 (resources: 1)",
    ]
