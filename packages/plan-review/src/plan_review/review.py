"""The review of a plan, put together from all that is found in it."""

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

from check_report.counts import plural
from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from plan_review import declared_protection, policy_changes
from plan_review.attribute_diff import side
from plan_review.changes import DEFERRALS, Change, Reader, action
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
    Raises InvalidInputError for values that are nested more deeply than Terraform could have written.
    """
    with _refusing_deep_values(title):
        secrets = secrets_of(plan)
        reader = Reader(plan, secrets)
        entries = as_list(plan.get("resource_changes"))
        changes = [reader.change(entry) for entry in entries if _matters(entry)]
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
        refreshed = [change.reviewed(drift=True) for change in drift if change.action is not Action.NONE]
        drifted = sorted(filter(_has_drifted, refreshed), key=lambda each: each.address)
        unknown = [*_unknown_sections(plan, secrets), *_unknown_actions([*changes, *deferred, *outputs, *drift])]
        does_nothing = not (changes or deferred or outputs or unknown or invocations)
        refreshes = does_nothing and plan.get("applyable") is True
        if refreshes and not drift:
            unknown = [_APPLYABLE]
        waiting = len(deferred) + sum(bool(each.deferred) for each in invocations)
        incomplete = incompleteness(plan, deferred=waiting, is_known=not unknown)
        unknown_types = _unknown_types(changes)
        unread = [change.name for change in changes if policy_changes.is_unread(change)]
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
                is_harmless=not unknown_types and not unread,
            ),
            answer=answer(judged, found, incomplete, required),
            incomplete=incomplete,
            notes=(
                *unknown,
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
            checks=tuple(_checks(plan, secrets)),
            picture=picture(plan, resources),
            blocks=judged,
        )


def _actions(changes: Sequence[Change], outputs: Sequence[Output]) -> set[Action]:
    """Return the plan's actions: an output that goes is a change of the stack, and a new one is nothing beside one."""
    found = {change.action for change in changes} - {Action.NONE}
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


def _matters(entry: Mapping[str, Any]) -> bool:
    """Return True if the plan does something about a resource."""
    planned = as_object(entry.get("change"))
    return action(planned.get("actions")) is not Action.NONE or _is_moved(entry) or planned.get("importing") is not None


def _is_moved(entry: Mapping[str, Any]) -> bool:
    before = entry.get("previous_address")
    return bool(before) and before != entry.get("address")


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


def _has_drifted(resource: Reviewed) -> bool:
    """Return True if it is there for more than having moved, or for what the provider writes otherwise."""
    is_gone = resource.action is Action.DELETE
    return is_gone or any(each.noise is None for each in resource.differences)


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
        read=sum(change.action is Action.READ for change in changes),
        deferred=deferred,
        run=run,
        refresh=len(refreshed) - dropped,
        drop=dropped,
        other=sum(change.action is Action.OTHER for change in changes),
        noise=sum(each.noise is not None for resource in resources for each in resource.differences),
        unchanged=unchanged,
    )


# --- what is not known --------------------------------------------------------------------------------------------


_SECTIONS = {
    "action_invocations",
    "applyable",
    "checks",
    "complete",
    "configuration",
    "deferred_action_invocations",
    "deferred_changes",
    "errored",
    "format_version",
    "output_changes",
    "plan_format_version",
    "planned_values",
    "prior_state",
    "provider_format_version",
    "provider_schemas",
    "relevant_attributes",
    "resource_changes",
    "resource_drift",
    "terraform_version",
    "timestamp",
    "variables",
}
"""The sections of a plan that are reviewed, or change nothing by themselves."""
_MOST_NAMES = 5
_APPLYABLE = "Terraform says that the plan can be applied, but nothing that this review knows says what that would do"


def _unknown_sections(plan: Mapping[str, Any], secrets: Secrets) -> Iterator[str]:
    found = sorted(key for key, value in plan.items() if value and key not in _SECTIONS)
    if found:
        sized = (f"{secrets.masked(key)} ({plural(_size(plan[key]), 'entry', 'entries')})" for key in found)
        yield f"the plan has parts that this review does not know, and does not show: {', '.join(sized)}"


def _size(section: Any) -> int:
    return len(as_list(section)) or len(as_object(section)) or 1


def _unknown_actions(changes: Iterable[Change | Output]) -> Iterator[str]:
    unknown = Counter(change.actions for change in changes if change.action is Action.OTHER)
    for actions, count in sorted(unknown.items()):
        what = f"{shown_value(list(actions))} ({plural(count, 'time')})"
        yield f"the plan does something that this review does not know: {what}"


def _is_deleted(entry: Mapping[str, Any]) -> bool:
    return entry.get("mode") == "data" or action(as_object(entry.get("change")).get("actions")) is Action.DELETE


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
            if status in {"fail", "error", "unknown"}:
                address = as_object(each.get("address")) or as_object(check.get("address"))
                problems = (as_object(problem).get("message") for problem in as_list(each.get("problems")))
                yield FailedCheck(
                    address=secrets.masked(str(address.get("to_display", ""))),
                    status=status,
                    problems=tuple(secrets.masked(str(problem)) for problem in problems if problem),
                )
