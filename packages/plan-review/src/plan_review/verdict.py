"""The verdict on a plan: from its gravest finding, and from what Terraform says of the plan as a whole."""

from collections.abc import Iterator, Mapping, Sequence
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
"""A data source that is read during the apply changes nothing."""


def incompleteness(plan: Mapping[str, Any], *, deferred: int, is_known: bool) -> str:
    """Return why a plan, or what is known of it, is only a part, in words; empty if it is whole.

    deferred: how many changes and actions wait for another apply. is_known: the plan has nothing that this review
    does not know.
    """
    if plan.get("errored") is True:
        return "Terraform failed while planning: what is here may be only a part, and cannot be applied"
    if not is_known:
        return "the plan has something that this review does not know: the notes say what"
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
        return f"{first.brief} {first.name}" if first.brief else f"{first.name}: {first.sentence}"
    leaving = sum(item.agrees is False for item in requirement)
    return incomplete or (f"{leaving} of {len(requirement)} properties leave the requirement" if leaving else "")


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
    imported, moved or refreshed. is_harmless: every type is known, and nothing leaves the requirement.
    """
    return next(
        _verdicts(
            actions - _CHANGING_NOTHING,
            runs_actions=runs_actions,
            moves_state=moves_state,
            is_stopped=any(not block.exception for block in blocks),
            is_grave=any(finding.kind in GRAVE for finding in findings),
            incomplete=incomplete,
            is_safe=is_harmless and not findings,
        )
    )


def _verdicts(  # noqa: PLR0913 - as `verdict` has it
    actions: set[Action],
    *,
    runs_actions: bool,
    moves_state: bool,
    is_stopped: bool,
    is_grave: bool,
    incomplete: str,
    is_safe: bool,
) -> Iterator[Verdict]:
    """Yield the verdicts that hold, the worst first."""
    if is_stopped:
        yield Verdict.STOPPED
    if is_grave:
        yield Verdict.DANGER
    if incomplete:
        yield Verdict.INCOMPLETE
    yield from (found for action, found in _BY_ACTION if action in actions)
    moves = moves_state or bool(actions & _OF_STATE)
    if Action.CREATE in actions:
        if moves or runs_actions:
            yield Verdict.CHANGES
        yield Verdict.SAFE if is_safe else Verdict.CREATES
    if runs_actions:
        yield Verdict.CHANGES if moves else Verdict.ACTIONS
    yield Verdict.STATE if moves else Verdict.NOTHING
