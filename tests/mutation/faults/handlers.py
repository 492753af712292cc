"""Faults of the commands for who writes a handler."""

from tests.mutation.fault import Area, Fault

HANDLERS = Area(
    "handlers",
    ("tests/ops/handlers", "tests/ops/resource_types/test_contents.py"),
    (
        Fault(
            "last-feature-wins",
            "ops.handlers.exports:merged",
            "if differing:",
            "if not exported:",
            "A handler would work on the queue of another feature, whose variable has the same name.",
        ),
        Fault(
            "no-answer-of-the-emulator-hides-all",
            "ops.handlers.peek:_look",
            "(ClientError, BotoCoreError, EmulatorError)",
            "(ClientError, BotoCoreError)",
            "make peek would show nothing, if a single queue cannot be read.",
        ),
        Fault(
            "reset-on-aws",
            "ops.handlers.deployed:require_emulator_target",
            "if request.target is Target.AWS:",
            "if request.target is Target.AWS and not request.auto_approve:",
            "make reset TARGET=aws AUTO_APPROVE=yes would begin to delete customers' data.",
        ),
        Fault(
            "data-source-emptied",
            "ops.handlers.deployed:_managed",
            'if resource["mode"] == "managed":',
            "if resource:",
            "make reset would empty what a stack only refers to, and another project owns.",
        ),
        Fault(
            "unreadable-is-empty",
            "ops.handlers.peek:run",
            "return 0 if is_complete else 2",
            "return 0",
            "A program would take a table that it may not read for one without items.",
        ),
        Fault(
            "follow-repeats",
            "ops.handlers.peek:run",
            "if shown != before:",
            "if shown:",
            "Whoever follows would have to find what has changed in a page a second.",
        ),
        Fault(
            "control-characters-of-a-message",
            "ops.handlers.peek:_text",
            "_short(printable(entry.line))",
            "_short(entry.line)",
            "A message could move the cursor of the terminal of whoever looks at it.",
        ),
        Fault(
            "oldest-objects-as-newest",
            "ops.resource_types.s3_bucket:_peek",
            ", reverse=True",
            "",
            "The result that a test has just written would not be among those that are shown.",
        ),
        Fault(
            "limit-not-said",
            "ops.resource_types.dynamodb_table:_peek",
            '"LastEvaluatedKey" in answer and ',
            '"LastEvaluatedKey" not in answer and ',
            "Ten items would seem to be all that a table holds.",
        ),
        Fault(
            "type-that-is-not-emptied",
            "ops.resource_types.cloudwatch_log_group:TYPE",
            "    empty=_empty,\n",
            "",
            "make reset would stop at the first log group, with queues empty and the rest not.",
        ),
    ),
)
