"""A review in a terminal: what matters first, no line too long, no colour unless told, and nothing that acts."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from plan_review.forms.terminal import terminal
from plan_review.model import Action, Counts, Review, Verdict

from call_counts import grows_in_step
from review_sample import (
    ABSENT,
    CANARY,
    CREATES,
    DECRYPTED,
    LOSS,
    NOTHING,
    POLICY,
    QUEUE,
    REVIEW,
    SILENT,
    UNKNOWN,
    difference,
    large,
    resource,
    value,
)

WIDTHS = (60, 80, 120, 200)


def plain(review: Review, width: int = 100) -> list[str]:
    return terminal(review, width=width, colour=False).splitlines()


def test_nothing_to_do_is_one_line() -> None:
    assert plain(NOTHING) == ["app-async-prod on AWS (account 333333333333, us-east-1): nothing to do: no changes"]


def test_a_first_deployment_is_read_at_a_glance() -> None:
    assert plain(CREATES) == [
        "app-async-dev on the emulator at http://127.0.0.1:5001 (account 000000000000, us-east-1):",
        "only creates: 4 to create",
        "",
        "Creates",
        "  + aws_sqs_queue                                       acmecorp-app-jobs-queue-dev",
        "  + aws_sqs_queue                                       acmecorp-app-jobs-dlq-dev",
        "  + aws_dynamodb_table                                  acmecorp-app-jobs-table-dev",
        "  + aws_s3_bucket_server_side_encryption_configuration  acmecorp-dev-app-results",
        "",
        "Requirement: 1 of 2 properties as required, 1 known only after apply",
    ]


def test_the_verdict_is_one_line_where_there_is_room() -> None:
    assert plain(CREATES, 200)[0] == (
        "app-async-dev on the emulator at http://127.0.0.1:5001 (account 000000000000, us-east-1): "
        "only creates: 4 to create"
    )


def test_the_parts_stand_in_the_order_in_which_a_reviewer_should_look() -> None:
    review = replace(REVIEW, notes=REVIEW.notes[:1])
    headings = [line for line in plain(review, 200) if line and not line.startswith(" ")]
    assert headings == [
        (
            "app-async-prod on AWS (account 333333333333, us-east-1): STOPPED: acmecorp-prod-app-results: would be "
            "deleted, with every object in it"
        ),
        (
            "2 to create, 4 to change, 1 to replace, 1 to delete, 1 to forget, 1 to import, 2 to move, 1 to defer, "
            "1 action to run, 1 with an unknown action; 7 more findings"
        ),
        "plan sha256 5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c",
        "INCOMPLETE: 1 change is deferred to another apply",
        "note: nothing is known of these types, so no harm of theirs would be told: acme_vault",
        'note: the plan does something that this review does not know: ["frobnicate"] (1 time)',
        "Stopped by 2 findings, 2 excepted",
        "Security weakened",
        "What clients address or may do would go or change",
        "Availability",
        "Alarms weakened, or notifying nobody",
        "Cost model changed",
        "Changes",
        "Creates",
        "Requirement: 1 of 3 properties not as required, 1 known only after apply",
        (
            "Formatting only: 2 computed by the provider; 1 written differently, the same in meaning; "
            "1 a known phantom difference"
        ),
        "Drift found while refreshing",
        "Moved or imported, and not changed",
        "Read while applying",
        "Deferred to another apply",
        "Actions that would run",
        "Outputs",
        "Checks that do not hold, or are not known to",
    ]


def test_what_stops_the_plan_says_why_what_to_do_and_what_to_paste() -> None:
    lines = plain(REVIEW, 200)
    start = lines.index("Stopped by 2 findings, 2 excepted")
    assert lines[start + 1 : start + 14] == [
        "  x aws_s3_bucket acmecorp-prod-app-results: would be deleted, with every object in it",
        "      no-data-loss: what is stored here cannot be had again",
        "      no exception: its exception expired on 2026-01-31",
        "      do: copy what it holds first",
        "      or let it pass, with a reason, in the file of rules:",
        "        [[exception]]",
        '        rule = "no-data-loss"',
        '        address = "aws_s3_bucket.Results"',
        '        reason = ""',
        (
            '  x aws_dynamodb_table acmecorp-app-jobs-table-prod: hash_key "job_id" -> "user_id" forces a new table; '
            "the items in the old one go with it"
        ),
        "      retention: the table would be deleted; undo that change",
        "      do: leave the key as it is",
        "",
    ]


def test_an_exception_says_until_when_and_findings_of_one_remedy_have_it_once() -> None:
    lines = plain(REVIEW, 400)
    start = lines.index("Security weakened")
    assert lines[start + 2] == (
        "      excepted from no-weaker-security: the migration sends from another account, until 2026-12-31"
    )
    assert lines.count("      do: name who may send") == 1
    assert lines.index("      do: name who may send") > start + 3


def test_findings_that_are_alike_are_one_and_so_are_differences() -> None:
    silent = tuple(
        replace(REVIEW.findings[6], address=f"aws_cloudwatch_metric_alarm.A{n}", name=f"alarm-{n}") for n in range(4)
    )
    tagged = tuple(
        replace(
            QUEUE, address=f"aws_sqs_queue.Q{n}", name=f"queue-{n}", differences=(difference("tags/Owner", "a", "b"),)
        )
        for n in range(4)
    )
    assert plain(replace(NOTHING, findings=silent, resources=(*tagged, POLICY)))[2:11] == [
        "Alarms weakened, or notifying nobody",
        "  * aws_cloudwatch_metric_alarm alarm-0, alarm-1, alarm-2 and 1 more: alarm_actions: notifies nobody",
        "",
        "Changes",
        "  ~ in 4 resources:",
        '      tags.Owner: "a" -> "b"',
        "      queue-0, queue-1, queue-2 and 1 more",
        "  ~ aws_sqs_queue_policy  acmecorp-app-jobs-queue-prod",
        '      policy.AllowSend.Principal: "arn:aws:iam::333333333333:role/submit" -> "*"',
    ]


def test_new_resources_show_their_numbers_first_and_new_outputs_their_names() -> None:
    created = resource(
        "aws_sqs_queue",
        "New",
        "jobs",
        Action.CREATE,
        difference("name", ABSENT, "jobs"),
        difference("fifo", ABSENT, value(content=True)),
        difference("kms_master_key_id", ABSENT, "alias/aws/sqs"),
        difference("delay_seconds", ABSENT, 0),
        difference("visibility_timeout_seconds", ABSENT, 660),
        difference("rule", ABSENT, [{"expiration": [{"days": 7}]}]),
        difference("policy", ABSENT, {"Version": "2012-10-17"}),
        difference("tags", ABSENT, {"Owner": "a"}),
    )
    output = replace(REVIEW.outputs[1], name="queue_url", after=UNKNOWN)
    assert plain(replace(NOTHING, resources=(created,), outputs=(output, REVIEW.outputs[1])), 120)[2:] == [
        "Creates",
        "  + aws_sqs_queue  jobs",
        '      visibility_timeout_seconds 660, rule.expiration.days 7, kms_master_key_id "alias/aws/sqs", fifo true',
        "",
        "Outputs",
        "  + token: (sensitive)",
        "",
        "New outputs, known after apply: queue_url",
    ]


def test_actions_are_listed_with_what_runs_them_and_what_they_are_given() -> None:
    lines = plain(REVIEW)
    start = lines.index("Actions that would run")
    assert lines[start + 1 : start + 4] == [
        "  > action.aws_lambda_invoke.Purge after aws_sqs_queue.Jobs has changed",
        '      function_name: "acmecorp-purge"',
        "      payload: (sensitive)",
    ]


def test_of_a_changed_resource_only_what_changes_is_shown_before_and_after() -> None:
    lines = plain(replace(NOTHING, resources=(QUEUE, POLICY)))
    assert lines[2:9] == [
        "Changes",
        "  ~ aws_sqs_queue         acmecorp-app-jobs-queue-prod",
        "      visibility_timeout_seconds: 660 -> 30",
        "      kms_data_key_reuse_period_seconds: (not set) -> (known after apply)",
        '      tags["Owner (team)"]: "platform" -> (not set)',
        "  ~ aws_sqs_queue_policy  acmecorp-app-jobs-queue-prod",
        '      policy.AllowSend.Principal: "arn:aws:iam::333333333333:role/submit" -> "*"',
    ]


def test_two_sides_without_room_beside_each_other_stand_below_each_other() -> None:
    assert plain(replace(NOTHING, resources=(POLICY,)), 60)[-5:-2] == [
        "      policy.AllowSend.Principal:",
        '        - "arn:aws:iam::333333333333:role/submit"',
        '        + "*"',
    ]


def test_what_forces_a_replacement_is_marked() -> None:
    assert '      hash_key: "job_id" -> "user_id"  (forces the replacement)' in plain(REVIEW)


def test_a_text_of_many_lines_is_read_line_by_line() -> None:
    lines = plain(REVIEW)
    start = lines.index("      environment[0].script:")
    assert lines[start + 1 : start + 6] == [
        "          set -e",
        "          echo one",
        "        - echo two",
        "        + echo 2",
        "        + echo three",
    ]


def test_of_the_requirement_one_line_says_how_far_it_is_met() -> None:
    """What is not met is a finding, and stands there."""
    lines = plain(REVIEW)
    start = lines.index("Requirement: 1 of 3 properties not as required, 1 known only after apply")
    assert lines[start - 1 : start + 2] == ["", lines[start], ""]


def test_resources_of_one_name_are_told_apart_by_their_types() -> None:
    """As a bucket and its policy; what is known by its address alone has its type in it."""
    found = (replace(LOSS, type="aws_s3_bucket_policy"), LOSS, replace(LOSS, name=LOSS.address))
    assert [line for line in plain(replace(NOTHING, findings=found)) if line.startswith("  * ")] == [
        "  * aws_s3_bucket_policy acmecorp-prod-app-results: would be deleted, with every object in it",
        "  * aws_s3_bucket acmecorp-prod-app-results: would be deleted, with every object in it",
        "  * aws_s3_bucket.Results: would be deleted, with every object in it",
    ]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal_wide_characters_counted(width: int, *, colour: bool) -> None:
    text = re.sub(r"\x1b\[[\d;]*m", "", terminal(REVIEW, width=width, colour=colour))
    assert max(map(cell_len, text.splitlines())) <= width
    assert "日本語" in text


def test_without_colour_there_is_not_one_control_character() -> None:
    assert terminal(REVIEW, width=80, colour=False).replace("\n", "").isprintable()


def test_with_colour_only_colours_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment says: the caller has judged it."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    coloured = terminal(REVIEW, width=80, colour=True)
    assert "\x1b[1;31mSTOPPED: acmecorp" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == terminal(REVIEW, width=80, colour=False)


@pytest.mark.parametrize("action", ["+", "~", "!", "-", ".", "=", ">", "<"])
def test_without_colour_a_mark_tells_what_becomes_of_a_resource(action: str) -> None:
    assert any(line.startswith(f"  {action} aws_") for line in plain(REVIEW))


def test_no_sensitive_value_is_shown() -> None:
    assert "password: (sensitive) -> (sensitive)" in terminal(REVIEW, width=200, colour=False)
    assert CANARY not in terminal(REVIEW, width=200, colour=True)


def test_a_long_list_is_cut_and_what_is_most_dangerous_stays() -> None:
    lines = plain(large(5_000, 20, 5_000))
    assert len(lines) < 700
    assert lines[2] == "2,500 to create, 2,500 to change; 4,999 more findings"
    assert "  x aws_s3_bucket acmecorp-prod-app-results: would be deleted, with every object in it" in lines
    assert "  ... and 4,969 more, all of them in review.html" in lines
    assert lines.count("  ... and 2,470 more, all of them in review.html") == 2
    assert "      ... and 8 more, all of them in review.html" in lines


def test_what_stops_ci_comes_before_what_is_excepted_so_that_it_is_not_cut() -> None:
    excepted = tuple(replace(DECRYPTED, address=f"aws_sqs_queue.Q{n}", sentence=f"{n}") for n in range(100))
    blocks = (
        *(replace(REVIEW.blocks[3], finding=each) for each in excepted),
        replace(REVIEW.blocks[0], finding=SILENT),
    )
    lines = plain(replace(REVIEW, findings=(*excepted, SILENT), blocks=blocks))
    first = lines[lines.index("Stopped by 1 finding, 100 excepted") + 1]
    assert first == "  x aws_cloudwatch_metric_alarm acmecorp-app-queue-depth-prod: alarm_actions: notifies nobody"


def test_outputs_alone_are_a_change_worth_a_word() -> None:
    review = replace(NOTHING, verdict=Verdict.CHANGES, counts=Counts(), outputs=REVIEW.outputs)
    assert plain(review)[1:] == [
        "changes: outputs alone change: queue_url, token",
        "",
        "Outputs",
        '  ~ queue_url: "https://sqs/old" -> (known after apply)',
        "  + token: (sensitive)",
    ]


def test_five_thousand_resources_take_no_more_work_and_room_than_what_is_listed() -> None:
    made = {number: large(number, 20, number) for number in (500, 2_000, 5_000)}
    assert grows_in_step(lambda number: terminal(made[number], width=100, colour=True), 500)
    assert len(terminal(made[5_000], width=100, colour=True)) < 100_000


@given(st.text(), st.text(), st.integers(60, 130))
def test_no_text_breaks_a_line_or_widens_it(name: str, sentence: str, width: int) -> None:
    changed = replace(QUEUE, name=name, type=name, reason=sentence, differences=(difference("tags/x", name, sentence),))
    review = replace(
        REVIEW,
        title=name,
        where=sentence,
        incomplete=name,
        findings=(replace(LOSS, name=name, sentence=sentence),),
        resources=(changed,),
        drift=(),
        blocks=(),
    )
    lines = terminal(review, width=width, colour=False).split("\n")
    assert all(line.isprintable() and cell_len(line) <= width for line in lines)
