"""Drift that a plan without changes may write into the state, and drift that it must leave to be seen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ops.drift.differences import NAMING_KEYS
from ops.drift.plans import Drifted, drifted, planned
from plan_review.changes import Reader, is_applyable
from plan_review.masking import as_list, as_object, secrets_of


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a plan's refresh found, of a plan that changes nothing."""

    written: tuple[Drifted, ...] = ()
    """Drift that is accounted for: an apply writes it into the state, unless something is left."""
    left: tuple[str, ...] = ()
    """The properties that only a change by hand explains, each with its resource's name."""

    @property
    def is_to_write(self) -> bool:
        """True if applying the plan is of use, and hides nothing: a state is refreshed whole or not at all."""
        return bool(self.written) and not self.left

    @property
    def notes(self) -> tuple[str, ...]:
        """What an apply does about it, in sentences."""
        if self.is_to_write:
            return ("an apply changes Terraform's state alone: what the refresh found is no drift after that",)
        return tuple(
            f"{property_}: changed outside Terraform, and the stack says nothing of it; the state stays as it is, so "
            "that make drift shows it: undo it, or declare it in the stack"
            for property_ in self.left
        )


NOTHING = Refreshed()


def refreshed(plan: Mapping[str, Any], state: Callable[[], Mapping[str, Any]]) -> Refreshed:
    """Return what a plan's refresh found, if the plan has no changes; nothing for any other plan.

    Terraform writes what the refresh found with any apply, and after that nobody sees it as drift. Three kinds may go
    that way: what the stack itself says now, a resource that is gone and not declared any more, and an attribute that
    the state does not have at all. Terraform stores every attribute that its provider knows, also one that is not set;
    so the provider that wrote the state did not know it, and a newer one does.
    state: returns the stored one, from which the plan was made.
    """
    found = [] if is_applyable(plan) or plan.get("errored") else list(drifted(plan, planned(plan)))
    if not found:
        return NOTHING
    secrets = secrets_of(plan)
    reader = Reader(plan, secrets)
    changes = {entry["address"]: reader.change(entry) for entry in as_list(plan.get("resource_drift"))}
    stored = dict(_stored(state()))

    def is_accounted_for(drift: Drifted) -> bool:
        if not drift.path or changes[drift.address].declares(drift.path):
            return True
        return drift.address in stored and not _has(stored[drift.address], drift.path)

    return Refreshed(
        written=tuple(filter(is_accounted_for, found)),
        left=tuple(
            secrets.masked(f"{drift.name}: {'.'.join(drift.path)}") for drift in found if not is_accounted_for(drift)
        ),
    )


def _stored(state: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the stored attributes of each resource of the root module that is there once, by its address."""
    for resource in map(as_object, as_list(state.get("resources"))):
        instances = as_list(resource.get("instances"))
        if len(instances) == 1 and not resource.get("module") and "index_key" not in instances[0]:
            yield f"{resource['type']}.{resource['name']}", as_object(instances[0].get("attributes"))


def _has(attributes: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Return True unless the stored attributes lack the attribute, or the block's, that a path leads to.

    A key of a map, as a tag's, is no attribute: one that is missing was not set.
    """
    if path[0] not in attributes:
        return False
    value, rest = attributes[path[0]], path[1:]
    blocks = [as_object(each) for each in as_list(value) if isinstance(each, dict)]
    names = {str(block.get(key)): block for block in blocks for key in NAMING_KEYS if block.get(key)}
    if rest and rest[0] in names:
        return len(rest) == 1 or _has(names[rest[0]], rest[1:])
    if rest and not names and len(blocks) == 1:
        return _has(blocks[0], rest)
    return True
