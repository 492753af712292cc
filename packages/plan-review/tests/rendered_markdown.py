"""Markdown as its readers see it: rendered, and asserted to have no meaning but the form's own."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
TAGS = {"details", "summary", "b", "code"}
LIMIT = 65_536
# In text, and not in code, any of these could become a mention, a reference, a link, a tag, an emoji or a formula.
MEANT = re.compile(r"[@#<>`$\[\]|\\]|://|www\.|:\w+:|GH-|[0-9a-f]{7}")


class Html(HTMLParser):
    """What a browser makes of the HTML: every tag must be one of the form's own, closed, and its text inert."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Let through the form's own tags alone, without an attribute that acts."""
        assert tag in TAGS
        assert attrs in ([], [("open", None)])
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Let through plain words, and whatever stands in code."""
        assert "code" in self.open or not MEANT.search(data.strip().removeprefix("<"))

    def handle_comment(self, data: str) -> None:
        """Let through the marker."""
        assert re.fullmatch(r" plan-review: [\w.-]* ", data, re.ASCII)


def tokens(text: str) -> Iterator[Token]:
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def require_inert(text: str) -> list[Token]:
    """Assert that the Markdown holds nothing but the form's own elements."""
    assert len(text) < LIMIT
    assert len(text.encode()) < LIMIT
    found = list(tokens(text))
    assert not {"link_open", "image", "html_inline", "em_open", "code_block", "hr"} & {token.type for token in found}
    Html("".join(token.content for token in found if token.type == "html_block"))
    for token in found:
        if token.type == "text":
            assert not MEANT.search(re.sub(r"^\[!(TIP|NOTE|WARNING|CAUTION)\]$", "", token.content)), token.content
    assert all(line.isprintable() for line in text.split("\n"))
    return found
