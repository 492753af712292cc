"""The owners of a plan's resources: what is made or deleted together with the resource that it is for."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from plan_review.addresses import without_indexes
from plan_review.changes import Change
from plan_review.masking import UNKNOWN, as_list, as_object
from plan_review.model import Action
from plan_review.risk_tables import OWNERS, Owner

_NAMES = ("name", "bucket", "function_name", "domain_name", "key_id", "id")
_ARNS = ("arn", "url")


class _Group:
    """The resources of one type of which a plan does the same."""

    def __init__(self) -> None:
        self.addresses: set[str] = set()
        """Without indexes."""
        self.names: set[str] = set()
        self.arns: set[str] = set()
        """And URLs."""
        self.unaddressed: set[str] = set()
        """The names of those whose ARN is not known yet."""

    def add(self, address: str, values: Mapping[str, Any]) -> None:
        names = set(_texts(values, _NAMES))
        arns = set(_texts(values, _ARNS))
        self.addresses.add(without_indexes(address))
        self.names |= names
        self.arns |= arns
        if not arns:
            self.unaddressed |= names

    def has(self, target: str) -> bool:
        """Return True if a name, an ARN or a URL is that of one of them, or of a part of it, as an alias is."""
        ends = [found.start() for found in re.finditer("[:/]", target)]
        if target in self.names or target in self.arns or any(target[:end] in self.arns for end in ends):
            return True
        return bool(ends) and target[ends[-1] + 1 :] in self.unaddressed


class Owners:
    """The resources that a plan makes, and those that it deletes, by type and identity."""

    def __init__(self, changes: Iterable[Change]) -> None:
        """Collect them."""
        self._made: defaultdict[str, _Group] = defaultdict(_Group)
        self._deleted: defaultdict[str, _Group] = defaultdict(_Group)
        owners = {type_ for owner in OWNERS.values() for type_ in owner.types}
        for change in changes:
            if change.type in owners and change.mode == "managed":
                if change.action is Action.CREATE:
                    self._made[change.type].add(change.address, change.after)
                elif change.action is Action.DELETE:
                    self._deleted[change.type].add(change.address, change.before)

    def deleted_with(self, change: Change) -> bool:
        """Return True if the owner of a deleted resource is deleted in the same plan."""
        owner = OWNERS.get(change.type)
        target = change.before.get(owner.attribute) if owner else None
        return owner is not None and isinstance(target, str) and _is_in(self._deleted, owner, target)

    def made_with(self, change: Change) -> bool:
        """Return True if the owner of a new resource is made in the same plan. In doubt it is not."""
        owner = OWNERS.get(change.type)
        if owner is None:
            return False
        target = change.after.get(owner.attribute)
        if target is UNKNOWN:
            return self._is_made(owner, change)
        return isinstance(target, str) and _is_in(self._made, owner, target)

    def _is_made(self, owner: Owner, change: Change) -> bool:
        """Return True if what names the owner, which is known only after the apply, may be that of a new resource."""
        made = {address for type_ in owner.types if type_ in self._made for address in self._made[type_].addresses}
        expression = as_object((change.declared or {}).get(owner.attribute))
        names = [
            without_indexes(each).split(".") for each in as_list(expression.get("references")) if isinstance(each, str)
        ]
        module = without_indexes(change.address).rpartition(f"{change.type}.")[0]
        direct = {f"{module}{'.'.join(name[:2])}" for name in names if name[0] in owner.types}
        is_read = any(name[0] == "data" for name in names)
        return bool(made & direct if direct else made and not is_read)


def _is_in(groups: Mapping[str, _Group], owner: Owner, target: str) -> bool:
    return any(type_ in groups and groups[type_].has(target) for type_ in owner.types)


def _texts(values: Mapping[str, Any], keys: Iterable[str]) -> Iterator[str]:
    yield from (value for key in keys if isinstance(value := values.get(key), str) and value)
