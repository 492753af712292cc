"""Resources of each type: those declared, and undeclared ones with a name like theirs."""

from collections.abc import Iterator
from typing import Any

from ops.declared import Others, declared_names
from ops.resource_types import TYPES
from ops.resource_types.interface import Account, ResourceType
from ops.verify.compare import Resource, take
from ops.verify.report import Check
from stacks.settings import Settings

_THERE = "exists"


def existing(account: Account, others: Others, type_: str, *, wanted: bool) -> tuple[dict[str, Any], list[Check]]:
    """Return the declared resources of a type that exist, each with its entry in the listing, and the checks of that.

    wanted: True if the declared resources should be there; the others with their prefix should not in any case.
    """
    requirement = account.requirement
    prefix = requirement.prefixes[type_]
    declared: dict[str, Any] = {}

    def checks() -> Iterator[Check]:
        listing = TYPES[type_].listing
        assert listing, type_
        found = dict(listing(account, prefix))
        for name in requirement.resources[type_]:
            # A name that the settings give whole may begin differently.
            if not name.startswith(prefix) and name not in found and name in (named := listing(account, name)):
                found[name] = named[name]
        expected = _THERE if wanted else None
        for name in requirement.resources[type_]:
            if name in found:
                declared[name] = found.pop(name)
            yield Resource(type_, name).check("", expected, _THERE if name in declared else None)
        known = {account.settings.state_bucket, *_used_names(account, type_)}
        for name in sorted(found):
            if name.startswith(prefix) and name not in known:
                yield from _undeclared(account.settings, others, Resource(type_, name))

    return declared, take(Resource(type_, f"{prefix}*"), "", checks)


def _used_names(account: Account, type_: str) -> Iterator[str]:
    """Yield the names of this account's resources that the stack only refers to."""
    for used in account.requirement.used.get(type_, ()):
        arn = used.split(":")
        if len(arn) == 1 or arn[4] == account.settings.account_id:
            yield arn[-1]


def _undeclared(settings: Settings, others: Others, resource: Resource) -> Iterator[Check]:
    """Report a resource with a name like ours, unless it is another environment's in the same account and region."""
    type_ = TYPES[resource.type]
    # An environment's settings may give a whole name, which need not end in the environment.
    in_same_account = (each for each in others.values() if each and _shares_names(settings, each, type_))
    if any(resource.name in declared_names(each, resource.type) for each in in_same_account):
        return
    owner = next((each for each in others if resource.name.endswith(f"-{each}")), None)
    if owner is None or type_.has_own_prefix:
        yield resource.check("", None, _THERE, "nobody declared it")
        return
    other = others[owner]
    if other is None:
        yield resource.check("", None, None, f"taken for {owner}'s: environments/{owner}.toml cannot be read")
    elif not _shares_names(settings, other, type_):
        yield resource.check(
            "", None, _THERE, f"nobody declared it: {owner} is account {other.account_id}, {other.region}"
        )


def _shares_names(settings: Settings, other: Settings, type_: ResourceType) -> bool:
    """Return True if a name of this type means the same resource in both environments."""
    return other.account_id == settings.account_id and (other.region == settings.region or type_.is_global)
