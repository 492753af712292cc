"""Rules stop what they name, where they say; an exception lets one resource pass one rule until its day has gone."""

import json
from datetime import date
from pathlib import Path

import pytest
from markupsafe import escape

from check_report.errors import InvalidInputError
from plan_review.forms.html import html
from plan_review.forms.json_form import as_json
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from plan_review.model import Finding, Kind, Review
from plan_review.review import review
from plan_review.rules import a_year_after, blocks, load_rules

from plan_builder import entry, plan

RULE = """
[[rule]]
name = "no-loss"
why = "data is kept"
kinds = ["loss"]
environments = ["prod"]
"""
LAST = date(2031, 1, 31)
"""A year after the day of these tests, 31 January 2030."""
EXCEPTION = """
[[exception]]
rule = "no-loss"
address = "aws_s3_bucket.this"
reason = "it is empty, see OPS-1"
expires = 2030-01-31
"""
LOSS = entry("aws_s3_bucket", "delete", {"bucket": "b"})


def written(directory: Path, text: str) -> Path:
    file = directory / "review.toml"
    file.write_text(text)
    return file


def judged(path: Path, environment: str, today: date = date(2030, 1, 31), *, retains: bool = False) -> Review:
    rules = load_rules(path, today, ENVIRONMENTS)
    return review(plan(LOSS), title="t", environment=environment, retains=retains, rules=rules, today=today)


PROD, DEV, STAGING = ENVIRONMENTS = ("prod", "dev", "staging")


def test_a_rule_stops_in_its_environments_alone(tmp_path: Path) -> None:
    path = written(tmp_path, RULE)
    assert judged(path, PROD).blocked
    assert not judged(path, STAGING).blocked
    assert not judged(path, "").blocked


def blocked_kinds(path: Path) -> list[str]:
    """Return the kinds of which the rules in a file block a finding."""
    found = [Finding(kind=kind, address="a.b", type="a", name="b", sentence="s") for kind in Kind]
    rules = load_rules(path, date(2030, 1, 1))
    made = blocks(rules, found, environment="prod", retains=True, today=date(2030, 1, 1))
    return [block.finding.kind.value for block in made]


def test_a_rule_on_security_stops_its_whole_family_and_any_other_kind_only_itself(tmp_path: Path) -> None:
    family = ["exposure", "exfiltration", "privilege", "execution", "security", "protection"]
    assert blocked_kinds(written(tmp_path, RULE.replace('"loss"', '"security"'))) == family
    for kind in (*family, "loss", "clients", "requirement", "replacement", "availability", "alarms", "cost"):
        if kind != "security":
            assert blocked_kinds(written(tmp_path, RULE.replace('"loss"', f'"{kind}"'))) == [kind]


def test_a_rule_without_environments_stops_everywhere(tmp_path: Path) -> None:
    path = written(tmp_path, RULE.replace('environments = ["prod"]', ""))
    assert [judged(path, each).blocked for each in (PROD, DEV, "")] == [True, True, True]


def test_a_rule_for_retaining_environments_stops_where_data_is_kept_whatever_the_name(tmp_path: Path) -> None:
    path = written(tmp_path, RULE.replace('"prod"', '"retaining"'))
    assert [judged(path, each, retains=True).blocked for each in (PROD, DEV, "")] == [True, True, True]
    assert not judged(path, PROD).blocked


def test_any_environment_may_be_named_unless_the_caller_says_which_there_are(tmp_path: Path) -> None:
    path = written(tmp_path, RULE.replace('"prod"', '"live"'))
    (rule,) = load_rules(path, date(2030, 1, 1)).rules
    assert rule.environments == {"live"}
    with pytest.raises(InvalidInputError, match=r'environments = .*allowed: a list of "prod", "dev", "staging", "reta'):
        load_rules(path, date(2030, 1, 1), ENVIRONMENTS)
    path = written(tmp_path, RULE.replace('"prod"', '" "'))
    with pytest.raises(InvalidInputError, match="allowed: a list of texts that are not empty"):
        load_rules(path, date(2030, 1, 1))


def test_a_rule_for_some_types_leaves_the_others(tmp_path: Path) -> None:
    assert not judged(written(tmp_path, RULE + 'types = ["aws_dynamodb_table"]'), PROD).blocked
    assert judged(written(tmp_path, RULE + 'types = ["aws_dynamodb_table", "aws_s3_bucket"]'), PROD).blocked


def test_a_block_has_the_rules_name_and_why(tmp_path: Path) -> None:
    found = judged(written(tmp_path, RULE), PROD)
    (block,) = found.blocks
    assert (block.rule, block.why, block.finding, block.exception) == ("no-loss", "data is kept", *found.findings, "")


def test_the_exception_to_paste_lets_the_finding_pass_once_it_has_a_reason(tmp_path: Path) -> None:
    (block,) = judged(written(tmp_path, RULE), PROD).blocks
    assert block.to_paste == (
        '[[exception]]\nrule = "no-loss"\naddress = "aws_s3_bucket.this"\nreason = ""\nexpires = 2030-02-14'
    )
    filled = written(tmp_path, RULE + "\n" + block.to_paste.replace('""', '"it is empty"'))
    (excepted,) = judged(filled, PROD).blocks
    assert (excepted.exception, excepted.to_paste) == ("it is empty (until 2030-02-14)", "")


def test_an_exception_holds_to_the_end_of_its_last_day_and_is_shown(tmp_path: Path) -> None:
    path = written(tmp_path, RULE + EXCEPTION)
    held, expired = judged(path, PROD, date(2030, 1, 31)), judged(path, PROD, date(2030, 2, 1))
    assert not held.blocked
    assert [block.exception for block in held.blocks] == ["it is empty, see OPS-1 (until 2030-01-31)"]
    assert expired.blocked
    problem = "the exception (it is empty, see OPS-1) expired on 2030-01-31"
    assert [(block.exception, block.problem) for block in expired.blocks] == [("", problem)]


def test_an_exception_is_for_its_own_address(tmp_path: Path) -> None:
    path = written(tmp_path, RULE + EXCEPTION.replace("aws_s3_bucket.this", "aws_s3_bucket.th"))
    assert judged(path, PROD).blocked


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("kinds = 3", "kinds = 3: unknown key; allowed: [[rule]], [[exception]]"),
        ("[rule]", "rule = {}: not allowed; allowed: tables that begin with [[rule]]"),
        ("[[rule]]\nx = 1", "rule 1: x = 1: unknown key; allowed: name, why, kinds, environments, types"),
        ("[[rule]]", "rule 1: name: missing; required: a text that is not empty"),
        (RULE.replace('"data is kept"', '" "'), 'rule 1: why = " ": not allowed; allowed: a text that is not empty'),
        (RULE.replace('["loss"]', '["lost"]'), 'rule 1: kinds = ["lost"]: not allowed; allowed: a list of "loss", '),
        (RULE.replace('["loss"]', '"loss"'), 'rule 1: kinds = "loss": not allowed; allowed: a list of "loss", '),
        (RULE.replace('["loss"]', "[[1]]"), "rule 1: kinds = [[1]]: not allowed; allowed: a list of "),
        (
            RULE + "types = [1]",
            "rule 1: types = [1]: not allowed; allowed: a list of Terraform's types, like [\"aws_s3",
        ),
        (RULE + RULE, 'rule: name = "no-loss": given more than once'),
        (EXCEPTION, 'exception 1: rule = "no-loss": no such rule; allowed: none, for there are no rules'),
        (RULE + EXCEPTION.replace('"it is empty, see OPS-1"', '""'), 'exception 1: reason = "": not allowed'),
        (RULE + EXCEPTION.replace("expires = 2030-01-31", ""), "exception 1: expires: missing; required: a date"),
        (RULE + EXCEPTION.replace("2030-01-31", '"2030-01-31"'), 'exception 1: expires = "2030-01-31": not allowed'),
        (RULE + EXCEPTION.replace("2030-01-31", "2030-01-31T10:00:00"), "exception 1: expires = "),
        (
            RULE + EXCEPTION.replace('"no-loss"', '"other"'),
            'exception 1: rule = "other": no such rule; allowed: "no-los',
        ),
        (
            RULE + EXCEPTION.replace("2030-01-31", "2031-02-01"),
            "exception 1: expires = 2031-02-01: not allowed; allowed: at most one year from today, so until 2031-01-31",
        ),
        (
            RULE + EXCEPTION.replace("2030-01-31", "9999-12-31"),
            "exception 1: expires = 9999-12-31: not allowed; allowed",
        ),
        *(
            (
                RULE + f"types = [{json.dumps(type_)}]",
                f"rule 1: types = [{json.dumps(type_)}]: not allowed; allowed: a list",
            )
            for type_ in ("", " aws_s3_bucket", "aws_s3_*", "aws_s3_bucket.results", "aws s3 bucket", "AWS::S3::Bucket")
        ),
        ("[[rule", "not valid TOML: "),
        ("[[rule]]\nname" + ".a" * 3_000 + " = 1", "nested too deeply"),
        (RULE + EXCEPTION.replace('"no-loss"', "0x" + "f" * 5_000), "exception 1: rule = (too large to be shown)"),
        ("[[rule]]\n" * 101, "rule: 101 of them: not allowed; allowed: at most 100"),
    ],
)
def test_a_fault_is_named_with_file_key_value_and_what_is_allowed(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_rules(written(tmp_path, text), date(2030, 1, 31))
    assert any(each.startswith(f"review.toml: {fault}") for each in caught.value.faults), caught.value.faults


def test_an_exception_may_hold_for_a_year(tmp_path: Path) -> None:
    path = written(tmp_path, RULE + EXCEPTION.replace("2030-01-31", str(LAST)))
    assert load_rules(path, date(2030, 1, 31)).exceptions[0].expires == LAST


@pytest.mark.parametrize(
    ("day", "last"),
    [("2026-11-27", "2027-11-27"), ("2027-11-27", "2028-11-27"), ("2028-02-29", "2029-02-28")],
)
def test_a_year_is_a_year_with_a_leap_day_or_without(day: str, last: str) -> None:
    assert a_year_after(date.fromisoformat(day)) == date.fromisoformat(last)


EMPTY = "there is no rule, so nothing stops this plan"
MISSPELT: list[tuple[str, tuple[str, ...]]] = [
    ("", (EMPTY,)),
    ("# nothing", (EMPTY,)),
    (RULE, ()),
    (
        RULE + 'types = ["aws_s3_buket"]',
        ('rule "no-loss": no resource of this plan has the type "aws_s3_buket"; did you mean "aws_s3_bucket"?',),
    ),
    (
        RULE + 'types = ["acme_vaullt", "aws_dynamodb_tables"]',
        (
            'rule "no-loss": no resource of this plan has the type "acme_vaullt"; did you mean "acme_vault"?',
            (
                'rule "no-loss": no resource of this plan has the type "aws_dynamodb_tables"; did you mean '
                '"aws_dynamodb_table"?'
            ),
        ),
    ),
    # Types that there are, in the plan or not, and one that is like none.
    (RULE + 'types = ["aws_s3_bucket", "aws_sqs_queue", "aws_s3_bucket_policy", "output", "acme_vault"]', ()),
    (RULE + 'types = ["google_compute_router"]', ()),
]


@pytest.mark.parametrize(("text", "notes"), MISSPELT)
def test_rules_that_apply_to_nothing_are_noted(tmp_path: Path, text: str, notes: tuple[str, ...]) -> None:
    """In every form."""
    rules = load_rules(written(tmp_path, text), date(2030, 1, 31))
    content = plan(LOSS, entry("acme_vault", "no-op", {}, {}))
    found = review(content, title="t", environment=PROD, rules=rules, today=date(2030, 1, 31))
    assert found.notes == notes
    assert json.loads(as_json(found))["notes"] == list(notes)
    for note in notes:
        assert f"note: {note}" in terminal(found, width=200, colour=False)
        assert "**Note**: " in markdown(found)
        assert f"<strong>Note:</strong> {escape(note)}</p>" in html(found)
    assert ("Note" in markdown(found), "Note" in html(found)) == (bool(notes), bool(notes))


def test_a_file_that_is_missing_or_not_utf_8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"review\.toml: no such file"):
        load_rules(tmp_path / "review.toml", date(2030, 1, 31))
    (tmp_path / "review.toml").write_bytes(b"\xff")
    with pytest.raises(InvalidInputError, match="not UTF-8 text"):
        load_rules(tmp_path / "review.toml", date(2030, 1, 31))
