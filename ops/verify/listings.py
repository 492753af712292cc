"""Resources of each type: those declared, and undeclared ones with a name like theirs."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.environments import Environment
from ops.resource_types import TYPES
from ops.resource_types.interface import Account
from ops.verify.compare import Resource, take
from ops.verify.report import Check
from stacks.settings import Settings

Others = Mapping[Environment, Settings | None]
"""The settings of the other environments; None for those that cannot be read."""
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
    owner = next((each for each in others if resource.name.endswith(f"-{each}")), None)
    if owner is None or type_.has_own_prefix:
        yield resource.check("", None, _THERE, "nobody declared it")
        return
    other = others[owner]
    if other is None:
        yield resource.check("", None, None, f"taken for {owner}'s: environments/{owner}.toml cannot be read")
    elif other.account_id != settings.account_id or not (other.region == settings.region or type_.is_global):
        yield resource.check(
            "", None, _THERE, f"nobody declared it: {owner} is account {other.account_id}, {other.region}"
        )
