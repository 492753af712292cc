"""Every field that Terraform 1.10 to 1.15 and OpenTofu 1.10 to 1.12 write into a plan is shown, or said not to be.

The fields are those of the structures in internal/command/jsonplan of either repository, at each version's last tag.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from plan_review.forms.html import html
from plan_review.forms.json_form import as_json
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from plan_review.model import Action, Review, Verdict
from plan_review.review import review
from plan_review.rules import Rules

from plan_builder import TODAY, entry, plan, reviewed, told
from rendered_page import Page

README = Path(__file__).parents[1] / "README.md"


def resource(
    type_: str, label: str, action: str, *sides: Any, within: dict[str, Any] | None = None, **more: Any
) -> Any:
    """Return an entry at an address of its own; `within` goes into the entry, the rest into its change."""
    found = entry(type_, action, *sides, **more)
    return {
        **found,
        "name": label,
        "address": f"{type_}.{label}",
        "provider_name": "example/aaaprovider",
        **(within or {}),
    }


ACTION: dict[str, Any] = {
    "address": "action.aws_lambda_invoke.aaainvoked",
    "type": "aws_lambda_invoke",
    "name": "aaainvoked",
    "provider_name": "example/aaaprovider",
    "config_values": {"function_name": "aaafunction", "payload": "aaapayload"},
    "config_sensitive": {"payload": True},
    "config_unknown": {"qualifier": True},
}
TRIGGERED: dict[str, Any] = {
    **ACTION,
    "address": "action.aws_lambda_invoke.aaatriggered",
    "lifecycle_action_trigger": {
        "triggering_resource_address": "aws_sqs_queue.aaatriggering",
        "action_trigger_event": "AfterCreate",
        "action_trigger_block_index": 1,
        "actions_list_index": 1,
    },
}
EVERY: dict[str, Any] = plan(
    resource(
        "aws_sqs_queue",
        "changed",
        "update",
        {"name": "aaaname", "kms_master_key_id": "aaakey", "delay_seconds": 9871},
        {"name": "aaaname", "kms_master_key_id": "aaakey", "delay_seconds": 9872},
        after_unknown={"arn": True},
        before_sensitive={"kms_master_key_id": True},
        after_sensitive={},
        before_identity={"url": "https://sqs/aaaone"},
        after_identity={"url": "https://sqs/aaatwo"},
    ),
    resource(
        "aws_iam_role",
        "replaced",
        "replace",
        {"name": "aaafrom"},
        {"name": "aaato"},
        replace_paths=[["name"]],
        within={"action_reason": "replace_because_cannot_update", "deposed": ""},
    ),
    resource("aws_iam_role", "deposed", "delete", {"name": "aaadeposed"}, within={"deposed": "aaakeyofit"}),
    resource(
        "aws_iam_role",
        "moved",
        "no-op",
        {"name": "m"},
        {"name": "m"},
        within={
            "address": "module.aaamodule.aws_iam_role.moved[7531]",
            "module_address": "module.aaamodule",
            "index": 7531,
            "previous_address": "aws_iam_role.aaabefore",
        },
    ),
    resource("aws_iam_role", "imported", "no-op", {"name": "i"}, {"name": "i"}, importing={"id": "aaaid"}),
    resource(
        "aws_iam_role",
        "identified",
        "update",
        {"name": "j"},
        {"name": "j", "path": "/"},
        importing={"identity": {"account_id": "aaaaccount"}},
        generated_config='resource "aws_iam_role" "identified" {\n  name = "aaagenerated"\n}\n',
    ),
    resource("aws_ami", "later", "read", None, {}, within={"address": "data.aws_ami.aaaread", "mode": "data"}),
    resource("aws_iam_role", "same", "no-op", {"name": "same"}, {"name": "same"}),
    resource_drift=[resource("aws_sqs_queue", "drifted", "update", {"delay_seconds": 1}, {"delay_seconds": 8642})],
    deferred_changes=[
        {
            "reason": "instance_count_unknown",
            "resource_change": resource(
                "aws_iam_role",
                "deferred",
                "create",
                None,
                {"name": "aaadeferred"},
                importing={"unknown": True},
                within={"address": "aws_iam_role.deferred[*]", "index_unknown": True},
            ),
        }
    ],
    output_changes={"aaaoutput": {"actions": ["create"], "before": None, "after": "aaavalue", "after_unknown": False}},
    action_invocations=[{**ACTION, "invoke_action_trigger": {}}, TRIGGERED],
    deferred_action_invocations=[
        {
            "reason": "provider_config_unknown",
            "action_invocation": {**TRIGGERED, "address": "action.aws_lambda_invoke.aaawaiting"},
        }
    ],
    checks=[
        {
            "address": {"kind": "check", "to_display": "check.aaacheck"},
            "status": "fail",
            "instances": [
                {"address": {"to_display": "check.aaacheck"}, "status": "fail", "problems": [{"message": "aaaproblem"}]}
            ],
        }
    ],
    terraform_version="1.15.9",
    variables={"v": {"value": "aaavariable"}},
    planned_values={"root_module": {"resources": [{"values": {"x": "aaaplanned"}}]}},
    prior_state={"values": {"root_module": {"resources": [{"values": {"x": "aaaprior"}}]}}},
    configuration={"provider_config": {"aws": {"name": "aws", "full_name": "aaaconfigured"}}},
    relevant_attributes=[{"resource": "aws_iam_role.aaarelevant", "attribute": ["arn"]}],
    timestamp="2030-01-01T07:53:19Z",
    applyable=True,
    complete=False,
    errored=False,
    plan_format_version="1.2",
    provider_format_version="1.0",
    provider_schemas={"example/aaaschema": {}},
)
SHOWN = {
    "resource_changes": "aaaname",
    "resource_drift": "8642",
    "deferred_changes": "aaadeferred",
    "output_changes": "aaavalue",
    "action_invocations": "action.aws_lambda_invoke.aaainvoked",
    "deferred_action_invocations": "action.aws_lambda_invoke.aaawaiting",
    "checks": "aaaproblem",
    "address": "aws_sqs_queue.drifted",
    "type": "aws_ami",
    "previous_address": "aws_iam_role.aaabefore",
    "deposed": "left by a replacement that did not finish",
    "action_reason": "it cannot be changed in place",
    "change.actions": "1 to replace",
    "change.before": "9871",
    "change.after": "9872",
    "change.after_unknown": "(known after apply)",
    "change.before_sensitive": "kms_master_key_id would no longer be sensitive",
    "change.after_sensitive": "its value stays the same",
    "change.replace_paths": "forces",
    "change.importing.id": "aaaid",
    "change.importing.identity": "account_id=aaaaccount",
    "change.importing.unknown": "imported by the id (known after apply)",
    "change.before_identity": "https://sqs/aaaone",
    "change.after_identity": "https://sqs/aaatwo",
    "change.generated_config": "3 lines of configuration",
    "reason": "how many there will be is not known yet",
    "config_values": "aaafunction",
    "config_sensitive": "payload: (sensitive)",
    "config_unknown": "qualifier: (known after apply)",
    "lifecycle_action_trigger": "after aws_sqs_queue.aaatriggering is created",
    "invoke_action_trigger": "as asked for with -invoke",
}
"""Each field that is shown, with words for it that stand in the text, the comment and the page."""
IN_JSON = {
    "change.actions": '"action":"replace"',
    "change.after_unknown": '"known":"unknown"',
    "change.replace_paths": '"forces_replacement":true',
    "change.importing.unknown": '"imported_id":"(known after apply)"',
    "change.generated_config": '"generated_lines":3',
    "config_sensitive": '{"path":["payload"],"before":{"known":"absent","value":null},"after":{"known":"sensitive"',
    "config_unknown": '{"path":["qualifier"],"before":{"known":"absent","value":null},"after":{"known":"unknown"',
}
"""Other words in the JSON."""
NOT_SHOWN = {
    "variables": "aaavariable",
    "planned_values": "aaaplanned",
    "prior_state": "aaaprior",
    "configuration": "aaaconfigured",
    "relevant_attributes": "aaarelevant",
    "timestamp": "07:53:19",
    "provider_schemas": "aaaschema",
    "provider_name": "aaaprovider",
}
"""Each field that has no effect of its own, with what it holds."""
OF_THE_WHOLE = {"applyable": "yes", "complete": "yes", "errored": "yes", "terraform_version": "yes"}
WITHIN_OTHERS = {
    "format_version",
    "index",
    "index_unknown",
    "mode",
    "module_address",
    "name",
    "plan_format_version",
    "provider_format_version",
}
"""Fields that are not shown by themselves: parts of an address, and what a plan is read by."""


@pytest.fixture(scope="module")
def every() -> Review:
    return review(EVERY, title="every", rules=Rules(), today=TODAY)


def forms(found: Review) -> dict[str, str]:
    """Return what a reader sees of each form but the JSON."""
    return {
        "text": terminal(found, width=240, colour=False),
        "markdown": markdown(found).replace("`", ""),
        "html": Page(html(found)).text.replace(" :", ":"),
    }


@pytest.mark.parametrize("field", SHOWN)
def test_a_field_that_is_shown_is_in_every_form(every: Review, field: str) -> None:
    missing = [form for form, text in forms(every).items() if SHOWN[field] not in text]
    assert missing == []
    assert IN_JSON.get(field, SHOWN[field]) in as_json(every)


@pytest.mark.parametrize("field", NOT_SHOWN)
def test_a_field_that_is_not_shown_is_in_no_form(every: Review, field: str) -> None:
    assert NOT_SHOWN[field] in json.dumps(EVERY)
    assert not [form for form, text in forms(every).items() if NOT_SHOWN[field] in text]
    assert NOT_SHOWN[field] not in as_json(every)


def test_no_field_of_terraforms_or_opentofus_is_taken_for_an_unknown_one(every: Review) -> None:
    assert every.notes == ("there is no rule, so nothing stops this plan",)
    assert "aaapayload" not in as_json(every)


def fields_of(content: dict[str, Any]) -> set[str]:
    """Return the names of the sections of a plan, and of the fields of its entries."""
    found = set(content)
    deferred = [*content["deferred_changes"], *content["deferred_action_invocations"]]
    found |= {key for each in deferred for key in each} - {"resource_change", "action_invocation"}
    invocations = [*content["action_invocations"], *(each["action_invocation"] for each in deferred[1:])]
    found |= {key for each in invocations for key in each}
    for each in [*content["resource_changes"], *content["resource_drift"], deferred[0]["resource_change"]]:
        change = each["change"]
        found |= set(each) - {"change"} | {f"change.{key}" for key in change} - {"change.importing"}
        found |= {f"change.importing.{key}" for key in change.get("importing", {})}
    return found


def test_the_readme_says_of_each_field_whether_it_is_shown() -> None:
    _, _, section = README.read_text("utf-8").partition("## Fields of a plan")
    rows = re.findall(r"^\| (`.*?) \| .*? \| .*? \| (yes|no)\b", section.partition("\n## ")[0], re.MULTILINE)
    documented = {field: is_shown for fields, is_shown in rows for field in re.findall("`(.*?)`", fields)}
    assert documented == {
        **dict.fromkeys(SHOWN, "yes"),
        **OF_THE_WHOLE,
        **dict.fromkeys([*NOT_SHOWN, *WITHIN_OTHERS], "no"),
    }
    assert fields_of(EVERY) == set(documented)


# --- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("instance_count_unknown", "how many there will be is not known yet"),
        ("resource_config_unknown", "its configuration is not known yet"),
        ("provider_config_unknown", "its provider's configuration is not known yet"),
        ("absent_prereq", "what it needs does not exist yet"),
        ("deferred_prereq", "what it needs is deferred itself"),
        ("excluded", "it was excluded from this plan"),
        ("excluded_prereq", "what it needs was excluded from this plan"),
        ("not_included", "it was not among what this plan was made for"),
        ("unknown", "Terraform does not say why"),
        ("moon_phase", "moon phase"),
    ],
)
def test_the_reason_of_a_deferral_is_in_words(reason: str, words: str) -> None:
    change = resource("aws_iam_role", "later", "create", None, {"name": "r"})
    found = reviewed(
        deferred_changes=[{"reason": reason, "resource_change": change}],
        deferred_action_invocations=[{"reason": reason, "action_invocation": TRIGGERED}],
    )
    assert (found.resources[0].deferred, found.invocations[0].deferred) == (words, words)
    assert (found.verdict, found.counts.deferred) == (Verdict.INCOMPLETE, 1)


@pytest.mark.parametrize(
    ("action", "reason", "words"),
    [
        ("delete", "delete_because_enabled_false", "it is switched off by enabled = false"),
        ("forget", "forgot_because_lifecycle_destroy_in_config", "destroy = false in its lifecycle keeps it"),
        (
            "forget",
            "forgot_because_lifecycle_destroy_in_state",
            "destroy = false in its last applied lifecycle keeps it",
        ),
        ("delete", "delete_because_full_moon", "delete because full moon"),
    ],
)
def test_the_reasons_that_only_opentofu_has_are_in_words(action: str, reason: str, words: str) -> None:
    gone = resource("aws_iam_role", "gone", action, {"name": "r"}, within={"action_reason": reason})
    assert [each.reason for each in reviewed(gone).resources] == [words]


# --- identities ---------------------------------------------------------------------------------------------------


def identified(before: Any, after: Any, *sides: Any, **more: Any) -> str:
    marks = {"before_identity": before, "after_identity": after}
    change = entry("aws_iam_role", "update", *(sides or ({"name": "r"}, {"name": "r", "path": "/"})), **marks, **more)
    return reviewed(change).resources[0].identity


def test_of_an_identity_only_what_changes_is_told() -> None:
    before = {"account_id": "111", "name": "a", "tags": ["x"]}
    assert identified(before, {**before, "name": "b", "tags": None}) == 'name "a" -> "b", tags ["x"] -> null'
    assert identified(before, before) == ""


@pytest.mark.parametrize("absent", [None, {}])
def test_an_identity_on_one_side_alone_is_no_change_of_it(absent: Any) -> None:
    """So it is of what is created or replaced, and of what a provider without identities made."""
    assert identified(absent, {"name": "a"}) == ""
    assert identified({"name": "a"}, absent) == ""


def test_an_identity_tells_nothing_that_the_resource_hides() -> None:
    """Terraform marks no identity, and a provider may repeat an attribute in it under another name."""
    hidden = {"before_sensitive": {"name": True, "id": True}, "after_sensitive": {"name": True, "id": True}}
    before, after = ({"name": f"canary-{each}", "id": f"token-{each}"} for each in (1, 2))
    told_ = identified(
        {"name": "other-1", "key": "token-1"}, {"name": "other-2", "key": "token-2"}, before, after, **hidden
    )
    assert told_ == "name (sensitive) -> (sensitive), key (sensitive) -> (sensitive)"


def test_an_import_by_identity_says_so() -> None:
    identity = {"account_id": "111", "tags": {"a": True}}
    by_identity = entry("aws_iam_role", "no-op", {}, {}, importing={"identity": identity})
    by_both = entry("aws_iam_role", "no-op", {}, {}, importing={"identity": identity, "id": "r"})
    found = [reviewed(each).resources[0] for each in (by_identity, by_both)]
    assert [(each.imported_id, each.by_identity) for each in found] == [
        ('account_id=111, tags={"a": true}', True),
        ("r", False),
    ]


def test_a_value_of_a_sensitive_variable_is_in_no_identity() -> None:
    root = {"variables": {"v": {"sensitive": True}}}
    change = entry(
        "aws_iam_role",
        "update",
        {"name": "r"},
        {"name": "r", "path": "/"},
        importing={"identity": {"name": "hunter2-x"}},
        before_identity={"name": "hunter2-a"},
        after_identity={"name": "hunter2-b"},
    )
    found = reviewed(change, variables={"v": {"value": "hunter2"}}, configuration={"root_module": root})
    assert "hunter2" not in repr(found)
    assert found.resources[0].identity == 'name "(sensitive)-a" -> "(sensitive)-b"'


# --- plans as others write them -----------------------------------------------------------------------------------


def old(*entries: Any, **more: Any) -> dict[str, Any]:
    """Return a plan as Terraform 0.12 wrote it: without marks of what is sensitive, and with a line for each output."""
    for each in entries:
        for key in ("before_sensitive", "after_sensitive"):
            del each["change"][key]
    return {"format_version": "0.1", "terraform_version": "0.12.31", "resource_changes": list(entries), **more}


MODULES = {
    "root_module": {
        "module_calls": {
            "outer": {
                "module": {
                    "module_calls": {
                        "inner": {
                            "module": {
                                "resources": [
                                    {
                                        "address": "null_resource.deep",
                                        "provisioners": [
                                            {
                                                "type": "local-exec",
                                                "expressions": {"command": {"constant_value": "make deep"}},
                                            }
                                        ],
                                    }
                                ]
                            }
                        }
                    }
                }
            }
        }
    }
}
SAMPLES = {
    "an old plan of modules, with a provisioner deep in them": (
        old(
            resource(
                "null_resource",
                "deep",
                "create",
                None,
                {"triggers": {"seed": "aaaseed"}},
                within={"address": "module.outer.module.inner.null_resource.deep"},
            ),
            configuration=MODULES,
        ),
        "only creates",
        ["module.outer.module.inner.null_resource.deep", "aaaseed", "local-exec runs on this machine: make deep"],
    ),
    "an old plan that names no change but its outputs": (
        old(
            resource("null_resource", "same", "no-op", {"id": "1"}, {"id": "1"}),
            output_changes={
                "aaaplain": {"actions": ["create"], "before": None, "after": ["aaaone", 2, True]},
                "aaalater": {"actions": ["create"], "before": None, "after_unknown": True},
            },
        ),
        "safe",
        ["aaaplain", "aaaone", "aaalater"],
    ),
    "instances by key and by number, and numbers to their last digit": (
        plan(
            resource(
                "acme_meter",
                "kwh",
                "create",
                None,
                {"exact": 12345678901234567890, "share": 0.1},
                within={"address": 'acme_meter.kwh["aaakey"]', "index": "aaakey"},
            ),
            resource("acme_meter", "kwh", "delete", {"exact": 7}, within={"address": "acme_meter.kwh[3]", "index": 3}),
        ),
        "deletes (no data)",
        ["aaakey", "12345678901234567890", "0.1", "acme_meter.kwh[3]", "acme_meter"],
    ),
    "checks that pass, fail, broke and wait": (
        plan(
            checks=[
                {
                    "address": {"kind": "resource", "to_display": f"aws_iam_role.{status}"},
                    "status": status,
                    "instances": [
                        {
                            "address": {"to_display": f'aws_iam_role.{status}["aaa{status}"]'},
                            "status": status,
                            "problems": [{"message": f"it is {status} here"}],
                        }
                    ],
                }
                for status in ("pass", "fail", "error", "unknown")
            ]
        ),
        "nothing to do",
        ["aaafail", "aaaerror", "aaaunknown", "it is fail here", "it is error here"],
    ),
    "a tainted resource": (
        plan(
            resource(
                "null_resource",
                "broken",
                "replace",
                {"id": "aaaid"},
                {},
                after_unknown={"id": True},
                within={"action_reason": "replace_because_tainted"},
            ),
            applyable=True,
            complete=True,
        ),
        "replaces (no data)",
        ["its creation was interrupted, or it was marked as tainted", "1 to replace"],
    ),
    "nothing but a move": (
        plan(
            resource(
                "random_id",
                "new",
                "no-op",
                {"hex": "ab"},
                {"hex": "ab"},
                within={"previous_address": "random_id.aaaold"},
            ),
            applyable=True,
        ),
        "state only",
        ["random_id.aaaold", "1 to move"],
    ),
    "a sensitive output, and one of an unset attribute": (
        plan(
            output_changes={
                "aaatoken": {
                    "actions": ["update"],
                    "before": "aaasecret1",
                    "after": "aaasecret2",
                    "before_sensitive": True,
                    "after_sensitive": True,
                },
                "aaagone": {"actions": ["delete"], "before": "aaavalue", "after": None},
            }
        ),
        "changes",
        ["aaatoken", "aaagone", "aaavalue", "(sensitive)"],
    ),
}
"""Plans of our own with the properties of HashiCorp's samples (hashicorp/terraform-json, testdata).

Each with its verdict, and words that are to be in every form; in the JSON those that the plan has.
"""


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_plan_as_others_write_it_has_no_silent_section(sample: str) -> None:
    content, verdict, expected = SAMPLES[sample]
    found = review(content, title="sample", rules=Rules(), today=TODAY)
    assert found.verdict == verdict
    assert found.notes[-1:] == ("there is no rule, so nothing stops this plan",)
    for text in forms(found).values():
        assert not [words for words in expected if words not in text]
        assert "aaasecret" not in text
    assert not [words for words in expected if words.startswith("aaa") and words not in as_json(found)]
    assert "aaasecret" not in as_json(found)


def test_what_does_not_change_and_what_passes_is_not_in_the_way() -> None:
    """Of checks those that pass, and of resources those that stay as they are."""
    same = resource("aws_iam_role", "same", "no-op", {"name": "aaasame"}, {"name": "aaasame"})
    check = {"address": {"to_display": "check.aaapasses"}, "status": "pass"}
    text = terminal(reviewed(same, checks=[check], applyable=False), width=200, colour=False)
    assert "aaa" not in text
    assert "nothing to do: no changes" in text


def test_all_that_is_not_known_is_in_every_form() -> None:
    """An action, a section, a property, and what contradicts."""
    strange = resource("aws_iam_role", "strange", "no-op", {"name": "r"}, {"name": "r"}, aaaproperty=1)
    strange["change"]["actions"] = ["aaaaction"]
    found = reviewed(strange, aaasection=[1, 2], applyable=False)
    assert found.verdict is Verdict.INCOMPLETE
    assert [each.action for each in found.resources] == [Action.OTHER]
    for text in [*forms(found).values(), as_json(found)]:
        for words in ("aaaaction", "aaasection (2 entries)", "change.aaaproperty (1 time)", "incomplete"):
            assert words in text
        assert "cannot be applied, and yet it has changes" in text
    assert ("availability", '["aaaaction"] is planned for it, which this review does not know') in told(found)
