"""The verdict on a plan: from its gravest finding, and from what Terraform says of the plan as a whole."""

from collections.abc import Mapping, Sequence
from typing import Any

from plan_review.model import Action, Block, Finding, Intent, Kind, Verdict

GRAVE = frozenset((Kind.LOSS, Kind.EXPOSURE, Kind.EXFILTRATION, Kind.PRIVILEGE, Kind.SECURITY, Kind.PROTECTION))
"""The kinds of finding that make a plan dangerous wherever it is applied."""
_BY_ACTION = (
    (Action.OTHER, Verdict.INCOMPLETE),
    (Action.DELETE, Verdict.DELETES),
    (Action.REPLACE, Verdict.REPLACES),
    (Action.UPDATE, Verdict.CHANGES),
)
"""The verdict for the first of these actions that a plan has, if nothing graver was found."""
_OF_STATE = {Action.FORGET, Action.NONE}
_CHANGING_NOTHING = {Action.READ}
"""A data source that is read during the apply changes nothing but what the state has of it."""


def incompleteness(plan: Mapping[str, Any], *, deferred: int, is_known: bool, contradiction: str) -> str:
    """Return why a plan, or what is known of it, is only a part, in words; empty if it is whole.

    deferred: how many changes and actions wait for another apply. is_known: the plan has nothing that this review
    does not know. contradiction: what Terraform says of the plan against what it shows, in words; empty if nothing.
    """
    if plan.get("errored") is True:
        return "Terraform failed while planning: what is here may be only a part, and cannot be applied"
    if not is_known:
        return "the plan has something that this review does not know: the notes say what"
    if contradiction:
        return contradiction
    if deferred:
        return f"{deferred} deferred: after this apply another is needed"
    if plan.get("complete") is False:
        return "only a part was planned, as with -target: what was left out is not here, and needs another plan"
    return ""


def answer(blocks: Sequence[Block], findings: Sequence[Finding], incomplete: str, requirement: Sequence[Intent]) -> str:
    """Return the one sentence that a reviewer needs first: what is gravest. Empty if the counts say all."""
    stopping = [block.finding for block in blocks if not block.exception]
    first = next(iter([*stopping, *findings]), None)
    is_urgent = bool(stopping) or (first is not None and first.kind in GRAVE)
    if first is not None and (is_urgent or not incomplete):
        if first.kind is Kind.REQUIREMENT and not is_urgent:
            leaving = sum(item.agrees is False for item in requirement)
            return f"{leaving} of {len(requirement)} properties leave the requirement"
        return f"{first.brief} {first.name}" if first.brief else f"{first.name}: {first.sentence}"
    return incomplete


def verdict(  # noqa: PLR0913 - all that a verdict depends on
    *,
    actions: set[Action],
    runs_actions: bool,
    moves_state: bool,
    blocks: Sequence[Block],
    findings: Sequence[Finding],
    incomplete: str,
    is_harmless: bool,
) -> Verdict:
    """Return the verdict.

    actions: those of resources and outputs. runs_actions: actions of providers are run. moves_state: resources are
    imported, moved or refreshed. is_harmless: every type and policy is known, and no check failed.
    """
    doing = actions - _CHANGING_NOTHING
    creates, moves = Action.CREATE in doing, moves_state or bool(doing & _OF_STATE)
    worst_first = (
        (any(not block.exception for block in blocks), Verdict.STOPPED),
        (any(finding.kind in GRAVE for finding in findings), Verdict.DANGER),
        (bool(incomplete), Verdict.INCOMPLETE),
        *((action in doing, found) for action, found in _BY_ACTION),
        (creates and (moves or runs_actions), Verdict.CHANGES),
        (creates and is_harmless and not findings, Verdict.SAFE),
        (creates, Verdict.CREATES),
        (runs_actions and moves, Verdict.CHANGES),
        (runs_actions, Verdict.ACTIONS),
        (moves or Action.READ in actions, Verdict.STATE),
    )
    return next((found for holds, found in worst_first if holds), Verdict.NOTHING)
