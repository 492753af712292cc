"""What a plan holds comes out in words: printable, short, and with nothing that is sensitive."""

from dataclasses import replace

import pytest

from plan_review.forms.wording import (
    agreement,
    asides,
    beside,
    counts,
    done,
    folded,
    headline,
    judged,
    lines,
    literal,
    notes,
    path,
    shown,
    sides,
    sign,
    values,
    verdict,
    words,
)
from plan_review.model import Action, Counts

from review_sample import (
    ABSENT,
    ALARM,
    CREATES,
    DEFERRED,
    FUNCTION,
    IMPORTED,
    MOVED,
    NOTHING,
    QUEUE,
    REVIEW,
    SENSITIVE,
    UNKNOWN,
    difference,
    resource,
    value,
)


def test_a_long_name_is_shortened_and_its_length_is_told() -> None:
    assert shown("x" * 201) == "x" * 200 + "... (201 characters)"
    assert shown("x" * 200) == "x" * 200


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (30, "30"),
        ("30", '"30"'),
        ('say "no"', r'"say \"no\""'),
        ("a\nb\u202e", r'"a\nb\u202e"'),
        ({"b": [1, "é"]}, '{"b": [1, "é"]}'),
        ("y" * 100_000, '"' + "y" * 199 + "... (100000 characters)"),
        (["y" * 300], '["' + "y" * 198 + "... (304 characters)"),
    ],
)
def test_a_value_is_its_json_in_one_short_line(content: object, expected: str) -> None:
    assert literal(content) == expected


def test_what_is_no_value_is_told_in_brackets_and_a_sensitive_one_is_never_told() -> None:
    assert [words(side) for side in (ABSENT, UNKNOWN, SENSITIVE, value(None))] == [
        "(not set)",
        "(known after apply)",
        "(sensitive)",
        "null",
    ]


def test_of_two_long_values_the_part_that_differs_is_shown() -> None:
    before, after = sides(difference("code", "a" * 500 + "old", "a" * 500 + "new"))
    assert before == "..." + "a" * 20 + 'old"'
    assert after == "..." + "a" * 20 + 'new"'


def test_a_text_of_many_lines_is_compared_line_by_line() -> None:
    assert lines(FUNCTION.differences[0]) == ["  set -e", "  echo one", "- echo two", "+ echo 2", "+ echo three"]


def test_a_long_document_is_told_in_lines_and_a_short_one_is_not() -> None:
    statement = {"Action": "sqs:SendMessage", "Effect": "Allow", "Principal": "*", "Resource": "arn:aws:sqs:::q" * 2}
    assert lines(difference("policy/Anyone", ABSENT, statement)) == [
        "+ {",
        '+   "Action": "sqs:SendMessage",',
        '+   "Effect": "Allow",',
        '+   "Principal": "*",',
        '+   "Resource": "arn:aws:sqs:::qarn:aws:sqs:::q"',
        "+ }",
    ]
    assert lines(difference("policy/Anyone", ABSENT, {"Effect": "Allow"})) == []


def test_many_lines_are_cut_and_how_many_more_there_are_is_told() -> None:
    told = lines(difference("script", ABSENT, "line\n" * 100))
    assert len(told) == 21
    assert told[-1] == "  ... (80 more lines)"


def test_a_sensitive_text_of_many_lines_is_not_told() -> None:
    secret = replace(SENSITIVE, value="canary\nof two lines")
    assert lines(difference("script", secret, "a\nb")) == ["- (sensitive)", "+ a", "+ b"]


def test_a_last_newline_alone_is_seen() -> None:
    change = difference("script", "a\nb", "a\nb\n")
    assert lines(change) == []
    assert sides(change) == (r'"a\nb"', r'"a\nb\n"')


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("visibility_timeout_seconds",), "visibility_timeout_seconds"),
        (("policy", "AllowRead", "Principal"), "policy.AllowRead.Principal"),
        (("ingress", "0", "cidr_blocks"), "ingress[0].cidr_blocks"),
        (("tags", "a b.c\n"), r'tags["a b.c\n"]'),
        (("tags", "aws:cloudformation/x-y"), "tags.aws:cloudformation/x-y"),
        ((), ""),
    ],
)
def test_a_path_reads_like_terraforms(parts: tuple[str, ...], expected: str) -> None:
    assert path(parts) == expected


def test_the_verdict_ends_with_what_is_gravest_or_else_with_the_counts_without_zeros() -> None:
    assert verdict(CREATES) == "only creates: 4 to create"
    assert beside(CREATES) == []
    assert verdict(REVIEW) == "STOPPED: acmecorp-prod-app-results: would be deleted, with every object in it"
    assert beside(REVIEW) == [
        (
            "2 to create, 4 to change, 1 to replace, 1 to delete, 1 to forget, 1 to import, 2 to move, 1 to defer, "
            "1 action to run, 1 with an unknown action; 7 more findings"
        ),
        "plan sha256 5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c",
    ]
    assert verdict(NOTHING) == "nothing to do: no changes"


def test_what_was_applied_is_told_as_past() -> None:
    assert done(CREATES) == "4 created"
    applied = replace(NOTHING, counts=Counts(create=1, change=2, replace=3, delete=4, imported=5, run=1))
    assert done(applied) == "1 created, 2 changed, 3 replaced, 4 deleted, 5 imported, 1 action run"


def test_a_reason_for_which_a_plan_is_incomplete_is_told_once() -> None:
    leads = [lead for lead, _ in asides(REVIEW)]
    assert leads == ["INCOMPLETE", "note", "note", "note"]
    assert [lead for lead, _ in asides(replace(REVIEW, answer=REVIEW.incomplete))] == ["note", "note", "note"]


def test_outputs_that_alone_change_are_named() -> None:
    assert counts(replace(REVIEW, counts=Counts())) == "outputs alone change: queue_url, token"


def test_the_headline_says_what_and_where() -> None:
    assert headline(REVIEW) == "app-async-prod on AWS (account 333333333333, us-east-1)"
    assert headline(replace(REVIEW, title="a\nplan.json", where="")) == r"a\nplan.json"


def test_each_action_has_a_mark_that_needs_no_colour() -> None:
    signs = {action.value: sign(resource("t", "It", "n", action)) for action in Action}
    assert signs == {
        "create": "+",
        "read": "<",
        "update": "~",
        "replace": "!",
        "delete": "-",
        "forget": ".",
        "other": "?",
        "no-op": " ",
    }
    assert (sign(IMPORTED), sign(MOVED)) == ("=", ">")


def test_notes_say_what_the_mark_does_not() -> None:
    assert notes(IMPORTED) == []
    assert notes(replace(IMPORTED, action=Action.UPDATE)) == ["imported by the id acmecorp-prod-app-logs"]
    assert notes(replace(IMPORTED, imported_id="name=logs", by_identity=True)) == ["imported by the identity name=logs"]
    assert notes(replace(QUEUE, identity='name "a" -> "b"')) == ['its identity changes: name "a" -> "b"']
    assert notes(replace(ALARM, generated_lines=1)) == [
        "generated by Terraform, so nobody wrote it: 1 line of configuration"
    ]
    assert notes(MOVED) == ["moved from aws_sqs_queue.DeadLetters"]
    assert notes(DEFERRED) == ["deferred: its provider's configuration is unknown"]


def test_noise_is_counted_by_reason() -> None:
    assert folded(REVIEW.resources) == (
        "2 computed by the provider; 1 written differently, the same in meaning; 1 a known phantom difference"
    )
    assert folded(NOTHING.resources) == ""


def test_findings_that_an_exception_lets_pass_are_counted_apart() -> None:
    first, *_, last = REVIEW.blocks
    assert judged(REVIEW) == "Stopped by 2 findings, 2 excepted"
    assert judged(replace(REVIEW, blocks=(first,))) == "Stopped by 1 finding"
    assert judged(replace(REVIEW, blocks=(last,))) == "Not stopped: 1 excepted"
    assert judged(NOTHING) == ""


def test_how_far_the_plan_keeps_to_the_requirement_is_one_line() -> None:
    assert agreement(REVIEW.intent) == "1 of 3 properties not as required, 1 known only after apply"
    assert agreement(CREATES.intent) == "1 of 2 properties as required, 1 known only after apply"
    assert agreement(CREATES.intent[:1]) == "1 of 1 property as required"


def test_of_an_output_that_changes_the_part_that_differs_is_shown() -> None:
    before, after = ({"A": "a" * 300, "B": each} for each in ("old", "new"))
    changed = replace(REVIEW.outputs[0], before=value(before), after=value(after))
    assert [each[-11:] for each in values(changed)] == ['"B": "old"}', '"B": "new"}']


def test_of_a_new_output_there_is_only_its_value() -> None:
    changed, created = REVIEW.outputs
    assert values(changed) == ('"https://sqs/old"', "(known after apply)")
    assert values(created) == ("(sensitive)",)
    assert values(replace(changed, action=Action.DELETE)) == ('"https://sqs/old"',)
