"""A review's files: review.md, review.html and review.json in one folder."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from check_report.errors import InvalidInputError
from plan_review.model import Review

FORMS = {
    "review.md": ("markdown", "markdown"),
    "review.html": ("html", "html"),
    "review.json": ("json_form", "as_json"),
}
"""The files, each with the module of its form, which is imported when it is written, and the function."""


def write_files(review: Review, directory: Path) -> list[Path]:
    """Write the review's files into the directory, which is made if need be, all of them or none; return them.

    Raises InvalidInputError if they cannot be written there.
    """
    # Each form is made before the first is written, so that a failure leaves no half of a review.
    contents = {directory / name: _form(name)(review) for name in FORMS}
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


def load() -> None:
    """Load the modules of all forms, that of the terminal too, which takes a seventh of a second.

    For a program that waits for a plan meanwhile: whoever writes a form later finds it loaded.
    """
    for module in (*(module for module, _ in FORMS.values()), "terminal"):
        import_module(f"plan_review.forms.{module}")


def _form(name: str) -> Callable[[Review], str]:
    module, function = FORMS[name]
    found: Any = import_module(f"plan_review.forms.{module}")
    return getattr(found, function)


def discard(directory: Path) -> None:
    """Remove a review's files."""
    for name in FORMS:
        (directory / name).unlink(missing_ok=True)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        # What could not be written cannot be removed either.
        return
