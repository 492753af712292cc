"""Strategies for plans: whatever Terraform could write, and much that it would not."""

import json
from typing import Any

from hypothesis import strategies as st

KINDS = {
    ("create",): "create",
    ("update",): "change",
    ("delete",): "delete",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("create", "forget"): "replace",
    ("forget", "create"): "replace",
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
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
)
flags = st.none() | st.booleans()
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


RARE = {
    "before_identity": values,
    "after_identity": values,
    "generated_config": scalars,
    "until": values,
}
"""Parts of few changes: of identities, of generated configuration, and one that no review knows."""


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
    if draw(st.integers(0, 9)) == 0:
        change |= draw(st.fixed_dictionaries({}, optional=RARE))
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
        "applyable": flags,
        "errored": flags,
        "complete": flags,
        "terraform_version": scalars,
        "format_version": st.sampled_from(["0.1", "0.2", "1.0", "1.1", "1.2"]),
    },
)
