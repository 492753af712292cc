"""Each rule for attributes by name, and each row of the tables by type, says something that nothing else would say.

risk_cases.json: a change of one attribute in blocks, the kind of the finding and its sentence; first for the rules by
name that no case of weakenings.json needs, then for the rows by type.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plan_review import attribute_rules, findings
from plan_review.risk_tables import BY_TYPE

from plan_builder import entry, reviewed, told, values

FOLDER = Path(__file__).parent
CASES: list[tuple[str, str, Any, Any, str, str]] = json.loads((FOLDER / "risk_cases.json").read_text("utf-8"))
WEAKENINGS: list[tuple[str, str, str, Any, Any, str]] = json.loads((FOLDER / "weakenings.json").read_text("utf-8"))
EVERY = [row[:4] for row in CASES] + [row[1:5] for row in WEAKENINGS]


def said(type_: str, path: str, before: Any, after: Any) -> list[tuple[str, str]]:
    steps = path.split("/")
    return told(reviewed(entry(type_, "update", values(steps, before), values(steps, after))))


def said_ever(type_: str, path: str, before: Any, after: Any) -> list[tuple[str, str]]:
    """Return the findings of the change, of its contrary, and of a resource that is created like either."""
    sides = (values(path.split("/"), value) for value in (before, after))
    new = [each for side in sides for each in told(reviewed(entry(type_, "create", None, side)))]
    return [*said(type_, path, before, after), *said(type_, path, after, before), *new]


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    forget()


def forget() -> None:
    for value in (*vars(attribute_rules).values(), *vars(findings).values()):
        if clear := getattr(value, "cache_clear", None):
            clear()


def test_no_rule_by_name_is_needless(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = attribute_rules.NAMED_RULES
    assert len(rules) > 50
    whole = [said_ever(*case) for case in EVERY]
    for rule in rules:
        monkeypatch.setattr(attribute_rules, "NAMED_RULES", tuple(each for each in rules if each is not rule))
        forget()
        matching = (place for place, case in enumerate(EVERY) if rule.pattern.search(case[1].replace("/", ".")))
        of_blocks = (place for place, case in enumerate(EVERY) if isinstance(case[2] or case[3], list))
        noticed = any(said_ever(*EVERY[place]) != whole[place] for place in {*matching, *of_blocks})
        assert noticed, (rule.pattern.pattern, rule.meaning)


def test_no_row_by_type_is_needless(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [(type_, row) for type_, of_type in BY_TYPE.items() for row in of_type]
    assert len(rows) > 50
    for type_, row in rows:
        own = [case for case in EVERY if case[0] == type_]
        whole = [said_ever(*case) for case in own]
        with monkeypatch.context() as patch:
            patch.setitem(BY_TYPE, type_, tuple(each for each in BY_TYPE[type_] if each is not row))
            forget()
            assert [said_ever(*case) for case in own] != whole, (type_, row.path, row.meaning)
        forget()
