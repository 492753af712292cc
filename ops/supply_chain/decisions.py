"""Decisions that somebody answers for, in TOML files: read whole, so that every fault of one is named at once."""

import tomllib
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import cattrs

from config.errors import InvalidInputError

File = TypeVar("File")


class _NotAllowedError(Exception):
    """A value of the wrong kind; the message says what is allowed."""


def load(path: Path, type_: type[File]) -> File:
    """Read a file as an attrs class of tables.

    Raises InvalidInputError with every fault: the file, where in it, and what is allowed.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InvalidInputError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise InvalidInputError([f"{path.name}: not valid TOML: {reason}"]) from None
    try:
        return _CONVERTER.structure(raw, type_)
    except cattrs.BaseValidationError as error:
        faults = cattrs.transform_error(error, path="", format_exception=_said)
        raise InvalidInputError([f"{path.name}: {fault}" for fault in faults]) from None


def _said(error: BaseException, type_: type | None) -> str:
    if isinstance(error, _NotAllowedError):
        return f"not allowed; allowed: {error}"
    return cattrs.v.format_exception(error, type_)


def _hook(allowed: str, accepts: Callable[[Any], bool]) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if not accepts(value):
            raise _NotAllowedError(allowed)
        return value

    return structure


def _choice(value: Any, type_: type[StrEnum]) -> StrEnum:
    if value not in tuple(type_):
        choices = ", ".join(f'"{choice}"' for choice in type_)
        message = f"one of {choices}"
        raise _NotAllowedError(message)
    return type_(value)


_CONVERTER = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
_CONVERTER.register_structure_hook(
    str, _hook("a text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()))
)
_CONVERTER.register_structure_hook(bool, _hook("true or false", lambda value: isinstance(value, bool)))
_CONVERTER.register_structure_hook(
    date,
    _hook(
        "a date without quotes, like 2030-01-31",
        lambda value: isinstance(value, date) and not isinstance(value, datetime),
    ),
)
_CONVERTER.register_structure_hook(StrEnum, _choice)
