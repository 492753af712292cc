"""A marked job through the deployed resources, as the three handlers would do it."""

from stacks.settings import Settings
from stacks.smoke import Scene, Smoke
from stacks.vpr_async.names import names_of
from stacks.vpr_async.smoke.actors import HANDLERS, LONGEST_POLL_SECONDS, make_actors
from stacks.vpr_async.smoke.job import Job
from stacks.vpr_async.smoke.resources import find_queues
from stacks.vpr_async.smoke.steps import STEPS


def _writes(settings: Settings) -> str:
    return (
        f"a marked job to {settings.environment}'s own queues, table and bucket, where a live worker may take it and "
        "the DLQ's alarm may go off"
    )


def _begin(scene: Scene) -> Job:
    names, actors = names_of(scene.settings), make_actors(scene)
    queue, dlq = find_queues(scene, names, actors.operator)
    return Job(names, actors, queue, dlq, emulated=scene.emulated, say=scene.say)


SMOKE = Smoke(
    writes=_writes,
    roles=HANDLERS,
    role_example="arn:aws:iam::111111111111:role/careervp-vpr-worker",
    answer_seconds=LONGEST_POLL_SECONDS + 5,
    begin=_begin,
    steps=STEPS,
)
