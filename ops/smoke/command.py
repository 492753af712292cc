"""The command `smoke`."""

import argparse
import re
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from http.client import HTTPException
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from check_report.printable import shown_value
from config.errors import InvalidInputError
from config.request import Request, Target
from ops.smoke.actors import make_actors
from ops.smoke.job import Job, UnexpectedError
from ops.smoke.resources import find_queues
from ops.smoke.signals import deferred_signals
from ops.smoke.steps import STEPS, NotShownError, Step
from ops.workspace import find_emulator, open_workspace
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from stacks.vpr_async.names import names_of

HANDLERS = ("submit", "worker", "status")
ROLE_ARN = r"arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}"


class Outcome(StrEnum):
    """The outcome of a step."""

    OK = "ok"
    NOT_SHOWN = "not shown"
    FAILED = "FAILED"
    SKIPPED = "skipped"


def add_command(added: Any) -> None:
    """Add `smoke` to the commands."""
    summary = "Send a marked job through what is deployed, as the handlers would, and take it away again."
    parser = added.add_parser("smoke", help=summary, description=summary)
    parser.add_argument("--yes-prod", action="store_true", help="with TARGET=aws ENV=prod: do it all the same")
    for handler in HANDLERS:
        parser.add_argument(
            f"--{handler}-role", metavar="ARN", help=f"the role to assume for what the {handler} handler does"
        )
    parser.set_defaults(run=run)


def run(request: Request, options: argparse.Namespace) -> int:
    """Run all steps and clean up; return 0 when all went well, 1 when a step failed or something is left behind.

    Raises InvalidInputError for options that are not allowed, CommandError when there is nothing to begin with.
    """
    environment = request.environment_or_dev
    if request.target is Target.AWS and load_settings(environment).serves_customers and not options.yes_prod:
        message = (
            f"TARGET=aws ENV={environment}: smoke writes a marked job to {environment}'s own queues, table and bucket, "
            "where a live worker may take it and the DLQ's alarm may go off; --yes-prod goes on all the same"
        )
        raise InvalidInputError([message])
    roles = _roles(options)
    if request.target is Target.EMULATOR and find_emulator(environment) is None:
        message = f"{environment}: no emulator is running, so nothing is deployed; make up ENV={environment} deploys"
        raise InvalidInputError([message])
    with open_workspace(request, VPR_ASYNC, keep_emulator=True) as workspace:
        actors = make_actors(workspace, roles)
        queue, dlq = find_queues(workspace, actors.operator)
        job = Job(names_of(workspace.settings), actors, queue, dlq, emulated=workspace.emulator is not None)
        print(f"{workspace.stack} on {workspace.where}: job {job.job_id}", flush=True)
        started = time.monotonic()
        with deferred_signals() as raise_deferred:
            outcomes: dict[Callable[[Job], str], Outcome] = {}
            try:
                for step in STEPS:
                    outcomes[step.show] = _do(job, step, outcomes)
                    raise_deferred()
            finally:
                left = job.clean_up()
                print("\n".join(f"LEFT BEHIND: {each}" for each in left) or "cleaned up: nothing is left", flush=True)
            raise_deferred()
    counted = ", ".join(f"{tuple(outcomes.values()).count(outcome)} {outcome.lower()}" for outcome in Outcome)
    print(f"{counted}; {time.monotonic() - started:.1f} s")
    return 1 if left or Outcome.FAILED in outcomes.values() else 0


def _roles(options: argparse.Namespace) -> dict[str, str]:
    given = {handler: getattr(options, f"{handler}_role") for handler in HANDLERS}
    roles = {handler: arn for handler, arn in given.items() if arn is not None}
    faults = [
        f"--{handler}-role {shown_value(arn)}: not allowed; allowed: the ARN of an IAM role, "
        'like "arn:aws:iam::111111111111:role/careervp-vpr-worker"'
        for handler, arn in roles.items()
        if not re.fullmatch(ROLE_ARN, arn)
    ]
    if faults:
        raise InvalidInputError(faults)
    return roles


def _do(job: Job, step: Step, outcomes: Mapping[Callable[[Job], str], Outcome]) -> Outcome:
    """Do one step, and print how it ended, what it showed and how long it took."""
    started = time.monotonic()
    outcome = Outcome.OK
    if any(outcomes[needed] is not Outcome.OK for needed in step.needs):
        outcome, shown = Outcome.SKIPPED, "what it needs was not shown"
    else:
        try:
            shown = step.show(job)
        except NotShownError as error:
            outcome, shown = Outcome.NOT_SHOWN, str(error)
        except UnexpectedError as error:
            outcome, shown = Outcome.FAILED, f"expected: {error.expected}\n  found: {error.found}"
        except (ClientError, BotoCoreError, HTTPException, OSError) as error:
            outcome, shown = Outcome.FAILED, str(error)
    seconds = time.monotonic() - started
    print(f"{outcome:<9}  {step.actor:<8}  {step.title}: {seconds:.2f} s - {shown}", flush=True)
    return outcome
