"""Changes in a plan: those that its refresh found, and those of an apply."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from ops.drift.differences import differences
from ops.resource_types import TYPES
from plan_review.computed_attributes import is_condition
from plan_review.masking import as_list, as_object
from plan_review.physical_names import physical_name
from plan_review.provider_regions import fills_in_region, provider_regions

Plan = Mapping[str, Any]
"""A plan in the JSON that Terraform documents."""

SENSITIVE = "(sensitive)"
REPLACING = (["delete", "create"], ["create", "delete"])


@dataclass(frozen=True)
class Drifted:
    """One property that is not as Terraform left it."""

    address: str
    type: str
    name: str
    """The physical name."""
    path: tuple[str, ...]
    """The attribute and the part of it; empty when the whole resource is gone."""
    expected: Any
    found: Any
    before: Any
    """The whole attribute, as Terraform left it."""

    @property
    def attribute(self) -> str:
        """The attribute; empty when the whole resource is gone."""
        return self.path[0] if self.path else ""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """An apply's effect on one resource."""

    type: str
    name: str
    actions: list[str]
    after: Mapping[str, Any]
    paths: frozenset[tuple[str, ...]]
    """The attributes that it would change, and the parts of them."""
    replacing: frozenset[str]
    """The attributes for which it would have to replace the resource."""

    @property
    def changed(self) -> frozenset[str]:
        """The attributes that it would change."""
        return frozenset(path[0] for path in self.paths)


def has_resources(refresh: Plan) -> bool:
    """Return True if the state from which a plan was made has a managed resource, be it one that is gone by now."""
    module = _root_module(refresh)
    is_there = module.get("child_modules") or any(each.get("mode") == "managed" for each in _resources(module))
    return bool(is_there or refresh.get("resource_drift"))


def drifted(refresh: Plan, changes: Mapping[str, "Planned"]) -> Iterator[Drifted]:
    """Yield the changes that a plan's refresh found in managed resources.

    changes: what an apply would do. What it would create is declared too.
    """
    managed = _managed_resources(refresh) | {(change.type, change.name) for change in changes.values()}
    region_of = provider_regions(refresh)
    for entry in _managed(refresh, "resource_drift"):
        change = entry["change"]
        address, name = str(entry.get("address", "")), _name(entry["type"], change)
        if change.get("after") is None:
            yield Drifted(address, entry["type"], name, (), None, None, None)
            continue
        repeated: Mapping[str, str] = TYPES[entry["type"]].repeats if entry["type"] in TYPES else {}
        for attribute in _attributes(change):
            if (repeated.get(attribute), name) in managed:
                continue
            before, after = _sides(change, attribute)
            secret = _is_sensitive(change, attribute)
            for part in differences(before, after, (attribute,)):
                if is_condition(entry["type"], part.path):
                    continue
                if fills_in_region(part.path, part.expected, part.found, region_of(address)):
                    continue
                expected, found = (SENSITIVE, SENSITIVE) if secret else (part.expected, part.found)
                yield Drifted(address, entry["type"], name, part.path, expected, found, before)


def planned(plan: Plan) -> dict[str, Planned]:
    """Return an apply's effect on every resource that it would touch, by address."""
    found: dict[str, Planned] = {}
    for entry in _managed(plan, "resource_changes"):
        change = entry["change"]
        if change["actions"] in (["no-op"], ["read"]):
            continue
        unknown = _values(change, "after_unknown")
        paths = {
            part.path
            for attribute in _attributes(change)
            if unknown.get(attribute) is not True
            for part in differences(*_sides(change, attribute), (attribute,))
        }
        found[entry["address"]] = Planned(
            type=entry["type"],
            name=_name(entry["type"], change),
            actions=change["actions"],
            after=_values(change, "after"),
            paths=frozenset(paths),
            replacing=frozenset(str(path[0]) for path in map(as_list, as_list(change.get("replace_paths"))) if path),
        )
    return found


def effect(drift: Drifted, plan: Mapping[str, Planned]) -> str:
    """Return an apply's effect on one drifted property, in words."""
    change = plan.get(drift.address)
    loss = ", losing what it holds" if _holds_data(drift.type) else ""
    if change is None or change.actions == ["update"]:
        return _update(drift, change)
    if change.actions == ["create"]:
        return "creates it again, empty" if _holds_data(drift.type) else "creates it again"
    if change.actions == ["delete"]:
        return f"deletes the resource{loss}: the stack has it no longer"
    if drift.attribute in change.replacing:
        return f"REPLACES the resource{loss}"
    return "sets it right in the resource that replaces this one"


def _holds_data(type_: str) -> bool:
    return type_ in TYPES and bool(TYPES[type_].holds)


def _update(drift: Drifted, change: Planned | None) -> str:
    if change is None or drift.attribute not in change.changed:
        return "nothing: the stack says so now, or says nothing of it"
    if any(differences(drift.before, change.after.get(drift.attribute))):
        return "sets it to what the stack says now"
    return "removes it" if drift.expected is None else "sets it back"


def pending(drifts: Collection[Drifted], plan: Mapping[str, Planned]) -> list[Planned]:
    """Return the changes of an apply that come from the stack, and not from outside Terraform."""
    attributes: dict[str, set[str]] = {}
    for drift in drifts:
        attributes.setdefault(drift.address, set()).add(drift.attribute)
    return [change for address, change in plan.items() if not _follows(change, attributes.get(address, set()))]


def _follows(change: Planned, drifted_attributes: Collection[str]) -> bool:
    """Return True if a change is there only because these attributes drifted, or the whole resource."""
    if change.actions == ["create"]:
        return "" in drifted_attributes
    # What else a replacement changes is what the new resource does not know yet.
    reasons = change.replacing if change.actions in REPLACING else change.changed
    return bool(reasons) and reasons <= set(drifted_attributes)


def _managed(plan: Plan, section: str) -> Iterator[Mapping[str, Any]]:
    return (entry for entry in as_list(plan.get(section)) if entry.get("mode") == "managed")


def _name(type_: str, change: Mapping[str, Any]) -> str:
    return physical_name(type_, _values(change, "before") or _values(change, "after")) or "(named by AWS)"


def _sides(change: Mapping[str, Any], attribute: str) -> tuple[Any, Any]:
    before, after = _values(change, "before").get(attribute), _values(change, "after").get(attribute)
    # So that a tag can be told from the next, even if there is none on one side.
    return (as_object(before), as_object(after)) if attribute == "tags_all" else (before, after)


def _values(change: Mapping[str, Any], side: str) -> Mapping[str, Any]:
    """Return one side of a change; none of it is known of a resource that is not there."""
    return as_object(change.get(side))


def _attributes(change: Mapping[str, Any]) -> list[str]:
    """Return the attributes that speak for themselves; `tags` are those of `tags_all` that are the resource's own."""
    return sorted({*_values(change, "before"), *_values(change, "after")} - {"tags"})


def _managed_resources(plan: Plan) -> set[tuple[str, str]]:
    """Return the type and name of each resource in the state."""
    return {
        (each["type"], physical_name(each["type"], as_object(each.get("values"))) or "")
        for each in _resources(_root_module(plan))
    }


def _root_module(plan: Plan) -> Mapping[str, Any]:
    return as_object(as_object(as_object(plan.get("prior_state")).get("values")).get("root_module"))


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    return map(as_object, as_list(module.get("resources")))


def _is_sensitive(change: Mapping[str, Any], attribute: str) -> bool:
    def marked(value: Any) -> bool:
        if isinstance(value, Mapping):
            return any(marked(each) for each in cast("Mapping[str, Any]", value).values())
        return any(marked(each) for each in cast("list[Any]", value)) if isinstance(value, list) else value is True

    marks = (change.get("before_sensitive"), change.get("after_sensitive"))
    return any(mark is True or (isinstance(mark, Mapping) and marked(mark.get(attribute))) for mark in marks)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - JSON
