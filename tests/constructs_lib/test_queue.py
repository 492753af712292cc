"""A queue's defaults, its options, and what it refuses."""

import json
from typing import Any

import pytest
from cdktf import TerraformStack

from constructs_lib.queue import DeadLetters, Fifo, Queue
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

DEAD = "arn:aws:sqs:eu-west-1:444444444444:orders-dead"


def queue(stack: TerraformStack, **options: Any) -> Queue:
    """Make a queue; an option `dead` is of its dead-letter queue."""
    dead: dict[str, Any] = {"name": "orders-dead", **options.pop("dead", {})}
    given: dict[str, Any] = {
        "name": "orders",
        "account": ACCOUNT,
        "dead_letters": DeadLetters(**dead),
        "consumer_timeout_seconds": 30,
        "visibility_timeout_seconds": 60,
    }
    return Queue(stack, "Orders", **{**given, **options})


def made(**options: Any) -> dict[str, dict[str, Any]]:
    """Return the queues of a stack by name, without what cdktf adds."""
    stack = new_stack()
    queue(stack, **options)
    return {
        each["name"]: {key: value for key, value in each.items() if key not in {"//", "name", "policy"}}
        for each in resources(synth(stack), "aws_sqs_queue")
    }


def test_a_queue_is_one_statement_encrypted_polled_for_long_and_with_a_dead_letter_queue_of_its_own() -> None:
    assert made() == {
        "orders": {
            "sqs_managed_sse_enabled": True,
            "receive_wait_time_seconds": 20,
            "message_retention_seconds": 345600,
            "visibility_timeout_seconds": 60,
            "redrive_policy": f'{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":3}}',
            "depends_on": ["aws_sqs_queue.Orders_DeadLetterQueue_2B0CDB3D"],
        },
        "orders-dead": {
            "sqs_managed_sse_enabled": True,
            "receive_wait_time_seconds": 20,
            "message_retention_seconds": 1209600,
            "redrive_allow_policy": '{"redrivePermission":"byQueue",'
            '"sourceQueueArns":["arn:aws:sqs:eu-west-1:444444444444:orders"]}',
        },
    }


def test_both_queues_refuse_requests_without_tls() -> None:
    stack = new_stack()
    queue(stack)
    policies = {each["name"]: each["policy"] for each in resources(synth(stack), "aws_sqs_queue")}
    assert policies == {
        name: '{"Version":"2012-10-17","Statement":[{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":"*",'
        f'"Action":"sqs:*","Resource":"arn:aws:sqs:eu-west-1:444444444444:{name}",'
        '"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}'
        for name in ("orders", "orders-dead")
    }


def test_a_topic_may_send_to_the_queue_and_not_to_its_dead_letter_queue() -> None:
    """AWS's own example names the topic in aws:SourceArn, so that no other topic's messages come in."""
    stack = new_stack()
    queue(stack, topics=["arn:aws:sns:eu-west-1:444444444444:events"])
    policies = {each["name"]: json.loads(each["policy"]) for each in resources(synth(stack), "aws_sqs_queue")}
    assert [each for each in policies["orders"]["Statement"] if each["Effect"] == "Allow"] == [
        {
            "Sid": "AllowTopics",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": "arn:aws:sqs:eu-west-1:444444444444:orders",
            "Condition": {"ArnEquals": {"aws:SourceArn": ["arn:aws:sns:eu-west-1:444444444444:events"]}},
        }
    ]
    assert [each["Effect"] for each in policies["orders-dead"]["Statement"]] == ["Deny"]


def test_a_queue_without_a_dead_letter_queue_has_to_be_asked_for() -> None:
    found = made(dead_letters=None)
    assert list(found) == ["orders"]
    assert not {"redrive_policy", "depends_on"} & set(found["orders"])
    with pytest.raises(TypeError, match="dead_letters"):
        Queue(new_stack(), "Orders", name="orders", account=ACCOUNT, consumer_timeout_seconds=30)  # pyright: ignore[reportCallIssue]


def test_without_a_dead_letter_queue_nothing_can_refer_to_it() -> None:
    with pytest.raises(ValueError, match="other/Orders: has no dead-letter queue"):
        _ = queue(new_stack(), dead_letters=None).dead_letter_queue


def test_the_visibility_timeout_is_six_consumer_timeouts_unless_given() -> None:
    assert made(visibility_timeout_seconds=None)["orders"]["visibility_timeout_seconds"] == 180


def test_a_new_message_can_be_held_back() -> None:
    assert made(delay_seconds=900)["orders"]["delay_seconds"] == 900


FIFO = {"name": "orders.fifo", "dead": {"name": "orders-dead.fifo"}}


def test_a_fifo_queues_dead_letter_queue_is_fifo_too() -> None:
    found = made(**FIFO, fifo=Fifo())
    assert [(name, each["fifo_queue"]) for name, each in found.items()] == [
        ("orders-dead.fifo", True),
        ("orders.fifo", True),
    ]
    assert found["orders.fifo"]["content_based_deduplication"] is False
    assert not {"deduplication_scope", "fifo_throughput_limit"} & set(found["orders.fifo"])


def test_a_fifo_queue_can_deduplicate_by_content_and_count_by_message_group() -> None:
    found = made(**FIFO, fifo=Fifo(content_based_deduplication=True, high_throughput=True))["orders.fifo"]
    assert found["content_based_deduplication"] is True
    assert (found["deduplication_scope"], found["fifo_throughput_limit"]) == ("messageGroup", "perMessageGroupId")


def test_a_queues_grants_are_on_the_queue_alone() -> None:
    orders = queue(new_stack())
    arn = "arn:aws:sqs:eu-west-1:444444444444:orders"
    assert (orders.send().actions, orders.send().resource) == (("sqs:SendMessage",), arn)
    assert (sorted(orders.consume().actions), orders.consume().resource) == (
        ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
        arn,
    )


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"name": "or ders"}, 'name = "or ders" is no SQS queue name; allowed: letters, digits, hyphens and underscores'),
    ({"name": "orders.fifo"}, 'name = "orders.fifo" is no SQS queue name'),
    ({"name": "orders", "fifo": Fifo()}, 'name = "orders" is no SQS FIFO queue name; allowed: letters, digits'),
    ({**FIFO, "dead": {"name": "dead"}, "fifo": Fifo()}, 'dead_letters.name = "dead" is 4 characters long'),
    ({"dead": {"name": "dead.fifo"}}, 'dead_letters.name = "dead.fifo" is no SQS queue name'),
    ({"dead": {"name": "orders"}}, 'dead_letters.name = "orders": the queue itself; allowed: another'),
    ({"visibility_timeout_seconds": 43201}, "visibility_timeout_seconds = 43201: not allowed; allowed: 0 to 43200"),
    ({"receive_wait_seconds": 21}, "receive_wait_seconds = 21: not allowed; allowed: 0 to 20"),
    ({"receive_wait_seconds": -1}, "receive_wait_seconds = -1: not allowed; allowed: 0 to 20"),
    ({"retention_seconds": 59}, "retention_seconds = 59: not allowed; allowed: 60 to 1209600"),
    ({"delay_seconds": 901}, "delay_seconds = 901: not allowed; allowed: 0 to 900"),
    ({"delay_seconds": -1}, "delay_seconds = -1: not allowed; allowed: 0 to 900"),
    ({"dead": {"retention_seconds": 1209601}}, "dead_letters.retention_seconds = 1209601: not allowed"),
    ({"dead": {"max_receive_count": 0}}, "dead_letters.max_receive_count = 0: not allowed; allowed: 1 to 1000"),
    ({"dead": {"max_receive_count": 1001}}, "dead_letters.max_receive_count = 1001: not allowed; allowed: 1 to 1000"),
    ({"consumer_timeout_seconds": 0}, "consumer_timeout_seconds = 0: not allowed; allowed: 1 to 43200"),
    ({"visibility_timeout_seconds": 59}, "shorter than two consumer timeouts of 30 s"),
    (
        {"consumer_timeout_seconds": 7201, "visibility_timeout_seconds": None},
        "visibility_timeout_seconds = 43206: not allowed; allowed: 0 to 43200",
    ),
    ({"retention_seconds": 180}, "would expire before it reaches the dead-letter queue; allowed: more than 180"),
    ({"retention_seconds": 190, "delay_seconds": 10}, "a delay of 10 s and 3 receives of 60 s take longer"),
    ({"dead": {"retention_seconds": 345600}}, "not longer than the queue's 345600"),
    ({"topics": ["events"]}, 'topics: "events"; allowed: ARNs of SNS topics, like "arn:aws:sns:us-east-1'),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_a_queue_refuses_what_sqs_or_its_invariants_refuse(options: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        queue(new_stack(), **options)
    assert any(found.startswith("other/Orders: ") and fault in found for found in caught.value.faults)


def test_a_queue_accepts_the_very_limits_of_its_invariants() -> None:
    """Twice the consumer's timeout, a second more than delay and receives take, a second more than that."""
    found = made(
        visibility_timeout_seconds=60, delay_seconds=900, retention_seconds=1081, dead={"retention_seconds": 1082}
    )
    assert set(found) == {"orders", "orders-dead"}


def test_all_violated_invariants_are_reported_together() -> None:
    with pytest.raises(InvalidConstructError) as caught:
        queue(
            new_stack(),
            consumer_timeout_seconds=331,
            visibility_timeout_seconds=660,
            retention_seconds=1980,
            dead={"retention_seconds": 1980},
        )
    assert [fault.split(" = ")[0] for fault in caught.value.faults] == [
        "other/Orders: visibility_timeout_seconds",
        "other/Orders: retention_seconds",
        "other/Orders: dead_letters.retention_seconds",
    ]
