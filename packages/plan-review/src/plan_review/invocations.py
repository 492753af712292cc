"""Actions of providers that a plan runs: Terraform's `action` blocks, from 1.14 on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plan_review.attribute_diff import parts, side
from plan_review.changes import DEFERRALS
from plan_review.masking import Secrets, as_list, as_object, both, hide
from plan_review.model import Difference, Finding, Invocation, Kind

_EVENTS = {
    "BeforeCreate": "before {resource} is created",
    "AfterCreate": "after {resource} is created",
    "BeforeUpdate": "before {resource} changes",
    "AfterUpdate": "after {resource} has changed",
    "BeforeDestroy": "before {resource} is deleted",
    "AfterDestroy": "after {resource} is deleted",
}


def invocations_of(plan: Mapping[str, Any], secrets: Secrets) -> Iterator[Invocation]:
    """Yield the actions that the plan runs, then those that wait for another apply."""
    for entry in as_list(plan.get("action_invocations")):
        yield _invocation(as_object(entry), "", secrets)
    for deferred in map(as_object, as_list(plan.get("deferred_action_invocations"))):
        reason = str(deferred.get("reason") or "deferred")
        entry = as_object(deferred.get("action_invocation"))
        yield _invocation(entry, DEFERRALS.get(reason, reason.replace("_", " ")), secrets)


def findings(invocations: Sequence[Invocation]) -> Iterator[Finding]:
    """Yield a finding for each action: what it does no plan can tell."""
    for each in invocations:
        sentence = f"would run {each.trigger}: no plan shows what it does"
        yield Finding(kind=Kind.EXECUTION, address=each.address, type=each.type, name=each.address, sentence=sentence)


def _invocation(entry: Mapping[str, Any], deferred: str, secrets: Secrets) -> Invocation:
    mask = secrets.masked
    unknown, sensitive = (both(entry.get(key)) for key in ("config_unknown", "config_sensitive"))
    settings = as_object(hide(entry.get("config_values"), sensitive, unknown, secrets))
    return Invocation(
        address=mask(str(entry.get("address") or "(no address)")),
        type=str(entry.get("type") or ""),
        trigger=mask(_trigger(entry)),
        deferred=mask(deferred),
        settings=tuple(
            Difference(path=part.path, before=side(part.before), after=side(part.after))
            for key, value in sorted(settings.items())
            for part in parts(None, value, (key,))
        ),
    )


def _trigger(entry: Mapping[str, Any]) -> str:
    if "invoke_action_trigger" in entry:
        return "as asked for with -invoke"
    lifecycle = as_object(entry.get("lifecycle_action_trigger"))
    if not lifecycle:
        return "by a trigger that this review does not know"
    event, resource = str(lifecycle.get("action_trigger_event")), str(lifecycle.get("triggering_resource_address"))
    return _EVENTS.get(event, "at {event} of {resource}").format(event=event, resource=resource)
