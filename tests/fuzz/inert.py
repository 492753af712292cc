"""Whether what came from outside means anything in what is written: to a terminal, a browser, GitHub, or a CI's log."""

import json
import re
import unicodedata
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn
from xml.etree import ElementTree as ET

from plan_review.forms.html import SCRIPT, STYLE, html
from plan_review.model import Action, Kind, Verdict

import rendered_markdown
from rendered_page import Page
from review_sample import CREATES, NOTHING, REVIEW, large
from sarif_schema import assert_valid_sarif

COLOUR = re.compile(r"\x1b\[[\d;]*m")
_GITHUB = "add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|notice|remove-matcher|save-state|set-env"
_CI_COMMAND = re.compile(
    rf"^\s*::(?:{_GITHUB}|set-output|stop-commands|warning)(?: .*)?::|##\w*\[", re.MULTILINE | re.IGNORECASE
)
"""What GitHub's runner obeys: `::command::` at the beginning of a line, `##[command]` anywhere; Azure's `##vso[`."""
_GITHUBS_OWN: Any = import_module("cmarkgfm").github_flavored_markdown_to_html if find_spec("cmarkgfm") else None
_TAGS = {
    *("b", "blockquote", "code", "details", "h3", "h4", "li", "p", "pre", "strong", "summary", "ul"),
    *("table", "tbody", "td", "th", "thead", "tr"),
}
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode's categories of what acts on a terminal, or cannot be seen: escapes, directions, joiners."""


def require_plain(text: str) -> None:
    """Assert that lines of text hold nothing that acts on a terminal, is not seen, or is a command to a CI's log."""
    for line in text.split("\n"):
        acting = [mark for mark in line if unicodedata.category(mark) in _UNSEEN]
        assert not acting, f"{acting[:5]!r} in {line!r:.300}"
    commands = _CI_COMMAND.findall(text)
    assert not commands, f"commands to a CI's log: {commands[:3]}"


def require_message(text: str) -> None:
    """Assert that a message is there, plain, and no traceback."""
    assert text.strip()
    assert "Traceback" not in text
    assert len(text) < 100_000
    require_plain(text)


def require_json(text: str) -> Any:
    """Assert that the text is JSON as its standard has it, of printable ASCII alone; return what it holds."""
    assert text.isascii()
    require_plain_lines(text)
    return json.loads(text, parse_constant=_no_json)


def require_plain_lines(text: str) -> None:
    """Assert that each line is printable; of JSON that is for programs, no more is asked."""
    assert all(line.isprintable() for line in text.split("\n"))


def _no_json(constant: str) -> NoReturn:
    message = f"{constant} is no JSON"
    raise AssertionError(message)


def require_coloured(text: str) -> str:
    """Assert that a coloured text is plain but for its colours; return it without them."""
    plain = COLOUR.sub("", text)
    require_plain(plain)
    return plain


def require_markdown(text: str) -> None:
    """Assert that Markdown has the form's own elements alone, by a renderer of CommonMark with tables.

    Where the long run has installed GitHub's own, by that too, which makes links of bare addresses.
    """
    rendered_markdown.require_inert(text)
    if _GITHUBS_OWN is not None:
        tags = set(re.findall(r"<([a-zA-Z][\w-]*)", _GITHUBS_OWN(text)))
        assert tags <= _TAGS, sorted(tags - _TAGS)


@cache
def _vocabulary() -> tuple[frozenset[tuple[str, str]], frozenset[str]]:
    """Return the elements of a page, each with its attributes, and the classes, as harmless reviews have them."""
    pages = [Page(html(review)) for review in (REVIEW, CREATES, NOTHING, large(400, 2, 600), large(6_000, 1, 700))]
    elements = {(tag, name) for page in pages for tag, given in page.elements for name in ("", *given)}
    classes = {word for page in pages for value in page.attributes("class") for word in value.split()}
    return frozenset(elements), frozenset(
        {*classes, *map(str, Action), *map(str, Kind), *(each.name.lower() for each in Verdict)}
    )


def require_html(text: str) -> Page:
    """Assert that a page has the form's own elements alone, leads nowhere, and runs its own script alone."""
    assert all(mark.isprintable() or mark == "\n" for mark in text)
    page = Page(text)
    elements, classes = _vocabulary()
    found = {(tag, name) for tag, given in page.elements for name in ("", *given)}
    assert found <= elements, sorted(found - elements)[:5]
    found = {word for value in page.attributes("class") for word in value.split()}
    assert found <= classes, sorted(found - classes)
    assert all(link == "data:," or re.fullmatch(r"#[a-z0-9-]+", link) for link in page.attributes("href"))
    assert {tag for tag, _ in page.elements if tag in {"script", "style"}} == {"script", "style"}
    assert page.raw == {"script": str(SCRIPT), "style": str(STYLE)}
    return page


def skeleton(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements of a page in their order, each with its attributes' names.

    Without the lines of text in the picture: a name takes one or two, by its length and where it can be parted.
    """
    return [(tag, tuple(given)) for tag, given in Page(text).elements if tag != "text"]


def require_sarif(text: str) -> None:
    """Assert that the text is SARIF in whose messages nothing is a link."""
    run = assert_valid_sarif(text)
    for result in run["results"]:
        said = result["message"]["text"]
        require_plain(said)
        assert not re.search(r"(?<!\\)\]\(", said), f"a link: {said!r:.300}"


def require_github(text: str, findings: int) -> None:
    """Assert that the text is so many annotations, a line each, and a summary."""
    *commands, summary = text.rstrip("\n").split("\n")
    assert len(commands) == findings
    for line in commands:
        assert line.isascii()
        assert line.isprintable()
        said = re.fullmatch(r"::(?:error|notice|warning)(?: (?:file=[^,:]*(?:,line=\d+)?,)?title=[a-z-]+)?::(.+)", line)
        assert said, line
    require_plain(summary)


def require_junit(text: str) -> None:
    """Assert that the text is XML of JUnit's elements alone."""
    document = ET.fromstring(text)  # noqa: S314 - it is our own, of which that is the question
    known = {"testsuites", "testsuite", "testcase", "failure", "error", "system-out"}
    assert {each.tag for each in document.iter()} <= known
