"""A text that means harm, wherever a plan can hold one, means nothing in what is made of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from check_report.errors import InvalidInputError
from config.request import read_request
from ops.errors import CommandError
from ops.progress import say
from plan_review.forms.html import html
from plan_review.forms.json_form import as_json
from plan_review.forms.markdown import markdown
from plan_review.forms.terminal import terminal
from tests.fuzz.inert import (
    require_coloured,
    require_html,
    require_json,
    require_markdown,
    require_message,
    require_plain,
    skeleton,
)
from tests.fuzz.planted import PAYLOADS, planted

from rendered_markdown import PARSER


def harmless(text: str) -> str:
    """Return a text of the same length, lines and dots, which stand between the parts of addresses, and no meaning."""
    return re.sub(r"[^\n.]", "x", text)


@pytest.fixture(scope="module", params=PAYLOADS)
def payload(request: pytest.FixtureRequest) -> str:
    return request.param


def test_the_page_has_the_same_elements_as_one_of_harmless_names(payload: str) -> None:
    page = html(planted(payload))
    require_html(page)
    assert len(skeleton(page)) > 200
    assert skeleton(page) == skeleton(html(planted(harmless(payload))))


def test_the_comment_has_the_same_blocks_as_one_of_harmless_names(payload: str) -> None:
    comment = markdown(planted(payload))
    require_markdown(comment)
    found, expected = (
        [token.type for token in PARSER.parse(each)] for each in (comment, markdown(planted(harmless(payload))))
    )
    assert len(found) > 50
    assert found == expected


@pytest.mark.parametrize("width", [60, 160])
def test_a_terminal_and_a_log_show_it_and_obey_nothing(payload: str, width: int) -> None:
    found = planted(payload)
    plain = terminal(found, width=width, colour=False)
    require_plain(plain)
    assert require_coloured(terminal(found, width=width, colour=True)) == plain


def test_programs_get_it_as_it_is_in_ascii(payload: str) -> None:
    found = require_json(as_json(planted(payload)))
    assert found["outputs"][0]["name"] == payload


def test_every_place_is_planted() -> None:
    """Otherwise what is inert would only be absent: findings of kinds, rules, both sorts of blocks, drift and edges."""
    found = planted("planted")
    assert len(found.resources) == 9
    assert [note.count("planted") for note in found.notes] == [1, 1, 3]
    assert {block.exception[:7] for block in found.blocks} == {"", "planted"}
    parts = (found.findings, found.drift, found.outputs, found.checks, found.picture.edges, found.title, found.where)
    assert all("planted" in repr(part) for part in parts)
    told = [
        part for each in found.resources for part in (each.reason, each.imported_id, each.moved_from, each.deferred)
    ]
    assert told.count("planted") == 4


RAISED: list[Callable[[str], Exception]] = [lambda text: InvalidInputError([text]), CommandError]


@pytest.mark.parametrize("make", RAISED)
def test_a_message_shows_it_and_is_obeyed_by_nobody(make: Any, payload: str) -> None:
    said = str(make(f"x: {payload}")).replace("\t", " ")
    assert said.startswith("x: ")
    require_message(said)


def test_what_is_asked_for_is_shown_and_obeyed_by_nobody(payload: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the environment's variables, and in the lines that are said while a command is at work."""
    with pytest.raises(InvalidInputError) as caught:
        read_request({"ENV": payload, "LOCK_ID": payload, "LOCK_TIMEOUT": payload})
    require_message(str(caught.value))
    say(f"{payload}: kept")
    said = capsys.readouterr().err
    assert said.endswith(": kept\n")
    require_plain(said.replace("\t", " "))
