"""Findings of what would not be as the requirement says."""

from collections.abc import Iterator, Sequence
from itertools import starmap

from plan_review.forms.wording import NOT_SET, against
from plan_review.model import Finding, Intent, Kind
from plan_review.requirement import EXISTS


def departures(held: Sequence[Intent]) -> Iterator[Finding]:
    """Yield a finding for each property that is not as required; one that is not known yet is none."""
    for item in held:
        if item.agrees is False:
            yield Finding(
                kind=Kind.REQUIREMENT,
                address=item.address,
                type=item.type,
                name=item.resource,
                sentence=_sentence(item),
            )


def _sentence(item: Intent) -> str:
    if item.property == EXISTS:
        return "is required, and would not be there"
    return "; ".join(starmap(_told, against(item)))


def _told(name: str, required: str, planned: str) -> str:
    if required == NOT_SET:
        return f"{name}: {planned} is planned, and not required"
    return f"{name}: {required} is required, {'and not set' if planned == NOT_SET else f'{planned} is planned'}"
