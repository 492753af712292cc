"""The picture of a plan: the resources that it changes, what they are wired to, and how."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from plan_review.addresses import INDEX, without_indexes
from plan_review.masking import as_list, as_object, secrets_of
from plan_review.model import Action, Edge, Node, Picture, Reviewed
from plan_review.name_references import mentions, own_names
from plan_review.references import Reference, references

MOST_NODES = 60
MOST_WIRES = 20_000
"""Looked at; a plan with more has resources by the thousand that refer to every instance of another."""
_MOST_INDEXES = 20
"""Of one address: that of the resource, and those of the modules around it."""
MOST_EDGES = 120
"""More would be a tangle."""


@dataclass(frozen=True, kw_only=True)
class _Planned:
    """A resource of the plan, whether it changes or not."""

    address: str
    type: str
    values: Mapping[str, Any]
    """After the apply; before it, if the resource goes."""
    sensitive: Mapping[str, Any]
    name: str
    """Its physical name; its address if it has none that may be shown."""


def picture(plan: Mapping[str, Any], reviewed: Sequence[Reviewed]) -> Picture:
    """Return the first 60 of the resources reviewed, and as many of those they are wired to as there is room for.

    Two resources are wired if the configuration of one refers to the other, also through a module or a data source,
    or if the other's name occurs in its values. At most 120 edges; those of the resources that come first stay.
    Never raises: what a plan lacks, its picture lacks.
    """
    planned = {each.address: each for each in _planned(plan)}
    changed = {each.address: each for each in reviewed}
    shown = dict.fromkeys(list(changed)[:MOST_NODES])
    labels: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for source, target, attribute in islice(_wires(plan, planned, shown), MOST_WIRES):
        if source != target:
            labels[source, target].add(attribute)
    places = {address: place for place, address in enumerate(changed)}

    def rank(wire: tuple[str, str]) -> tuple[int, int, tuple[str, str]]:
        """Order wires by the place of the more important of their ends, then of the other."""
        ends = [places.get(end, len(places)) for end in wire]
        return min(ends), max(ends), wire

    wires = sorted(labels, key=rank)
    found = dict.fromkeys([*shown, *(end for wire in wires for end in wire if end not in changed)])
    kept = dict.fromkeys(list(found)[:MOST_NODES])
    drawn = [wire for wire in wires if kept.keys() >= set(wire)][:MOST_EDGES]
    return Picture(
        nodes=tuple(_node(address, changed, planned) for address in kept),
        edges=tuple(Edge(source=wire[0], target=wire[1], label=_label(labels[wire])) for wire in drawn),
        left_out=len({*changed, *found}) - len(kept),
    )


def _label(attributes: set[str]) -> str:
    """Name what refers; that the order matters as well says nothing more."""
    return ", ".join(sorted(attributes - {"depends_on"} or attributes))


def _node(address: str, changed: Mapping[str, Reviewed], planned: Mapping[str, _Planned]) -> Node:
    if (one := changed.get(address)) is not None:
        return Node(address=address, type=one.type, name=one.name, action=one.action)
    other = planned[address]
    return Node(address=address, type=other.type, name=other.name, action=Action.NONE)


def _planned(plan: Mapping[str, Any]) -> Iterator[_Planned]:
    secrets = secrets_of(plan)
    for entry in map(as_object, as_list(plan.get("resource_changes"))):
        change = as_object(entry.get("change"))
        side = "after" if as_object(change.get("after")) else "before"
        mark = change.get(f"{side}_sensitive")
        type_, address = str(entry.get("type", "")), str(entry.get("address", ""))
        if secrets:
            address = INDEX.sub(lambda index: secrets.masked(index[0]), address)
        values, sensitive = as_object(None if mark is True else change.get(side)), as_object(mark)
        name = next(own_names(type_, values, sensitive), address)
        yield _Planned(address=address, type=type_, values=values, sensitive=sensitive, name=secrets.masked(name))


def _wires(
    plan: Mapping[str, Any], planned: Mapping[str, _Planned], shown: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Yield source, target and attribute of each wire that begins or ends at a resource that is shown."""
    instances = _Instances([*planned, *shown])
    shown_statics = {without_indexes(address) for address in shown}
    # Without room for a resource that does not change, what refers to those that are shown need not be known.
    others = len(shown) < MOST_NODES
    for static, attribute, reference in references(plan):
        if not (static in shown_statics or (others and reference.address in shown_statics)):
            continue
        for source in instances.of(static):
            meant = instances.meant(source, reference)
            all_ = source in shown and len(meant) <= MOST_NODES
            yield from ((source, target, attribute) for target in (meant if all_ else shown.keys() & meant.keys()))
    owners = _owners(planned.values())
    outgoing = {name: owner for name, owner in owners.items() if owner in shown}
    for each in planned.values() if others else [planned[address] for address in shown if address in planned]:
        known = owners if each.address in shown else outgoing
        for attribute, owner in mentions(each.type, each.values, each.sensitive, known):
            yield each.address, owner, attribute


def _owners(planned: Iterable[_Planned]) -> dict[str, str]:
    """Return each name's owner; a name that two resources have tells nothing."""
    owners: dict[str, str] = {}
    twice: set[str] = set()
    for each in planned:
        for name in set(own_names(each.type, each.values, each.sensitive)):
            if owners.setdefault(name, each.address) != each.address:
                twice.add(name)
    return {name: owner for name, owner in owners.items() if name not in twice}


class _Instances:
    """The instances of the configuration's resources, by count, for_each and those of the modules around them."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self._by_index: defaultdict[str, defaultdict[tuple[str, ...], dict[str, None]]] = defaultdict(
            lambda: defaultdict(dict)
        )
        self._indexes: dict[str, tuple[str, ...]] = {}
        for address in dict.fromkeys(addresses):
            indexes = tuple(INDEX.findall(address))[:_MOST_INDEXES]
            self._indexes[address] = indexes
            static = self._by_index[without_indexes(address)]
            for depth in range(len(indexes) + 1):
                static[indexes[:depth]][address] = None

    def of(self, static: str) -> Iterable[str]:
        """Return all instances of a resource."""
        return self._by_index[static][()] if static in self._by_index else ()

    def meant(self, source: str, reference: Reference) -> Mapping[str, None]:
        """Return the instances that one refers to: the one that is named, else those with the most indexes in common.

        Which one `each.key` or `count.index` picks is not in a plan; as a rule it is that of the same index.
        """
        if reference.address not in self._by_index:
            return {}
        known = self._by_index[reference.address]
        told = (reference.index,) if reference.index else ()
        indexes = self._indexes[source]
        for depth in range(len(indexes), -1, -1):
            if (prefix := (*indexes[:depth], *told)) in known:
                return known[prefix]
        return {}
