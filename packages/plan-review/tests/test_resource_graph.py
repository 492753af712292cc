"""The picture has the resources that change, what they are wired to, and how: from whatever plan there is."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_review.model import Action, Picture, Reviewed
from plan_review.resource_graph import picture

from call_counts import grows_in_step

CANARY = "canary-4f1d"
ACTIONS = {Action.REPLACE: ["delete", "create"], Action.NONE: ["no-op"]}


def entry(address: str, action: Action = Action.CREATE, secret: Any = None, **values: Any) -> dict[str, Any]:
    """Return what a plan says of a resource."""
    sides = {
        "before": None if action is Action.CREATE else values,
        "after": None if action is Action.DELETE else values,
    }
    marks = {"before_sensitive": secret, "after_sensitive": secret}
    type_ = address.split("[", maxsplit=1)[0].split(".")[-2]
    return {
        "address": address,
        "mode": "managed",
        "type": type_,
        "change": {"actions": ACTIONS.get(action, [action]), **sides, **marks},
    }


def configured(address: str, **expressions: Any) -> dict[str, Any]:
    return {"address": address, "mode": "managed", "expressions": expressions}


def to(*names: str) -> dict[str, Any]:
    return {"references": list(names)}


def plan(*entries: dict[str, Any], root: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return {"resource_changes": list(entries), "configuration": {"root_module": root or {}}}


def drawn(made: Mapping[str, Any]) -> Picture:
    """Return the picture of a plan whose every resource that is not a no-op is reviewed."""
    reviewed: list[Reviewed] = []
    for one in made["resource_changes"]:
        actions = one["change"]["actions"]
        if actions != ["no-op"]:
            action = Action.REPLACE if len(actions) > 1 else Action(actions[0])
            values: dict[str, Any] = one["change"]["after"] or one["change"]["before"] or {}
            reviewed.append(reviewed_as(one["address"], one["type"], values.get("name", one["address"]), action))
    return picture(made, reviewed)


def reviewed_as(address: str, type_: str, name: str, action: Action) -> Reviewed:
    return Reviewed(
        address=address,
        type=type_,
        name=name,
        action=action,
        reason="",
        imported_id="",
        moved_from="",
        deferred="",
        differences=(),
    )


def wires(made: Mapping[str, Any]) -> set[tuple[str, str, str]]:
    return {(edge.source, edge.target, edge.label) for edge in drawn(made).edges}


def test_a_reference_in_the_configuration_is_an_edge_named_by_its_attribute() -> None:
    made = plan(
        entry("aws_lambda_function.f"),
        entry("aws_iam_role.r"),
        root={"resources": [configured("aws_lambda_function.f", role=to("aws_iam_role.r.arn", "aws_iam_role.r"))]},
    )
    assert wires(made) == {("aws_lambda_function.f", "aws_iam_role.r", "role")}


def test_references_in_nested_blocks_are_found() -> None:
    blocks = [{"metric": [{"dimensions": to("aws_sqs_queue.q.name", "aws_sqs_queue.q")}]}]
    made = plan(
        entry("aws_cloudwatch_metric_alarm.a"),
        entry("aws_sqs_queue.q"),
        root={"resources": [configured("aws_cloudwatch_metric_alarm.a", metric_query=blocks)]},
    )
    assert wires(made) == {("aws_cloudwatch_metric_alarm.a", "aws_sqs_queue.q", "metric_query")}


def test_that_one_waits_for_another_is_told_only_if_nothing_else_is() -> None:
    both = {**configured("a_x.one", name=to("a_x.two.id", "a_x.two")), "depends_on": ["a_x.two", "a_x.three"]}
    made = plan(entry("a_x.one"), entry("a_x.two"), entry("a_x.three"), root={"resources": [both]})
    assert wires(made) == {("a_x.one", "a_x.two", "name"), ("a_x.one", "a_x.three", "depends_on")}


def test_references_lead_through_modules() -> None:
    """Into a module by its variable, out of it by its output, and through one module to the next."""
    inner = {"resources": [configured("aws_sqs_queue.q", kms_master_key_id=to("var.key"))]}
    outer = {
        "resources": [configured("aws_kms_key.k")],
        "outputs": {"key_arn": {"expression": to("aws_kms_key.k.arn", "aws_kms_key.k")}},
    }
    root = {
        "resources": [configured("aws_lambda_function.f", kms=to("module.keys.key_arn", "module.keys"))],
        "module_calls": {
            "keys": {"module": outer},
            "queues": {
                "module": {
                    "module_calls": {"deep": {"module": inner, "expressions": {"key": to("var.key")}}},
                },
                "expressions": {"key": to("module.keys.key_arn", "module.keys")},
            },
        },
    }
    made = plan(
        entry("aws_lambda_function.f"),
        entry("module.keys.aws_kms_key.k"),
        entry("module.queues.module.deep.aws_sqs_queue.q"),
        root=root,
    )
    assert wires(made) == {
        ("aws_lambda_function.f", "module.keys.aws_kms_key.k", "kms"),
        ("module.queues.module.deep.aws_sqs_queue.q", "module.keys.aws_kms_key.k", "kms_master_key_id"),
    }


def test_references_lead_through_a_data_source_to_what_it_reads_from() -> None:
    root = {
        "resources": [
            configured("aws_s3_bucket_policy.p", policy=to("data.aws_iam_policy_document.d.json")),
            configured("data.aws_iam_policy_document.d", statement=[{"resources": to("aws_s3_bucket.b.arn")}]),
        ]
    }
    made = plan(entry("aws_s3_bucket_policy.p"), entry("aws_s3_bucket.b"), root=root)
    assert wires(made) == {("aws_s3_bucket_policy.p", "aws_s3_bucket.b", "policy")}


def test_instances_are_wired_to_those_of_their_own_index() -> None:
    root = {
        "module_calls": {
            "m": {
                "module": {
                    "resources": [configured("a_policy.p", queue=to("a_queue.q.url", "a_queue.q", "each.key"))],
                }
            }
        },
        "resources": [
            configured("a_alarm.first", queue=to('a_queue.q["a"].name', 'a_queue.q["a"]', "a_queue.q")),
            configured("a_alarm.every", queue=to("a_queue.q")),
            configured("a_alarm.block", queue=to("a_queue.one.rule[0].id", "a_queue.one.rule[0]", "a_queue.one")),
        ],
    }
    made = plan(
        entry('a_queue.q["a"]'),
        entry('a_queue.q["b"]'),
        entry("a_queue.one"),
        entry("a_alarm.first"),
        entry("a_alarm.every"),
        entry("a_alarm.block"),
        entry("module.m[0].a_queue.q[0]"),
        entry("module.m[0].a_queue.q[1]"),
        entry("module.m[1].a_queue.q[1]"),
        entry("module.m[0].a_policy.p[1]"),
        entry("module.m[1].a_policy.p[1]"),
        root=root,
    )
    assert wires(made) == {
        ("a_alarm.first", 'a_queue.q["a"]', "queue"),
        ("a_alarm.every", 'a_queue.q["a"]', "queue"),
        ("a_alarm.every", 'a_queue.q["b"]', "queue"),
        ("a_alarm.block", "a_queue.one", "queue"),
        ("module.m[0].a_policy.p[1]", "module.m[0].a_queue.q[1]", "queue"),
        ("module.m[1].a_policy.p[1]", "module.m[1].a_queue.q[1]", "queue"),
    }


def test_a_name_or_an_arn_in_a_value_is_an_edge_to_its_owner() -> None:
    redrive = json.dumps({"deadLetterTargetArn": "arn:aws:sqs:us-east-1:333333333333:app-dlq-dev"})
    made = plan(
        entry("aws_sqs_queue.jobs", name="app-jobs-dev", redrive_policy=redrive),
        entry("aws_sqs_queue.dlq", name="app-dlq-dev"),
        entry("aws_cloudwatch_metric_alarm.a", alarm_name="a-dev", dimensions={"QueueName": "app-dlq-dev"}),
        entry("aws_s3_bucket.b", bucket="results-dev"),
        entry("aws_s3_bucket_policy.p", bucket="results-dev", policy='{"Resource": "arn:aws:s3:::results-dev/*"}'),
        entry("aws_cloudwatch_log_group.g", name="/aws/lambda/worker-dev"),
        entry("aws_lambda_function.f", function_name="worker-dev"),
    )
    assert wires(made) == {
        ("aws_sqs_queue.jobs", "aws_sqs_queue.dlq", "redrive_policy"),
        ("aws_cloudwatch_metric_alarm.a", "aws_sqs_queue.dlq", "dimensions"),
        ("aws_s3_bucket_policy.p", "aws_s3_bucket.b", "bucket, policy"),
        ("aws_cloudwatch_log_group.g", "aws_lambda_function.f", "name"),
    }


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("app-jobs-dev", {"description": "of app-jobs-dev"}),
        ("app-jobs-dev", {"tags": {"For": "app-jobs-dev"}}),
        ("app-jobs-dev", {"policy": "app-jobs-dev-2"}),
        ("app-jobs-dev", {"id": "app-jobs-dev", "arn": "arn:aws:sqs:us-east-1:333333333333:app-jobs-dev"}),
        ("default", {"parameter_group": "default"}),
        ("333333333333", {"account": "333333333333"}),
        ("q-1", {"queue": "q-1"}),
    ],
)
def test_what_only_looks_like_a_name_is_no_edge(name: str, values: dict[str, Any]) -> None:
    made = plan(entry("aws_sqs_queue.q", name=name), entry("aws_iam_role.r", name="another-role", **values))
    assert wires(made) == set()


def test_a_name_that_two_resources_have_is_no_edge() -> None:
    made = plan(
        entry("aws_sqs_queue.q", name="app-jobs"),
        entry("aws_dynamodb_table.t", name="app-jobs"),
        entry("aws_iam_role_policy.p", policy="arn:aws:sqs:::app-jobs"),
    )
    assert wires(made) == set()


def test_what_is_sensitive_is_neither_told_nor_looked_into() -> None:
    made = plan(
        entry("aws_sqs_queue.q", Action.NONE, {"name": True}, name=f"queue-{CANARY}"),
        entry("aws_sqs_queue.open", name="open-queue"),
        entry("a_x.whole", Action.UPDATE, secret=True, name=f"whole-{CANARY}", queue="open-queue"),
        entry("a_x.part", secret={"parts": [False, {"at": True}]}, parts=["x", {"at": f"open-queue {CANARY}"}]),
        root={"resources": [configured("a_x.part", queue=to("aws_sqs_queue.q"))]},
    )
    reviewed = [reviewed_as(address, "a_x", address, Action.UPDATE) for address in ("a_x.whole", "a_x.part")]
    seen = picture(made, reviewed)
    assert [(edge.source, edge.target) for edge in seen.edges] == [("a_x.part", "aws_sqs_queue.q")]
    assert {node.address: node.name for node in seen.nodes}["aws_sqs_queue.q"] == "aws_sqs_queue.q"
    assert CANARY not in repr(seen)


def test_what_does_not_change_is_there_if_it_is_wired_to_what_does() -> None:
    made = plan(
        entry("aws_sqs_queue.changed", Action.UPDATE, name="changed-queue"),
        entry("aws_iam_role.target", Action.NONE, name="target-role"),
        entry("aws_lambda_function.source", Action.NONE, function_name="source-function", queue="changed-queue"),
        entry("aws_iam_role.alone", Action.NONE, name="alone-role", other="target-role"),
        root={"resources": [configured("aws_sqs_queue.changed", role=to("aws_iam_role.target"))]},
    )
    seen = drawn(made)
    assert [(node.address, node.name, node.action) for node in seen.nodes] == [
        ("aws_sqs_queue.changed", "changed-queue", "update"),
        ("aws_lambda_function.source", "source-function", "no-op"),
        ("aws_iam_role.target", "target-role", "no-op"),
    ]
    assert [(edge.source, edge.target) for edge in seen.edges] == [
        ("aws_lambda_function.source", "aws_sqs_queue.changed"),
        ("aws_sqs_queue.changed", "aws_iam_role.target"),
    ]
    assert seen.left_out == 0


def test_sixty_resources_are_drawn_the_first_ones_first() -> None:
    made = plan(
        *(entry(f"aws_sqs_queue.q{number}", Action.DELETE, name=f"queue-{number}") for number in range(70)),
        entry("aws_iam_role.r", Action.NONE, name="a-role", queue="queue-1"),
    )
    seen = drawn(made)
    assert [node.name for node in seen.nodes] == [f"queue-{number}" for number in range(60)]
    assert seen.left_out == 10


def test_cycles_end() -> None:
    root = {
        "resources": [
            configured("a_x.one", it=to("data.a_x.d", "module.m.out")),
            configured("data.a_x.d", it=to("data.a_x.d", "a_x.one", "a_x.two")),
            configured("a_x.two", it=to("a_x.one")),
        ],
        "module_calls": {
            "m": {
                "module": {"outputs": {"out": {"expression": to("var.in")}}},
                "expressions": {"in": to("module.m.out")},
            }
        },
    }
    made = plan(entry("a_x.one"), entry("a_x.two"), root=root)
    assert wires(made) == {("a_x.one", "a_x.two", "it"), ("a_x.two", "a_x.one", "it")}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "resource_changes",
                    "configuration",
                    "root_module",
                    "resources",
                    "module_calls",
                    "module",
                    "expressions",
                    "references",
                    "outputs",
                    "expression",
                    "address",
                    "type",
                    "change",
                    "after",
                    "after_sensitive",
                    "depends_on",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=30,
)


@given(
    st.fixed_dictionaries(
        {
            "resource_changes": JSON | st.lists(st.fixed_dictionaries({"address": JSON, "change": JSON, "type": JSON})),
            "configuration": JSON | st.fixed_dictionaries({"root_module": JSON}),
        }
    )
)
def test_no_plan_is_too_odd(made: dict[str, Any]) -> None:
    seen = picture(made, [reviewed_as("a_x.y", "a_x", "name", Action.UPDATE)])
    assert seen.nodes[0].address == "a_x.y"
    assert {end for edge in seen.edges for end in (edge.source, edge.target)} <= {node.address for node in seen.nodes}


def referring(action: Action, number: int) -> dict[str, Any]:
    """Return a plan in which some resources refer to every instance of another."""
    entries = [
        entry(f"a_many.m[{each}]", action, name=f"many-{each}", text="some words " * 20) for each in range(number)
    ]
    others = [entry(f"a_x.y{each}", Action.UPDATE, name=f"other-{each}") for each in range(100)]
    resources = [configured(f"a_x.y{each}", many=to("a_many.m")) for each in range(100)]
    return plan(*entries, *others, root={"resources": [configured("a_many.m"), *resources]})


@pytest.mark.parametrize("action", [Action.UPDATE, Action.NONE])
def test_a_picture_of_four_times_the_resources_takes_four_times_the_work(action: Action) -> None:
    """Also if each refers to every instance of another; and it has room for the same number."""
    made = {number: referring(action, number) for number in (500, 2_000)}
    assert grows_in_step(lambda number: drawn(made[number]), 500)
    assert len(drawn(made[2_000]).nodes) == 60
