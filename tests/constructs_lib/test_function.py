"""What a function of another project gets from the stack: its queue's messages, and its log group."""

from typing import Any

import pytest
from cdktf import TerraformStack

from constructs_lib.function import FunctionLogs, QueueConsumer
from constructs_lib.queue import DeadLetters, Fifo, Queue
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import ACCOUNT, new_stack, resources, synth

WORKER = "arn:aws:lambda:eu-west-1:444444444444:function:orders-worker"


def queue(stack: TerraformStack, **options: Any) -> Queue:
    given: dict[str, Any] = {
        "name": "orders",
        "dead_letters": DeadLetters(name="orders-dead"),
        "consumer_timeout_seconds": 30,
    }
    return Queue(stack, "Orders", account=ACCOUNT, **{**given, **options})


def fifo_queue(stack: TerraformStack) -> Queue:
    return queue(stack, name="orders.fifo", dead_letters=None, fifo=Fifo())


def consumer(orders: Queue, **options: Any) -> QueueConsumer:
    given: dict[str, Any] = {"function_name": "orders-worker", "max_concurrency": 5}
    return QueueConsumer(TerraformStack.of(orders), "Worker", queue=orders, **{**given, **options})


def mapping(stack: TerraformStack) -> dict[str, Any]:
    (made,) = resources(synth(stack), "aws_lambda_event_source_mapping")
    return {key: value for key, value in made.items() if key != "//"}


def test_a_function_gets_one_message_at_a_time_and_names_those_that_failed() -> None:
    stack = new_stack()
    consumer(queue(stack))
    assert mapping(stack) == {
        "event_source_arn": "${aws_sqs_queue.Orders_Queue_CE034008.arn}",
        "function_name": WORKER,
        "batch_size": 1,
        "function_response_types": ["ReportBatchItemFailures"],
        "scaling_config": {"maximum_concurrency": 5},
    }


def test_a_larger_batch_is_collected_for_a_while() -> None:
    stack = new_stack()
    consumer(queue(stack), batch_size=10_000, batching_window_seconds=300, max_concurrency=1000)
    made = mapping(stack)
    assert (made["batch_size"], made["maximum_batching_window_in_seconds"]) == (10000, 300)
    assert made["scaling_config"] == {"maximum_concurrency": 1000}


REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"function_name": "orders:worker"},
        'function_name = "orders:worker" is no Lambda function name; allowed: letters',
    ),
    ({"max_concurrency": 1}, "max_concurrency = 1: not allowed; allowed: 2 to 1000"),
    ({"max_concurrency": 1001}, "max_concurrency = 1001: not allowed; allowed: 2 to 1000"),
    ({"batch_size": 0}, "batch_size = 0: not allowed; allowed: 1 to 10000"),
    ({"batch_size": 10_001, "batching_window_seconds": 1}, "batch_size = 10001: not allowed; allowed: 1 to 10000"),
    ({"batching_window_seconds": 301}, "batching_window_seconds = 301: not allowed; allowed: 0 to 300"),
    (
        {"batch_size": 11},
        (
            "batching_window_seconds = 0: too short for batches of 11 messages; allowed: at least 1, or a batch_size "
            "of at most 10"
        ),
    ),
]


@pytest.mark.parametrize(("options", "fault"), REFUSED)
def test_a_mapping_that_lambda_refuses_is_refused_with_what_is_allowed(options: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        consumer(queue(new_stack()), **options)
    assert len(caught.value.faults) == 1
    assert caught.value.faults[0].startswith(f"other/Worker: {fault}")


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"batch_size": 11}, "other/Worker: batch_size = 11: not allowed; allowed: 1 to 10"),
        (
            {"batching_window_seconds": 1},
            "other/Worker: batching_window_seconds = 1: a FIFO queue has no batching window; allowed: 0",
        ),
    ],
)
def test_a_fifo_queue_has_batches_of_ten_without_a_window(options: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        consumer(fifo_queue(new_stack()), **options)
    assert caught.value.faults == (fault,)


def test_all_faults_of_a_mapping_are_reported_together() -> None:
    with pytest.raises(InvalidConstructError) as caught:
        consumer(queue(new_stack()), function_name="", max_concurrency=0, batch_size=0, batching_window_seconds=-1)
    assert [fault.split(" = ")[0].removeprefix("other/Worker: ") for fault in caught.value.faults] == [
        "function_name",
        "max_concurrency",
        "batch_size",
        "batching_window_seconds",
    ]


def notes(construct: QueueConsumer) -> list[str]:
    return [each.data for each in construct.node.metadata if each.type == "@cdktf/info"]


@pytest.mark.parametrize(("visibility_seconds", "noted"), [(180, False), (179, True)])
def test_less_than_six_timeouts_is_a_note_and_no_error(visibility_seconds: int, *, noted: bool) -> None:
    made = consumer(queue(new_stack(), visibility_timeout_seconds=visibility_seconds))
    assert notes(made) == noted * [
        (
            "visibility_timeout_seconds = 179 of orders: AWS advises at least 180, six timeouts of the function and "
            "the batching window, to leave room for throttled receives"
        )
    ]


def test_the_batching_window_counts_for_the_advice() -> None:
    made = consumer(queue(new_stack(), visibility_timeout_seconds=180), batching_window_seconds=5)
    assert ["AWS advises at least 185" in note for note in notes(made)] == [True]


def test_the_logs_of_a_function_stay_for_thirty_days() -> None:
    stack = new_stack()
    logs = FunctionLogs(stack, "Logs", function_name="orders-worker", account=ACCOUNT)
    (made,) = resources(synth(stack), "aws_cloudwatch_log_group")
    assert (made["name"], made["retention_in_days"]) == ("/aws/lambda/orders-worker", 30)
    assert logs.write().actions == ("logs:CreateLogStream", "logs:PutLogEvents")
    assert logs.write().resource == "arn:aws:logs:eu-west-1:444444444444:log-group:/aws/lambda/orders-worker:*"


def test_a_retention_that_cloudwatch_does_not_know_is_refused_with_those_that_it_knows() -> None:
    with pytest.raises(InvalidConstructError) as caught:
        FunctionLogs(new_stack(), "Logs", function_name="orders worker", account=ACCOUNT, retention_days=31)
    assert caught.value.faults == (
        (
            'other/Logs: function_name = "orders worker" is no Lambda function name; allowed: letters, digits, hyphens '
            "and underscores"
        ),
        (
            "other/Logs: retention_days = 31: not allowed; allowed: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, "
            "400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
        ),
    )
