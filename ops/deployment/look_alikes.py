"""Resources in the account whose names resemble those of declared ones.

What exists under a name of another form, or with another suffix, is not found by the declared name: a plan would create
an empty resource beside it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ops.declared import Others, declared_names, other_environments
from ops.deployment.existing import answer
from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.workspace import Workspace
from plan_review.physical_names import name_in
from stacks.settings import Settings

MOST_SHOWN = 10
"""Maximum number of names in a message."""
Described = tuple[str, Mapping[str, Any]]
"""A resource's type and attributes, with literal names."""


@dataclass(frozen=True, kw_only=True)
class LookAlikes:
    """The resources that look like a declared one."""

    name: str
    """The declared one's name."""
    found: tuple[str, ...]
    """Their names; the first is the likeliest."""
    in_use: str
    """The one of them that a live resource refers to, where the declared one is to be; empty if there is none."""
    file: str
    """The environment's settings file."""
    key: str
    """The settings' key that would name the declared one whole; empty if they name it already, or cannot."""

    @property
    def question(self) -> str:
        """The message if the declared one is not there, and it is unknown which one is meant."""
        return (
            f"{self.name}: is not there, but {self._listed} {'is' if self._is_single else 'are'}; in {self.file}, "
            f'{self.key} = "{self.found[0]}" adopts {"that one" if self._is_single else "the first"}, and '
            f'{self.key} = "{self.name}" makes a new one'
        )

    @property
    def note(self) -> str:
        """The message if it is known which one is meant."""
        verb, them = ("exists", "it") if self._is_single else ("exist", "them")
        return f"{self.name}: {self._listed} {verb} beside it, and no settings file declares {them}"

    @property
    def _is_single(self) -> bool:
        return len(self.found) == 1

    @property
    def _listed(self) -> str:
        shown = [f"{each} (in use in its place)" if each == self.in_use else each for each in self.found[:MOST_SHOWN]]
        more = len(self.found) - MOST_SHOWN
        return ", ".join((*shown, *([f"{more} more"] if more > 0 else [])))


class Search:
    """A search for the look-alikes of one stack's resources; each type is listed once."""

    def __init__(self, workspace: Workspace, declared: Iterable[Described], recorded: Iterable[Described]) -> None:
        """Know what the stack declares, and what Terraform has in its state."""
        self._workspace, self._settings = workspace, workspace.settings
        self._requirement = requirement_of(workspace.feature, workspace.settings)
        self._declared, self._recorded = tuple(declared), tuple(recorded)
        self._strangers: dict[str, frozenset[str]] = {}
        self._in_use: dict[str, Mapping[str, str]] = {}

    def of(self, type_: str, values: Mapping[str, Any]) -> LookAlikes | None:
        """Return the look-alikes of a declared resource; None if there are none, or its type is not searched for.

        Raises NoAnswerError.
        """
        known, prefix, name = TYPES.get(type_), self._requirement.prefixes.get(type_), name_in(values)
        if known is None or known.names is None or prefix is None:
            return None
        strangers = self._of_type(type_) - {name}
        in_use = self._in_use_of_type(type_).get(name, "")
        similar = sorted(
            each
            for each in strangers
            if resembles(each, name, prefix=prefix, settings=self._settings, others=self._others)
        )
        found = [in_use, *(each for each in similar if each != in_use)] if in_use in strangers else similar
        if not found:
            return None
        return LookAlikes(
            name=name,
            found=tuple(found),
            in_use=in_use,
            file=f"environments/{self._settings.environment}.toml",
            key=self._requirement.pinned_by.get(type_, {}).get(name, ""),
        )

    @cached_property
    def _others(self) -> Others:
        return other_environments(self._settings)

    def _of_type(self, type_: str) -> frozenset[str]:
        """Return the names of a type in the account that no settings file declares and no state holds."""
        if type_ not in self._strangers:
            names = TYPES[type_].names
            assert names, type_
            asked = "whether it is there by another name"
            listed = answer(type_, lambda: list(names(self._settings, self._workspace.client)), asked=asked)
            readable = (self._settings, *(each for each in self._others.values() if each))
            declared = {name for settings in readable for name in declared_names(settings, type_)}
            recorded = {name_in(values) for of, values in self._recorded if of == type_}
            self._strangers[type_] = frozenset(listed or ()) - declared - recorded
        return self._strangers[type_]

    def _in_use_of_type(self, type_: str) -> Mapping[str, str]:
        """Return what live resources of a type refer to, by the declared names that would replace it."""
        if type_ not in self._in_use:
            self._in_use[type_] = dict(self._replaced(type_))
        return self._in_use[type_]

    def _replaced(self, type_: str) -> Iterator[tuple[str, str]]:
        replaced = TYPES[type_].replaced
        if replaced is None:
            return
        for values in (values for of, values in self._declared if of == type_):
            found = answer(
                type_, lambda values=values: replaced(values, self._workspace.client), asked="what it refers to"
            )
            yield from (found or {}).items()


def resembles(other: str, name: str, *, prefix: str, settings: Settings, others: Collection[str]) -> bool:
    """Return True if another name may be meant by a declared one.

    It begins with the prefix of the feature's names; or has all words of the declared name but environment, region,
    account and suffix; or has those behind the prefix, and the environment.
    others: the other environments. What is named after one of them alone is theirs.
    """
    words = _words(other)
    if settings.environment not in words and not words.isdisjoint(others):
        return False
    return (
        other.startswith(prefix)
        or _has(other, _telling(name, settings))
        or (settings.environment in words and _has(other, _telling(name.removeprefix(prefix), settings)))
    )


def _has(name: str, words: Collection[str]) -> bool:
    """Return True if a name has all words, wherever: generated names run words together."""
    return bool(words) and all(word in name.lower() for word in words)


def _telling(name: str, settings: Settings) -> frozenset[str]:
    """Return the words of a name by which it differs from others of its environment."""
    without_suffix = re.sub(r"-[0-9a-f]{6}$", "", name)
    words = _words(without_suffix.replace(settings.region, "-"))
    return words - {settings.environment, settings.account_id}


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()))
