"""Findings of what would be neither as the requirement says nor as was decided."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from plan_review.attribute_diff import parts
from plan_review.decisions import to_paste
from plan_review.forms.wording import NOT_SET, against, literal, path_in
from plan_review.masking import as_object
from plan_review.model import Decision, DecisionState, Finding, Intent, Kind, Known
from plan_review.requirement import EXISTS, required_type


def departures(held: Sequence[Intent], today: date) -> Iterator[Finding]:
    """Yield a finding for each property that is not as required or decided; one that is not known yet is none.

    today: the day from which a decision is suggested.
    """
    for item in held:
        if item.agrees is False:
            yield Finding(
                kind=Kind.REQUIREMENT,
                address=item.address,
                type=item.type,
                name=item.resource,
                sentence=_sentence(item),
                to_paste=_to_paste(item, today),
            )


def _sentence(item: Intent) -> str:
    if item.property == EXISTS:
        return "is required, and would not be there"
    left = {each.property: each for each in item.decisions if each.state is DecisionState.LEFT}
    told = [_told(*part, left.pop(part[0], None)) for part in against(item)]
    others = [*left.values(), *(each for each in item.decisions if each.state is DecisionState.EXPIRED)]
    return "; ".join([*told, *(f"{each.property}: {each.sentence}" for each in others)])


def _told(name: str, required: str, planned: str, decided: Decision | None) -> str:
    planned = "and not set" if planned == NOT_SET else f"{planned} is planned"
    if decided:
        stated = NOT_SET if decided.required is None else literal(decided.required)
        return f"{name}: {required} is decided until {decided.until} (required {stated}), {planned}"
    if required == NOT_SET:
        return f"{name}: {planned}, and not required"
    return f"{name}: {required} is required, {planned}"


def _to_paste(item: Intent, today: date) -> str:
    """Return the decisions on the parts that differ; on the whole where a part of a list does, which has no key."""
    if item.property == EXISTS:
        return ""
    planned = item.planned.value if item.planned.known is Known.VALUE else None
    differing = [part for part in parts(item.required, planned, (item.property,)) if not part.formal]
    values: dict[str, Any] = {path_in(item.property, part.path[1:]): part.after for part in differing}
    # That there are no tags is said of each.
    is_gone = planned is None and item.property != "Tags"
    if is_gone or not values or not all(_has_keys(item.required, planned, part.path[1:]) for part in differing):
        values = {item.property: planned}
    return to_paste(f"{required_type(item.type)} {item.resource}", values, today)


def _has_keys(required: Any, planned: Any, path: Sequence[str]) -> bool:
    """Return True if a path leads through objects alone."""
    for step in path:
        if isinstance(required, list) or isinstance(planned, list):
            return False
        required, planned = (as_object(side).get(step) for side in (required, planned))
    return True
