"""The review of a plan, put together from all that is found in it."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from plan_review import declared_protection, policy_changes, unknown_parts
from plan_review.attribute_diff import side
from plan_review.changes import DEFERRALS, EPHEMERAL, MANAGED, Change, Reader, action_of, matters, mode_of
from plan_review.data_loss import LossJudge, Retention
from plan_review.departures import departures
from plan_review.facts import UNKNOWN_FACTS, Facts
from plan_review.findings import ORDER, findings, ranked
from plan_review.forms.wording import first
from plan_review.invocations import findings as of_invocations
from plan_review.invocations import invocations_of
from plan_review.known_types import is_known
from plan_review.masking import Secrets, as_list, as_object, secrets_of
from plan_review.model import Action, Counts, FailedCheck, Finding, OutputChange, Review, Reviewed
from plan_review.outputs import Output, outputs_of
from plan_review.outputs import findings as of_outputs
from plan_review.remedies import REMEDIES
from plan_review.requirement import Requirement, intent, required_expirations
from plan_review.resource_graph import picture
from plan_review.rules import Rules, blocks, notes
from plan_review.scope import outside, unused
from plan_review.surroundings import surroundings
from plan_review.verdict import answer, incompleteness, verdict

_BY_DANGER = {
    action: place
    for place, action in enumerate(
        (
            Action.OTHER,
            Action.DELETE,
            Action.REPLACE,
            Action.FORGET,
            Action.UPDATE,
            Action.CREATE,
            Action.NONE,
            Action.READ,
        )
    )
}


def review(  # noqa: PLR0913 - what a review is of, for whom, and by which rules
    plan: Mapping[str, Any],
    *,
    title: str,
    where: str = "",
    environment: str = "",
    retains: bool = False,
    retention: Retention | None = None,
    requirement: Requirement = (),
    facts: Facts = UNKNOWN_FACTS,
    configuration: Mapping[str, Any] | None = None,
    rules: Rules,
    only: Sequence[str] = (),
    today: date,
    plan_sha256: str = "",
    writes_refresh: bool = False,
) -> Review:
    """Return the review of a plan that `read_plan` has read, or Terraform has just written.

    title: the stack, or the file that was read. where: the target, account and region, in words.
    environment: its name; without one only rules that name no environment apply.
    retains: the environment keeps its data: rules for environments that do apply as well.
    retention: what the environment refuses to lose, whatever the rules say; None if nothing.
    requirement: what the plan is checked against. facts: what is known of the deployed resources.
    configuration: the Terraform JSON that the plan was made from, for what a plan does not contain.
    only: the declared scope: patterns of the addresses or names of the resources that may change; empty for any.
    today: the day on which exceptions must still apply. plan_sha256: of the plan's bytes, to be shown.
    writes_refresh: if the plan changes nothing, it is applied for what its refresh found, which then is in the state.
    Raises InvalidInputError for values that are nested more deeply than Terraform could have written.
    """
    with _refusing_deep_values(title):
        secrets = secrets_of(plan)
        reader = Reader(plan, secrets)
        entries = as_list(plan.get("resource_changes"))
        changes = [reader.change(entry) for entry in entries if matters(entry)]
        deferred = list(_deferred(plan, reader))
        outputs = list(outputs_of(plan, reader, secrets))
        invocations = tuple(invocations_of(plan, secrets))
        of_resources = findings(
            changes, LossJudge(facts, retention, required_expirations(requirement)), surroundings(plan, secrets)
        )
        declared = declared_protection.findings(configuration or {}, retention)
        nothing_stays = bool(of_resources) and all(map(_is_deleted, entries))
        of_others = [*of_outputs(outputs, changes, nothing_stays=nothing_stays), *of_invocations(invocations)]
        is_whole = plan.get("complete") is not False and not deferred
        required = tuple(intent(entries, reader, requirement, is_whole=is_whole))
        found = ranked(map(_with_remedy, [*of_resources, *declared, *of_others, *departures(required, today)]))
        resources = _ranked(changes, deferred, found)
        drift = [reader.change(entry) for entry in as_list(plan.get("resource_drift"))]
        unknown = [
            *unknown_parts.sections(plan, secrets),
            *unknown_parts.actions([*changes, *deferred, *outputs, *drift]),
        ]
        does_nothing = not (changes or deferred or outputs or unknown or invocations)
        is_refresh = does_nothing and _is_refresh(plan, drift)
        refreshes = is_refresh or (does_nothing and writes_refresh)
        drifted = sorted(_drifted(drift, refreshes=is_refresh), key=lambda each: each.address)
        against = unknown_parts.contradiction(
            plan,
            does_something=bool(changes or outputs or any(not each.deferred for each in invocations)),
            shows_something=not does_nothing or bool(drift),
        )
        properties = list(unknown_parts.properties(plan, secrets))
        if does_nothing and not refreshes and plan.get("applyable") is not False:
            # Nothing else says that they do nothing.
            unknown, properties = [*unknown, *properties], []
        waiting = len(deferred) + sum(bool(each.deferred) for each in invocations)
        incomplete = incompleteness(plan, deferred=waiting, is_known=not unknown, contradiction=against)
        unknown_types = _unknown_types(changes)
        unread = [change.name for change in changes if policy_changes.is_unread(change)]
        checks = tuple(_checks(plan, secrets))
        # One whose status is unknown waits for values of the apply, as on any first deployment.
        failed = any(check.status != "unknown" for check in checks)
        judged = tuple(blocks(rules, found, environment=environment, retains=retains, today=today))
        return Review(
            title=secrets.masked(title),
            where=secrets.masked(where),
            environment=environment,
            terraform_version=str(plan.get("terraform_version") or ""),
            plan_sha256=plan_sha256,
            verdict=verdict(
                actions=_actions(changes, outputs),
                runs_actions=bool(invocations),
                moves_state=refreshes or any(change.moved_from or change.imported_id for change in changes),
                blocks=judged,
                findings=found,
                incomplete=incomplete,
                is_harmless=not (unknown_types or unread or properties or failed),
            ),
            answer=answer(judged, found, incomplete, required),
            incomplete=incomplete,
            notes=(
                *unknown,
                *[against] * (against not in {"", incomplete}),
                *properties,
                *_unread_policies(unread),
                *map(secrets.masked, unused(only, resources)),
                *notes(rules, {str(entry["type"]) for entry in entries}),
            ),
            only=tuple(map(secrets.masked, only)),
            outside_scope=outside(only, resources),
            counts=_counts(
                changes,
                (*resources, *drifted),
                deferred=len(deferred),
                run=len(invocations),
                refreshed=drifted if refreshes else (),
                unchanged=len(entries) - len(changes),
            ),
            findings=tuple(found),
            resources=resources,
            invocations=invocations,
            unknown_types=unknown_types,
            intent=required,
            drift=tuple(drifted),
            outputs=tuple(
                OutputChange(
                    name=each.name,
                    action=each.action,
                    before=side(each.before),
                    after=side(each.after),
                    sensitivity=each.sensitivity,
                )
                for each in outputs
            ),
            checks=checks,
            picture=picture(plan, resources),
            blocks=judged,
        )


def _actions(changes: Sequence[Change], outputs: Sequence[Output]) -> set[Action]:
    """Return the plan's actions: an output that goes is a change of the stack, and a new one is nothing beside one."""
    # Nothing of an ephemeral resource that is opened is kept anywhere.
    found = {change.action for change in changes if (change.mode, change.action) != (EPHEMERAL, Action.READ)}
    found -= {Action.NONE}
    of_outputs = {Action.UPDATE if each.action is Action.DELETE else each.action for each in outputs}
    return found | (of_outputs - {Action.CREATE} if changes else of_outputs)


def _with_remedy(finding: Finding) -> Finding:
    return finding if finding.remedy else replace(finding, remedy=REMEDIES[finding.kind])


@contextmanager
def _refusing_deep_values(title: str) -> Generator[None]:
    try:
        yield
    except RecursionError:
        raise InvalidInputError([f"{title}: values are nested too deeply for a plan"]) from None


def _ranked(changes: Sequence[Change], deferred: Sequence[Change], found: Sequence[Finding]) -> tuple[Reviewed, ...]:
    worst: dict[str, int] = {}
    for finding in found:
        worst.setdefault(finding.address, ORDER[finding.kind])

    def danger(change: Change) -> tuple[bool, int, int, str]:
        return (
            bool(change.deferred),
            worst.get(change.address, len(ORDER)),
            _BY_DANGER[change.action],
            change.address,
        )

    return tuple(change.reviewed() for change in sorted([*changes, *deferred], key=danger))


def _deferred(plan: Mapping[str, Any], reader: Reader) -> Iterator[Change]:
    for entry in map(as_object, as_list(plan.get("deferred_changes"))):
        reason = str(entry.get("reason") or "deferred")
        yield reader.change(entry["resource_change"], deferred=DEFERRALS.get(reason, reason.replace("_", " ")))


def _is_refresh(plan: Mapping[str, Any], drift: Sequence[Change]) -> bool:
    """Return True if a plan that does nothing itself would write into the state what has drifted.

    Terraform 1.8 and later say so, but for moves, which no other plan has among the drift. OpenTofu, and earlier ones,
    list no resource at all in a plan that only refreshes.
    """
    if any(change.action is Action.NONE for change in drift):
        return True
    if plan.get("applyable") is None:
        return bool(drift) and not plan.get("resource_changes") and plan.get("errored") is not True
    return bool(drift) and plan.get("applyable") is True


def _drifted(drift: Iterable[Change], *, refreshes: bool) -> Iterator[Reviewed]:
    """Yield what has drifted: not what is only written otherwise, unless the plan is about that."""
    for change in drift:
        found = change.reviewed(drift=True)
        has_changed = found.action is Action.DELETE or any(each.noise is None for each in found.differences)
        # Only a plan that refreshes has a move by itself among the drift; others have it among the changes.
        if refreshes or (has_changed if change.action is not Action.NONE else change.moved_from):
            yield found


def _counts(  # noqa: PLR0913 - a sum of each kind
    changes: Sequence[Change],
    resources: Sequence[Reviewed],
    *,
    deferred: int,
    run: int,
    refreshed: Sequence[Reviewed],
    unchanged: int,
) -> Counts:
    """Count as Terraform does, but for a replacement: to add is create + replace, to destroy is delete + replace."""
    counted = Counter(change.action for change in changes if change.mode == "managed")
    dropped = sum(each.action is Action.DELETE for each in refreshed)
    return Counts(
        create=counted[Action.CREATE],
        change=counted[Action.UPDATE],
        replace=counted[Action.REPLACE],
        delete=counted[Action.DELETE],
        forget=counted[Action.FORGET],
        imported=sum(bool(change.imported_id) for change in changes),
        moved=sum(bool(change.moved_from) for change in changes),
        read=sum(change.action is Action.READ and change.mode != EPHEMERAL for change in changes),
        deferred=deferred,
        run=run,
        refresh=len(refreshed) - dropped,
        drop=dropped,
        other=sum(change.action is Action.OTHER for change in changes),
        noise=sum(each.noise is not None for resource in resources for each in resource.differences),
        unchanged=unchanged,
    )


# --- what is not reviewed -----------------------------------------------------------------------------------------


_MOST_NAMES = 5


def _is_deleted(entry: Mapping[str, Any]) -> bool:
    return mode_of(entry) != MANAGED or action_of(entry) is Action.DELETE


def _unread_policies(names: Sequence[str]) -> Iterator[str]:
    if names:
        told = first([*map(shown_value, names)], _MOST_NAMES)
        yield f"policies that are known only after the apply, so what they allow is not reviewed: {told}"


def _unknown_types(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the types of managed resources that change and of which nothing is known."""
    found = {change.type for change in changes if change.mode == "managed" and change.action is not Action.NONE}
    return tuple(sorted(type_ for type_ in found if not is_known(type_)))


def _checks(plan: Mapping[str, Any], secrets: Secrets) -> Iterator[FailedCheck]:
    for check in map(as_object, as_list(plan.get("checks"))):
        for each in map(as_object, as_list(check.get("instances")) or [check]):
            status = str(each.get("status"))
            if status != "pass":
                address = as_object(each.get("address")) or as_object(check.get("address"))
                problems = (as_object(problem).get("message") for problem in as_list(each.get("problems")))
                yield FailedCheck(
                    address=secrets.masked(str(address.get("to_display", ""))),
                    status=status,
                    problems=tuple(secrets.masked(str(problem)) for problem in problems if problem),
                )
