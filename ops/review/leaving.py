"""A review's files, and the showing of it."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from config.errors import InvalidInputError
from ops.review.as_json import as_json
from ops.review.html import html
from ops.review.markdown import markdown
from ops.review.model import Review
from ops.review.terminal import terminal

FORMS = {"review.md": markdown, "review.html": html, "review.json": as_json}
"""What writes each of the files that are left."""
NARROWEST, NO_TERMINAL = 60, 160
"""Columns: the fewest that a review is made for, and how many where no terminal says, as in CI's log."""


def leave(review: Review, directory: Path) -> list[Path]:
    """Write the review's files into the directory, which is made if need be, all of them or none; return them.

    Raises InvalidInputError if they cannot be written there.
    """
    # Each form is made before the first is written, so that whatever fails leaves no half of a review.
    contents = {directory / name: form(review) for name, form in FORMS.items()}
    partial = {file: file.with_suffix(f"{file.suffix}.partial") for file in contents}
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for file, content in contents.items():
            partial[file].write_text(content, encoding="utf-8")
        for file, written in partial.items():
            written.replace(file)
    except OSError as error:
        for written in partial.values():
            _remove(written)
        message = f"{directory}: the review cannot be left there: {error.strerror}; --output DIR says where"
        raise InvalidInputError([message]) from None
    return list(contents)


def discard(directory: Path) -> None:
    """Remove a review's files."""
    for name in FORMS:
        (directory / name).unlink(missing_ok=True)


def show(review: Review, variables: Mapping[str, str]) -> None:
    """Print the review as wide as the terminal, in colour only on one and if NO_COLOR is not among the variables."""
    width = max(NARROWEST, shutil.get_terminal_size((NO_TERMINAL, 0)).columns)
    print(terminal(review, width=width, colour=sys.stdout.isatty() and not variables.get("NO_COLOR")))


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        # What could not be written cannot be removed either.
        return
