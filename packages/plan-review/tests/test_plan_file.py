"""Reading a plan: what is none is refused with one message that says why and what to do."""

import json
from pathlib import Path
from typing import Any

import pytest

from check_report.errors import InvalidInputError
from plan_review.plan_file import read_plan
from plan_review.review import review
from plan_review.rules import Rules

from plan_builder import TODAY, entry, plan

MAKE = "terraform show -json"


def written(directory: Path, content: bytes) -> Path:
    file = directory / "plan.json"
    file.write_bytes(content)
    return file


def refusal(path: Path) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read_plan(str(path))
    assert len(caught.value.faults) == 1
    assert MAKE in caught.value.faults[0] or "UTF-16" in caught.value.faults[0]
    return caught.value.faults[0]


GOOD = json.dumps(plan(entry("aws_s3_bucket", "create", None, {"bucket": "b"}))).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"Terraform will perform the following actions:", "not JSON, or cut off, at line 1, column 1"),
        (GOOD[: len(GOOD) // 2], "not JSON, or cut off"),
        (GOOD[:-1], "not JSON, or cut off"),
        (b'{"@level":"info"}\n{"@level":"info"}\n', "a log of `terraform plan -json`, and not a plan"),
        (GOOD + b"\n" + GOOD[:-1], "not JSON, or cut off"),
        (GOOD + b"\n[]", "not a plan but a list"),
        (b"PK\x03\x04rest", "Terraform's own plan file, which is not JSON"),
        (GOOD.decode().encode("utf-16"), "UTF-16 text"),
        (b'{"a": "\xff"}', "not UTF-8 text at byte 7"),
        (b"[]", "not a plan but a list"),
        (b"null", "not a plan but null"),
        (b"3", "not a plan but a number"),
        (b"{}", "not a plan but something else"),
        (b'{"format_version": "1.0", "values": {}}', "not a plan but a state"),
        (b'{"version": 4, "lineage": "x", "resources": []}', "not a plan but a state"),
        (b'{"planned_values": {}}', "format_version = null: not known; allowed: 0.x and 1.x"),
        (b'{"format_version": "2.0", "planned_values": {}}', 'format_version = "2.0": not known'),
        (b'{"format_version": 1.2, "planned_values": {}}', "format_version = 1.2: not known"),
        (b'{"format_version": "1.2", "resource_changes": {}}', "resource_changes = {}: not allowed; allowed: a list"),
        (
            b'{"format_version": "1.2", "resource_changes": [3]}',
            "resource_changes[0] = 3: not allowed; allowed: an obj",
        ),
        (b'{"format_version": "1.2", "resource_changes": [{}]}', "resource_changes[0].address = null"),
        (
            b'{"format_version": "1.2", "resource_changes": [{"address": "a", "type": "b", "change": 1}]}',
            "resource_changes[0].change = 1: not allowed; allowed: an object",
        ),
        (
            b'{"format_version": "1.2", "resource_changes": [{"address": "", "type": "", "change": {"actions": [1]}}]}',
            "resource_changes[0].change.actions = [1]: not allowed; allowed: a list of texts",
        ),
        (b'{"format_version": "1.2", "output_changes": {"o": 1}}', 'output_changes["o"] = 1: not allowed'),
        (b'{"format_version": "1.2", "output_changes": []}', "output_changes = []: not allowed; allowed: an object"),
        (
            b'{"format_version": "1.2", "planned_values": {}, "errored": "true"}',
            'errored = "true": not allowed; allowed: true or false',
        ),
        (b'{"format_version": "1.2", "planned_values": {}, "applyable": 1}', "applyable = 1: not allowed"),
        (b'{"format_version": "1.2", "planned_values": {}, "complete": []}', "complete = []: not allowed"),
        (b'{"format_version": "1.2", "planned_values": NaN}', "NaN is no JSON"),
        (b'{"format_version": "1.2", "planned_values": ' + b"9" * 5000 + b"}", "not a plan's JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 5000, "nested too deeply"),
    ],
)
def test_what_is_no_plan_is_refused_with_its_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    assert f": {reason}" in refusal(written(tmp_path, content))


def test_a_file_that_is_not_there_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.json").startswith(f"{tmp_path}/no.json: no such file")
    with pytest.raises(InvalidInputError, match="a folder; give the plan's JSON in it, like "):
        read_plan(str(tmp_path))


def test_a_name_with_an_escape_in_it_is_shown_without(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_plan(str(tmp_path / "a\x1b[31m.json"))
    assert "\x1b" not in str(caught.value)
    assert "\\u001b[31m.json" in str(caught.value)


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2", "1.9"])
def test_every_format_of_terraform_1_and_before_is_read(tmp_path: Path, version: str) -> None:
    content = json.dumps({"format_version": version, "planned_values": {}}).encode()
    assert read_plan(str(written(tmp_path, content)))["format_version"] == version


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert read_plan(str(written(tmp_path, b"\xef\xbb\xbf" + GOOD)))["terraform_version"] == "1.11.4"


def test_half_a_character_becomes_the_sign_for_one_that_is_missing(tmp_path: Path) -> None:
    """Lone surrogates could be written to no file; pairs, and backslashes before a u, stay what they are."""
    text = r'{"format_version": "1.2", "planned_values": {"a": "\ud800 \udc00x \ud83d\ude00 \\ud800"}}'
    value = read_plan(str(written(tmp_path, text.encode())))["planned_values"]["a"]
    assert value == "\ufffd \ufffdx \U0001f600 \\ud800"


def test_a_number_that_no_float_holds_stays_text(tmp_path: Path) -> None:
    text = b'{"format_version": "1.2", "planned_values": {"a": 1e999, "b": 1.5}}'
    assert read_plan(str(written(tmp_path, text)))["planned_values"] == {"a": "1e999", "b": 1.5}


def nested(depth: int) -> Any:
    value: Any = "x"
    for _ in range(depth):
        value = {"a": [value]}
    return value


@pytest.mark.parametrize("depth", [10, 100, 450])
def test_of_values_nested_deeply_only_so_much_is_told(tmp_path: Path, depth: int) -> None:
    """So every form can be written of it."""
    bucket = entry("aws_s3_bucket", "update", {"bucket": "b", "deep": nested(depth)}, {"bucket": "b", "deep": "y"})
    read = read_plan(str(written(tmp_path, json.dumps(plan(bucket)).encode())))
    found = review(read, title="deep", rules=Rules(), today=TODAY)
    value = found.resources[0].differences[0].before.value
    assert ("(nested too deeply to be shown)" in json.dumps(value)) == (depth > 20)


def test_values_too_deep_to_look_for_secrets_in_are_refused(tmp_path: Path) -> None:
    secret = {
        "variables": {"v": {"value": "secret"}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": True}}}},
    }
    bucket = entry("aws_s3_bucket", "update", {"deep": nested(450)}, {"deep": "y"})
    read = read_plan(str(written(tmp_path, json.dumps(plan(bucket, **secret)).encode())))
    with pytest.raises(InvalidInputError, match="deep: values are nested too deeply for a plan"):
        review(read, title="deep", rules=Rules(), today=TODAY)
