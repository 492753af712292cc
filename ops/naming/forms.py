"""The convention's forms as patterns: the pieces of a name, right and wrong, and the names it may stand for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import prod

from ops.naming.convention import CONVENTIONS, ENVIRONMENTS, PROJECT
from ops.naming.model import Hole, Name, Stack
from ops.naming.services import FIFO, SERVICES

REGION = r"[a-z]{2}(?:-[a-z]+){1,2}-[1-9]"
MOST_FILLINGS = 1_000
"""A name that may stand for more than these has so many unknown parts that it is not judged by its form."""

_SPELLINGS = {wrong: right for right, spellings in ENVIRONMENTS.items() for wrong in (right, *spellings)}
_EXAMPLES = {
    "env": next(iter(ENVIRONMENTS)),
    "region": "us-east-1",
    "suffix": "0a1b2c",
    "account": "111111111111",
    "project": PROJECT,
}
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


def right_environment(word: str) -> str | None:
    """Return the environment that a word is, or is a wrong spelling of."""
    return _SPELLINGS.get(word)


def without_fifo(type_: str, text: str) -> str:
    """Return the name without the ending that FIFO queues and topics must have; the convention does not know it."""
    return text.removesuffix(FIFO) if SERVICES[type_].fifo_attribute else text


def parse(type_: str, text: str) -> Pieces | None:
    """Return the pieces of a name that has one of its type's forms, with any spelling of an environment; or None."""
    for pattern in _patterns(type_):
        found = re.fullmatch(pattern, without_fifo(type_, text))
        if found:
            pieces = found.groupdict()
            others = re.split("-", f"{pieces.get('feature', '')}-{pieces.get('type', '')}")
            return Pieces(
                pieces.get("env"),
                pieces.get("region"),
                pieces.get("account"),
                tuple(word for word in others if word in ENVIRONMENTS and pieces.get("env")),
            )
    return None


@cache
def _patterns(type_: str) -> tuple[str, ...]:
    convention = CONVENTIONS[type_]
    pieces = {
        "project": re.escape(PROJECT),
        "env": f"(?P<env>{'|'.join(_SPELLINGS)})",
        "feature": r"(?P<feature>[a-z][a-z0-9]*(?:-[a-z0-9]+)*)",
        "type": f"(?P<type>{'|'.join(convention.types) or '[a-z0-9]+'})",
        "region": f"(?P<region>{REGION})",
        "suffix": r"[0-9a-f]{6}",
        "account": r"(?P<account>[0-9]{12})",
    }
    return tuple(
        "".join(
            pieces[part[1:-1]] if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\})", form)
        )
        for form in convention.forms
    )


def fillings(type_: str, name: Name, stack: Stack) -> Iterator[str]:
    """Yield names that the source could stand for, the likeliest first; the name itself if all of it is known.

    A part that is not known may be any piece of the form, or some of them together. Nothing is yielded if those are
    too many.
    """
    examples = _EXAMPLES | {
        key: value
        for key, value in {"env": stack.environment, "region": stack.region, "account": stack.account}.items()
        if value
    }
    choices = [[part] if isinstance(part, str) else _choices(type_, part, examples) for part in name]
    if prod(map(len, choices)) <= MOST_FILLINGS:
        yield from ("".join(parts) for parts in product(*choices))


def _choices(type_: str, hole: Hole, examples: Mapping[str, str]) -> list[str]:
    role = ROLES.get(hole.label[1:-1])
    if role:
        return [examples[role]]
    words, wholes = _words(type_), _wholes(type_, examples)
    env, region = examples["env"], examples["region"]
    tails = [f"{region}-{examples['suffix']}", examples["account"]]
    return [
        *("x", f"-{env}", *examples.values()),
        *(filled for word in words for filled in (word, f"x-{word}", f"{word}-{env}", f"x-{word}-{env}")),
        *(*tails, *(f"x-{tail}" for tail in tails)),
        *(f"{PROJECT}-", f"{PROJECT}-x", f"{PROJECT}-x-", f"{PROJECT}-{env}", f"{PROJECT}-{env}-x"),
        *(f"{PROJECT}-x-{word}" for word in words),
        *wholes,
    ]


def _words(type_: str) -> list[str]:
    """Return the words that stand for `{type}` in the forms of a type: the usual one, and the literal ones."""
    convention = CONVENTIONS[type_]
    literals = (word for form in convention.forms for word in re.findall(r"(?<=\}-)[a-z-]+(?=-\{)", form))
    return list(dict.fromkeys([*convention.types[:1], *literals])) or ["x"]


def _wholes(type_: str, examples: Mapping[str, str]) -> list[str]:
    """Return a whole name of each of the forms, without its literal beginning, such as `/aws/lambda/`."""
    pieces = {**examples, "feature": "x", "type": next(iter(CONVENTIONS[type_].types), "x")}
    forms = (re.sub(r"\A[^{]*", "", form) for form in CONVENTIONS[type_].forms)
    return [re.sub(r"\{(\w+)\}", lambda found: pieces[found[1]], form) for form in forms]
