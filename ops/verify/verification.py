"""A whole verification: list the resources, then read them, many calls at a time."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from itertools import chain

from ops.declared import Others, other_environments
from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.resource_types.interface import Account
from ops.verify import listings, prerequisites
from ops.verify.clients import CALLS_AT_ONCE, Clients
from ops.verify.compare import reads, resource_of
from ops.verify.report import Check, Verification
from ops.verify.state_bucket import state_bucket
from stacks.feature import Feature
from stacks.features import STATE_BACKEND
from stacks.settings import Settings


class Mode(StrEnum):
    """The question that a verification answers."""

    DEPLOYED = "deployed"
    """All that is declared is there and as the requirement says, and nothing else is."""
    CLEAN = "clean"
    """Nothing of it is there."""
    PREREQUISITES = "prerequisites"
    """What the stack relies on is there."""


def verify(
    feature: Feature,
    settings: Settings,
    clients: Clients,
    mode: Mode = Mode.DEPLOYED,
    *,
    others: Others | None = None,
) -> Verification:
    """Check a feature in one environment against its requirement; nothing is changed, and no failed call raises.

    others: the other environments' settings; the project's own if left out.
    """
    started, calls_before = time.monotonic(), clients.api_calls
    account = Account(settings, requirement_of(feature, settings), clients)
    others = other_environments(settings) if others is None else others
    pool = ThreadPoolExecutor(CALLS_AT_ONCE)
    try:
        checks = tuple(_checks(account, others, mode, pool))
    finally:
        # Whoever interrupts does not wait for calls that were not begun.
        pool.shutdown(cancel_futures=True)
    return Verification(
        mode=mode,
        stack=feature.stack_name(settings.environment),
        environment=settings.environment,
        where=clients.where,
        checks=checks,
        api_calls=clients.api_calls - calls_before,
        seconds=time.monotonic() - started,
    )


def verify_state_bucket(settings: Settings, clients: Clients) -> list[Check]:
    """Return the checks of the state bucket alone."""
    return state_bucket(Account(settings, requirement_of(STATE_BACKEND, settings), clients))


def _checks(account: Account, others: Others, mode: Mode, pool: ThreadPoolExecutor) -> Iterator[Check]:
    if mode is Mode.PREREQUISITES:
        planned = [pool.submit(read) for read in prerequisites.reads_before(account)]
    else:
        wanted = mode is Mode.DEPLOYED
        resources = account.requirement.resources
        types = [type_ for type_ in TYPES if type_ in resources]
        listed = {type_: pool.submit(listings.existing, account, others, type_, wanted=wanted) for type_ in types}
        existing = {type_: listing.result() for type_, listing in listed.items()}
        yield from chain.from_iterable(checks for _, checks in existing.values())
        planned = [
            pool.submit(read)
            for type_, (declared, _) in existing.items()
            for name, described in declared.items()
            for read in reads(
                account,
                resource_of(account, type_, name),
                TYPES[type_].looks,
                resources[type_][name],
                described=described,
            )
            if wanted
        ]
        planned += [pool.submit(read) for read in (prerequisites.reads_of_used(account) if wanted else ())]
    yield from chain.from_iterable(each.result() for each in planned)
