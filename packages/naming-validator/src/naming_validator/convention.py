"""The naming convention: a TOML file, read and checked, with every error of it reported in one pass."""

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any, TypeGuard, cast

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from check_report.toml_file import read_toml
from naming_validator.services import SERVICES

FILE_NAME = "naming.toml"
GENERAL_FORM = "{project}-{feature}-{type}-{env}"
PIECES = ("project", "env", "feature", "type", "region", "suffix", "account")
MAX_BYTES = 65_536
MAX_ERRORS = 20
EXAMPLE = """\
project = "shop"

[environments]
dev = []
prod = ["production", "prd"]

[resources.aws_sqs_queue]
types = ["queue", "dlq"]

[resources.aws_dynamodb_table]
types = ["table"]
"""
_ALLOWED_WORDS = "a list of words of lower-case letters and digits"
_WORD = re.compile(r"[a-z0-9]+")
_WORDS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FILES = re.compile(r"([\w-]+/)*\*\.\w+", re.ASCII)
_KEY = re.compile(r"[\w-]+(\.[\w-]+)*", re.ASCII)
_FORM = re.compile(r"([A-Za-z0-9_./+=,@-]|\{\w+\})+")


@dataclass(frozen=True, kw_only=True)
class ResourceConvention:
    """The convention for the resources of one type.

    types: the words that `{type}` ends in, the usual one first; any word if empty.
    misnomers: words that stand for the first of them in wrong names.
    forms: a name has one of these.
    whole_names: the names that an environment's file states whole, by environment; they need no form.
    """

    types: tuple[str, ...] = ()
    misnomers: tuple[str, ...] = ()
    forms: tuple[str, ...] = (GENERAL_FORM,)
    whole_names: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])


@dataclass(frozen=True, kw_only=True, eq=False)
class Convention:
    """A project's convention.

    environments: the environments, each with wrong spellings of it.
    resources: the resource types that have a form. Of all others, only AWS's own rules apply.
    """

    project: str
    environments: Mapping[str, tuple[str, ...]]
    resources: Mapping[str, ResourceConvention]

    def environment_of(self, stack: str) -> str | None:
        """Return the environment that a stack's or a folder's name ends in, or None."""
        last = re.split("[-/]", stack)[-1]
        return last if last in self.environments else None

    def right_environment(self, word: str) -> str | None:
        """Return the environment that a word is, or is a wrong spelling of."""
        if word in self.environments:
            return word
        return next((right for right, spellings in self.environments.items() if word in spellings), None)


def find_convention(paths: Iterable[Path]) -> Path:
    """Return the convention's file in the paths' folders, or the nearest folder above. Raises InvalidInputError."""
    found: list[Path] = []
    for path in paths:
        absolute = Path(os.path.realpath(path))
        candidates = (folder / FILE_NAME for folder in (absolute, *absolute.parents))
        # Unlike Path's, this answers for folders that cannot be entered too.
        nearest = next((file for file in candidates if os.path.isfile(file)), None)  # noqa: PTH113
        if nearest is None:
            raise InvalidInputError([_missing(absolute)])
        if nearest not in found:
            found.append(nearest)
    first, *others = found
    if others:
        message = f"{first} and {others[0]} are both in force: check one path at a time, or name one with --convention"
        raise InvalidInputError([message])
    return first


def _missing(path: Path) -> str:
    return (
        f"no naming convention: there is no {FILE_NAME} in {path} or a folder above it. "
        f"Write one, like the one below, or name one with --convention FILE.\n\n{EXAMPLE}"
    )


def load_convention(path: Path) -> Convention:
    """Read a convention. Raises InvalidInputError with every error of the file."""
    missing = "--convention FILE names another one"
    table = read_toml(path, str(path), most_bytes=MAX_BYTES, what="a convention", missing=missing)
    reading = _Reading()
    convention = reading.convention(table, path.parent)
    if reading.errors:
        more = len(reading.errors) - MAX_ERRORS
        errors = [*reading.errors[:MAX_ERRORS], *([f"... and {more} more"] if more > 0 else [])]
        raise InvalidInputError([f"{path}: {error}" for error in errors])
    return convention


def _values(file: Path, keys: Iterable[str]) -> frozenset[str]:
    """Return the texts that a file has under dotted keys."""
    try:
        table = read_toml(file, file.name, most_bytes=MAX_BYTES, what="settings", missing="")
    except InvalidInputError:
        # Whoever reads the settings reports it.
        return frozenset()
    values = (reduce(_step, key.split("."), table) for key in keys)
    return frozenset(value for value in values if isinstance(value, str))


def _step(table: Any, key: str) -> Any:
    return table.get(key) if _is_table(table) else None


class _Reading:
    """Reads the tables of a convention and collects their errors."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._files: dict[str, Path] = {}

    def convention(self, table: Mapping[str, Any], folder: Path) -> Convention:
        self._known("", table, ("project", "form", "environment_files", "environments", "resources"))
        project, form = table.get("project", ""), table.get("form", GENERAL_FORM)
        if not _is_text(project, _WORDS):
            self._wrong("project", project, 'a word like "shop", or several with hyphens')
            project = ""
        form = form if self._is_form("form", form) else GENERAL_FORM
        environments = self._of_files(table.get("environment_files"), folder) | {
            name: self._words(f"environments.{_key(name)}", spellings, _WORD)
            for name, spellings in self._table(table, "environments").items()
        }
        if not environments:
            self.errors.append('environments: there is none; write at least one, like dev = ["development"]')
        self._check_environments(environments)
        resources = {
            name: self._resource(f"resources.{_key(name)}", name, given, form)
            for name, given in self._table(table, "resources").items()
        }
        return Convention(project=project, environments=environments, resources=resources)

    def _of_files(self, given: Any, folder: Path) -> dict[str, tuple[str, ...]]:
        """Return the environments that have a file of their own, each without wrong spellings."""
        if given is None:
            return {}
        if not _is_text(given, _FILES):
            self._wrong("environment_files", given, 'a folder with a *, like "environments/*.toml"')
            return {}
        self._files = {file.stem: file for file in sorted(folder.glob(given))}
        return dict.fromkeys(self._files, ())

    def _whole_names(self, at: str, given: Any) -> dict[str, frozenset[str]]:
        """Return the values of keys of the environments' files, by environment; an unreadable file states nothing."""
        keys = self._words(at, given, _KEY, 'a list of keys of the environments\' files, like "orders.names.queue"')
        if keys and not self._files:
            self.errors.append(f"{at}: they are keys of the environments' files; set environment_files as well")
        return {environment: _values(file, keys) for environment, file in self._files.items()} if keys else {}

    def _resource(self, at: str, type_: str, given: Any, form: str) -> ResourceConvention:
        if type_ not in SERVICES:
            self.errors.append(f"{at}: not a resource type whose names are checked; allowed: {', '.join(SERVICES)}")
        if not _is_table(given):
            self._wrong(at, given, "a table")
            return ResourceConvention()
        self._known(f"{at}.", given, ("types", "misnomers", "forms", "whole_names"))
        types = self._words(f"{at}.types", given.get("types", []), _WORD)
        misnomers = self._words(f"{at}.misnomers", given.get("misnomers", []), _WORD)
        if misnomers and not types:
            self.errors.append(f"{at}.misnomers: they stand for the first of types, which is empty")
        forms = given.get("forms", [form])
        if not isinstance(forms, list) or not forms:
            self._wrong(f"{at}.forms", forms, "a list of at least one form")
            forms = [form]
        listed = cast("list[Any]", forms)
        sound = [each for number, each in enumerate(listed) if self._is_form(f"{at}.forms[{number}]", each)]
        whole = self._whole_names(f"{at}.whole_names", given.get("whole_names", []))
        return ResourceConvention(types=types, misnomers=misnomers, forms=tuple(sound), whole_names=whole)

    def _check_environments(self, environments: Mapping[str, tuple[str, ...]]) -> None:
        seen: dict[str, str] = {}
        for name, spellings in environments.items():
            if not _WORD.fullmatch(name):
                self._wrong("environments", name, "names of lower-case letters and digits")
                continue
            for word in (name, *spellings):
                if seen.setdefault(word, name) != name:
                    self.errors.append(f"environments: {shown_value(word)} stands for both {seen[word]} and {name}")

    def _is_form(self, at: str, given: Any) -> bool:
        pieces = re.findall(r"\{(\w+)\}", given) if isinstance(given, str) else []
        unknown = [piece for piece in pieces if piece not in PIECES]
        if not _is_text(given, _FORM) or not pieces or unknown or len(set(pieces)) < len(pieces):
            listed = ", ".join(f"{{{piece}}}" for piece in PIECES)
            self._wrong(at, given, f"text with pieces in braces, each once: {listed}")
            return False
        return True

    def _words(self, at: str, given: Any, pattern: re.Pattern[str], allowed: str = _ALLOWED_WORDS) -> tuple[str, ...]:
        if isinstance(given, list) and all(_is_text(each, pattern) for each in cast("list[Any]", given)):
            return tuple(cast("list[str]", given))
        self._wrong(at, given, allowed)
        return ()

    def _table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        given = table.get(key, {})
        if _is_table(given):
            return given
        self._wrong(key, given, "a table")
        return {}

    def _known(self, at: str, table: Mapping[str, Any], keys: tuple[str, ...]) -> None:
        self.errors += [f"{at}{_key(key)}: unknown key; allowed: {', '.join(keys)}" for key in table if key not in keys]

    def _wrong(self, at: str, given: Any, allowed: str) -> None:
        self.errors.append(f"{at}: {shown_value(given)} is not allowed; allowed: {allowed}")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[\w-]{1,80}", key, re.ASCII) else shown_value(key)


def _is_table(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_text(value: Any, pattern: re.Pattern[str]) -> TypeGuard[str]:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
