"""A review as a comment: never too long, always well formed, and no text of a plan has a meaning in it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan_review.forms.github_markup import prose
from plan_review.forms.markdown import markdown, marker
from plan_review.model import Edge, Node, Picture, Review, Verdict

from call_counts import grows_in_step
from rendered_markdown import LIMIT, require_inert, tokens
from review_sample import (
    ALARM,
    CANARY,
    CREATES,
    DRIFTED,
    EVIL,
    HOSTILE,
    LOSS,
    NOTHING,
    QUEUE,
    REVIEW,
    difference,
    large,
    value,
)


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("agreed (until 2030-01-31)", "agreed (until `2030-01-31`)"),
        ("see (docs/a.md), then", "see `(docs/a.md)`, then"),
        ('rule (the "b") c', 'rule (the `"b"`) c'),
        ('f(x) and ("a" b)', '`f(x)` and (`"a"` b)'),
        ("[a](b)) c", "`[a](b)`) c"),
        ("from no-loss: x", "from no-loss: x"),
        ("from no-weaker-security: x", "from `no-weaker-security`: x"),
        ("GH-123 and #4 and @you", "`GH-123` and `#4` and `@you`"),
        (") (", "`) (`"),
    ],
)
def test_a_bracket_that_a_word_alone_does_not_close_is_the_sentences(sentence: str, written: str) -> None:
    assert prose(sentence) == written


def test_nothing_to_do_is_said_in_a_line() -> None:
    assert markdown(NOTHING) == (
        "<!-- plan-review: app-async-prod -->\n"
        "### `app-async-prod` on `AWS (account 333333333333, us-east-1)`\n"
        "\n"
        "> [!TIP]\n"
        "> **nothing to do**: no changes\n"
    )


def test_the_first_line_is_a_marker_that_no_title_breaks() -> None:
    assert marker("app-async-prod") == "<!-- plan-review: app-async-prod -->"
    assert marker("x --> <script>\n-- @a") == "<!-- plan-review: x-script-n-a -->"
    assert markdown(REVIEW).startswith("<!-- plan-review: app-async-prod -->\n")


def test_the_parts_stand_in_the_order_in_which_a_reviewer_should_look() -> None:
    found = re.findall(r"^(?:#+ |<summary><b>|> \*\*)(.*?)(?:</summary>)?$", markdown(REVIEW), re.MULTILINE)
    assert [line.split(" ````evil")[0] for line in found] == [
        "`app-async-prod` on `AWS (account 333333333333, us-east-1)`",
        "STOPPED**: `acmecorp-prod-app-results`: would be deleted, with every object in it",
        "INCOMPLETE**: 1 change is deferred to another apply",
        "Note**: nothing is known of these types, so no harm of theirs would be told: `acme_vault`",
        'Note**: the plan does something that this review does not know: `["frobnicate"]` (1 time)',
        "Note**: the plan has parts that this review does not know, and does not show:",
        "Stopped by 2 findings, 2 excepted",
        "Security weakened",
        "What clients address or may do would go or change",
        "Availability",
        "Alarms weakened, or notifying nobody",
        "Cost model changed",
        "Changes</b> (8)",
        "Creates</b> (1)",
        (
            "Formatting only</b>: 2 computed by the provider; 1 written differently, the same in meaning; "
            "1 a known phantom difference"
        ),
        "Drift found while refreshing</b> (1)",
        "Moved or imported, and not changed</b> (2)",
        "Read while applying</b> (1)",
        "Deferred to another apply</b> (1)",
        "Actions that would run</b> (1)",
        "Outputs</b> (2)",
        "Checks that do not hold, or are not known to</b> (2)",
        "Diagram</b> (9 resources, 3 more in the plan)",
    ]


def test_a_changed_resource_is_a_diff_of_what_changes_alone() -> None:
    assert (
        "- **`~`** `aws_sqs_queue` `acmecorp-app-jobs-queue-prod`\n"
        "  ```diff\n"
        "  @@ visibility_timeout_seconds @@\n"
        "  - 660\n"
        "  + 30\n"
        "  @@ kms_data_key_reuse_period_seconds @@\n"
        "  - (not set)\n"
        "  + (known after apply)\n"
        '  @@ tags["Owner (team)"] @@\n'
        '  - "platform"\n'
        "  + (not set)\n"
        "  ```\n"
    ) in markdown(REVIEW)


def test_a_created_resource_folds_over_what_is_set() -> None:
    assert (
        "<summary>+ <code>aws_cloudwatch_metric_alarm</code> <code>acmecorp-app-queue-depth-prod</code></summary>\n"
        "\n"
        "```diff\n"
        '+ alarm_name: "acmecorp-app-queue-depth-prod"\n'
        "+ threshold: 100\n"
        "```\n"
    ) in markdown(replace(NOTHING, resources=(ALARM,)))


def test_rules_findings_and_the_requirement_read_well() -> None:
    text = markdown(REVIEW)
    for part in (
        (
            "- ❌ `aws_s3_bucket` `acmecorp-prod-app-results`: would be deleted, with every object in it\n"
            "  - `no-data-loss`: what is stored here cannot be had again\n"
            "  - no exception: its exception expired on `2026-01-31`\n"
            "  - do: copy what it holds first\n"
            "\n"
            "  <details>\n"
            "  <summary>or let it pass: the exception for the file of rules</summary>\n"
            "\n"
            "  ```toml\n"
            "  [[exception]]\n"
            '  rule = "no-data-loss"\n'
            '  address = "aws_s3_bucket.Results"\n'
            '  reason = ""\n'
            "  ```\n"
        ),
        (
            "- ✅ `aws_sqs_queue_policy` `acmecorp-app-jobs-queue-prod`: "
            '`policy.AllowSend.Principal "arn:aws:iam::333333333333:role/submit"` → `"*"`: anybody may send\n'
            "  - excepted from `no-weaker-security`: the migration sends from another account, until `2026-12-31`\n"
        ),
        (
            "- `aws_sqs_queue` `acmecorp-app-jobs-queue-prod`: `visibility_timeout_seconds` 660 → 30: "
            "less than the worker's timeout of 300 s, jobs would run twice\n"
        ),
        (
            "**Requirement**: 1 of 3 properties not as required, 1 known only after apply\n\n"
            "<details>\n<summary>The other 2 properties</summary>\n"
        ),
        "| `acmecorp-app-jobs-queue-prod` | `MessageRetentionPeriod` | `14400` | `14400` | yes |\n",
    ):
        assert part in text


def test_of_the_requirement_what_is_met_is_folded_and_counted() -> None:
    assert "<details>\n<summary>The other 2 properties</summary>" in markdown(REVIEW)
    assert "<details>\n<summary>The other 2 properties</summary>" in markdown(CREATES)
    assert "❌" not in markdown(CREATES)


@pytest.mark.parametrize("review", [REVIEW, NOTHING, CREATES, large(200, 5, 20)], ids=["all", "none", "new", "large"])
def test_the_markdown_is_well_formed_and_holds_only_what_the_form_puts_there(review: Review) -> None:
    found = require_inert(markdown(review))
    assert found[-1].type in {"html_block", "blockquote_close"}


@pytest.mark.parametrize(
    ("verdict", "alert"),
    [
        (Verdict.NOTHING, "TIP"),
        (Verdict.SAFE, "TIP"),
        (Verdict.CREATES, "NOTE"),
        (Verdict.STATE, "NOTE"),
        (Verdict.ACTIONS, "WARNING"),
        (Verdict.CHANGES, "WARNING"),
        (Verdict.REPLACES, "WARNING"),
        (Verdict.DELETES, "WARNING"),
        (Verdict.INCOMPLETE, "WARNING"),
        (Verdict.DANGER, "CAUTION"),
        (Verdict.STOPPED, "CAUTION"),
    ],
)
def test_a_verdict_is_as_alarming_as_it_should_be(verdict: Verdict, alert: str) -> None:
    assert f"> [!{alert}]\n> **{verdict}**: no changes\n" in markdown(replace(NOTHING, verdict=verdict))


def test_of_very_many_changes_of_a_resource_the_first_are_shown() -> None:
    queue = replace(QUEUE, differences=tuple(difference(f"tags/{index}", 1, 2) for index in range(60)))
    assert "  @@ tags[49] @@\n  - 1\n  + 2\n    ... and 10 more\n  ```\n" in markdown(
        replace(NOTHING, resources=(queue,))
    )


def test_hostile_names_are_shown_and_mean_nothing() -> None:
    found = require_inert(markdown(REVIEW))
    code = [token.content for token in found if token.type == "code_inline"]
    assert any("<script>alert(1)</script>" in content and "@octocat #123" in content for content in code)
    assert r"\x1b[31m\u202e\u200b" in markdown(REVIEW)


def test_no_sensitive_value_is_in_the_comment() -> None:
    assert "@@ password @@\n  - (sensitive)\n  + (sensitive)" in markdown(REVIEW)
    assert CANARY not in markdown(REVIEW)


@pytest.mark.parametrize("content", ["a|b", r"a\|b", r"|\\||", "`|`", "``", "\\", "| --- |", "|\n|"])
def test_no_text_breaks_the_table(content: str) -> None:
    item = replace(REVIEW.intent[1], resource=content, property=content, required=content, planned=value(content))
    found = require_inert(markdown(replace(NOTHING, intent=(item,))))
    assert sum(token.type == "td_open" for token in found) == 5
    assert sum(token.type == "code_inline" for token in found) == 2 + 4


MERMAID = re.compile(
    r'flowchart LR|  n\d+\["(?:[\w .#;-]|<br/>)*"\]:::[a-z]+|  n\d+ -->\|"[\w .#;-]*"\| n\d+|'
    r"  classDef [a-z]+ [\w#:,-]+",
    re.ASCII,
)


def test_the_picture_is_coloured_by_action_and_says_it_in_words_too() -> None:
    (picture,) = [token for token in tokens(markdown(REVIEW)) if token.info == "mermaid"]
    lines = picture.content.splitlines()
    assert lines[:3] == [
        "flowchart LR",
        '  n0["aws_dynamodb_table<br/>acmecorp-app-jobs-table-prod<br/>#91;#33;#93; replace"]:::replace',
        '  n1["aws_sqs_queue<br/>acmecorp-app-jobs-queue-prod<br/>#91;#126;#93; update"]:::update',
    ]
    assert '  n1 -->|"redrive_policy"| n5' in lines
    assert "  classDef delete fill:#ffcecb,stroke:#cf222e,stroke-width:3px,color:#1f2328" in lines
    assert [line for line in lines if not MERMAID.fullmatch(line)] == []


def left_out(text: str) -> list[str]:
    found = re.search(r"^Too long for a comment, so this is left out: (.*)\.$", text, re.MULTILINE)
    return found[1].split("; ") if found else []


ORDER = [
    "what is set on created resources",
    "the list of what is formatting only",
    "the diagram",
    "the properties that are as required",
    "all but the first 5 changes of each resource without a finding",
    "what changes on resources without a finding",
    "all but the first 50 of each list below the findings",
    "what changes on resources with a finding",
]


@pytest.mark.parametrize(
    ("resources", "differences", "findings", "expected"),
    [
        (60, 5, 5, []),
        (110, 10, 5, ORDER[:1]),
        (150, 12, 5, ORDER[:2]),
        (120, 20, 5, ORDER[:5]),
        (1_000, 5, 5, ORDER[:6]),
        (1_100, 5, 5, ORDER[:7]),
        (1_000, 10, 300, ORDER),
        (1_000, 5, 440, ["all that stands below the findings"]),
    ],
)
def test_detail_is_dropped_in_the_stated_order_and_the_comment_says_so(
    resources: int, differences: int, findings: int, expected: list[str]
) -> None:
    text = markdown(large(resources, differences, findings))
    require_inert(text)
    assert left_out(text) == expected
    assert ("The whole is in `review.html` and `review.json`, among the artifacts of the run." in text) == bool(
        expected
    )
    assert text.count(": less than the worker's timeout of 300 s") == findings - 1


def test_if_even_the_findings_are_too_many_the_most_severe_stay_and_as_many_as_there_is_room_for() -> None:
    text = markdown(large(5_000, 20, 5_000))
    require_inert(text)
    assert 60_000 < len(text.encode()) < LIMIT
    assert "#### Stopped by 1 finding" in text
    assert "- ❌ `aws_s3_bucket` `acmecorp-prod-app-results`: would be deleted, with every object in it" in text
    shown = text.count("less than the worker's timeout")
    more = re.search(r"^- \.\.\. and ([\d,]+) more$", text, re.MULTILINE)
    assert more
    assert shown + int(more[1].replace(",", "")) == 4_999


def test_texts_that_only_grow_by_being_made_harmless_do_not_break_the_limit() -> None:
    """A character without a shape becomes ten; one of four bytes counts as four."""
    for text in ("\U000e0100" * 1_000, "\U00020000" * 1_000, "`" * 1_000, "|\\" * 500, "&" * 1_000):
        finding = replace(LOSS, name=text, sentence=text)
        block = replace(REVIEW.blocks[0], rule=text, why=text, problem=text, finding=finding)
        nodes = tuple(Node(address=f"{text}{index}", type=text, name=text, action=QUEUE.action) for index in range(60))
        review = replace(
            REVIEW,
            title=text,
            where=text,
            incomplete=text,
            findings=(finding,) * 500,
            blocks=(block,) * 500,
            resources=(replace(EVIL, name=text, type=text, reason=text, moved_from=text),) * 100,
            picture=Picture(nodes=nodes, edges=(Edge(source=text, target=text, label=text),), left_out=0),
        )
        comment = markdown(review)
        require_inert(comment)
        assert "#### Stopped by" in comment


def test_five_thousand_resources_take_work_in_step_and_fit_into_a_comment() -> None:
    made = {number: large(number, 20, number) for number in (500, 2_000, 5_000)}
    assert grows_in_step(lambda number: markdown(made[number]), 500)
    assert len(markdown(made[5_000])) < LIMIT


PIECES = st.lists(
    st.sampled_from(
        [*"`|\\<>@#:_*~$[]()!&;-+=.\n \u202e", "```", "~~~", "</details>", "<!--", "-->", "](x)", "www.a.de", "1."]
    )
    | st.text(max_size=5)
    | st.just(HOSTILE)
).map("".join)


@settings(max_examples=50)
@given(PIECES, PIECES, PIECES)
def test_no_text_gets_out_of_its_place(name: str, sentence: str, content: str) -> None:
    changed = replace(QUEUE, name=name, type=name, reason=sentence, differences=(difference("a", name, content),))
    created = replace(ALARM, name=content, type=name, moved_from=sentence)
    finding = replace(LOSS, name=name, sentence=sentence)
    review = replace(
        REVIEW,
        title=name,
        where=sentence,
        incomplete=content,
        findings=(finding,),
        resources=(changed, created),
        intent=tuple(replace(each, resource=name, property=sentence, required=content) for each in REVIEW.intent[:2]),
        drift=(replace(DRIFTED, name=content),),
        outputs=(replace(REVIEW.outputs[0], name=name, before=value(content)),),
        checks=(replace(REVIEW.checks[0], address=name, status=sentence, problems=(content,)),),
        blocks=(replace(REVIEW.blocks[0], rule=name, why=sentence, problem=content, finding=finding),),
    )
    found = require_inert(markdown(review))
    assert sum(token.type == "fence" for token in found) == 6
    assert sum(token.type == "td_open" for token in found) == 5
