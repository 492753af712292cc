"""`make audit`: what a finding, a decision and a day make of one another."""

from datetime import date
from pathlib import Path

import pytest

from check_report.errors import InvalidInputError
from check_report.lines import line
from config.request import PROJECT_ROOT
from ops.supply_chain.audit import Advisory, Decision, Verdict, findings, load_decisions

TODAY = date(2027, 1, 31)


def advisory(package: str = "tmp", *ids: str) -> Advisory:
    return Advisory(lock="Pipfile.lock", package=package, version="1.0", ids=ids or ("GHSA-1",), title="Bad")


def decision(id_: str = "GHSA-1", expires: date = TODAY) -> Decision:
    return Decision(id=id_, package="tmp", decision=Verdict.ACCEPTED, reason="so", expires=expires)


UNDECIDED = "Pipfile.lock: error [GHSA-1] tmp 1.0: Bad; upgrade it, or decide on it in audit.toml"
EXPIRED = (
    "audit.toml: error [expired-decision] decision 1 (GHSA-1 of tmp): expired on 2027-01-30; "
    "upgrade the package, or decide again"
)
NEEDLESS = "audit.toml: error [needless-decision] decision 1 ({} of tmp): no such finding; remove the decision"


@pytest.mark.parametrize(
    ("advisories", "decided", "said"),
    [
        ([], [], []),
        ([advisory()], [], [UNDECIDED]),
        ([advisory()], [decision()], []),
        ([advisory("tmp", "PYSEC-7", "CVE-3", "GHSA-1")], [decision()], []),
        (
            [advisory()],
            [decision(expires=date(2027, 1, 30))],
            [EXPIRED],
        ),
        (
            [advisory()],
            [decision("GHSA-2")],
            [UNDECIDED, NEEDLESS.format("GHSA-2")],
        ),
        (
            [advisory("other")],
            [decision()],
            [
                UNDECIDED.replace("tmp", "other"),
                NEEDLESS.format("GHSA-1"),
            ],
        ),
    ],
)
def test_a_finding_needs_a_decision_that_holds_and_a_decision_needs_a_finding(
    advisories: list[Advisory], decided: list[Decision], said: list[str]
) -> None:
    assert [line(each) for each in findings(advisories, decided, today=TODAY)] == said


def test_every_decision_that_ships_is_whole() -> None:
    decided = load_decisions(PROJECT_ROOT / "audit.toml")
    assert [each.package for each in decided] == ["ecdsa", "tmp"]
    assert all(each.id.startswith("GHSA-") and len(each.reason) > 40 for each in decided)
    assert all(each.expires <= date(2027, 5, 31) for each in decided)


def test_every_fault_of_the_decisions_is_said_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "audit.toml"
    file.write_text(
        '[[decision]]\nid = "GHSA-1"\npackage = ""\ndecision = "ignore"\nexpires = "2030-01-31"\nuntil = 1\n'
    )
    with pytest.raises(InvalidInputError) as caught:
        load_decisions(file)
    assert sorted(caught.value.faults) == [
        'audit.toml: decision 1: decision = "ignore": not allowed; allowed: one of "not affected", "accepted"',
        'audit.toml: decision 1: expires = "2030-01-31": not allowed; allowed: a date without quotes, like 2030-01-31',
        'audit.toml: decision 1: package = "": not allowed; allowed: a text that is not empty',
        "audit.toml: decision 1: reason: missing; required: a text that is not empty",
        "audit.toml: decision 1: until = 1: unknown key; allowed: decision, expires, id, package, reason",
    ]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "no such file; it has the decisions on advisories, and may be empty"),
        ("decision = 3", "decision = 3: not allowed; allowed: tables that begin with [[decision]]"),
        ("decision = [3]", "decision 1 = 3: not allowed; allowed: a table of keys and values"),
        ("exception = 3", "exception = 3: unknown key; allowed: decision"),
        ("a = " + "[" * 5_000, "nested too deeply"),
        ("#" * 65_537, "larger than 65,536 bytes: too large for decisions"),
    ],
)
def test_a_file_that_has_no_decisions_is_refused_with_the_reason(text: str | None, error: str, tmp_path: Path) -> None:
    file = tmp_path / "audit.toml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InvalidInputError) as caught:
        load_decisions(file)
    assert caught.value.faults == (f"audit.toml: {error}",)
