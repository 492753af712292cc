"""Retention of data: which environments keep it, and the two steps by which it is given up."""

from collections.abc import Callable, Mapping
from typing import Any

from check_report.printable import shown_value
from ops.requirement import requirement_of
from ops.resource_types import TYPES
from plan_review.data_loss import PROTECTIONS, Retention, protections
from stacks.feature import Feature
from stacks.settings import Settings

Make = Callable[[str], str]
"""What a user types to run a command, from the command's name."""

RUNBOOK = "docs/runbooks/decommission.md"
_STOPPING = frozenset({"deletion protection", "force_destroy = false"})
"""The protections at which a destroy stops when it has already deleted other things."""
_PROTECTIONS = frozenset(each for found in PROTECTIONS.values() for each in found.values())


def retention(settings: Settings, make: Make) -> Retention | None:
    """Return the environment's retention of data; None if it keeps none.

    make: what a user types to run a command on the plan's environment and target, from the command's name.
    """
    if not settings.keeps_data:
        return None
    return Retention(
        protects=settings.retains_data,
        setting='data_protection = "retain"',
        runbook=RUNBOOK,
        adopt=make("adopt"),
    )


def holding(feature: Feature, settings: Settings) -> list[str]:
    """Return the names of a feature's resources whose deletion loses data for good."""
    resources = requirement_of(feature, settings).resources
    return [
        name
        for type_ in TYPES.values()
        if any(permissions.loses for permissions in type_.permissions)
        for name in resources.get(type_.name, ())
    ]


def destroy_refusals(
    plan: Mapping[str, Any], settings: Settings, stack: str, confirmed_stack: str, make: Make
) -> list[str]:
    """Return the objections to a planned destroy: the missing one of the two deliberate steps.

    Where data is not retained there is only the first: what is deployed may still be protected, although the settings
    no longer say so, and AWS would stop the destroy half-way.
    confirmed_stack: the stack whose data the user agreed to lose; empty if none.
    """
    counting = _PROTECTIONS if settings.keeps_data else _STOPPING
    protected = [
        f"{name_of(change)} ({change['address']}): still has {' and '.join(found)}; the first step is to apply "
        f'data_protection = "destroy" in environments/{settings.environment}.toml, see {RUNBOOK}'
        for change in managed_changes(plan)
        if (found := sorted(protections(change["type"], change["change"]["before"] or {}) & counting))
    ]
    if protected or confirmed_stack == stack or not settings.keeps_data:
        return protected
    given = f" = {shown_value(confirmed_stack)}: not this stack" if confirmed_stack else ": not given"
    message = (
        f"CONFIRM_DATA_LOSS{given}; {stack} goes with all that it holds: the second step is "
        f"{make('destroy')} CONFIRM_DATA_LOSS={stack}, see {RUNBOOK}"
    )
    return [message]


def managed_changes(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the plan's entries on managed resources, changed or not."""
    return [change for change in plan.get("resource_changes", []) if change["mode"] == "managed"]


def name_of(change: Mapping[str, Any]) -> str:
    """Return the name by which AWS knows the resource, or its address if it has none."""
    values: dict[str, Any] = change["change"]["before"] or change["change"]["after"] or {}
    return str(next((values[key] for key in ("name", "bucket") if values.get(key)), change["address"]))


def is_new(change: Mapping[str, Any]) -> bool:
    """Return True if the plan makes the resource, and does not import it."""
    return change["change"]["actions"] == ["create"]
