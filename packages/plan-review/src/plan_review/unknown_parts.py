"""Parts of a plan that this review does not know, and contradictions in it: none is ever taken for nothing.

The names are those of Terraform 1.10 to 1.15 and of OpenTofu 1.10 to 1.12, from the structures that each writes as JSON
(internal/command/jsonplan in both repositories), and those that HCP Terraform adds to a plan that it has redacted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from check_report.counts import plural
from check_report.printable import shown_value
from plan_review.changes import Change, action
from plan_review.masking import Secrets, as_list, as_object
from plan_review.model import Action
from plan_review.outputs import Output

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
_CHANGE = {
    "actions",
    "after",
    "after_identity",
    "after_sensitive",
    "after_unknown",
    "before",
    "before_identity",
    "before_sensitive",
    "generated_config",
    "importing",
    "replace_paths",
}
_IMPORTING = {"id", "identity", "unknown"}
_RESOURCE = {
    "action_reason",
    "address",
    "change",
    "deposed",
    "index",
    "index_unknown",
    "mode",
    "module_address",
    "name",
    "previous_address",
    "provider_name",
    "type",
}
_DEFERRED = {"action_invocation", "reason", "resource_change"}
_INVOCATION = {
    "address",
    "config_sensitive",
    "config_unknown",
    "config_values",
    "invoke_action_trigger",
    "lifecycle_action_trigger",
    "name",
    "provider_name",
    "type",
}
_TRIGGERS = {
    "invoke_action_trigger": set[str](),
    "lifecycle_action_trigger": {
        "action_trigger_block_index",
        "action_trigger_event",
        "actions_list_index",
        "triggering_resource_address",
    },
}
_CAN_BE_APPLIED = (
    "Terraform says that the plan can be applied, but nothing that this review knows says what that would do"
)
_CANNOT_BE_APPLIED = (
    "Terraform says that the plan cannot be applied, and yet it has changes: an apply may do something else"
)


def sections(plan: Mapping[str, Any], secrets: Secrets) -> Iterator[str]:
    """Yield a note that names the unknown sections of a plan that hold anything."""
    found = sorted(key for key, value in plan.items() if value and key not in _SECTIONS)
    if found:
        sized = (f"{secrets.masked(key)} ({plural(_size(plan[key]), 'entry', 'entries')})" for key in found)
        yield f"the plan has parts that this review does not know, and does not show: {', '.join(sized)}"


def _size(section: Any) -> int:
    return len(as_list(section)) or len(as_object(section)) or 1


def actions(changes: Iterable[Change | Output]) -> Iterator[str]:
    """Yield a note for each unknown action, or known one in a mode without it, and how often it is there."""
    unknown = Counter(
        (change.actions, change.mode if isinstance(change, Change) else "")
        for change in changes
        if change.action is Action.OTHER
    )
    counted: Counter[str] = Counter()
    for (words, mode), count in unknown.items():
        in_mode = f" in mode {shown_value(mode)}" * (action(list(words)) is not Action.OTHER)
        counted[f"{shown_value(list(words))}{in_mode}"] += count
    for what, count in sorted(counted.items()):
        yield f"the plan does something that this review does not know: {what} ({plural(count, 'time')})"


def properties(plan: Mapping[str, Any], secrets: Secrets) -> Iterator[str]:
    """Yield a note that names the unknown properties of changes and actions that hold anything.

    Those of a resource's own attributes are its provider's, and not meant.
    """
    found = Counter(_properties(plan))
    if found:
        counted = (f"{secrets.masked(name)} ({plural(count, 'time')})" for name, count in sorted(found.items()))
        yield (
            "changes of the plan have properties that this review does not know, and does not show: "
            f"{', '.join(counted)}"
        )


def _properties(plan: Mapping[str, Any]) -> Iterator[str]:
    for section in ("resource_changes", "resource_drift"):
        for entry in as_list(plan.get(section)):
            yield from _of_resource(as_object(entry))
    for change in as_object(plan.get("output_changes")).values():
        yield from _unknown(as_object(change), _CHANGE, "change.")
    for entry in as_list(plan.get("action_invocations")):
        yield from _of_invocation(as_object(entry))
    for deferred in map(as_object, as_list(plan.get("deferred_changes"))):
        yield from _unknown(deferred, _DEFERRED, "")
        yield from _of_resource(as_object(deferred.get("resource_change")))
    for deferred in map(as_object, as_list(plan.get("deferred_action_invocations"))):
        yield from _unknown(deferred, _DEFERRED, "")
        yield from _of_invocation(as_object(deferred.get("action_invocation")))


def _of_resource(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(entry, _RESOURCE, "")
    change = as_object(entry.get("change"))
    yield from _unknown(change, _CHANGE, "change.")
    yield from _unknown(as_object(change.get("importing")), _IMPORTING, "change.importing.")


def _of_invocation(entry: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(entry, _INVOCATION, "")
    for trigger, known in _TRIGGERS.items():
        yield from _unknown(as_object(entry.get(trigger)), known, f"{trigger}.")


def _unknown(entry: Mapping[str, Any], known: Collection[str], within: str) -> Iterator[str]:
    return (f"{within}{key}" for key in entry.keys() - known if entry[key])


def contradiction(plan: Mapping[str, Any], *, does_something: bool, shows_something: bool) -> str:
    """Return a note on `applyable`, if it is not what the plan shows; empty if it is, or is absent.

    does_something: an apply is known to do something. shows_something: that, or something deferred, drifted or unknown.
    """
    applyable = plan.get("applyable")
    if applyable is True and not shows_something:
        return _CAN_BE_APPLIED
    if applyable is False and does_something and plan.get("errored") is not True:
        return _CANNOT_BE_APPLIED
    return ""
