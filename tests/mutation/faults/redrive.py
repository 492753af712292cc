"""Faults of moving messages back from a dead-letter queue, and of who may."""

from tests.mutation.fault import Area, Fault

REDRIVE = Area(
    "redrive",
    ("tests/ops/test_redrive.py", "tests/ops/resource_types/test_sqs_queue.py", "tests/ops/access/test_command.py"),
    (
        Fault(
            "redriven-nowhere",
            "ops.resource_types.sqs_queue:_move",
            'sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], **_content(message))',
            'sqs.get_queue_url(QueueName=queue)["QueueUrl"]',
            "Each message would be deleted, and sent to nobody.",
        ),
        Fault(
            "redriven-without-attributes",
            "ops.resource_types.sqs_queue:_content",
            '"MessageAttributes": message.get("MessageAttributes", {}),',
            "",
            "A worker that reads the attributes would fail on the message again.",
        ),
        Fault(
            "redriven-out-of-order",
            "ops.resource_types.sqs_queue:_content",
            '("MessageGroupId", "MessageDeduplicationId")',
            "()",
            "A FIFO queue would refuse every message.",
        ),
        Fault(
            "look-hides-messages",
            "ops.resource_types.sqs_queue:_shown",
            "hidden_seconds=0",
            "hidden_seconds=_HELD_SECONDS",
            "The redrive after the look would find nothing to move.",
        ),
        Fault(
            "redrive-without-limit",
            "ops.redrive:_redrive_one",
            "number = min(at_most, waiting)",
            "number = waiting",
            "All messages would be moved to a worker that was to be tried with one.",
        ),
        Fault(
            "redrive-into-a-raised-alarm",
            "ops.redrive:_redrive_one",
            "and not options.despite_alarm",
            "and options.despite_alarm",
            "Messages would be moved to a worker that fails, and use up its tries.",
        ),
        Fault(
            "redrive-knows-no-alarm",
            "ops.redrive:_alarms",
            "if guarded == queue",
            "if not guarded",
            "Messages would be moved to a worker that fails, and use up its tries.",
        ),
        Fault(
            "missing-alarm-is-an-all-clear",
            "ops.redrive:_raised",
            "if state is None:",
            "if state == 0.5:",
            "Without its alarm a worker that fails would seem to work.",
        ),
        Fault(
            "dry-run-moves",
            "ops.redrive:_redrive_one",
            "    if options.dry_run:\n        return\n",
            "",
            "A look would move messages.",
        ),
        Fault(
            "redrive-unasked",
            "ops.redrive:_redrive_one",
            "if approval.needs_approval(request):",
            "if not request.shell:",
            "Messages of customers would be moved by whoever types the command to see what it does.",
        ),
        Fault(
            "redrive-deaf-to-ctrl-c",
            "ops.redrive:_move",
            "                raise_deferred()\n",
            "",
            "Whoever sees the first message fail could not stop the rest.",
        ),
        Fault(
            "uncounted-is-unmoved",
            "ops.redrive:_left",
            "except (ClientError, BotoCoreError) as error:",
            "except NoAnswerError as error:",
            "After messages were moved, a throttled count would end with 2, which says that nothing was changed.",
        ),
        Fault(
            "redrive-guesses-the-queue",
            "ops.redrive:_redrive",
            "if len(sharing) > 1:",
            "if len(sharing) > 2:",
            "Messages of one queue would be sent to another's worker.",
        ),
        Fault(
            "operator-takes-jobs",
            "ops.resource_types.sqs_queue:TYPE",
            '_having("RedriveAllowPolicy")',
            'in_account("sqs")',
            "People on call could delete jobs that wait.",
        ),
    ),
)
