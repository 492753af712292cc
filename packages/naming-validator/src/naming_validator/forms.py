"""A convention's forms as patterns: the pieces of a name, right and wrong, and the names it may stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from naming_validator.convention import Convention
from naming_validator.model import Hole, Name, Stack
from naming_validator.services import FIFO, SERVICES

REGION = r"[a-z]{2}(?:-[a-z]+){1,2}-[1-9]"
MOST_FILLINGS = 1_000
"""A name that may stand for more than these has so many unknown parts that it is not judged by its form."""

_SAID_BY = {
    "env": ("env", "environment", "stage", "env_name", "environment_name"),
    "region": ("region", "aws_region"),
    "suffix": ("suffix", "id_suffix", "name_suffix"),
    "account": ("account", "account_id"),
    "project": ("project", "project_name"),
}
"""Pieces, each with the identifiers that stand for it in source."""
ROLES = {identifier: piece for piece, identifiers in _SAID_BY.items() for identifier in identifiers}


@dataclass(frozen=True)
class Pieces:
    """A name's words where its form has `{env}`, `{region}` and `{account}`; None where the form has none."""

    environment: str | None
    region: str | None
    account: str | None
    other_environments: tuple[str, ...]
    """Environments that its feature or type names besides."""


def without_fifo(type_: str, text: str) -> str:
    """Return the name without the ending that FIFO queues and topics must have; the convention does not know it."""
    return text.removesuffix(FIFO) if SERVICES[type_].fifo_attribute else text


class Forms:
    """The forms of one convention."""

    def __init__(self, convention: Convention) -> None:
        self.convention = convention
        self._examples = {
            "env": next(iter(convention.environments)),
            "region": "us-east-1",
            "suffix": "0a1b2c",
            "account": "111111111111",
            "project": convention.project,
        }
        self._patterns: dict[str, tuple[re.Pattern[str], ...]] = {}

    def parse(self, type_: str, text: str) -> Pieces | None:
        """Return the pieces of a name that has one of its type's forms, in any spelling; or None."""
        for pattern in self._patterns_of(type_):
            found = pattern.fullmatch(without_fifo(type_, text))
            if found:
                pieces = found.groupdict()
                others = f"{pieces.get('feature', '')}-{pieces.get('type', '')}".split("-")
                return Pieces(
                    pieces.get("env"),
                    pieces.get("region"),
                    pieces.get("account"),
                    tuple(word for word in others if word in self.convention.environments and pieces.get("env")),
                )
        return None

    def _patterns_of(self, type_: str) -> tuple[re.Pattern[str], ...]:
        if type_ not in self._patterns:
            environments = self.convention.environments
            spellings = (word for right, wrong in environments.items() for word in (right, *wrong))
            types = self.convention.resources[type_].types
            pieces = {
                "project": re.escape(self.convention.project),
                "env": f"(?P<env>{'|'.join(spellings)})",
                "feature": r"(?P<feature>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)",
                "type": f"(?P<type>{'|'.join(types) or '[a-z0-9]+'})",
                "region": f"(?P<region>{REGION})",
                "suffix": r"[0-9a-f]{6}",
                "account": r"(?P<account>[0-9]{12})",
            }
            self._patterns[type_] = tuple(
                re.compile("".join(pieces[part[1:-1]] if part[:1] == "{" else re.escape(part) for part in parts(form)))
                for form in self.convention.resources[type_].forms
            )
        return self._patterns[type_]

    def fillings(self, type_: str, name: Name, stack: Stack) -> Iterator[str]:
        """Yield names that the source could stand for, the likeliest first; the name itself if all of it is known.

        A part that is not known may be any piece of the form, or some of them together. Nothing is yielded if those are
        too many.
        """
        known = {
            "env": self.convention.environment_of(stack.name),
            "region": stack.region,
            "account": stack.account,
        }
        examples = self._examples | {key: value for key, value in known.items() if value}
        choices = [[part] if isinstance(part, str) else self._choices(type_, part, examples) for part in name]
        if prod(map(len, choices)) <= MOST_FILLINGS:
            yield from ("".join(chosen) for chosen in product(*choices))

    def _choices(self, type_: str, hole: Hole, examples: Mapping[str, str]) -> list[str]:
        role = ROLES.get(hole.label[1:-1])
        if role:
            return [examples[role]]
        words, wholes = self._words(type_), self._wholes(type_, examples)
        project, env, region = examples["project"], examples["env"], examples["region"]
        tails = [f"{region}-{examples['suffix']}", examples["account"]]
        return [
            *("x", f"-{env}", *examples.values()),
            *(filled for word in words for filled in (word, f"x-{word}", f"{word}-{env}", f"x-{word}-{env}")),
            *(*tails, *(f"x-{tail}" for tail in tails)),
            *(f"{project}-", f"{project}-x", f"{project}-x-", f"{project}-{env}", f"{project}-{env}-x"),
            *(f"{project}-x-{word}" for word in words),
            *wholes,
        ]

    def _words(self, type_: str) -> list[str]:
        """Return the words that stand for `{type}` in the forms of a type: the usual one, and the literal ones."""
        convention = self.convention.resources[type_]
        literals = (word for form in convention.forms for word in re.findall(r"(?<=\}-)[a-z-]+(?=-\{)", form))
        return list(dict.fromkeys([*convention.types[:1], *literals])) or ["x"]

    def _wholes(self, type_: str, examples: Mapping[str, str]) -> list[str]:
        """Return a whole name of each of the forms, without its literal beginning, such as `/aws/lambda/`."""
        convention = self.convention.resources[type_]
        pieces = {**examples, "feature": "x", "type": next(iter(convention.types), "x")}
        forms = (re.sub(r"\A[^{]*", "", form) for form in convention.forms)
        return [re.sub(r"\{(\w+)\}", lambda found: pieces[found[1]], form) for form in forms]


def parts(form: str) -> list[str]:
    """Return the pieces of a form, in their braces, and the text between them."""
    return re.split(r"(\{\w+\})", form)
