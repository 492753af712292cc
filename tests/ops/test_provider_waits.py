"""The provider's waits in an apply: the longest chain of what the plan really makes or changes, and why."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ops.provider_waits import about, expectation, expectation_of_creations

from golden_plans import content

CREATE: dict[str, Any] = {"actions": ["create"], "before": None, "after": {}}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "first-deploy",
            (
                "about a minute: the AWS provider itself waits 55 s for each bucket's lifecycle rules and 25 s for "
                "each queue"
            ),
        ),
        ("visibility", "about 25 s: the AWS provider itself waits 25 s for each queue"),
        ("lifecycle", "about a minute: the AWS provider itself waits 55 s for each bucket's lifecycle rules"),
        ("tag", ""),
        ("no-change", ""),
        ("destroy", ""),
    ],
)
def test_what_is_said_before_an_apply_is_of_this_plan(name: str, said: str) -> None:
    """A changed tag is not waited for, nor is a deletion; nothing is said where nothing is waited for."""
    assert expectation(json.loads(content(name))) == said


def plan(changes: Mapping[str, Mapping[str, Any]], follows: Mapping[str, str]) -> dict[str, Any]:
    """Return a plan of changes by address, in which some resources refer to another one."""
    return {
        "resource_changes": [
            {"address": address, "mode": "managed", "type": address.split(".")[-2], "change": change}
            for address, change in changes.items()
        ],
        "configuration": {
            "root_module": {
                "resources": [
                    {"address": address, "expressions": {"policy": {"references": [f"{behind}.arn", behind]}}}
                    for address, behind in follows.items()
                ]
            }
        },
    }


QUEUES = ("aws_sqs_queue.a", "aws_sqs_queue.b", "aws_sqs_queue.c", "aws_sqs_queue.d")


@pytest.mark.parametrize(
    ("changes", "follows", "said"),
    [
        (dict.fromkeys(QUEUES, CREATE), {}, "about 25 s"),
        (dict.fromkeys(QUEUES, CREATE), dict(zip(QUEUES[1:], QUEUES, strict=False)), "about 2 minutes"),
        # Through a topic that nothing is waited for.
        (
            {QUEUES[0]: CREATE, "aws_sns_topic.t": CREATE, QUEUES[1]: CREATE},
            {"aws_sns_topic.t": QUEUES[0], QUEUES[1]: "aws_sns_topic.t"},
            "about a minute",
        ),
        # The one behind it is there already.
        ({QUEUES[1]: CREATE}, {QUEUES[1]: QUEUES[0]}, "about 25 s"),
        ({f"{QUEUES[0]}[0]": CREATE, f"{QUEUES[0]}[1]": CREATE}, {}, "about 25 s"),
    ],
)
def test_what_waits_for_another_one_waits_after_it_and_all_else_at_the_same_time(
    changes: Mapping[str, Mapping[str, Any]], follows: Mapping[str, str], said: str
) -> None:
    expected = f"{said}: the AWS provider itself waits 25 s for each queue"
    assert expectation(plan(changes, follows)) == expected


@pytest.mark.parametrize(
    ("change", "waits"),
    [
        ({"actions": ["update"], "before": {"tags": {}}, "after": {"tags": {"a": "b"}}}, False),
        ({"actions": ["update"], "before": {"delay_seconds": 0}, "after": {"delay_seconds": 1}}, True),
        ({"actions": ["update"], "before": {}, "after": {}, "after_unknown": {"policy": True}}, True),
        ({"actions": ["delete", "create"], "before": {}, "after": {}}, True),
        ({"actions": ["delete"], "before": {}, "after": None}, False),
        ({"actions": ["no-op"], "before": {"delay_seconds": 0}, "after": {"delay_seconds": 0}}, False),
    ],
)
def test_a_queue_is_waited_for_if_more_of_it_changes_than_its_tags(change: Mapping[str, Any], waits: bool) -> None:  # noqa: FBT001
    assert bool(expectation(plan({QUEUES[0]: change}, {}))) is waits


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ([], "about a minute: the AWS provider itself waits 25 s for each queue"),
        (["Dlq"], "about 25 s: the AWS provider itself waits 25 s for each queue"),
        (["Dlq", "Jobs"], ""),
    ],
)
def test_without_a_plan_what_the_state_does_not_have_is_waited_for(recorded: list[str], said: str) -> None:
    """As before cdktf's own deploy, which plans by itself."""
    redrive = "${jsonencode({deadLetterTargetArn = aws_sqs_queue.Dlq.arn})} ${aws_sqs_queue.Dlq.arn}"
    synthesized = {"resource": {"aws_sqs_queue": {"Dlq": {"name": "dlq"}, "Jobs": {"redrive_policy": redrive}}}}
    state = {"resources": [{"type": "aws_sqs_queue", "name": name} for name in recorded]}
    assert expectation_of_creations(synthesized, state) == said


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(25, "about 25 s"), (49, "about 49 s"), (50, "about a minute"), (80, "about a minute"), (110, "about 2 minutes")],
)
def test_a_duration_is_no_more_exact_than_it_can_be(seconds: int, words: str) -> None:
    assert about(seconds) == words
