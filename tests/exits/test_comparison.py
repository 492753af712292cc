"""The comparison of two syntheses: nothing may differ but what is listed, and that must."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.exits.comparison import Difference, Place, addresses, compare, differences

STACK: dict[str, Any] = {
    "//": {"metadata": {"version": "0.21.0"}},
    "resource": {"aws_sqs_queue": {"Jobs": {"name": "jobs", "delay_seconds": 1, "tags": {}, "rules": [{"a": 1}, 2]}}},
}
VERSION: Place = ("//", "metadata", "version")
LISTED: Mapping[str, Mapping[Place, tuple[Any, Any]]] = {"cdk.tf.json": {VERSION: ("0.21.0", "0.24.0")}}


def changed(text: str, other: str) -> Any:
    """Return the stack with a text of its JSON replaced, in the order in which it stands."""
    before = json.dumps(STACK)
    assert before.count(text) == 1
    return json.loads(before.replace(text, other))


def found(text: str, other: str) -> list[str]:
    return [str(each) for each in differences(STACK, changed(text, other))]


def folder(path: Path, stack: Any, **others: str) -> Path:
    """Return a folder with the stack, and other files beside it."""
    (path / "stacks" / "jobs").mkdir(parents=True)
    (path / "stacks" / "jobs" / "cdk.tf.json").write_text(json.dumps(stack))
    for name, text in others.items():
        (path / "stacks" / "jobs" / name).write_text(text)
    return path


def test_a_stack_is_equal_to_itself_however_it_is_written() -> None:
    assert list(differences(STACK, json.loads(json.dumps(STACK, indent=4)))) == []


@pytest.mark.parametrize(
    ("text", "other", "said"),
    [
        ('"delay_seconds": 1', '"delay_seconds": 2', "aws_sqs_queue.Jobs.delay_seconds: 1 -> 2"),
        ('"delay_seconds": 1', '"delay_seconds": true', "aws_sqs_queue.Jobs.delay_seconds: 1 -> true"),
        ('"delay_seconds": 1', '"delay_seconds": 1.0', "aws_sqs_queue.Jobs.delay_seconds: 1 -> 1.0"),
        ('"delay_seconds": 1', '"delay_seconds": "1"', 'aws_sqs_queue.Jobs.delay_seconds: 1 -> "1"'),
        ('"delay_seconds": 1, ', "", "aws_sqs_queue.Jobs.delay_seconds: 1 -> (not there)"),
        ('"tags": {}', '"tags": {"a": null}', "aws_sqs_queue.Jobs.tags.a: (not there) -> null"),
        ('"tags": {}', '"tags": []', "aws_sqs_queue.Jobs.tags: {} -> []"),
        ('[{"a": 1}, 2]', '[{"a": 3}, 2]', "aws_sqs_queue.Jobs.rules.0.a: 1 -> 3"),
        ('[{"a": 1}, 2]', '[{"a": 1}]', 'aws_sqs_queue.Jobs.rules: [{"a": 1}, 2] -> [{"a": 1}]'),
        ('[{"a": 1}, 2]', '[2, {"a": 1}]', 'aws_sqs_queue.Jobs.rules.0: {"a": 1} -> 2'),
    ],
)
def test_a_difference_is_named_by_its_address_with_both_values(text: str, other: str, said: str) -> None:
    assert found(text, other)[0] == said


def test_another_order_of_the_same_keys_differs() -> None:
    text = '"name": "jobs", "delay_seconds": 1'
    (said,) = found(text, '"delay_seconds": 1, "name": "jobs"')
    assert said.startswith('aws_sqs_queue.Jobs.(order): ["name", "delay_seconds", ')


def test_another_address_is_two_differences() -> None:
    """Terraform would delete the one and create the other."""
    said = found('"Jobs"', '"Queue"')
    assert [each.split(": ")[0] for each in said] == ["aws_sqs_queue.Jobs", "aws_sqs_queue.Queue"]


def test_addresses_are_those_of_the_resources() -> None:
    assert addresses(STACK) == ["aws_sqs_queue.Jobs"]
    assert addresses({"output": {}}) == []


def test_what_is_listed_may_differ(tmp_path: Path) -> None:
    theirs = folder(tmp_path / "theirs", changed("0.21.0", "0.24.0"))
    assert compare(folder(tmp_path / "ours", STACK), theirs, LISTED) == []


@pytest.mark.parametrize("version", ["0.21.0", "0.25.0"])
def test_what_is_listed_must_differ_as_it_is_listed(tmp_path: Path, version: str) -> None:
    """A list that allows more than there is would hide the next difference."""
    theirs = folder(tmp_path / "theirs", changed("0.21.0", version))
    (wrong,) = compare(folder(tmp_path / "ours", STACK), theirs, LISTED)
    assert (
        wrong
        == {
            "0.21.0": "stacks/jobs/cdk.tf.json: //.metadata.version: listed as different, but equal",
            "0.25.0": 'stacks/jobs/cdk.tf.json: //.metadata.version: "0.21.0" -> "0.25.0"',
        }[version]
    )


def test_a_listed_difference_lifts_no_other(tmp_path: Path) -> None:
    both = json.loads(json.dumps(changed("0.21.0", "0.24.0")).replace('"jobs"', '"other"'))
    (wrong,) = compare(folder(tmp_path / "ours", STACK), folder(tmp_path / "theirs", both), LISTED)
    assert wrong == 'stacks/jobs/cdk.tf.json: aws_sqs_queue.Jobs.name: "jobs" -> "other"'


def test_a_missing_stack_and_one_too_many_are_wrong(tmp_path: Path) -> None:
    ours, theirs = folder(tmp_path / "ours", STACK), tmp_path / "theirs" / "stacks" / "others"
    theirs.mkdir(parents=True)
    (theirs / "cdk.tf.json").write_text("{}")
    assert compare(ours, tmp_path / "theirs", {}) == [
        "stacks/jobs/cdk.tf.json: only today's has it",
        "stacks/others/cdk.tf.json: today's does not have it",
    ]


def test_what_lies_beside_a_stack_is_compared_by_its_bytes(tmp_path: Path) -> None:
    ours = folder(tmp_path / "ours", STACK, lock="h1")
    assert compare(ours, folder(tmp_path / "same", STACK, lock="h1"), {}) == []
    assert compare(ours, folder(tmp_path / "other", STACK, lock="h2"), {}) == ["stacks/jobs/lock: its bytes differ"]


def test_a_difference_of_the_whole_file_has_a_name() -> None:
    assert str(Difference((), 1, 2)) == "(the whole file): 1 -> 2"
