"""The name that would be right, worked out from the pieces of one that is not."""

import re
import unicodedata
from collections.abc import Mapping

from naming_validator.convention import Convention, ResourceConvention
from naming_validator.forms import REGION, ROLES, without_fifo
from naming_validator.model import Resource
from naming_validator.services import FIFO
from naming_validator.tokens import without_tokens

_REGION = rf"(?<![a-z0-9]){REGION}"
MOST_CHARACTERS = 2_000
"""For a longer name than this, which no service takes, none is suggested."""
_CONSTRUCT_ID_HASH = re.compile(r"_[0-9A-F]{8}$")


def suggest(resource: Resource, convention: Convention) -> str | None:
    """Return the right name, with a piece in braces where it is unknown; or None.

    A resource without a name is named after its address.
    """
    of_type = convention.resources.get(resource.type)
    if of_type is None:
        return None
    text = _text(resource)
    if len(text) > MOST_CHARACTERS:
        return None
    plain = unicodedata.normalize("NFKD", without_fifo(resource.type, text))
    if any(character.isalnum() and not character.isascii() for character in plain):
        # A letter that only looks like one of ours: what was meant is unknown.
        return None
    known, rest = _pieces(plain, resource, convention)
    form = next((form for form in of_type.forms[1:] if _literals(form) <= set(rest)), of_type.forms[0])
    literals = _literals(form)
    rest = [word for word in rest if word not in literals]
    feature, type_ = _feature_and_type(rest, of_type)
    known |= {"feature": feature or "{feature}", "type": type_ or "{type}"}
    right = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], found[0]), form)
    return f"{right}{FIFO}" if resource.is_fifo else right


def _text(resource: Resource) -> str:
    if not resource.name:
        label = resource.address.partition("[")[0].removeprefix(resource.type)
        return _CONSTRUCT_ID_HASH.sub("", label.rpartition(".")[-1])
    return "".join(
        without_tokens(part) if isinstance(part, str) else " " if part.is_token else part.label
        for part in resource.name
    )


def _literals(form: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"\{\w+\}", "", form))) or {""}


def _pieces(plain: str, resource: Resource, convention: Convention) -> tuple[dict[str, str], list[str]]:
    """Take out of a name what is not feature or type; return it and the words that are left."""
    stack, of_type = resource.stack, convention.resources[resource.type]
    project = rf"(?i)(?<![a-z0-9]){re.escape(convention.project)}"
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", re.sub(project, " ", plain)).lower()
    known = {"project": convention.project}
    if any("{region}" in form for form in of_type.forms):
        found = re.search(_REGION, text)
        region = stack.region or (found[0] if found else None)
        known |= {"region": region} if region else {}
        text = re.sub(_REGION, " ", text)
    words = re.findall(r"\{\w+\}|[a-z0-9]+", text)
    _take_endings(words, known, of_type)
    environments = [right for word in words if (right := convention.right_environment(word))]
    environment = convention.environment_of(stack.name) or next(reversed(environments), None)
    known |= {"env": environment} if environment else {}
    if stack.account:
        known["account"] = stack.account
    rest = [word for word in words if not convention.right_environment(word) and ROLES.get(word.strip("{}")) is None]
    return known, rest


def _take_endings(words: list[str], known: dict[str, str], convention: ResourceConvention) -> None:
    patterns: Mapping[str, str] = {"suffix": "[0-9a-f]{6}", "account": "[0-9]{12}"}
    for piece, pattern in patterns.items():
        if words and any(f"{{{piece}}}" in form for form in convention.forms) and re.fullmatch(pattern, words[-1]):
            known[piece] = words.pop()


def _feature_and_type(rest: list[str], convention: ResourceConvention) -> tuple[str, str]:
    if not convention.types:
        return "-".join(rest[:-1]), rest[-1] if rest else ""
    right = {word: word for word in convention.types}
    right |= dict.fromkeys(convention.misnomers, convention.types[0])
    right |= {f"{word}s": word for word in convention.types} | {f"{word[:-1]}ies": word for word in convention.types}
    at = next((index for index in reversed(range(len(rest))) if rest[index] in right), None)
    if at is None:
        return "-".join(rest), convention.types[0]
    return "-".join(rest[:at] + rest[at + 1 :]), right[rest[at]]
