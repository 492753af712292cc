"""Pieces of GitHub's Markdown in which no text of a plan has a meaning: no tag, link, mention or fence.

It stands in code, where neither Markdown nor what GitHub does to its result looks: mentions, issues, addresses, emoji.
"""

import html
import re
from collections.abc import Iterable, Iterator

# What no renderer takes for anything but a word: no commit, mention, address or emphasis is written like this.
_WORD = re.compile(r"(?![0-9a-f]{7,}\b)\(?[A-Za-z0-9]+(?:['-][a-z]+|')?\)?[.,;:]?")


def code(content: str) -> str:
    """Return a clean line as a code span."""
    ticks = _ticks(content, 1)
    space = " " if content.startswith(("`", " ")) or content.endswith(("`", " ")) else ""
    return f"{ticks}{space}{content}{space}{ticks}" if content else ""


def cell(content: str) -> str:
    r"""Return a clean line as a code span in a table; a bar behind a backslash would end it, and becomes \x7c."""
    return code(content.replace("|", r"\x7c") if r"\|" in content else content.replace("|", r"\|"))


def prose(sentence: str) -> str:
    """Return a clean sentence with all that is not plain words in code: `hash_key "job_id"` forces a new table."""
    parts: list[str] = []
    coded: list[str] = []
    for word in [*sentence.split(), ""]:
        if word not in {"", "->"} and not _WORD.fullmatch(word):
            coded.append(word)
            continue
        if coded:
            lead, content, ending = _unwrapped(" ".join(coded))
            parts.append(lead + code(content) + ending)
            coded = []
        parts.append("→" if word == "->" else word)
    return " ".join(parts).strip()


def _unwrapped(content: str) -> tuple[str, str, str]:
    """Return what goes into code, and before and after it the sentence's: a bracket without its other half, a stop."""
    opened, closed = content.count("("), content.count(")")
    lead = "(" if content.startswith("(") and opened > closed and content[1:] else ""
    content, ending = content.removeprefix(lead), ""
    if content[-1] in ",;:." and content[:-1]:
        content, ending = content[:-1], content[-1]
    if content[-1] == ")" and closed > opened and content[:-1]:
        content, ending = content[:-1], f"){ending}"
    return lead, content, ending


def fence(lines: Iterable[str], language: str) -> str:
    """Return clean lines as a fenced block."""
    content = "\n".join(lines)
    ticks = _ticks(content, 3)
    return f"{ticks}{language}\n{content}\n{ticks}"


def fold(summary: str, lines: Iterable[str], *, folded: bool = True) -> Iterator[str]:
    """Yield a part that folds; its summary is HTML."""
    yield f"\n<details{'' if folded else ' open'}>\n<summary>{summary}</summary>\n"
    yield from lines
    yield "\n</details>\n"


def tag(content: str) -> str:
    """Return a clean line as code in HTML."""
    return f"<code>{html.escape(content)}</code>"


def _ticks(content: str, least: int) -> str:
    """Return more backticks than stand together anywhere in the content."""
    runs = re.findall("`+", content) if "`" in content else []
    return "`" * max(least, 1 + max(map(len, runs), default=0))
