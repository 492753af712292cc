"""Move the messages of a dead-letter queue back to its queue: `make redrive`."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from check_report.counts import plural
from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from config.request import Request
from ops.command import Command
from ops.deployment import approval
from ops.errors import CommandError, NoAnswerError
from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.resource_types.interface import Redrive
from ops.signals import deferred_signals
from ops.workspace import Workspace, each, open_workspaces, require_deployment
from stacks.requirement import Requirement

AT_MOST = 10
"""So few that they can be followed to their end before the rest is moved."""
MOST = 10_000


@dataclass(frozen=True)
class _Route:
    """A dead-letter queue, the queue that its messages go back to, and how they are moved."""

    redrive: Redrive
    dead_letter_queue: str
    queue: str
    alarms: Mapping[str, str]
    """The type of each alarm of the queue's consumer, by name."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--at-most", metavar="N", default=str(AT_MOST), help=f"the most messages to move; {AT_MOST} if left out"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the messages and the alarms, and move nothing")
    parser.add_argument(
        "--despite-alarm", action="store_true", help="move although the alarm of the queue's consumer is raised"
    )


def run(request: Request, options: argparse.Namespace) -> int:
    """Move messages back, for each dead-letter queue of each stack that was asked for; return 0, also if there is none.

    The live redrive policies say which dead-letter queue is whose. Raises InvalidInputError for options that are not
    allowed, NoAnswerError if a queue is not there, CommandError if an alarm is raised or nobody approves.
    """
    at_most = _number(options.at_most)
    if not options.dry_run:
        approval.require_approver(request, "redrive")
    require_deployment(request, "redrive")

    def work(workspace: Workspace) -> None:
        _redrive(request, workspace, options, at_most)

    with open_workspaces(request, keep_emulator=True, needs_state_bucket=False) as workspaces:
        each(workspaces, work)
    return 0


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= MOST:
        message = f"--at-most {shown_value(text)}: not allowed; allowed: 1 to {MOST}"
        raise InvalidInputError([message])
    return int(text)


def _redrive(request: Request, workspace: Workspace, options: argparse.Namespace, at_most: int) -> None:
    requirement = requirement_of(workspace.feature, workspace.settings)
    queues = [
        (type_.redrive, type_.redrive.dead_letter_queue(queue, workspace.client), queue)
        for type_ in TYPES.values()
        if type_.redrive
        for queue in requirement.resources.get(type_.name, {})
    ]
    missing = [queue for _, dead_letter_queue, queue in queues if dead_letter_queue is None]
    if missing:
        message = (
            f"{workspace.stack} is not deployed as a whole on {workspace.where}: no {', no '.join(missing)}; "
            f"{workspace.make('verify')} shows what else is missing"
        )
        raise NoAnswerError(message)
    found = [(redrive, dead, queue) for redrive, dead, queue in queues if dead]
    if not found:
        print(f"{workspace.stack}: has no dead-letter queue, so there is nothing to move", flush=True)
        return
    print(f"{workspace.stack} on {workspace.where}", flush=True)
    for redrive, dead_letter_queue, queue in found:
        sharing = [other for _, shared, other in found if shared == dead_letter_queue]
        if len(sharing) > 1:
            message = (
                f"{dead_letter_queue}: the dead-letter queue of {' and '.join(sharing)}, so it is unknown where its "
                "messages came from; nothing was moved"
            )
            raise NoAnswerError(message)
        route = _Route(redrive, dead_letter_queue, queue, _alarms(requirement, queue))
        _redrive_one(request, workspace, options, at_most, route)


def _redrive_one(
    request: Request,
    workspace: Workspace,
    options: argparse.Namespace,
    at_most: int,
    route: _Route,
) -> None:
    redrive, dead_letter_queue, queue = route.redrive, route.dead_letter_queue, route.queue
    waiting, hidden = redrive.counts(dead_letter_queue, workspace.client)
    unseen = f"; {hidden} hidden, as somebody received {_them(hidden)}: try again in a minute" if hidden else ""
    if not waiting:
        print(f"{dead_letter_queue}: nothing to move{unseen}", flush=True)
        return
    print(f"{dead_letter_queue}: {plural(waiting, 'message')}, to go back to {queue}{unseen}", flush=True)
    if options.dry_run:
        for message in redrive.shown(dead_letter_queue, workspace.client):
            print(f"  {message}", flush=True)
    raised = _raised(workspace, route)
    for alarm, is_raised in raised.items():
        print(f"{alarm}: {'RAISED' if is_raised else 'not raised'}", flush=True)
    if options.dry_run:
        return
    if any(raised.values()) and not options.despite_alarm:
        alarms = " and ".join(alarm for alarm, is_raised in raised.items() if is_raised)
        message = (
            f"{alarms} raised: the consumer of {queue} fails, so the messages would come back; "
            f"nothing was moved. Repair that first, or {workspace.make('redrive')} ARGS=--despite-alarm moves them all "
            "the same"
        )
        raise CommandError(message)
    number = min(at_most, waiting)
    if approval.needs_approval(request):
        approval.require_yes(f"Move {number} of {plural(waiting, 'message')} from {dead_letter_queue} to {queue}?")
    _move(workspace, route, number)


def _alarms(requirement: Requirement, queue: str) -> Mapping[str, str]:
    """Return the type of each alarm of a queue's consumer, by name."""
    return {
        alarm: type_
        for type_, guards in requirement.guards.items()
        for alarm, guarded in guards.items()
        if guarded == queue
    }


def _raised(workspace: Workspace, route: _Route) -> Mapping[str, bool]:
    """Return each alarm of the queue's consumer with True if it is raised. Raises NoAnswerError if one is missing."""
    states: dict[str, bool] = {}
    for alarm, type_ in route.alarms.items():
        is_raised = TYPES[type_].is_raised
        assert is_raised, type_
        state = is_raised(alarm, workspace.client)
        if state is None:
            message = (
                f"{alarm}: no such alarm, so it is unknown whether the consumer of {route.queue} fails; "
                f"nothing was moved. {workspace.make('plan')} shows what is missing"
            )
            raise NoAnswerError(message)
        states[alarm] = state
    return states


def _move(workspace: Workspace, route: _Route, number: int) -> None:
    """Move so many messages, one after the other, and no more, whatever comes back meanwhile.

    Ctrl-C waits for the end of the move that is under way. Raises CommandError if a call fails.
    """
    redrive, dead_letter_queue, queue = route.redrive, route.dead_letter_queue, route.queue
    moved = 0
    with deferred_signals("stopping after this message") as raise_deferred:
        try:
            while moved < number:
                message = redrive.move(dead_letter_queue, queue, workspace.client)
                if not message:
                    print("no further message can be received: somebody else has them, or they are gone", flush=True)
                    break
                moved += 1
                print(f"moved {moved} of {number}: {message}", flush=True)
                raise_deferred()
        except (ClientError, BotoCoreError) as error:
            failed = f"{error}; nothing is lost: a message that was not moved is visible again in a minute"
            raise CommandError(failed) from None
        finally:
            print(f"{plural(moved, 'message')} moved to {queue}", flush=True)
    print(f"{dead_letter_queue}: {_left(workspace, route)}", flush=True)


def _left(workspace: Workspace, route: _Route) -> str:
    """Return the words for the messages that are left; no failure to count them undoes what was moved."""
    try:
        waiting, hidden = route.redrive.counts(route.dead_letter_queue, workspace.client)
    except (ClientError, BotoCoreError) as error:
        return f"how many are left is unknown: {error}"
    return f"{plural(waiting + hidden, 'message')} left (AWS's count may lag by a minute)"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


COMMANDS = (
    Command(
        name="redrive",
        summary="Move the messages of the dead-letter queues back to their queues, a limited number, and ask first.",
        run=run,
        add_options=_add_options,
    ),
)
