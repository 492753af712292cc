"""What a refresh found, of a plan without changes: accounted for and written into the state, or left as drift."""

from collections.abc import Mapping
from typing import Any

import pytest

from ops.deployment.refreshed_state import NOTHING, refreshed

from plan_builder import entry, plan

QUEUE, TABLE = "aws_sqs_queue", "aws_dynamodb_table"
WITHOUT_SIZE = {"name": "jobs", "delay_seconds": 0}
WITH_SIZE = {**WITHOUT_SIZE, "max_message_size": 262144}
INDEX = {"name": "by-key", "hash_key": "key"}


def stored(type_: str, attributes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a state with one resource."""
    resource = {"mode": "managed", "type": type_, "name": "this", "instances": [{"attributes": attributes}]}
    return {"resources": [{**resource, **more}]}


def found(type_: str, before: Any, after: Any, *, state: Any = None, declared: Any = None, **more: Any) -> Any:
    """Refresh one resource from one value to another; the state has what it was, unless `state` says otherwise."""
    resource = {"address": f"{type_}.this", "expressions": declared or {"name": {"constant_value": "jobs"}}}
    made = plan(
        resource_drift=[entry(type_, "update" if after else "delete", before, after)],
        configuration={"root_module": {"resources": [resource]}},
        **{"applyable": False, **more},
    )
    return refreshed(made, lambda: stored(type_, before) if state is None else state)


def test_an_attribute_that_the_state_does_not_have_is_written() -> None:
    """As after an upgrade of the provider: the plan's JSON has null for it, as for one that is not set."""
    upgraded = found(QUEUE, {**WITH_SIZE, "max_message_size": None}, WITH_SIZE, state=stored(QUEUE, WITHOUT_SIZE))
    assert upgraded.is_to_write
    assert upgraded.notes == (
        "an apply changes Terraform's state alone: what the refresh found is no drift after that",
    )
    assert [(drift.name, drift.path) for drift in upgraded.written] == [("jobs", ("max_message_size",))]


def test_an_attribute_of_a_block_that_the_state_does_not_have_is_written() -> None:
    """As the key schema of an index, from provider 6.29 on."""
    before, after = (
        {"name": "jobs", "global_secondary_index": [{**INDEX, "key_schema": keys}]} for keys in ([], [{"type": "HASH"}])
    )
    state = stored(TABLE, {"name": "jobs", "global_secondary_index": [INDEX]})
    assert found(TABLE, before, after, state=state).is_to_write
    assert not found(TABLE, before, after).is_to_write


def test_what_the_stack_says_itself_is_written() -> None:
    """As a value that was changed by hand, and then in the code."""
    declared = {"delay_seconds": {"constant_value": 9}}
    assert found(QUEUE, WITHOUT_SIZE, {**WITHOUT_SIZE, "delay_seconds": 9}, declared=declared).is_to_write


def test_what_is_gone_and_not_declared_is_dropped() -> None:
    """What is declared, a plan without changes would not leave gone."""
    assert found(QUEUE, WITHOUT_SIZE, None).is_to_write


HAND = {**WITH_SIZE, "max_message_size": None}


@pytest.mark.parametrize(
    ("type_", "before", "after", "state", "property_"),
    [
        (QUEUE, {**WITH_SIZE, "max_message_size": 1024}, WITH_SIZE, None, "max_message_size"),
        (QUEUE, HAND, WITH_SIZE, None, "max_message_size"),
        (QUEUE, HAND, WITH_SIZE, {"resources": []}, "max_message_size"),
        (QUEUE, HAND, WITH_SIZE, stored(QUEUE, WITHOUT_SIZE, module="module.m"), "max_message_size"),
        (QUEUE, {"name": "jobs", "tags_all": {}}, {"name": "jobs", "tags_all": {"Extra": "1"}}, None, "tags_all.Extra"),
        (
            TABLE,
            {"name": "jobs", "replica": [{"name": "a"}]},
            {"name": "jobs", "replica": [{"name": "a"}, {"name": "b"}]},
            None,
            "replica.b",
        ),
        (TABLE, {"name": "jobs", "ttl": []}, {"name": "jobs", "ttl": [{"enabled": True}]}, None, "ttl"),
    ],
    ids=["another value", "was not set", "not in the state", "in a module", "tag", "block", "first block"],
)
def test_what_only_a_change_by_hand_explains_is_left(
    type_: str, before: Any, after: Any, state: Any, property_: str
) -> None:
    """A state would otherwise take in, unseen, what somebody set in a console; nothing is written beside it."""
    left = found(type_, before, after, state=state)
    assert not left.is_to_write
    assert left.left == (f"jobs: {property_}",)
    (note,) = left.notes
    assert note == (
        f"jobs: {property_}: changed outside Terraform, and the stack says nothing of it; the state stays as it is, so "
        "that make drift shows it: undo it, or declare it in the stack"
    )


def test_one_change_by_hand_keeps_the_whole_state_from_being_written() -> None:
    before = {**WITHOUT_SIZE, "max_message_size": None, "fifo_queue": None}
    both = found(QUEUE, before, {**before, "max_message_size": 1, "fifo_queue": True}, state=stored(QUEUE, before))
    some = stored(QUEUE, {**WITHOUT_SIZE, "fifo_queue": None})
    mixed = found(QUEUE, before, {**before, "max_message_size": 1, "fifo_queue": True}, state=some)
    assert (both.written, both.is_to_write) == ((), False)
    assert (len(mixed.written), mixed.left, mixed.is_to_write) == (1, ("jobs: fifo_queue",), False)


def test_the_providers_own_region_is_nothing_and_another_one_is_left() -> None:
    """A resource shows it from provider 6 on; it does not need to be written, for nobody sees it as drift."""
    for region, provider, is_drift in (("eu-west-1", "eu-west-1", False), ("us-east-1", "eu-west-1", True)):
        resource: dict[str, Any] = {
            "address": f"{QUEUE}.this",
            "provider_config_key": "aws",
            "expressions": {},
        }
        configuration: dict[str, Any] = {
            "provider_config": {"aws": {"expressions": {"region": {"constant_value": provider}}}},
            "root_module": {"resources": [resource]},
        }
        drift = [entry(QUEUE, "update", {"name": "jobs"}, {"name": "jobs", "region": region})]
        made = plan(resource_drift=drift, configuration=configuration, applyable=False)
        assert (refreshed(made, lambda: stored(QUEUE, {"name": "jobs"})) != NOTHING) is is_drift


@pytest.mark.parametrize("more", [{"applyable": True}, {"errored": True}])
def test_of_a_plan_with_changes_or_one_that_failed_nothing_is_said(more: dict[str, bool]) -> None:
    """Its own apply, if there is one, writes what the refresh found; the state is not even read."""
    made = plan(**{"applyable": False, "resource_drift": [entry(QUEUE, "update", HAND, WITH_SIZE)], **more})

    def unread() -> dict[str, Any]:
        raise AssertionError

    assert refreshed(made, unread) == NOTHING
