"""What stops a plan on several resources alike is shown once, with the name of each and what to paste for each."""

from dataclasses import replace

import pytest

from plan_review.forms.html import html
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from plan_review.forms.wording import judged
from plan_review.model import Block, Finding, Kind, Review, Verdict

from rendered_page import Page
from review_sample import NOTHING


def stopped(types: tuple[str, ...]) -> Review:
    """Return a review of a plan that the same stops on a resource of each type."""
    findings = tuple(
        Finding(
            kind=Kind.REQUIREMENT,
            address=f"{type_}.It{number}",
            type=type_,
            name=f"name-{number}",
            sentence='Tags.Owner: "platform" is required, "reports" is planned',
            remedy="set it as required",
        )
        for number, type_ in enumerate(types)
    )
    blocks = tuple(
        Block(
            rule="no-departure",
            why="make verify would fail",
            finding=finding,
            exception="",
            to_paste=f'[[exception]]\naddress = "{finding.address}"',
        )
        for finding in findings
    )
    return replace(NOTHING, verdict=Verdict.STOPPED, findings=findings, blocks=blocks)


TAGGED = ("aws_sqs_queue", "aws_sqs_queue", "aws_dynamodb_table", "aws_s3_bucket")


def test_on_a_terminal_one_tag_on_four_resources_is_one_entry() -> None:
    shown = terminal(stopped(TAGGED), width=120, colour=False).splitlines()
    begin = shown.index("Stopped by 4 findings")
    assert shown[begin + 1 :] == [
        '  x name-0, name-1, name-2, name-3: Tags.Owner: "platform" is required, "reports" is planned',
        "      no-departure: make verify would fail",
        "      do: set it as required",
        "      or let it pass, with a reason, in the file of rules:",
        "        [[exception]]",
        '        address = "aws_sqs_queue.It0"',
        "        ... and 3 more such entries, all of them in review.html",
    ]


def test_the_other_forms_have_each_of_what_can_be_pasted() -> None:
    for text in (markdown(stopped(TAGGED)), Page(html(stopped(TAGGED))).text):
        assert text.count("is required, ") == 1
        assert text.count("make verify would fail") == 1
        assert [text.count(f'address = "{type_}.It{number}"') for number, type_ in enumerate(TAGGED)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("types", "begins"),
    [
        (("aws_sqs_queue",) * 3, ["  x aws_sqs_queue name-0, name-1, name-2: "]),
        (("aws_sqs_queue",) * 2, ["  x aws_sqs_queue name-0: ", "  x aws_sqs_queue name-1: "]),
    ],
)
def test_of_one_type_it_is_named_and_two_are_two(types: tuple[str, ...], begins: list[str]) -> None:
    shown = terminal(stopped(types), width=120, colour=False).splitlines()
    found = [line for line in shown if line.startswith("  x ")]
    assert [line.partition("Tags")[0] for line in found] == begins


def test_of_many_twenty_are_named_and_the_rest_is_counted() -> None:
    many = stopped(("aws_sqs_queue",) * 25)
    assert "name-19 and 5 more: Tags.Owner" in terminal(many, width=400, colour=False)
    assert judged(many) == "Stopped by 25 findings"
    assert markdown(many).count("[[exception]]") == 20


def test_what_different_rules_say_stays_apart() -> None:
    review = stopped(TAGGED)
    others = (*review.blocks[:3], replace(review.blocks[3], why="another reason"))
    shown = terminal(replace(review, blocks=others), width=120, colour=False)
    assert shown.count("  x ") == 2
