"""Whatever plan Terraform could write, and many that it would not: what holds for the review of each."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.review.model import Kind, Review, Verdict
from tests.review.plans import reviewed

CANARY = "canary-4f1d"
KINDS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("create", "forget"): "replace",
    ("forget",): "forget",
    ("frobnicate",): "other",
    ("read",): "read",
    ("no-op",): "unchanged",
}
TYPES = (
    "aws_sqs_queue",
    "aws_s3_bucket",
    "aws_dynamodb_table",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_cloudwatch_metric_alarm",
    "aws_security_group",
    "aws_iam_role",
    "aws_iam_role_policy_attachment",
    "null_resource",
    "google_sql_database_instance",
)
ATTRIBUTES = (
    "name",
    "id",
    "bucket",
    "policy",
    "redrive_policy",
    "rule",
    "ttl",
    "threshold",
    "alarm_actions",
    "comparison_operator",
    "ingress",
    "tags",
    "tags_all",
    "inline_policy",
    "attribute",
    "global_secondary_index",
    "hash_key",
    "role",
    "policy_arn",
    "visibility_timeout_seconds",
    "sqs_managed_sse_enabled",
    "point_in_time_recovery",
    "password",
    "Ünïcode\u202e",
)
QUICK = settings(
    max_examples=40,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
statements: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["Sid", "Effect", "Principal", "Action", "Resource", "Condition", "NotAction"]),
    st.sampled_from(
        ["Allow", "Deny", "*", "a", ["b", "a"], {"AWS": "*"}, {"Bool": {"aws:SecureTransport": "false"}}, 3]
    )
    | scalars,
)


def policy(found: Any, extra: dict[str, Any]) -> str:
    return json.dumps({"Statement": found, **extra})


policies = st.builds(
    policy,
    st.lists(statements, max_size=3) | statements | scalars,
    st.dictionaries(st.sampled_from(["Version", "Id"]), scalars),
)
names = st.sampled_from(
    [
        "id",
        "name",
        "hash_key",
        "type",
        "projection_type",
        "enabled",
        "status",
        "expiration",
        "days",
        "filter",
        "policy",
        "cidr_blocks",
    ]
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars | policies | st.just("0.0.0.0/0"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=6,
)
marks: st.SearchStrategy[Any] = st.recursive(
    st.booleans(), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=4
)
sides = st.dictionaries(st.sampled_from(ATTRIBUTES), values, max_size=8)
marked: st.SearchStrategy[Any] = st.booleans() | st.dictionaries(st.sampled_from(ATTRIBUTES), marks, max_size=4)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    type_ = draw(st.sampled_from(TYPES))
    actions = draw(st.sampled_from(sorted(KINDS)))
    mode = "data" if actions == ("read",) else "managed"
    module = draw(st.sampled_from(["", "module.a.", 'module.b["ü\\""].', "module.a.module.c[0]."]))
    index = draw(st.sampled_from(["", "[0]", "[17]", '["k.\\"]x"]']))
    change: dict[str, Any] = {
        "actions": list(actions),
        "before": None if actions in {("create",), ("read",)} else draw(sides),
        "after": None if actions in {("delete",), ("forget",)} else draw(sides),
        "after_unknown": draw(marked),
        "replace_paths": draw(st.lists(st.lists(st.sampled_from([*ATTRIBUTES, 0, "days"]), max_size=3), max_size=2)),
    }
    if draw(st.booleans()):
        change |= {"before_sensitive": draw(marked), "after_sensitive": draw(marked)}
    if draw(st.integers(0, 9)) == 0:
        change["importing"] = draw(st.sampled_from([{"id": "i"}, {}, {"unknown": True}, {"identity": {"a": 1}}]))
    found = {"address": f"{module}{type_}.this{index}", "mode": mode, "type": type_, "name": "this", "change": change}
    extra = st.sampled_from(["action_reason", "previous_address", "deposed", "index", "module_address"])
    return found | draw(st.dictionaries(extra, st.text(max_size=6), max_size=2))


def deferral(found: dict[str, Any]) -> dict[str, Any]:
    return {"reason": "absent_prereq", "resource_change": found}


def change_of(found: dict[str, Any]) -> dict[str, Any]:
    return found["change"]


sections: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {},
    optional={
        "variables": values,
        "configuration": values,
        "output_changes": st.dictionaries(st.text(max_size=4), st.builds(change_of, entries()), max_size=2),
        "resource_drift": st.lists(entries(), max_size=2),
        "deferred_changes": st.lists(st.builds(deferral, entries()), max_size=2),
        "checks": values,
        "action_invocations": values,
        "applyable": scalars,
        "errored": scalars,
        "complete": scalars,
        "terraform_version": scalars,
        "format_version": st.sampled_from(["0.1", "0.2", "1.0", "1.1", "1.2"]),
    },
)


@QUICK
@given(st.lists(entries(), max_size=5), sections)
def test_every_plan_is_reviewed_and_counted_and_ranked(changes: list[dict[str, Any]], more: dict[str, Any]) -> None:
    """Counts are those of the actions; findings are in their order; no noise forces a replacement."""
    found: Review = reviewed(*changes, **more)
    counted = Counter(KINDS[tuple(each["change"]["actions"])] for each in changes)
    counts = found.counts
    assert (counts.create, counts.change, counts.replace) == (counted["create"], counted["change"], counted["replace"])
    assert (counts.delete, counts.forget, counts.read) == (counted["delete"], counted["forget"], counted["read"])
    assert counts.other == counted["other"]
    assert found.verdict is not Verdict.NOTHING or not counted["other"]
    assert counts.deferred == len(more.get("deferred_changes", []))
    order = [(list(Kind).index(each.kind), each.address) for each in found.findings]
    assert order == sorted(order)
    assert (found.verdict.name == "DANGER") == any(each.kind is Kind.LOSS for each in found.findings)
    differences = [each for resource in found.resources for each in resource.differences]
    assert not any(each.noise and each.forces_replacement for each in differences)
    lost = {each["address"] for each in changes if tuple(each["change"]["actions"]) == ("delete", "create")}
    assert lost <= {each.address for each in found.findings}


def texts(value: Any) -> Iterator[str]:
    """Every text in the value, keys included."""
    if isinstance(value, dict):
        for key, each in cast("dict[str, Any]", value).items():
            yield from (*texts(key), *texts(each))
    elif isinstance(value, list | tuple):
        for each in cast("list[Any]", value):
            yield from texts(each)
    elif isinstance(value, str):
        yield value


def secretly(value: Any) -> Any:
    """Return the value with the canary in the place of every text, and its keys as they are."""
    if isinstance(value, dict):
        return {key: secretly(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [secretly(each) for each in cast("list[Any]", value)]
    return f"{CANARY}-{value}" if isinstance(value, str) else value


@QUICK
@given(entries(), st.sets(st.sampled_from(ATTRIBUTES), min_size=1), st.booleans(), st.booleans())
def test_no_part_of_a_sensitive_attribute_is_in_the_review(
    change: dict[str, Any],
    hidden: set[str],
    before: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001 - hypothesis gives them
) -> None:
    """Whichever side is marked, and however the value is nested."""
    planned = change["change"]
    for side in ("before", "after"):
        for attribute in hidden & set(planned[side] or {}):
            planned[side][attribute] = secretly(planned[side][attribute])
    mark = dict.fromkeys(hidden, True)
    planned["before_sensitive"] = mark if before or not after else {}
    planned["after_sensitive"] = mark if after else {}
    planned.pop("importing", None)
    output = {"o": {**planned, "before_sensitive": mark, "after_sensitive": mark}}
    assert CANARY not in repr(reviewed(change, output_changes=output, resource_drift=[change]))


@QUICK
@given(entries(), st.text(alphabet='abcdefghij"\\é', min_size=6, max_size=9))
def test_no_value_of_a_sensitive_variable_is_in_the_review(change: dict[str, Any], secret: str) -> None:
    """Wherever it occurs in the values, also within JSON, where it is written with escapes."""
    change["change"]["after"] = {
        "name": f"n-{secret}",
        "rule": [{"days": secret, "name": "x"}],
        "policy": json.dumps({"Statement": [{"Sid": secret, "Effect": "Allow", "Principal": "*"}]}),
    }
    root = {"variables": {"v": {"sensitive": True}}}
    found = reviewed(change, variables={"v": {"value": secret}}, configuration={"root_module": root})
    assert not [text for text in texts(asdict(found)) if secret in text]
