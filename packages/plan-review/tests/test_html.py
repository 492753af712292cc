"""The page holds all that a review says, in order, in one file that asks nothing of a network and trusts no string."""

import base64
import hashlib
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan_review.forms.html import html
from plan_review.model import Action, Finding, Kind, OutputChange, Review, Verdict

from call_counts import grows_in_step
from rendered_page import Page
from review_sample import (
    ABSENT,
    CANARY,
    CREATES,
    HOSTILE,
    NOTHING,
    REVIEW,
    UNKNOWN,
    difference,
    large,
    resource,
)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html(REVIEW))


def test_the_parts_come_in_the_order_in_which_a_reviewer_needs_them(page: Page) -> None:
    assert [words for level, words in page.headings if level in {"h1", "h2"}] == [
        "app-async-prod",
        "Look at these first",
        "Actions that would run",
        "What changes",
        "Requirement",
        "Drift, moves, imports, outputs and checks",
        "Diagram",
        "Formatting only",
    ]


def test_it_begins_with_the_verdict_the_counts_and_whether_ci_is_stopped(page: Page) -> None:
    start = page.text.index("! STOPPED")
    told = (
        "! STOPPED : acmecorp-prod-app-results: would be deleted, with every object in it "
        "2 to create, 4 to change, 1 to replace, 1 to delete, 1 to forget, 1 to import, 2 to move, 1 to defer, "
        "1 action to run, 1 with an unknown action; 7 more findings "
        "plan sha256 5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c5f3c "
        "Stopped by 2 findings, 2 excepted Incomplete: 1 change is deferred to another apply "
        "Note: nothing is known of these types, so no harm of theirs would be told: acme_vault "
        'Note: the plan does something that this review does not know: ["frobnicate"] (1 time) '
        "Note: the plan has parts that this review does not know, and does not show: evil"
    )
    assert page.text[start : start + len(told)] == told


@pytest.mark.parametrize(
    "told",
    [
        (
            "Data or messages would be lost stops the plan aws_s3_bucket acmecorp-prod-app-results would be deleted, "
            "with every object in it aws_s3_bucket.Results no-data-loss: what is stored here cannot be had again no "
            "exception: its exception expired on 2026-01-31 Do: copy what it holds first Or let it pass: the exception "
            'for the file of rules [[exception]] rule = "no-data-loss"'
        ),
        'aws_lambda_invoke.Purge after aws_sqs_queue.Jobs has changed function_name : "acmecorp-purge" payload : (sens',
        'What clients address or may do would go or change output queue_url "https://sqs/old" -> (known after apply)',
        "excepted from no-weaker-security: the migration sends from another account, until 2026-12-31",
        'hash_key forces replacement before: "job_id" -> after: "user_id"',
        'policy.AllowSend.Principal before: "arn:aws:iam::333333333333:role/submit" -> after: "*"',
        "kms_data_key_reuse_period_seconds before: (not set) -> after: (known after apply)",
        "password before: (sensitive) -> after: (sensitive)",
        "set -e echo one - echo two + echo 2 + echo three",
        "aws_dynamodb_table.Jobs a changed attribute cannot be updated order: the old one is deleted before",
        "moved from aws_lambda_function.OldWorker environment[0].script",
        "deferred: its provider's configuration is unknown Nothing",
        "1 of 3 properties not as required, 1 known only after apply.",
        "✗ no VisibilityTimeout acmecorp-app-jobs-queue-prod 660 30",
        '? not known yet RedrivePolicy acmecorp-app-jobs-queue-prod {"maxReceiveCount": 3} (known after apply)',
        "✓ yes MessageRetentionPeriod acmecorp-app-jobs-queue-prod 14400 14400",
        "2 computed by the provider; 1 written differently, the same in meaning; 1 a known phantom difference",
        'acmecorp-app-jobs-table-prod ttl : [] -> [{"enabled": false}]',
        "message_retention_seconds before: 1209600 -> after: 86400",
        "Moved acmecorp-app-worker-prod: aws_lambda_function.OldWorker -> aws_lambda_function.Worker",
        "Imported acmecorp-prod-app-logs: acmecorp-prod-app-logs -> aws_s3_bucket.Logs",
        'update queue_url : "https://sqs/old" -> (known after apply)',
        "create token : (sensitive)",
        "fail check.reachable The queue does not answer.",
        "acmecorp-app-queue-depth-prod -> acmecorp-app-jobs-queue-prod dimensions",
        "3 more resources had no room; the most dangerous are drawn.",
    ],
)
def test_it_says_everything(page: Page, told: str) -> None:
    assert told in page.text


def test_only_what_a_reviewer_must_see_is_unfolded(page: Page) -> None:
    unfolded = {
        (str(attributes["class"]), "open" in attributes) for tag, attributes in page.elements if tag == "details"
    }
    assert unfolded == {
        ("resource delete", False),
        ("resource replace", True),
        ("resource update", True),
        ("resource other", True),
        ("resource drift", True),
        ("resource create", False),
        ("resource forget", False),
        ("resource no-op", False),
        ("resource read", False),
        ("paste", False),
        ("fold", False),
    }


@pytest.mark.parametrize(
    ("review", "title", "mark"),
    [
        (REVIEW, "STOPPED | app-async-prod", "!"),
        (CREATES, "only creates | app-async-dev", "+"),
        (NOTHING, "nothing to do | app-async-prod", "="),
        (replace(REVIEW, verdict=Verdict.CHANGES), "changes | app-async-prod", "~"),
    ],
)
def test_the_verdict_is_the_title_and_a_mark(review: Review, title: str, mark: str) -> None:
    text = html(review)
    assert f"<title>{title}</title>" in text
    assert f'<span class="mark" aria-hidden="true">{mark}</span>' in text


def test_a_policy_statement_is_written_a_line_a_part() -> None:
    statement = {"Effect": "Allow", "Principal": "*", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"]}
    changed = resource("a_x", "y", "y", Action.UPDATE, difference("policy/Open", ABSENT, statement))
    text = html(replace(REVIEW, resources=(changed,)))
    assert '<span class="in">+   &#34;Principal&#34;: &#34;*&#34;,</span>\n<span class="in">+   &#34;Action' in text


def test_what_is_sensitive_is_not_in_it() -> None:
    assert CANARY not in html(REVIEW)


def test_no_string_of_a_plan_becomes_markup(page: Page) -> None:
    assert {tag for tag, _ in page.elements} == {
        *("html", "head", "meta", "link", "title", "style", "body", "a", "header", "p", "h1", "section", "span", "div"),
        *("nav", "ul", "li", "b", "main", "label", "input", "fieldset", "legend", "button", "h2", "ol", "h3", "code"),
        *("strong", "details", "summary", "del", "ins", "pre", "table", "caption", "thead", "tr", "th", "tbody", "td"),
        *("br", "svg", "desc", "defs", "marker", "path", "g", "text", "rect", "script"),
    }
    assert [tag for tag, _ in page.elements].count("script") == 1
    names = {name for _, attributes in page.elements for name in attributes}
    assert not {name for name in names if name.startswith("on") or name == "style"}
    assert HOSTILE.isascii() is False


@given(st.text(min_size=1, max_size=60))
def test_no_string_whatever_reaches_the_page_unescaped_or_invisible(name: str) -> None:
    odd = resource("a_x", "y", f"<i>{name}", Action.UPDATE, difference("a/b", name, f'"><img src=x>{name}'))
    text = html(replace(CREATES, title=f"</title>{name}", resources=(odd,)))
    assert "<i>" not in text
    assert "<img" not in text
    assert text.count("</title>") == 1
    assert all(mark.isprintable() or mark == "\n" for mark in text)


def test_a_name_of_five_thousand_characters_is_shortened() -> None:
    odd = resource("a_x", "y", "n" * 5_000, Action.UPDATE)
    assert re.findall("n{100,}[^<]*", html(replace(NOTHING, resources=(odd,)))) == ["n" * 200 + "... (5000 characters)"]


def test_it_asks_nothing_of_a_network(page: Page) -> None:
    assert page.attributes("src") == set()
    assert {link[0] for link in page.attributes("href") - {"data:,"}} == {"#"}
    assert "url(" not in page.raw["style"]
    assert "@import" not in page.raw["style"]


def test_its_policy_allows_its_own_style_and_script_alone(page: Page) -> None:
    def source(kind: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(page.raw[kind].encode()).digest()).decode()}'"

    (policy,) = (told["content"] for _, told in page.elements if told.get("http-equiv") == "Content-Security-Policy")
    assert policy == (
        f"default-src 'none'; style-src {source('style')}; script-src {source('script')}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


DEPOSED = replace(REVIEW, resources=(*REVIEW.resources, *REVIEW.resources))
"""A replacement that did not finish leaves an object of the same address."""


@pytest.mark.parametrize("review", [REVIEW, CREATES, NOTHING, DEPOSED, large(400, 2, 600)])
def test_every_link_leads_to_a_part_of_the_page_and_every_id_is_there_once(review: Review) -> None:
    page = Page(html(review))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in page.attributes("href") - {"data:,"}} <= set(ids)


def test_of_a_large_review_the_most_dangerous_is_listed_and_the_rest_is_counted() -> None:
    page = Page(html(large(6_000, 1, 700)))
    assert sum("resource-" in str(told.get("id", "")) for _, told in page.elements) == 300
    for told in (
        "The first 500 of 700; review.json has them all.",
        "The 300 above come first in danger; of these, review.json has the details.",
        "… and 700 more; review.json has them all.",
        "The first 500 of 6,000; review.json has them all.",
    ):
        assert told in page.text
    lost = "Data or messages would be lost stops the plan aws_s3_bucket acmecorp-prod-app-results"
    assert page.text.index(lost) < page.text.index("What changes")


def test_of_a_resource_a_hundred_differences_are_listed_and_the_rest_is_counted() -> None:
    text = html(large(1, 101, 0))
    assert "<code>attribute_99</code>" in text
    assert "<code>attribute_100</code>" not in text
    assert "… and 1 more; review.json has them all." in text


def test_five_thousand_resources_take_work_in_step_and_less_than_two_megabytes() -> None:
    made = {number: large(number, 6, 800) for number in (1_000, 4_000, 5_000)}
    assert grows_in_step(lambda number: html(made[number]), 1_000)
    assert 500_000 < len(html(made[5_000]).encode()) < 2_000_000


def test_a_change_without_kinds_or_differences_is_still_there() -> None:
    plain: Any = resource("a_x", "y", "plain-name", Action.UPDATE)
    text = Page(html(replace(NOTHING, resources=(plain,)))).text
    assert "~ update a_x plain-name a_x.y Nothing of it differs." in text


def test_what_is_neither_finding_nor_change_is_titled_by_what_there_is_of_it() -> None:
    moved = replace(REVIEW.resources[0], moved_from="aws_sqs_queue.Before", imported_id="")
    few = replace(NOTHING, resources=(moved,), outputs=REVIEW.outputs)
    titles = [words for level, words in Page(html(few)).headings if level == "h2"]
    assert titles == ["What changes", "Moves and outputs"]
    assert "Outputs" in [words for _, words in Page(html(replace(NOTHING, outputs=REVIEW.outputs))).headings]


def test_outputs_of_which_nothing_is_known_but_that_they_are_new_are_one_line() -> None:
    new = [OutputChange(name=name, action=Action.CREATE, before=ABSENT, after=UNKNOWN) for name in ("a_url", "b_arn")]
    text = Page(html(replace(NOTHING, outputs=(*REVIEW.outputs[:1], *new)))).text
    assert "New, and known after apply: a_url, b_arn" in text
    assert text.count("(known after apply)") == Page(html(replace(NOTHING, outputs=REVIEW.outputs[:1]))).text.count(
        "(known after apply)"
    )


def test_findings_that_are_shown_as_one_are_not_said_to_be_left_out() -> None:
    alike = tuple(
        Finding(
            kind=Kind.ALARMS,
            address=f"aws_cloudwatch_metric_alarm.A{number}",
            type="aws_cloudwatch_metric_alarm",
            name=f"alarm-{number}",
            sentence="it would notify nobody",
        )
        for number in range(3)
    )
    text = Page(html(replace(NOTHING, findings=alike))).text
    assert "alarm-0, alarm-1, alarm-2" in text
    assert "The first" not in text
