"""What a review does not know is never taken for nothing: an action, a section, or a change that nothing says."""

from typing import Any

import pytest

from plan_review.forms.wording import counts
from plan_review.model import Action, Review, Verdict

from plan_builder import entry, reviewed, told

QUEUE = {"name": "q"}


def acting(type_: str, *actions: str, mode: str = "managed") -> dict[str, Any]:
    found = entry(type_, "no-op", QUEUE, QUEUE)
    found["change"]["actions"] = list(actions)
    return {**found, "mode": mode}


def noted(found: Review) -> list[str]:
    """Return the notes but for the one on the rules, of which these plans have none."""
    return [note for note in found.notes if not note.startswith("there is no rule")]


@pytest.mark.parametrize(
    "actions",
    [
        ("frobnicate",),
        ("Delete",),
        ("no-op", "delete"),
        ("delete", "forget"),
        ("update", "update"),
        (),
    ],
)
def test_an_action_that_is_not_known_is_never_a_no_op(actions: tuple[str, ...]) -> None:
    found = reviewed(acting("aws_iam_role", *actions))
    shown = "[" + ", ".join(f'"{each}"' for each in actions) + "]"
    assert found.verdict is Verdict.INCOMPLETE
    assert [each.action for each in found.resources] == [Action.OTHER]
    assert counts(found) == "1 with an unknown action"
    assert noted(found) == [f"the plan does something that this review does not know: {shown} (1 time)"]
    assert told(found) == [("availability", f"{shown} is planned for it, which this review does not know")]


def test_of_what_holds_data_an_unknown_action_may_lose_it() -> None:
    found = reviewed(acting("aws_dynamodb_table", "Delete"))
    assert found.verdict is Verdict.DANGER
    assert told(found) == [
        ("loss", '["Delete"] is planned for it, which this review does not know: perhaps its items lost')
    ]


def test_an_unknown_action_is_noted_wherever_it_is() -> None:
    """On a data source, on an output, on what is deferred and on what has drifted; each is counted once."""
    role = acting("aws_iam_role", "frobnicate")
    noun = "the plan does something that this review does not know"
    plans = (
        reviewed(acting("aws_ami", "frobnicate", mode="data")),
        reviewed(output_changes={"url": {"actions": ["frobnicate"], "before": 1, "after": 1}}),
        reviewed(deferred_changes=[{"reason": "absent_prereq", "resource_change": role}]),
        reviewed(resource_drift=[role]),
    )
    for found in plans:
        assert found.verdict is Verdict.INCOMPLETE
        assert noted(found) == [f'{noun}: ["frobnicate"] (1 time)']
    assert noted(reviewed(role, {**role, "address": "a.b"}, resource_drift=[acting("aws_iam_role", "annul")])) == [
        f'{noun}: ["annul"] (1 time)',
        f'{noun}: ["frobnicate"] (2 times)',
    ]


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"secret_rotations": {"a": {}}}, "secret_rotations (1 entry)"),
        ({"secret_rotations": {"a": {}, "b": {}, "c": {}}, "dry": True}, "dry (1 entry), secret_rotations (3 entries)"),
    ],
)
def test_a_section_that_is_not_known_is_named_and_never_nothing(sections: dict[str, Any], said: str) -> None:
    note = f"the plan has parts that this review does not know, and does not show: {said}"
    alone, created = reviewed(**sections), reviewed(entry("aws_sqs_queue", "create", None, {}), **sections)
    assert [noted(each) for each in (alone, created)] == [[note], [note]]
    assert [each.verdict for each in (alone, created)] == [Verdict.INCOMPLETE, Verdict.INCOMPLETE]
    assert counts(alone) == "the notes say what"


def test_sections_that_are_empty_or_known_are_not_named() -> None:
    known: dict[str, Any] = {
        "action_invocations": [],
        "deferred_action_invocations": None,
        "planned_values": {"root_module": {}},
        "prior_state": {"values": {}},
        "configuration": {"root_module": {}},
        "relevant_attributes": [{"resource": "a.b"}],
        "timestamp": "2026-01-01T00:00:00Z",
        "applyable": False,
        "complete": True,
        "errored": False,
        "checks": [],
        "variables": {"a": {"value": 1}},
        "provider_schemas": {"a": {}},
        "provider_format_version": "1.0",
    }
    found = reviewed(**known)
    assert (noted(found), found.verdict) == ([], Verdict.NOTHING)


def test_the_name_of_a_section_tells_no_secret() -> None:
    root = {"variables": {"v": {"sensitive": True}}}
    found = reviewed(hunter2=[1], variables={"v": {"value": "hunter2"}}, configuration={"root_module": root})
    assert noted(found) == [
        "the plan has parts that this review does not know, and does not show: (sensitive) (1 entry)"
    ]


def test_a_plan_that_can_be_applied_is_never_nothing() -> None:
    found = reviewed(applyable=True)
    assert found.verdict is Verdict.INCOMPLETE
    assert noted(found) == [
        "Terraform says that the plan can be applied, but nothing that this review knows says what that would do"
    ]
    assert counts(found) == "the notes say what"
    unchanged = reviewed(entry("aws_iam_role", "no-op", {}, {}), applyable=True)
    assert unchanged.verdict is Verdict.INCOMPLETE


def test_a_plan_that_only_refreshes_the_state_says_so() -> None:
    """As `terraform plan -refresh-only` writes it, with a queue changed by hand and a table gone."""
    drift = [
        entry("aws_sqs_queue", "update", {"name": "q", "delay_seconds": 0}, {"name": "q", "delay_seconds": 9}),
        entry("aws_dynamodb_table", "delete", {"name": "t"}),
    ]
    found = reviewed(resource_drift=drift, applyable=True)
    assert (found.verdict, noted(found)) == (Verdict.STATE, [])
    assert counts(found) == "1 to refresh, 1 to drop out of the state"
    assert [(each.name, each.action) for each in found.drift] == [("t", Action.DELETE), ("q", Action.UPDATE)]


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (reviewed(applyable=False), Verdict.NOTHING),
        (reviewed(entry("aws_sqs_queue", "create", None, {}), applyable=True), Verdict.SAFE),
        (reviewed(output_changes={"o": {"actions": ["create"], "after": 1}}, applyable=True), Verdict.SAFE),
        (reviewed({**entry("aws_ami", "read", None, {}), "mode": "data"}, applyable=True), Verdict.NOTHING),
    ],
)
def test_a_plan_that_shows_what_it_does_is_judged_by_that(found: Review, verdict: Verdict) -> None:
    assert (found.verdict, noted(found)) == (verdict, [])


# --- what stays ---------------------------------------------------------------------------------------------------


def test_what_is_replaced_and_kept_loses_nothing() -> None:
    """Terraform makes the new one and forgets the old one."""
    table = entry("aws_dynamodb_table", "replace", {"name": "a"}, {"name": "b"}, replace_paths=[["name"]])
    table["change"]["actions"] = ["create", "forget"]
    found = reviewed(table)
    assert found.verdict is Verdict.REPLACES
    assert found.counts.replace == 1
    assert told(found) == [
        (
            "replacement",
            (
                'would be replaced, for name "a" -> "b": the old one stays with its items, '
                "and would no longer be managed nor protected"
            ),
        )
    ]


@pytest.mark.parametrize(
    ("type_", "stays", "kind"),
    [
        ("aws_dynamodb_table", "it stays with its items", "protection"),
        ("google_sql_database_instance", "it stays with its databases", "protection"),
        ("aws_s3_bucket_policy", "it stays", "protection"),
        ("aws_s3_bucket_public_access_block", "it stays", "protection"),
        ("aws_cloudwatch_metric_alarm", "it stays", "alarms"),
    ],
)
def test_what_is_forgotten_is_no_longer_managed_nor_protected(type_: str, stays: str, kind: str) -> None:
    found = reviewed(entry(type_, "forget", {"name": "n"}))
    assert found.verdict is (Verdict.STATE if kind == "alarms" else Verdict.DANGER)
    assert told(found) == [(kind, f"would be forgotten: {stays}, and would no longer be managed nor protected")]


@pytest.mark.parametrize("type_", ["terraform_data", "aws_subnet"])
def test_what_holds_and_guards_nothing_may_be_forgotten(type_: str) -> None:
    assert told(reviewed(entry(type_, "forget", {"name": "n"}))) == []


def test_an_attribute_without_a_name_is_read_like_any_other() -> None:
    found = reviewed(entry("aws_instance", "update", {"id": "i-1", "": "a"}, {"id": "i-1", "": "b"}))
    assert [(each.path, each.before.value, each.after.value) for each in found.resources[0].differences] == [
        (("",), "a", "b")
    ]
