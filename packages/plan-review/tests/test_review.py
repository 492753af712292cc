"""Verdict, counts, differences, drift, outputs, checks and the rest of what a review says of hand-written plans."""

import json
from typing import Any

import pytest

from plan_review.forms.wording import counts, folded
from plan_review.model import Action, Difference, Known, Noise, Review, Verdict

from plan_builder import entry, reviewed


def differences(found: Review) -> dict[tuple[str, ...], tuple[Any, Any]]:
    """Return what is told of the first resource; a side that is not a value is told by its word."""

    def side(value: Any) -> Any:
        return value.value if value.known is Known.VALUE else value.known.value

    told = found.resources[0].differences
    return {each.path: (side(each.before), side(each.after)) for each in told if each.noise is None}


def noise(found: Review) -> dict[tuple[str, ...], Noise]:
    return {each.path: each.noise for each in found.resources[0].differences if each.noise}


def updated(before: Any, after: Any, **more: Any) -> Review:
    return reviewed(entry("x_y", "update", before, after, **more))


# --- verdict and counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "verdict"),
    [
        ("no-op", Verdict.NOTHING),
        ("create", Verdict.SAFE),
        ("update", Verdict.CHANGES),
        ("replace", Verdict.REPLACES),
        ("forget", Verdict.STATE),
        ("delete", Verdict.DELETES),
    ],
)
def test_the_verdict_is_that_of_the_worst_action(action: str, verdict: Verdict) -> None:
    found = reviewed(entry("aws_iam_role", action, {"name": "n"}, {"name": "n", "path": "/"}))
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        ("update", Verdict.CHANGES),
        ("replace", Verdict.REPLACES),
        ("delete", Verdict.DELETES),
        ("forget", Verdict.CHANGES),
    ],
)
def test_a_plan_that_creates_and_does_something_else_does_not_only_create(other: str, verdict: Verdict) -> None:
    created = {**entry("aws_sqs_queue", "create", None, {"name": "new"}), "address": "aws_sqs_queue.new"}
    before, after = {"name": "n", "delay_seconds": 1}, {"name": "n", "delay_seconds": 2}
    found = reviewed(created, entry("aws_iam_role", other, before, None if other in {"delete", "forget"} else after))
    assert found.verdict is verdict


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"output_changes": {"o": {"actions": ["no-op"]}}}, Verdict.NOTHING),
        ({"output_changes": {"o": {"actions": ["create"], "after": 1}}}, Verdict.SAFE),
        ({"output_changes": {"o": {"actions": ["update"], "before": 0, "after": 1}}}, Verdict.CHANGES),
    ],
)
def test_outputs_alone_have_a_verdict_too(more: dict[str, Any], verdict: Verdict) -> None:
    assert reviewed(**more).verdict is verdict


def test_a_data_source_that_is_read_changes_the_state_only() -> None:
    read = {**entry("aws_ami", "read", None, {}), "mode": "data"}
    found = reviewed(read)
    assert (found.verdict, found.counts.read, counts(found)) == (Verdict.STATE, 1, "1 to read")
    created = reviewed(read, entry("aws_sqs_queue", "create", None, {"name": "q"}))
    assert (created.verdict, counts(created)) == (Verdict.SAFE, "1 to create")


def test_a_move_or_an_import_alone_changes_the_state_only() -> None:
    moved = {
        **entry("aws_s3_bucket", "no-op", {"bucket": "b"}, {"bucket": "b"}),
        "previous_address": "aws_s3_bucket.old",
    }
    imported = entry("aws_s3_bucket", "no-op", {"bucket": "b"}, {"bucket": "b"}, importing={"id": "b"})
    assert [reviewed(each).verdict for each in (moved, imported)] == [Verdict.STATE, Verdict.STATE]
    found = reviewed(moved, {**imported, "address": "aws_s3_bucket.other"})
    assert (found.counts.moved, found.counts.imported, found.counts.unchanged) == (1, 1, 0)
    assert [(each.moved_from, each.imported_id) for each in found.resources] == [("", "b"), ("aws_s3_bucket.old", "")]


def test_counts_are_terraforms_own() -> None:
    """`Plan: 2 to import, 3 to add, 1 to change, 3 to destroy` has the replacement on both sides."""
    actions = ["create", "create", "update", "replace", "delete", "delete", "forget", "no-op"]
    entries: list[Any] = [
        {**entry("aws_iam_role", each, {}, {}), "address": f"a.{n}"} for n, each in enumerate(actions)
    ]
    entries[0]["change"]["importing"] = entries[2]["change"]["importing"] = {"id": "i"}
    read = {**entry("aws_iam_role", "read", None, {}), "mode": "data", "address": "data.a.b"}
    sums = reviewed(*entries, read).counts
    assert (sums.create, sums.change, sums.replace, sums.delete) == (2, 1, 1, 2)
    assert (sums.imported, sums.forget, sums.read, sums.unchanged) == (2, 1, 1, 1)


def test_a_deposed_object_is_counted_beside_its_resource_and_named_as_such() -> None:
    old = {**entry("aws_iam_role", "delete", {"name": "n"}), "deposed": "ab12"}
    found = reviewed(old, entry("aws_iam_role", "update", {"name": "n"}, {"name": "n", "path": "/"}))
    assert (found.counts.delete, found.counts.change) == (1, 1)
    assert "left by a replacement that did not finish" in found.resources[0].reason


# --- differences --------------------------------------------------------------------------------------------------


def test_only_what_differs_is_told_and_only_its_smallest_part() -> None:
    before = {"same": 1, "tags": {"a": "1", "b": "2"}, "block": [{"deep": [{"x": 1, "y": 2}]}]}
    after = {"same": 1, "tags": {"a": "1", "b": "3"}, "block": [{"deep": [{"x": 1, "y": 9}]}]}
    assert differences(updated(before, after)) == {("tags", "b"): ("2", "3"), ("block", "deep", "y"): (2, 9)}


def test_blocks_are_matched_by_their_names_and_the_rest_by_what_they_say() -> None:
    before = {"index": [{"name": "a", "n": 1}, {"name": "b", "n": 2}], "rule": [{"p": 1}, {"p": 2}, {"p": 3}]}
    after = {"index": [{"name": "b", "n": 3}, {"name": "a", "n": 1}], "rule": [{"p": 0}, {"p": 1}, {"p": 2}, {"p": 3}]}
    assert differences(updated(before, after)) == {
        ("index", "b", "n"): (2, 3),
        ("rule", "0"): ("absent", {"p": 0}),
    }


def test_a_list_in_another_order_is_a_difference_and_not_noise() -> None:
    """Terraform writes sets in an order of its own; so what changed its order is a list."""
    found = updated({"command": ["a", "b"]}, {"command": ["b", "a"]})
    assert differences(found) == {("command",): (["a", "b"], ["b", "a"])}


def test_of_a_long_list_only_what_came_and_went_is_told() -> None:
    before, after = [f"v{n}" for n in range(50)], [f"v{n}" for n in range(1, 51)]
    assert differences(updated({"list": before}, {"list": after})) == {("list", "49"): ("v0", "v50")}


def test_a_document_is_compared_by_its_parts_and_its_white_space_is_noise() -> None:
    one, other = {"a": {"b": 1, "c": [1, 2]}}, {"a": {"b": 2, "c": [1, 2]}}
    found = updated({"doc": json.dumps(one)}, {"doc": json.dumps(other, indent=2)})
    assert differences(found) == {("doc", "a", "b"): (1, 2)}
    assert noise(updated({"doc": json.dumps(one)}, {"doc": json.dumps(one, indent=2)})) == {("doc",): Noise.FORMAT}


@pytest.mark.parametrize("after", ['{"maxReceiveCount":"3","x":["b","a"]}', '{"x":["a","b"],"maxReceiveCount":3}'])
def test_a_redrive_document_has_no_order_and_no_types(after: str) -> None:
    found = updated({"redrive_policy": '{"maxReceiveCount":3,"x":["a","b"]}'}, {"redrive_policy": after + " "})
    assert noise(found) == {("redrive_policy",): Noise.FORMAT}


def test_a_policy_is_told_statement_by_statement() -> None:
    read = {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": "1"}, "Action": "s3:GetObject"}
    gone = {"Effect": "Allow", "Action": "s3:Gone"}
    new = {"Sid": "New", "Effect": "Deny", "Action": "s3:*"}
    wide = {**read, "Principal": "*"}
    before, after = (json.dumps({"Version": "2012-10-17", "Statement": each}) for each in ([read, gone], [new, wide]))
    assert differences(updated({"policy": before}, {"policy": after})) == {
        ("policy", "Read", "Principal"): ({"AWS": "1"}, "*"),
        ("policy", "Statement 2"): (gone, "absent"),
        ("policy", "New"): ("absent", new),
    }


def test_what_the_provider_computes_is_noise_and_what_the_configuration_sets_is_not() -> None:
    configuration = {
        "root_module": {
            "module_calls": {
                "m": {"module": {"resources": [{"address": "x_y.this", "expressions": {"set": {"references": ["z"]}}}]}}
            }
        }
    }
    change = entry("x_y", "update", {"set": "a", "etag": "b"}, {}, after_unknown={"set": True, "etag": True})
    found = reviewed({**change, "address": 'module.m["k"].x_y.this[0]'}, configuration=configuration)
    assert differences(found) == {("set",): ("a", "unknown")}
    assert noise(found) == {("etag",): Noise.COMPUTED}
    assert found.counts.noise == 1


def test_what_aws_decides_itself_is_a_phantom_unless_it_is_configured() -> None:
    def table(expressions: dict[str, Any]) -> Review:
        resource = {"address": "aws_dynamodb_table.this", "expressions": expressions}
        before, after = {"warm_throughput": [{"r": 1}]}, {"warm_throughput": [{"r": 2}]}
        change = entry("aws_dynamodb_table", "update", before, after)
        return reviewed(change, configuration={"root_module": {"resources": [resource]}})

    assert noise(table({"name": {}})) == {("warm_throughput", "r"): Noise.PHANTOM}
    assert noise(table({"warm_throughput": [{"r": {"constant_value": 2}}]})) == {}


REGIONAL: dict[str, Any] = {
    "provider_config": {
        "aws": {"expressions": {"region": {"constant_value": "eu-west-1"}}},
        "aws.us": {"expressions": {"region": {"constant_value": "us-east-1"}}},
        "aws.unnamed": {"expressions": {"region": {"references": ["var.region"]}}},
    },
    "root_module": {
        "resources": [
            {"address": f"aws_sqs_queue.{name}", "provider_config_key": key, "expressions": {}}
            for name, key in (("this", "aws"), ("us", "aws.us"), ("unnamed", "aws.unnamed"))
        ]
    },
}


@pytest.mark.parametrize(
    ("address", "before", "after", "told"),
    [
        ("this", None, "eu-west-1", []),
        ("this[0]", None, "eu-west-1", []),
        ("us", None, "us-east-1", []),
        ("this", None, "us-east-1", ["region"]),
        ("this", "us-east-1", "eu-west-1", ["region"]),
        ("unnamed", None, "eu-west-1", ["region"]),
    ],
)
def test_a_resource_that_begins_to_show_its_providers_region_is_noise(
    address: str, before: str | None, after: str, told: list[str]
) -> None:
    """As with AWS provider 6; a region that changed, or is another one, never is."""
    sides = ({"name": "q", "region": region} for region in (before, after))
    change = {**entry("aws_sqs_queue", "update", *sides), "address": f"aws_sqs_queue.{address}"}
    found = reviewed(change, configuration=REGIONAL)
    assert [path[0] for path in differences(found)] == told
    assert noise(found) == ({} if told else {("region",): Noise.COMPUTED})
    drifted = reviewed(resource_drift=[change], configuration=REGIONAL, applyable=False).drift
    assert bool(drifted) is bool(told)


def test_noise_never_hides_what_forces_a_replacement() -> None:
    change = entry("x_y", "replace", {"a": "1"}, {}, after_unknown={"a": True}, replace_paths=[["a"]])
    found = reviewed(change, configuration={"root_module": {"resources": [{"address": "x_y.this", "expressions": {}}]}})
    assert [(each.path, each.noise, each.forces_replacement) for each in found.resources[0].differences] == [
        (("a",), None, True)
    ]


def test_of_a_created_resource_what_is_set_is_told() -> None:
    after = {"name": "n", "unset": None, "none": [], "block": [{"a": 1, "b": None}], "role": None}
    resource = {"address": "x_y.this", "expressions": {"name": {}, "role": {"references": ["r"]}}}
    found = reviewed(
        entry("x_y", "create", None, after, after_unknown={"id": True, "role": True}),
        configuration={"root_module": {"resources": [resource]}},
    )
    assert differences(found) == {
        ("name",): ("absent", "n"),
        ("block", "a"): ("absent", 1),
        ("role",): ("absent", "unknown"),
    }
    assert noise(found) == {}


def test_tags_are_told_once_as_they_will_be() -> None:
    """`tags_all` has the provider's tags too: one that moves there from the resource's own is noise."""
    before = {"tags": {"a": "1", "b": "1"}, "tags_all": {"a": "1", "b": "1", "d": "1"}}
    after = {"tags": {"a": "2"}, "tags_all": {"a": "2", "b": "1", "d": "2"}}
    found = updated(before, after)
    assert differences(found) == {("tags_all", "a"): ("1", "2"), ("tags_all", "d"): ("1", "2")}
    assert noise(found) == {("tags", "b"): Noise.FORMAT}
    assert differences(updated({"tags": {"a": "1"}}, {"tags": {"a": "2"}})) == {("tags", "a"): ("1", "2")}


# --- the rest -----------------------------------------------------------------------------------------------------


def test_drift_is_told_with_the_same_differences_and_changes_no_verdict() -> None:
    drift = entry(
        "aws_sqs_queue",
        "update",
        {"name": "q", "delay_seconds": 0, "a": None},
        {"name": "q", "delay_seconds": 9, "a": 0},
    )
    found = reviewed(entry("aws_sqs_queue", "no-op", {"name": "q"}, {"name": "q"}), resource_drift=[drift])
    assert found.verdict is Verdict.NOTHING
    assert [(each.name, each.action) for each in found.drift] == [("q", Action.UPDATE)]
    assert [(each.path, each.noise) for each in found.drift[0].differences] == [
        (("delay_seconds",), None),
        (("a",), Noise.FORMAT),
    ]


def test_drift_that_terraform_1_0_gave_no_address_has_one() -> None:
    drift = entry("aws_sqs_queue", "delete", {"name": "q"})
    del drift["address"]
    found = reviewed(resource_drift=[{**drift, "module_address": "module.m", "index": "k"}])
    assert [each.address for each in found.drift] == ['module.m.aws_sqs_queue.this["k"]']


def test_outputs_checks_and_reasons_are_told() -> None:
    check = {
        "address": {"to_display": "check.health"},
        "status": "fail",
        "instances": [
            {"address": {"to_display": "check.health"}, "status": "fail", "problems": [{"message": "not well"}]},
            {"address": {"to_display": "check.other"}, "status": "pass"},
        ],
    }
    gone = {**entry("aws_iam_role", "delete", {"name": "n"}), "action_reason": "delete_because_no_resource_config"}
    outputs = {"url": {"actions": ["update"], "before": "a", "after_unknown": True}, "same": {"actions": ["no-op"]}}
    found = reviewed(gone, checks=[check], output_changes=outputs)
    assert [(each.address, each.status, each.problems) for each in found.checks] == [
        ("check.health", "fail", ("not well",))
    ]
    assert found.resources[0].reason == "it is not declared any more"
    assert [(each.name, each.action, each.after.known) for each in found.outputs] == [
        ("url", Action.UPDATE, Known.UNKNOWN)
    ]


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("pass", Verdict.SAFE),
        # For want of a value that only the apply brings.
        ("unknown", Verdict.SAFE),
        ("fail", Verdict.CREATES),
        ("error", Verdict.CREATES),
        ("a later Terraform's", Verdict.CREATES),
    ],
)
def test_a_plan_whose_check_failed_is_not_safe(status: str, verdict: Verdict) -> None:
    check = {"address": {"to_display": "check.health"}, "status": status}
    assert reviewed(entry("aws_sqs_queue", "create", None, {}), checks=[check]).verdict is verdict


@pytest.mark.parametrize(
    ("more", "beginning"),
    [
        ({}, ""),
        ({"errored": True}, "Terraform failed while planning"),
        ({"complete": False}, "only a part was planned, as with -target"),
    ],
)
def test_an_incomplete_plan_says_so(more: dict[str, Any], beginning: str) -> None:
    said = reviewed(**more).incomplete
    assert said.startswith(beginning)
    assert bool(said) == bool(beginning)


def test_a_deferred_change_is_told_and_counted_apart() -> None:
    later = {"reason": "provider_config_unknown", "resource_change": entry("aws_s3_bucket", "delete", {"bucket": "b"})}
    found = reviewed(deferred_changes=[later])
    assert (found.counts.deferred, found.counts.delete, found.findings) == (1, 0, ())
    assert found.resources[0].deferred == "its provider's configuration is not known yet"
    assert (found.verdict, found.answer) == (Verdict.INCOMPLETE, "1 deferred: after this apply another is needed")


def test_a_resource_is_named_by_its_physical_name_or_else_its_address() -> None:
    named = {**entry("aws_cloudwatch_metric_alarm", "create", None, {"alarm_name": "a"}), "address": "a.a"}
    unnamed = entry("x_y", "create", None, {}, after_unknown={"name": True})
    assert [each.name for each in reviewed(named, unnamed).resources] == ["a", "x_y.this"]


def test_a_difference_is_plain_data() -> None:
    """What forms read of it is what the model says, with nothing hidden left inside."""
    found = updated({"a": [{"b": 1}, 2]}, {"a": "x"}, before_sensitive={"a": [{"b": True}]})
    assert [type(each) for each in found.resources[0].differences] == [Difference]
    assert json.dumps(found.resources[0].differences[0].before.value) == '[{"b": "(sensitive)"}, 2]'


def test_a_zero_that_the_provider_writes_for_what_is_not_set_is_noise() -> None:
    resource = {"address": "x_y.this", "expressions": {"set": {"constant_value": None}}}
    change = entry("x_y", "update", {"a": 0, "b": False, "c": 1, "set": 0}, {})
    found = reviewed(change, configuration={"root_module": {"resources": [resource]}})
    assert noise(found) == {("a",): Noise.FORMAT, ("b",): Noise.FORMAT}
    assert differences(found) == {("c",): (1, "absent"), ("set",): (0, "absent")}


def test_what_is_counted_as_noise_is_what_is_folded_away() -> None:
    """Drift in nothing but writing, of which Terraform itself says nothing, is neither."""
    change = entry("x_y", "update", {"doc": "[1]", "n": 1}, {"doc": "[ 1 ]", "n": 2})
    written = entry("x_y", "update", {"a": None}, {"a": 0})
    drift = entry("x_y", "update", {"a": None, "b": 1}, {"a": 0, "b": 2})
    found = reviewed(change, resource_drift=[written, {**drift, "address": "x_y.drifted"}])
    assert [each.address for each in found.drift] == ["x_y.drifted"]
    assert found.counts.noise == 2
    assert folded([*found.resources, *found.drift]) == "2 written differently, the same in meaning"
