"""Masking of values that no form may show: marked as sensitive, or with the value of a sensitive variable in them.

A plan's values are hidden before anything else looks at them, so that nothing that follows can tell them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import zip_longest
from typing import Any, Final, cast

from plan_review.json_text import document

SENSITIVE = "(sensitive)"
KNOWN_AFTER_APPLY = "(known after apply)"
_LEAST = 4
"""A shorter text is hidden only where it is the whole value: it occurs in too many others by chance."""
_CREDENTIAL = re.compile(r"key|secret|token|password|credential", re.IGNORECASE)
_LEAST_CREDENTIAL = 8
_REVEALED = "would no longer be sensitive, and be shown in clear from now on"
_TELLING_NAME = re.compile(
    r"(.*_)?(password|passwd|secret|secret_string|secret_key|token|private_key|client_secret|credentials)"
)

_IN_CLEAR = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----")
_GIVEN_TO_PROGRAMS = re.compile(
    r"(?:^|_)env(?:ironment)?(?:_|$)|variables$|user_data|startup_script|container|(?:^|_)template$|^spec$|^metadata$"
    r"|_settings$|_config(?:uration)?$"
)
"""Attributes that hold what programs are given, or blocks with it."""


class _Unknown(Enum):
    UNKNOWN = "known after apply"


UNKNOWN: Final = _Unknown.UNKNOWN
"""Stands for a value that is known only after the apply."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Stands for a sensitive value. Two can be compared; neither is shown."""

    hidden: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credential(Secret):
    """Stands for a credential in clear in what a program is given: it is hidden, though the plan does not mark it."""


def hidden_words(value: Any) -> str:
    """Return the words shown in place of a Secret or UNKNOWN."""
    return SENSITIVE if isinstance(value, Secret) else KNOWN_AFTER_APPLY


class Secrets:
    """The texts that may be shown nowhere."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole = frozenset(texts) - {""}
        parts = sorted((re.escape(text) for text in self._whole if len(text) >= _LEAST), key=len, reverse=True)
        self._parts = re.compile("|".join(parts)) if parts else None

    def __bool__(self) -> bool:
        return bool(self._whole)

    def within(self, value: str | float) -> bool:
        """Return True if the value tells one of them, also as a document in which it is written with escapes."""
        text = str(value)
        if text in self._whole or (self._parts is not None and self._parts.search(text) is not None):
            return True
        return "\\" in text and any(self.within(each) for each in _leaves(document(text), keys=True))

    def masked(self, text: str) -> str:
        """Return the text without them."""
        if text in self._whole:
            return SENSITIVE
        return self._parts.sub(SENSITIVE, text) if self._parts else text


def as_object(value: Any) -> Mapping[str, Any]:
    """Return the value if it is an object, and an empty one if it is not."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """Return the value if it is a list, and an empty one if it is not."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def secrets_of(plan: Mapping[str, Any]) -> Secrets:
    """Return the values of the plan's sensitive variables, and the credentials of its providers."""
    configuration = as_object(plan.get("configuration"))
    values = as_object(plan.get("variables"))
    found: list[Any] = list(_sensitive_inputs(as_object(configuration.get("root_module")), values))
    texts = {str(leaf) for value in found for leaf in _leaves(value)}
    for provider in as_object(configuration.get("provider_config")).values():
        for name, expression in as_object(as_object(provider).get("expressions")).items():
            constant = as_object(expression).get("constant_value")
            if _CREDENTIAL.search(name) and isinstance(constant, str) and len(constant) >= _LEAST_CREDENTIAL:
                texts.add(constant)
    return Secrets(texts)


def _sensitive_inputs(module: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Any]:
    for name, variable in as_object(module.get("variables")).items():
        if as_object(variable).get("sensitive") is True:
            given = as_object(values.get(name))
            yield from (given.get("value"), given.get("constant_value"), as_object(variable).get("default"))
    for call in as_object(module.get("module_calls")).values():
        yield from _sensitive_inputs(
            as_object(as_object(call).get("module")), as_object(as_object(call).get("expressions"))
        )


def _leaves(value: Any, *, keys: bool = False) -> Iterator[str | float]:
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        if keys:
            yield from found
        for each in found.values():
            yield from _leaves(each, keys=keys)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from _leaves(each, keys=keys)
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield value


def both(one: Any, other: Any = None) -> Any:
    """Return the marks of what either side marks, and of nothing else: falsy if nothing is marked."""
    if not one and not other:
        return False
    if one is True or other is True:
        return True
    if isinstance(one, dict) or isinstance(other, dict):
        mine, theirs = as_object(one), as_object(other)
        return {key: mark for key in {**mine, **theirs} if (mark := both(mine.get(key), theirs.get(key)))}
    if isinstance(one, list) or isinstance(other, list):
        mine, theirs = as_list(one), as_list(other)
        # Of most lists nothing is marked.
        marks = [both(*pair) for pair in zip_longest(mine, theirs)] if any(mine) or any(theirs) else []
        return marks if any(marks) else []
    return False


def remarked(before: Any, after: Any, was: Any, becomes: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield, of each part that is there before and after and is marked as sensitive on one side alone, what changes.

    was, becomes: the marks of either side.
    """
    if was is True or becomes is True:
        if before is not None and after is not None and was is not becomes and not (was and becomes):
            value = "its value stays the same" if before == after else "its value changes too"
            how = f"{_REVEALED}; {value}" if was else f"would be sensitive from now on; {value}"
            yield f"{'.'.join(path) or 'it'} {how}"
        return
    if isinstance(before, dict) and isinstance(after, dict):
        mine, theirs = as_object(was), as_object(becomes)
        for key in {**mine, **theirs}:
            sides = (as_object(before).get(key), as_object(after).get(key))
            yield from remarked(*sides, mine.get(key), theirs.get(key), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        items = zip(as_list(before), as_list(after), strict=False)
        marks = zip_longest(as_list(was), as_list(becomes))
        for index, (sides, either) in enumerate(zip(items, marks, strict=False)):
            yield from remarked(*sides, *either, (*path, str(index)))


def is_revealed(sensitivity: str) -> bool:
    """Return True if what `remarked` yields says that a part would be shown in clear."""
    return _REVEALED in sensitivity


def guessed_marks(values: Any) -> Any:
    """Return marks for a plan that has none (Terraform wrote none before 0.14): what a name says is secret."""
    if isinstance(values, dict):
        return {
            key: True if isinstance(each, str) and _TELLING_NAME.fullmatch(key) else guessed_marks(each)
            for key, each in cast("dict[str, Any]", values).items()
        }
    return [guessed_marks(each) for each in cast("list[Any]", values)] if isinstance(values, list) else False


def hide(value: Any, sensitive: Any, unknown: Any, secrets: Secrets) -> Any:
    """Return the value with a Secret or UNKNOWN in the place of each part that is marked so, or tells a secret.

    sensitive, unknown: the marks, as `both` returns them: true, or the shape of the value with true in its places.
    """
    if sensitive is True:
        return Secret(value)
    if unknown is True:
        return UNKNOWN
    if not (sensitive or unknown or secrets):
        return value
    if isinstance(value, dict) or (value is None and isinstance(unknown, dict)):
        values, marks, unknowns = as_object(value), as_object(sensitive), as_object(unknown)
        return {
            secrets.masked(key): hide(values.get(key), marks.get(key), unknowns.get(key), secrets)
            for key in {**values, **unknowns}
        }
    if isinstance(value, list) or (value is None and isinstance(unknown, list)):
        items = zip_longest(as_list(value), as_list(sensitive)[: _length(value, unknown)], as_list(unknown))
        return [hide(each, mark, not_known, secrets) for each, mark, not_known in items]
    tells = isinstance(value, str | int | float) and not isinstance(value, bool) and secrets.within(value)
    return Secret(value) if tells else value


def hide_credentials(values: Any) -> Any:
    """Return a resource's values with a Credential in the place of each that its programs are given in clear."""
    if not isinstance(values, dict):
        return values
    attributes = cast("dict[str, Any]", values)
    found = {
        key: _without_credentials(value)
        for key, value in attributes.items()
        if value and _is_given_to_programs(key) and _tells_credential(value)
    }
    return {**attributes, **found} if found else attributes


@cache
def _is_given_to_programs(attribute: str) -> bool:
    return _GIVEN_TO_PROGRAMS.search(attribute) is not None


def _tells_credential(value: Any) -> bool:
    return _IN_CLEAR.search(value if isinstance(value, str) else repr(value)) is not None


def _without_credentials(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_credentials(each) for key, each in cast("dict[str, Any]", value).items()}
    if isinstance(value, list):
        return [_without_credentials(each) for each in cast("list[Any]", value)]
    if not isinstance(value, str) or not _tells_credential(value):
        return value
    found = document(value)
    return Credential(value) if found is None else _without_credentials(found)


def _length(*lists: Any) -> int:
    return max(len(as_list(each)) for each in lists)
