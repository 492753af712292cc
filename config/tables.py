"""Tables of a TOML file as attrs classes: checked whole, so that every error is named in one pass.

attrs and cattrs do the work because jsii has loaded them already; a richer library would cost every synthesis
a tenth of a second.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

import attrs
import cattrs
from cattrs.errors import (
    AttributeValidationNote,
    BaseValidationError,
    ForbiddenExtraKeysError,
    IterableValidationNote,
)

from check_report.errors import InvalidInputError
from check_report.printable import shown_value

Table = TypeVar("Table")
Path: TypeAlias = Sequence[str | int]
"""The keys that lead to a value, with the numbers of tables in a list, from 0."""
_TABLE = "a table of keys and values"
FORMER_KEY = "former key"
"""In the metadata of an attribute: the key that was in its place before, of which a list was made."""


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


FILLED_TEXT = Kind("a text that is not empty", lambda value: isinstance(value, str) and bool(value.strip()))
TRUE_OR_FALSE = Kind("true or false", lambda value: isinstance(value, bool))
DAY = Kind(
    "a date without quotes, like 2030-01-31",
    lambda value: isinstance(value, date) and not isinstance(value, datetime),
)


class _NotAllowedError(Exception):
    """A value that its kind does not accept; the message says what is allowed."""


class _NotTablesError(Exception):
    """A value that is not a list of tables."""


class Tables:
    """A reader of tables whose values are of known kinds."""

    def __init__(
        self, kinds: Mapping[Any, Kind], tables: Iterable[type], most_keys: Mapping[Any, int] | None = None
    ) -> None:
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
                listed = list[type_]
                hook = _list_hook(self._converter.get_structure_hook(listed), kind)
                self._converter.register_structure_hook_func(lambda each, listed=listed: each == listed, hook)
        for mapping, most in (most_keys or {}).items():
            hook = _table_hook(self._converter.get_structure_hook(mapping), at_most=most)
            self._converter.register_structure_hook_func(lambda type_, mapping=mapping: type_ == mapping, hook)
        # The outer tables last: cattrs builds the hooks of the tables inside them into their own.
        for table in tables:
            self._converter.register_structure_hook(table, _table_hook(self._converter.get_structure_hook(table)))
            listed = list[table]
            hook = _tables_hook(self._converter.get_structure_hook(listed))
            self._converter.register_structure_hook_func(lambda type_, listed=listed: type_ == listed, hook)

    def read(
        self, raw: Mapping[str, Any], type_: type[Table], *, shown: str, given: Mapping[str, Any] | None = None
    ) -> Table:
        """Return the content of a file as an attrs class of tables.

        shown: the file's name in messages. given: attributes that the file may not set, with their values.
        Raises InvalidInputError with every error: the file, the key, the value given and what is allowed.
        """
        given = given or {}
        try:
            return self._converter.structure({**raw, **given}, type_)
        except BaseValidationError as error:
            faults = self._faults(error, raw, given, ())
            raise InvalidInputError([f"{shown}: {fault}" for fault in faults]) from None

    def _faults(self, error: BaseException, raw: Any, given: Mapping[str, Any], path: Path) -> Iterator[str]:
        """Walk cattrs' tree of errors and put each into the words of a file of tables."""
        if isinstance(error, BaseValidationError):
            for inner in error.exceptions:
                yield from self._faults(inner, raw, given, (*path, *_steps(inner)))
            return
        key = _key(path)
        if isinstance(error, ForbiddenExtraKeysError):
            fields = [field for field in attrs.fields(error.cl) if field.name not in given]
            known = ", ".join(sorted(field.name for field in fields))
            lists = {field.metadata.get(FORMER_KEY): field.name for field in fields}
            for extra in sorted(error.extra_fields):
                unknown, value = _within(key, shown_value(extra)[1:-1]), _value_at(raw, (*path, extra))
                listed = value if value.startswith("[") else f"[{value}]"
                now = f"; it is a list now: {lists[extra]} = {listed}" if extra in lists else f"; allowed: {known}"
                yield f"{unknown} = {value}: unknown key{now}"
        elif isinstance(error, KeyError):
            yield f"{key}: missing; required: {self._allowed_for(error)}"
        else:
            allowed = f"tables that begin with [[{key}]]" if isinstance(error, _NotTablesError) else error
            yield f"{key} = {_value_at(raw, path)}: not allowed; allowed: {allowed}"

    def _allowed_for(self, error: KeyError) -> str:
        note = next(note for note in error.__notes__ if isinstance(note, AttributeValidationNote))
        kind = self._kinds.get(note.type)
        return kind.allowed if kind else _TABLE


def _value_hook(kind: Kind, type_: Any) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if not kind.accepts(value):
            raise _NotAllowedError(kind.allowed)
        return type_(value) if isinstance(type_, type) and not isinstance(value, type_) else value

    return structure


def _list_hook(structure: Callable[[Any, Any], Any], kind: Kind) -> Callable[[Any, Any], Any]:
    def checked(value: Any, type_: Any) -> Any:
        if not isinstance(value, list):
            message = f"a list, in which each is {kind.allowed}"
            raise _NotAllowedError(message)
        return structure(value, type_)

    return checked


def _table_hook(structure: Callable[[Any, Any], Any], at_most: int | None = None) -> Callable[[Any, Any], Any]:
    def checked(value: Any, type_: Any) -> Any:
        if not isinstance(value, dict):
            raise _NotAllowedError(_TABLE)
        if at_most is not None and len(value) > at_most:  # pyright: ignore[reportUnknownArgumentType] - any table
            message = f"at most {at_most} keys"
            raise _NotAllowedError(message)
        return structure(value, type_)

    return checked


def _tables_hook(structure: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(value: Any, type_: Any) -> Any:
        if not isinstance(value, list):
            raise _NotTablesError
        return structure(value, type_)

    return checked


def _key(path: Path) -> str:
    """Return the key in the words of a message: `worker.timeout`, or `decision 1: expires` in a list of tables."""
    key = ""
    for part in path:
        if isinstance(part, int):
            key += f" {part + 1}"
        else:
            key = _within(key, part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part)[:140])
    return key


def _within(table: str, key: str) -> str:
    """Return a key in a table: both may be more than a word."""
    if not table:
        return key
    return f"{table}{': ' if re.search(r' [0-9]+$', table) else '.'}{key}"


def _steps(error: BaseException) -> Path:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return (note.name,)
        if isinstance(note, IterableValidationNote):
            return (note.index,)
    return ()


def _value_at(raw: Any, path: Path) -> str:
    value: Any = raw
    for part in path:
        value = value[part]
    return shown_value(value)
