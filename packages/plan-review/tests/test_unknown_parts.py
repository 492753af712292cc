"""What a review does not know is never taken for nothing: an action, a section, or a change that nothing says."""

from typing import Any

import pytest

from plan_review.forms.wording import counts
from plan_review.model import Action, Review, Verdict
from plan_review.review import review
from plan_review.rules import Rules

from plan_builder import TODAY, entry, plan, reviewed, told

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
    assert counts(alone) == "no known changes"


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


APPLIES = "Terraform says that the plan can be applied, but nothing that this review knows says what that would do"


def test_a_plan_that_can_be_applied_is_never_nothing() -> None:
    found = reviewed(applyable=True)
    assert (found.verdict, found.answer, noted(found)) == (Verdict.INCOMPLETE, APPLIES, [])
    assert counts(found) == "no known changes"
    unchanged = reviewed(entry("aws_iam_role", "no-op", {}, {}), applyable=True)
    assert (unchanged.verdict, unchanged.answer) == (Verdict.INCOMPLETE, APPLIES)


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


def test_a_plan_that_is_applied_for_its_refresh_says_so_unless_it_does_something_else() -> None:
    """Terraform calls it not applyable; its apply writes what the refresh found, and changes nothing."""
    drift = [entry("aws_sqs_queue", "update", {"name": "q", "delay_seconds": 0}, {"name": "q", "delay_seconds": 9})]
    created = entry("aws_sqs_queue", "create", None, {"name": "r"})

    def judged(*entries: dict[str, Any], writes_refresh: bool = True) -> Review:
        made = plan(*entries, resource_drift=drift, applyable=bool(entries))
        return review(made, title="test", rules=Rules(), today=TODAY, writes_refresh=writes_refresh)

    unwritten, written = judged(writes_refresh=False), judged()
    assert (unwritten.verdict, counts(unwritten)) == (Verdict.NOTHING, "no changes")
    assert (written.verdict, counts(written)) == (Verdict.STATE, "1 to refresh")
    assert counts(judged(created)) == "1 to create"


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (reviewed(applyable=False), Verdict.NOTHING),
        (reviewed(entry("aws_sqs_queue", "create", None, {}), applyable=True), Verdict.SAFE),
        (reviewed(output_changes={"o": {"actions": ["create"], "after": 1}}, applyable=True), Verdict.SAFE),
        (reviewed({**entry("aws_ami", "read", None, {}), "mode": "data"}, applyable=True), Verdict.STATE),
    ],
)
def test_a_plan_that_shows_what_it_does_is_judged_by_that(found: Review, verdict: Verdict) -> None:
    assert (found.verdict, noted(found)) == (verdict, [])


CHANGING: list[dict[str, Any]] = [
    {"resource_changes": [entry("aws_sqs_queue", "create", None, QUEUE)]},
    {"resource_changes": [{**acting("aws_sqs_queue", "no-op"), "previous_address": "aws_sqs_queue.old"}]},
    {"resource_changes": [entry("aws_sqs_queue", "no-op", QUEUE, QUEUE, importing={"id": "q"})]},
    {"output_changes": {"url": {"actions": ["create"], "before": None, "after": "u"}}},
    {"action_invocations": [{"address": "action.a.b", "type": "a", "invoke_action_trigger": {}}]},
]


@pytest.mark.parametrize("more", CHANGING)
def test_changes_of_a_plan_that_cannot_be_applied_contradict_it(more: dict[str, Any]) -> None:
    said = "Terraform says that the plan cannot be applied, and yet it has changes: an apply may do something else"
    found = reviewed(**more, applyable=False)
    assert (found.verdict, found.incomplete, noted(found)) == (Verdict.INCOMPLETE, said, [])
    beside = reviewed(**more, applyable=False, secret_rotations=[1])
    assert (beside.verdict, noted(beside)[1:]) == (Verdict.INCOMPLETE, [said])
    assert reviewed(**more, applyable=True).verdict is not Verdict.INCOMPLETE


def test_a_plan_that_failed_or_waits_need_not_be_one_that_can_be_applied() -> None:
    """Terraform itself says so of either."""
    queue = entry("aws_sqs_queue", "create", None, QUEUE)
    failed = reviewed(queue, applyable=False, errored=True)
    waits = reviewed(applyable=False, deferred_changes=[{"reason": "absent_prereq", "resource_change": queue}])
    assert (
        failed.incomplete == "Terraform failed while planning: what is here may be only a part, and cannot be applied"
    )
    assert waits.incomplete == "1 deferred: after this apply another is needed"
    assert [noted(each) for each in (failed, waits)] == [[], []]


# --- modes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "action"), [("data", "create"), ("data", "delete"), ("list", "create"), ("ephemeral", "update")]
)
def test_an_action_that_its_mode_does_not_have_is_not_known(mode: str, action: str) -> None:
    found = reviewed(acting("aws_sqs_queue", action, mode=mode))
    assert (found.verdict, found.counts.other) == (Verdict.INCOMPLETE, 1)
    assert noted(found) == [
        f'the plan does something that this review does not know: ["{action}"] in mode "{mode}" (1 time)'
    ]


def test_what_does_nothing_does_so_in_every_mode() -> None:
    modes = ("managed", "data", "ephemeral", "list")
    assert {reviewed(acting("aws_sqs_queue", "no-op", mode=mode)).verdict for mode in modes} == {Verdict.NOTHING}


def test_an_ephemeral_resource_is_opened_and_leaves_nothing() -> None:
    """OpenTofu 1.11 lists one in each plan, with the action "open" and without values."""
    opened = {**acting("aws_secretsmanager_secret_version", "open", mode="ephemeral"), "address": "ephemeral.a.b"}
    found = reviewed(opened)
    assert (found.verdict, counts(found), noted(found)) == (Verdict.NOTHING, "no changes", [])
    assert [(each.address, each.action) for each in found.resources] == [("ephemeral.a.b", Action.READ)]
    assert reviewed(acting("aws_sqs_queue", "open")).verdict is Verdict.DANGER


# --- plans that only refresh --------------------------------------------------------------------------------------


def test_a_plan_that_only_refreshes_says_so_without_applyable_too() -> None:
    """OpenTofu writes no `applyable`, and lists no resource in a plan that only refreshes."""
    drift = entry("aws_sqs_queue", "update", {"name": "q", "delay_seconds": 0}, {"name": "q", "delay_seconds": 9})
    alone = reviewed(resource_drift=[drift])
    assert (alone.verdict, counts(alone)) == (Verdict.STATE, "1 to refresh")
    beside = reviewed(acting("aws_sqs_queue", "no-op"), resource_drift=[drift])
    failed = reviewed(resource_drift=[drift], errored=True)
    assert [(each.verdict, each.counts.refresh) for each in (beside, failed)] == [
        (Verdict.NOTHING, 0),
        (Verdict.INCOMPLETE, 0),
    ]


def test_a_plan_that_only_refreshes_shows_what_moved_and_what_is_written_otherwise() -> None:
    """In other plans the changes have the first, and the second says nothing."""
    moved = {**acting("aws_sqs_queue", "no-op"), "previous_address": "aws_sqs_queue.old"}
    written = {**entry("aws_sqs_queue", "update", {"a": None}, {"a": 0}), "address": "aws_sqs_queue.written"}
    found = reviewed(resource_drift=[moved, written], applyable=True)
    assert (found.verdict, counts(found), noted(found)) == (Verdict.STATE, "2 to refresh", [])
    assert [(each.address, each.moved_from) for each in found.drift] == [
        ("aws_sqs_queue.this", "aws_sqs_queue.old"),
        ("aws_sqs_queue.written", ""),
    ]
    assert reviewed(acting("aws_sqs_queue", "no-op"), resource_drift=[written], applyable=False).drift == ()


def test_a_move_alone_is_refreshed_whatever_terraform_says_of_it() -> None:
    """Terraform 1.11 writes `applyable` false into a refresh-only plan of a move alone, and its apply moves it."""
    moved = {**acting("aws_sqs_queue", "no-op"), "previous_address": "aws_sqs_queue.old"}
    found = reviewed(resource_drift=[moved], applyable=False, complete=True, errored=False)
    assert (found.verdict, counts(found), noted(found)) == (Verdict.STATE, "1 to refresh", [])
    beside = reviewed(resource_drift=[moved], output_changes={"o": {"actions": ["create"], "after": 1}})
    for each in (found, beside):
        assert [drifted.moved_from for drifted in each.drift] == ["aws_sqs_queue.old"]


# --- properties ---------------------------------------------------------------------------------------------------


OTHERWISE = "changes of the plan have properties that this review does not know, and does not show: "


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"resource_changes": [{**acting("aws_iam_role", "update"), "rollback": True}]}, "rollback (1 time)"),
        ({"resource_changes": [entry("aws_iam_role", "update", {}, {}, until="noon")]}, "change.until (1 time)"),
        (
            {"resource_changes": [entry("aws_iam_role", "update", {}, {}, importing={"id": "r", "force": True})]},
            "change.importing.force (1 time)",
        ),
        (
            {"resource_drift": [entry("aws_iam_role", "update", {}, {}, until=[1])] * 2, "applyable": True},
            "change.until (2 times)",
        ),
        ({"output_changes": {"o": {"actions": ["update"], "until": {"a": 1}}}}, "change.until (1 time)"),
        (
            {
                "deferred_changes": [
                    {"until": 1, "resource_change": {**acting("aws_iam_role", "update"), "rollback": 1}}
                ]
            },
            "rollback (1 time), until (1 time)",
        ),
        (
            {"action_invocations": [{"address": "a.b", "until": 1, "invoke_action_trigger": {"by": "x"}}]},
            "invoke_action_trigger.by (1 time), until (1 time)",
        ),
        (
            {
                "deferred_action_invocations": [
                    {"until": 1, "action_invocation": {"lifecycle_action_trigger": {"on_failure": "taint"}}}
                ]
            },
            "lifecycle_action_trigger.on_failure (1 time), until (1 time)",
        ),
    ],
)
def test_a_property_that_is_not_known_is_named(more: dict[str, Any], named: str) -> None:
    found = reviewed(**more)
    assert noted(found) == [f"{OTHERWISE}{named}"]
    assert found.verdict not in {Verdict.NOTHING, Verdict.SAFE}


def test_a_property_that_is_not_known_makes_no_plan_of_changes_incomplete() -> None:
    """Each version of Terraform adds some, which change nothing by themselves: what is known keeps its weight."""
    queue = entry("aws_sqs_queue", "create", None, QUEUE, until="noon")
    role = entry("aws_iam_role", "update", {"path": "/a"}, {"path": "/b"}, until="noon")
    assert reviewed(queue).verdict is Verdict.CREATES
    assert reviewed(role).verdict is Verdict.CHANGES
    assert reviewed(entry("aws_iam_role", "delete", {"name": "r"}, until="noon")).verdict is Verdict.DELETES


def test_a_property_that_is_not_known_is_nothing_only_if_terraform_says_so() -> None:
    """An import once was such a property, of a resource that is not changed; so was a move."""
    role = entry("aws_iam_role", "no-op", {}, {}, until="noon")
    said: list[dict[str, Any]] = [{}, {"applyable": True}, {"applyable": False}]
    assert [reviewed(role, **more).verdict for more in said] == [
        Verdict.INCOMPLETE,
        Verdict.INCOMPLETE,
        Verdict.NOTHING,
    ]
    assert noted(reviewed(role, applyable=False)) == [f"{OTHERWISE}change.until (1 time)"]


@pytest.mark.parametrize("empty", [None, False, "", [], {}])
def test_a_property_that_holds_nothing_is_not_named(empty: Any) -> None:
    found = reviewed({**entry("aws_sqs_queue", "create", None, QUEUE, until=empty), "rollback": empty})
    assert (noted(found), found.verdict) == ([], Verdict.SAFE)


def test_the_attributes_of_a_resource_are_its_providers_own() -> None:
    found = reviewed(entry("aws_sqs_queue", "create", None, {**QUEUE, "until": "noon"}))
    assert (noted(found), found.verdict) == ([], Verdict.SAFE)


def test_the_name_of_a_property_tells_no_secret() -> None:
    root = {"variables": {"v": {"sensitive": True}}}
    role = entry("aws_iam_role", "update", {}, {}, hunter2=1)
    found = reviewed(role, variables={"v": {"value": "hunter2"}}, configuration={"root_module": root})
    assert noted(found) == [f"{OTHERWISE}change.(sensitive) (1 time)"]


def test_a_trigger_that_is_not_known_is_said_to_be_so() -> None:
    found = reviewed(action_invocations=[{"address": "action.a.b", "type": "a", "timed_action_trigger": {"at": 1}}])
    assert told(found) == [
        ("execution", "would run by a trigger that this review does not know: no plan shows what it does")
    ]
    assert noted(found) == [f"{OTHERWISE}timed_action_trigger (1 time)"]


def test_a_check_of_another_status_than_pass_is_shown() -> None:
    checks = [{"address": {"to_display": f"check.{each}"}, "status": each} for each in ("pass", "skipped", "unknown")]
    assert [(each.address, each.status) for each in reviewed(checks=checks).checks] == [
        ("check.skipped", "skipped"),
        ("check.unknown", "unknown"),
    ]


# --- what stays ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("actions", [["create", "forget"], ["forget", "create"]])
def test_what_is_replaced_and_kept_loses_nothing(actions: list[str]) -> None:
    """Terraform makes the new one and then forgets the old one; OpenTofu 1.12 the other way round."""
    table = entry("aws_dynamodb_table", "replace", {"name": "a"}, {"name": "b"}, replace_paths=[["name"]])
    table["change"]["actions"] = actions
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
