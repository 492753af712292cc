"""The plan in few words: counts, a line a resource, silent alarms."""

from typing import Any

from ops.plan_summary import silent_alarms, summary_lines


def change(
    type_: str, actions: list[str], before: dict[str, Any] | None, after: dict[str, Any] | None
) -> dict[str, Any]:
    return {"type": type_, "mode": "managed", "change": {"actions": actions, "before": before, "after": after}}


def test_each_action_is_counted_and_shown_with_the_physical_name() -> None:
    plan = {
        "resource_changes": [
            change("aws_sqs_queue", ["create"], None, {"name": "q"}),
            change("aws_s3_bucket", ["update"], {"bucket": "b"}, {"bucket": "b"}),
            change("aws_dynamodb_table", ["delete", "create"], {"name": "t"}, {"name": "t"}),
            change("aws_dynamodb_table", ["create", "delete"], {"name": "u"}, {"name": "u"}),
            change("aws_cloudwatch_metric_alarm", ["delete"], {"alarm_name": "a"}, None),
            change("aws_sns_topic", ["forget"], {"name": "s"}, None),
            change("aws_sqs_queue", ["no-op"], {"name": "same"}, {"name": "same"}),
            change("aws_sqs_queue", ["read"], None, {"name": "data"}),
        ]
    }
    counts, *lines = summary_lines(plan)
    assert counts == "1 to create, 1 to change, 2 to replace, 1 to delete, 1 to forget"
    assert [line.split() for line in lines] == [
        ["+", "aws_sqs_queue", "q"],
        ["~", "aws_s3_bucket", "b"],
        ["!", "aws_dynamodb_table", "t"],
        ["!", "aws_dynamodb_table", "u"],
        ["-", "aws_cloudwatch_metric_alarm", "a"],
        [".", "aws_sns_topic", "s"],
    ]


def test_what_is_imported_is_counted_beside_what_else_becomes_of_it() -> None:
    bucket = change("aws_s3_bucket", ["update"], {"bucket": "b"}, {"bucket": "b"})
    queue = change("aws_sqs_queue", ["no-op"], {"name": "q"}, {"name": "q"})
    bucket["change"]["importing"] = queue["change"]["importing"] = {"id": "x"}
    counts, *lines = summary_lines({"resource_changes": [bucket, queue]})
    assert counts == "0 to create, 1 to change, 0 to replace, 0 to delete, 2 to import"
    assert [line.split() for line in lines] == [["~", "aws_s3_bucket", "b"], ["=", "aws_sqs_queue", "q"]]


def test_a_plan_without_changes_says_so() -> None:
    assert summary_lines({"resource_changes": [change("aws_sqs_queue", ["no-op"], {}, {})]}) == ["no changes"]
    assert summary_lines({}) == ["no changes"]


def test_outputs_that_change_alone_are_named() -> None:
    plan = {"output_changes": {"a": {"actions": ["create"]}, "b": {"actions": ["no-op"]}}}
    assert summary_lines(plan) == ["outputs alone change: a"]


def test_a_resource_whose_name_is_not_known_is_not_given_one() -> None:
    lines = summary_lines({"resource_changes": [change("aws_sqs_queue", ["create"], None, {"name": None})]})
    assert lines[1].split(maxsplit=2) == ["+", "aws_sqs_queue", "(named by AWS)"]


def test_alarms_that_notify_nobody_are_named_unless_they_go() -> None:
    alarm = "aws_cloudwatch_metric_alarm"
    plan = {
        "resource_changes": [
            change(alarm, ["create"], None, {"alarm_name": "silent", "alarm_actions": None}),
            change(alarm, ["create"], None, {"alarm_name": "loud", "alarm_actions": ["arn"]}),
            change(alarm, ["delete"], {"alarm_name": "going"}, None),
            change("aws_sqs_queue", ["create"], None, {"name": "q"}),
        ]
    }
    assert silent_alarms(plan) == ["silent"]
