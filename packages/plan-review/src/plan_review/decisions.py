"""Decisions against the requirement: a property's decided value, beside the one that is required."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast

from plan_review.comparison import is_as_required
from plan_review.forms.wording import NOT_SET, literal, path_in
from plan_review.masking import as_list, as_object
from plan_review.model import Decision, DecisionState

USUAL = timedelta(days=14)
"""The time for which a decision is suggested."""
_LONGEST_VALUE = 400
"""Characters of a value that are worth pasting: the forms shorten a longer line."""

Same = Callable[[Any, Any], bool]
"""Returns True if a value that may be meant is the one that was found."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """A value that was decided against the requirement, for one property or a part of it."""

    path: tuple[str, ...] = ()
    """The part of the property, by its keys; empty for the whole."""
    value: Any
    """None if it is decided that there is nothing."""
    required: Any
    reason: str
    until: date
    """The last day on which it applies."""
    is_expired: bool = False


def settled(
    property_: str, wanted: Any, found: Any, decided: Sequence[Decided], same: Same = is_as_required
) -> tuple[Any, tuple[Decision, ...]]:
    """Return what a property has to be like, and what became of each decision on it.

    wanted: the property as decided. found: what is planned, or there. A part that is as required is right as well.
    """
    states: list[Decision] = []
    for each in decided:
        there = at_path(found, each.path)
        if same(each.value, each.required):
            state = DecisionState.NEEDLESS
        elif each.is_expired:
            state = DecisionState.EXPIRED
        elif same(each.value, there):
            state = DecisionState.APPLIES
        elif same(each.required, there):
            state, wanted = DecisionState.NOT_IN_FORCE, with_value(wanted, each.path, each.required)
        else:
            state = DecisionState.LEFT
        states.append(
            Decision(
                property=path_in(property_, each.path),
                value=each.value,
                required=each.required,
                reason=each.reason,
                until=str(each.until),
                state=state,
                sentence=_sentence(each, state),
            )
        )
    return wanted, tuple(states)


def _sentence(decided: Decided, state: DecisionState) -> str:
    value, required = _words(decided.value), _words(decided.required)
    why = f"{decided.reason}; until {decided.until}"
    match state:
        case DecisionState.APPLIES:
            return f"{value} (decided; required {required}): {why}"
        case DecisionState.NOT_IN_FORCE:
            return f"{required}, as required; {value} is decided, and not in force yet or no longer needed ({why})"
        case DecisionState.LEFT:
            return f"neither as decided ({value}: {why}) nor as required ({required})"
        case DecisionState.EXPIRED:
            return f"the decision on {value} expired on {decided.until} ({decided.reason}); decide again, or remove it"
        case _:
            return f"the requirement itself says {required}; remove the decision ({decided.reason})"


def _words(value: Any) -> str:
    return NOT_SET if value is None else literal(value)


def at_path(value: Any, path: Sequence[str]) -> Any:
    """Return a part of a value by its keys; None if there is none."""
    for step in path:
        if isinstance(value, list):
            items = as_list(value)
            value = items[int(step)] if step.isdecimal() and int(step) < len(items) else None
        else:
            value = as_object(value).get(step)
    return value


def with_value(whole: Any, path: Sequence[str], value: Any) -> Any:
    """Return a copy of a value in which a part is another one; None removes the part."""
    if not path:
        return value
    step, *rest = path
    if isinstance(whole, list):
        items: list[Any] = list(cast("list[Any]", whole))
        items[int(step)] = with_value(items[int(step)], rest, value)
        return items
    parts = dict(as_object(whole))
    part = with_value(parts.get(step), rest, value)
    if part is None:
        parts.pop(step, None)
    else:
        parts[step] = part
    return parts


# --- to be pasted -------------------------------------------------------------------------------------------------


def to_paste(resource: str, differing: Mapping[str, Any], today: date) -> str:
    """Return the entries of a file of decisions that would make a property's parts right, but for their reasons.

    resource: its type and name. differing: the planned values by the path of the part; None for nothing.
    Empty if a value is too long to be pasted.
    """
    values = {path: _toml(NOT_SET if value is None else value) for path, value in differing.items()}
    if any(len(value) > _LONGEST_VALUE for value in values.values()):
        return ""
    return "\n".join(
        line
        for path, value in values.items()
        for line in (
            "[[decision]]",
            f"resource = {_toml(resource)}",
            f"property = {_toml(path)}",
            f"value = {value}",
            'reason = ""',
            f"until = {today + USUAL}",
        )
    )


def _toml(value: Any) -> str:
    """Return a JSON value as TOML in one line."""
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        return f"{{ {', '.join(f'{_key(key)} = {_toml(each)}' for key, each in members if each is not None)} }}"
    if isinstance(value, list):
        return f"[{', '.join(_items(cast('list[Any]', value)))}]"
    # TOML's basic strings have JSON's escapes, but no pairs of surrogates, and want DEL escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _items(values: Sequence[Any]) -> Iterator[str]:
    return (_toml(each) for each in values if each is not None)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _toml(key)
