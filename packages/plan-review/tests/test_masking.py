"""Nothing that is sensitive is anywhere in a review, whichever way it came into the plan."""

import json
from typing import Any

import pytest

from plan_review.model import Known, Review

from plan_builder import entry, reviewed

CANARY = "canary-4f1d"


def paths(found: Review) -> dict[str, tuple[Known, Known]]:
    differences = found.resources[0].differences
    return {".".join(each.path): (each.before.known, each.after.known) for each in differences}


@pytest.mark.parametrize(("before_mark", "after_mark"), [(True, True), (True, False), (False, True)])
def test_a_value_that_is_sensitive_on_either_side_is_on_both(before_mark: bool, after_mark: bool) -> None:  # noqa: FBT001 - pytest's parameters
    found = reviewed(
        entry(
            "aws_db_instance",
            "update",
            {"password": f"{CANARY}-old", "name": "n"},
            {"password": f"{CANARY}-new", "name": "n"},
            before_sensitive={"password": before_mark},
            after_sensitive={"password": after_mark},
        )
    )
    assert paths(found) == {"password": (Known.SENSITIVE, Known.SENSITIVE)}
    assert CANARY not in repr(found)


def test_a_sensitive_part_of_a_block_hides_itself_and_not_the_rest() -> None:
    before = {"env": [{"name": "A", "value": CANARY}, {"name": "B", "value": "old"}]}
    after = {"env": [{"name": "A", "value": f"{CANARY}2"}, {"name": "B", "value": "new"}]}
    marks = {"env": [{"value": True}, {}]}
    found = reviewed(entry("x_y", "update", before, after, before_sensitive=marks, after_sensitive=marks))
    assert paths(found) == {
        "env.A.value": (Known.SENSITIVE, Known.SENSITIVE),
        "env.B.value": (Known.VALUE, Known.VALUE),
    }
    assert CANARY not in repr(found)


@pytest.mark.parametrize("action", ["create", "delete", "replace", "update"])
@pytest.mark.parametrize("mark", [True, {"name": True, "secret": [{"deep": True}], "policy": True}])
def test_a_sensitive_name_cause_or_document_is_told_nowhere(action: str, mark: Any) -> None:
    side = {
        "name": CANARY,
        "secret": [{"deep": {"er": CANARY}}],
        "policy": json.dumps({"Statement": [{"Sid": CANARY}]}),
    }
    change = entry(
        "aws_sqs_queue",
        action,
        None if action == "create" else side,
        None if action == "delete" else {**side, "name": f"{CANARY}-2"},
        before_sensitive=mark,
        after_sensitive=mark,
        replace_paths=[["name"], ["secret", 0, "deep"], ["policy"]],
    )
    found = reviewed(change)
    assert found.resources[0].name == "aws_sqs_queue.this"
    assert CANARY not in repr(found)


def test_the_value_of_a_sensitive_variable_is_told_nowhere() -> None:
    """Not within a text, a document, an index, an id, a problem, an output, and not by a module's own variable."""
    root = {
        "variables": {"token": {"sensitive": True}, "plain": {}},
        "module_calls": {
            "m": {
                "expressions": {"inner": {"constant_value": "canary-inner"}},
                "module": {"variables": {"inner": {"sensitive": True, "default": "canary-default"}}},
            }
        },
    }
    after = {
        "name": f"prefix-{CANARY}",
        "url": f"https://user:{CANARY}@host",
        "policy": json.dumps({"Statement": [{"Sid": "x", "Effect": "Allow", "Resource": CANARY}]}),
        "number": 48151623,
        "inner": ["canary-inner", {"a": "canary-default"}],
        "plain": "shown",
    }
    change = {
        **entry("aws_sqs_queue", "update", {"plain": "before"}, after, importing={"id": CANARY}),
        "address": f'aws_sqs_queue.this["{CANARY}"]',
        "previous_address": f'aws_sqs_queue.old["{CANARY}"]',
    }
    found = reviewed(
        change,
        variables={"token": {"value": {"a": CANARY, "b": 48151623}}, "plain": {"value": "shown"}},
        configuration={"root_module": root},
        output_changes={"o": {"actions": ["create"], "before": None, "after": f"x{CANARY}"}},
        checks=[
            {
                "address": {"to_display": "c"},
                "status": "fail",
                "instances": [{"status": "fail", "problems": [{"message": f"bad {CANARY}"}]}],
            }
        ],
    )
    assert "canary" not in repr(found)
    assert "48151623" not in repr(found)
    assert "shown" in repr(found)
    assert found.checks[0].problems == ("bad (sensitive)",)


def test_a_secret_that_a_document_writes_with_escapes_is_told_nowhere() -> None:
    """JSON writes a quotation mark, and any letter it likes, with a backslash."""
    hidden = 'pass"word'
    after = {"policy": json.dumps({"Statement": [{"Sid": f"x{hidden}"}]}), "plain": "a \\ shown"}
    root = {"variables": {"token": {"sensitive": True}}}
    found = reviewed(
        entry("aws_sqs_queue", "create", None, after),
        variables={"token": {"value": hidden}},
        configuration={"root_module": root},
    )
    assert paths(found) == {
        "plain": (Known.ABSENT, Known.VALUE),
        "policy": (Known.ABSENT, Known.SENSITIVE),
    }
    assert "word" not in repr(found.resources)


def test_a_sensitive_output_is_told_without_its_values() -> None:
    changed = {"actions": ["update"], "before": CANARY, "after": CANARY + "2", "after_sensitive": True}
    found = reviewed(output_changes={"o": changed})
    assert [(each.name, each.before.known, each.after.known) for each in found.outputs] == [
        ("o", Known.SENSITIVE, Known.SENSITIVE)
    ]
    assert CANARY not in repr(found)


@pytest.mark.parametrize("name", ["access_key", "secret_key", "client_secret", "api_token", "Password", "credentials"])
def test_a_providers_credentials_are_told_nowhere(name: str) -> None:
    provider = {"aws": {"expressions": {name: {"constant_value": f"{CANARY}-key"}, "region": {"constant_value": "r"}}}}
    created = entry("aws_sqs_queue", "create", None, {"name": "n", "note": f"uses {CANARY}-key"})
    assert CANARY not in repr(reviewed(created, configuration={"provider_config": provider}))


def test_before_terraform_marked_anything_names_say_what_is_secret() -> None:
    change = {
        "actions": ["create"],
        "before": None,
        "after": {"name": "n", "password": CANARY, "db": [{"token": CANARY}]},
    }
    found = reviewed({"address": "x_y.z", "mode": "managed", "type": "x_y", "change": change})
    assert CANARY not in repr(found)
    assert paths(found)["password"] == (Known.ABSENT, Known.SENSITIVE)


def test_a_sensitive_tag_is_hidden_in_what_the_provider_makes_of_it() -> None:
    """Terraform marks `tags` alone, and writes the value in `tags_all`."""
    after = {"tags": {"a": CANARY}, "tags_all": {"a": CANARY, "b": "shown"}}
    found = reviewed(entry("x_y", "create", None, after, after_sensitive={"tags": {"a": True}}))
    assert CANARY not in repr(found)
    assert paths(found) == {"tags_all.a": (Known.ABSENT, Known.SENSITIVE), "tags_all.b": (Known.ABSENT, Known.VALUE)}
