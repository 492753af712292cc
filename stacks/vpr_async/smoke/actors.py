"""Actors of the steps: the handlers, with credentials of their own if they have some, and the operator, the caller."""

from dataclasses import dataclass
from typing import Any

from stacks.smoke import Identity, Scene
from stacks.vpr_async.names import names_of

HANDLERS = ("submit", "worker", "status")
LONGEST_POLL_SECONDS = 20
"""SQS's own limit; no answer may be given up before."""


@dataclass(frozen=True)
class Actor:
    """One identity's way to the resources."""

    sqs: Any
    jobs: Any
    """The jobs table, a boto3 resource."""
    s3: Any


@dataclass(frozen=True, kw_only=True)
class Actors:
    """Everybody who takes part."""

    operator: Actor
    submit: Actor
    worker: Actor
    status: Actor


def make_actors(scene: Scene) -> Actors:
    """Return the actors, each with its identity's clients."""
    handlers = {handler: _actor(scene, scene.roles[handler]) for handler in HANDLERS}
    return Actors(operator=_actor(scene, scene.operator), **handlers)


def _actor(scene: Scene, identity: Identity) -> Actor:
    # A bucket's virtual host is its region's; without it, a URL may lead to another region, and from there back.
    addressing = "path" if scene.emulated else "virtual"
    return Actor(
        sqs=identity.client("sqs"),
        jobs=identity.resource("dynamodb").Table(names_of(scene.settings).jobs_table),
        # AWS takes no other signature of a URL.
        s3=identity.client("s3", signature_version="s3v4", s3={"addressing_style": addressing}),
    )
