"""A whole verification: list, then look at what is there, many calls at a time."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial
from itertools import chain

from config.errors import InvalidInputError
from config.request import Environment
from ops import expectations
from ops.verify import alarms, bucket, given_topic, handlers, listings, prerequisites, queues, table
from ops.verify.clients import CALLS_AT_ONCE, Clients
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene, take
from ops.verify.report import Check, Verification
from ops.verify.state_bucket import state_bucket
from stacks.features import load_settings
from stacks.settings import Settings


class Mode(StrEnum):
    """What a verification proves."""

    DEPLOYED = "deployed"
    """All that is declared is there and as the requirement says, and nothing else is."""
    CLEAN = "clean"
    """Nothing of it is there."""
    PREREQUISITES = "prerequisites"
    """What the stack relies on is there."""


LOOKS: dict[str, Looks] = {
    "aws_sqs_queue": queues.LOOKS,
    "aws_dynamodb_table": table.LOOKS,
    "aws_s3_bucket": bucket.LOOKS,
    "aws_cloudwatch_metric_alarm": alarms.LOOKS,
    "aws_sns_topic": alarms.TOPIC_LOOKS,
    "aws_iam_policy": handlers.LOOKS,
}


def verify(
    settings: Settings,
    clients: Clients,
    mode: Mode = Mode.DEPLOYED,
    *,
    others: Mapping[Environment, Settings | None] | None = None,
) -> Verification:
    """Look at one environment and report every check; nothing is changed, and no failed call raises.

    others: the other environments' settings, None for those that cannot be read; the project's own if left out.
    """
    started, calls_before = time.monotonic(), clients.api_calls
    scene = Scene(settings, clients, _others(settings) if others is None else others)
    pool = ThreadPoolExecutor(CALLS_AT_ONCE)
    try:
        checks = tuple(_checks(scene, mode, pool))
    finally:
        # Whoever interrupts does not wait for calls that were not begun.
        pool.shutdown(cancel_futures=True)
    return Verification(
        mode=mode,
        environment=settings.environment,
        where=clients.where,
        checks=checks,
        api_calls=clients.api_calls - calls_before,
        seconds=time.monotonic() - started,
    )


def verify_state_bucket(settings: Settings, clients: Clients) -> list[Check]:
    """Return the checks of the state bucket alone."""
    return state_bucket(Scene(settings, clients, {}))


def _others(settings: Settings) -> dict[Environment, Settings | None]:
    found: dict[Environment, Settings | None] = {}
    for environment in Environment:
        if environment is not settings.environment:
            try:
                found[environment] = load_settings(environment)
            except InvalidInputError:
                found[environment] = None
    return found


def _checks(scene: Scene, mode: Mode, pool: ThreadPoolExecutor) -> Iterator[Check]:
    if mode is Mode.PREREQUISITES:
        looks = [pool.submit(look) for look in prerequisites.looks(scene)]
    else:
        wanted = mode is Mode.DEPLOYED
        types = [type_ for type_ in LOOKS if type_ in expectations.declared(scene.settings)]
        listed = {type_: pool.submit(listings.existing, scene, type_, wanted=wanted) for type_ in types}
        existing = {type_: listing.result() for type_, listing in listed.items()}
        yield from chain.from_iterable(checks for _, checks in existing.values())
        looks = [
            pool.submit(take, resource, property_, partial(look, scene, resource, described))
            for type_, (declared, _) in existing.items()
            for name, described in declared.items()
            for resource in (Resource(type_, name),)
            for property_, look in LOOKS[type_].items()
            if wanted
        ]
        looks += [pool.submit(look) for look in (given_topic.looks(scene) if wanted else ())]
    yield from chain.from_iterable(look.result() for look in looks)
