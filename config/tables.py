"""Tables of a TOML file as attrs classes: checked whole, so that every error is named in one pass.

attrs and cattrs do the work because jsii has loaded them already; a richer library would cost every synthesis
a tenth of a second.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeVar

import attrs
import cattrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from check_report.printable import shown_value
from config.errors import InvalidInputError

Table = TypeVar("Table")
_TABLE = "a table of keys and values"


@attrs.frozen
class Kind:
    """A kind of value: the words for what is allowed, and the check."""

    allowed: str
    accepts: Callable[[Any], bool]


def text(pattern: str) -> Callable[[Any], bool]:
    """Return a check for text that matches a pattern as a whole."""
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def whole_number(least: int, most: int) -> Callable[[Any], bool]:
    """Return a check for a whole number in a range."""
    return lambda value: type(value) is int and least <= value <= most


def choice(choices: type[StrEnum]) -> Kind:
    """Return the kind of value that is one of several words."""
    return Kind(
        f"one of {', '.join(json.dumps(each) for each in choices)}",
        lambda value: isinstance(value, str) and value in tuple(choices),
    )


class _NotAllowedError(Exception):
    """A value that its kind does not accept; the message says what is allowed."""


class Tables:
    """A reader of tables whose values are of known kinds."""

    def __init__(self, kinds: Mapping[Any, Kind], tables: Iterable[type], most_keys: Mapping[Any, int]) -> None:
        """Know the kinds by the types of attributes, and the classes of tables, an inner one before its outer one.

        most_keys: the largest number of keys by the type of a table that is a mapping.
        """
        self._kinds = kinds
        self._converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=True)
        for type_, kind in kinds.items():
            self._converter.register_structure_hook(type_, _value_hook(kind, type_))
            # `X | None` says that the key may be left out; TOML has no null that could reach a hook.
            if not isinstance(type_, type):
                self._converter.register_structure_hook(type_ | None, _value_hook(kind, type_))
        for mapping, most in most_keys.items():
            hook = _table_hook(self._converter.get_structure_hook(mapping), at_most=most)
            self._converter.register_structure_hook_func(lambda type_, mapping=mapping: type_ == mapping, hook)
        # The outer tables last: cattrs builds the hooks of the tables inside them into their own.
        for table in tables:
            self._converter.register_structure_hook(table, _table_hook(self._converter.get_structure_hook(table)))

    def read(self, raw: Mapping[str, Any], type_: type[Table], *, given: Mapping[str, Any]) -> Table:
        """Return the content of a file as an attrs class of tables.

        given: attributes that the file may not set, with their values.
        Raises InvalidInputError with every error: the key, the value given and what is allowed.
        """
        try:
            return self._converter.structure({**raw, **given}, type_)
        except BaseValidationError as error:
            raise InvalidInputError(list(self._faults(error, raw, given, ()))) from None

    def _faults(self, error: BaseException, raw: Any, given: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
        """Walk cattrs' tree of errors and put each into the words of a file of tables."""
        if isinstance(error, BaseValidationError):
            for inner in error.exceptions:
                yield from self._faults(inner, raw, given, path + _steps(inner))
            return
        key = ".".join(part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part)[:140] for part in path)
        if isinstance(error, ForbiddenExtraKeysError):
            known = ", ".join(sorted(field.name for field in attrs.fields(error.cl) if field.name not in given))
            for extra in sorted(error.extra_fields):
                unknown = f"{key}." * bool(key) + shown_value(extra)[1:-1]
                yield f"{unknown} = {_value_at(raw, (*path, extra))}: unknown key; allowed: {known}"
        elif isinstance(error, KeyError):
            yield f"{key}: missing; required: {self._allowed_for(error)}"
        else:
            yield f"{key} = {_value_at(raw, path)}: not allowed; allowed: {error}"

    def _allowed_for(self, error: KeyError) -> str:
        note = next(note for note in error.__notes__ if isinstance(note, AttributeValidationNote))
        kind = self._kinds.get(note.type)
        return kind.allowed if kind else _TABLE


def _value_hook(kind: Kind, type_: Any) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if not kind.accepts(value):
            raise _NotAllowedError(kind.allowed)
        return type_(value) if isinstance(type_, type) else value

    return structure


def _table_hook(structure: Callable[[Any, Any], Any], at_most: int | None = None) -> Callable[[Any, Any], Any]:
    def checked(value: Any, type_: Any) -> Any:
        if not isinstance(value, dict):
            raise _NotAllowedError(_TABLE)
        if at_most is not None and len(value) > at_most:  # pyright: ignore[reportUnknownArgumentType] - any table
            message = f"at most {at_most} keys"
            raise _NotAllowedError(message)
        return structure(value, type_)

    return checked


def _steps(error: BaseException) -> tuple[str, ...]:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (note.name,)
        if isinstance(note, IterableValidationNote):
            return (str(note.index),)
    return ()


def _value_at(raw: Any, path: tuple[str, ...]) -> str:
    value: Any = raw
    for part in path:
        value = value[part]
    return shown_value(value)
