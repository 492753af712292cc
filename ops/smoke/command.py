"""The command `smoke`."""

import argparse
import re
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from http.client import HTTPException
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from config.request import Request, Target
from ops.command import Command
from ops.errors import CommandError
from ops.progress import say
from ops.signals import deferred_signals
from ops.smoke.identities import assumed, caller
from ops.workspace import Workspace, each, features_of, open_workspaces, require_deployment
from stacks.feature import Feature
from stacks.features import FEATURES, load_settings
from stacks.smoke import NotReadyError, NotShownError, Run, Scene, Smoke, Step, UnexpectedError

ROLE_ARN = r"arn:aws(-cn|-us-gov)?:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}"
Smokes = Mapping[str, Smoke[Any]]
"""The smoke run of each feature that has one, by the feature's stack."""


class Outcome(StrEnum):
    """The outcome of a step."""

    OK = "ok"
    NOT_SHOWN = "not shown"
    FAILED = "FAILED"
    SKIPPED = "skipped"


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--yes-prod", action="store_true", help="with TARGET=aws ENV=prod: do it all the same")
    for role in _roles_of(_smokes(FEATURES)):
        parser.add_argument(
            f"--{role}-role", metavar="ARN", help=f"the role to assume for what the {role} handler does"
        )


def run(request: Request, options: argparse.Namespace) -> int:
    """Run all steps and clean up; return 0 when all went well, 1 when a step failed or something is left behind.

    Raises InvalidInputError for options that are not allowed, CommandError when there is nothing to begin with.
    """
    smokes = _smokes(features_of(request))
    if not smokes:
        known = ", ".join(_smokes(FEATURES)) or "no feature has one"
        message = f"STACK = {shown_value(request.stack)}: has no smoke run; allowed: {known}"
        raise InvalidInputError([message])
    _require_consent(request, smokes, agreed=options.yes_prod)
    roles = _given_roles(options, smokes)
    require_deployment(request, "smoke")
    passed: list[bool] = []

    def work(workspace: Workspace) -> None:
        smoke = smokes.get(workspace.feature.stack)
        if smoke:
            passed.append(_run(smoke, workspace, roles))
        else:
            print(f"{workspace.stack}: has no smoke run, so nothing is shown of it", flush=True)

    with open_workspaces(request, keep_emulator=True) as workspaces:
        each(workspaces, work)
    return 0 if all(passed) else 1


def _smokes(features: Sequence[Feature]) -> Smokes:
    return {feature.stack: feature.smoke() for feature in features if feature.smoke}


def _roles_of(smokes: Smokes) -> list[str]:
    return list(dict.fromkeys(role for smoke in smokes.values() for role in smoke.roles))


def _require_consent(request: Request, smokes: Smokes, *, agreed: bool) -> None:
    """Require that whoever serves customers wants it. Raises InvalidInputError."""
    if agreed or request.target is not Target.AWS:
        return
    settings = load_settings(request.environment_or_dev)
    if settings.serves_customers:
        where = f"TARGET=aws ENV={settings.environment}"
        raise InvalidInputError(
            [
                f"{where}: smoke writes {smoke.writes(settings)}; --yes-prod goes on all the same"
                for smoke in smokes.values()
            ]
        )


def _given_roles(options: argparse.Namespace, smokes: Smokes) -> dict[str, str]:
    """Return the ARN of each role that was given. Raises InvalidInputError for one that is not a role of one run."""
    roles: dict[str, str] = {}
    faults: list[str] = []
    for role in _roles_of(_smokes(FEATURES)):
        arn = getattr(options, f"{role}_role")
        if arn is None:
            continue
        owners = [stack for stack, smoke in smokes.items() if role in smoke.roles]
        if len(owners) != 1:
            whose = " and ".join(owners) or "no stack that was asked for"
            faults.append(f"--{role}-role {shown_value(arn)}: is a role of {whose}; STACK names the one stack")
        elif not re.fullmatch(ROLE_ARN, arn):
            faults.append(
                f"--{role}-role {shown_value(arn)}: not allowed; allowed: the ARN of an IAM role, "
                f'like "{smokes[owners[0]].role_example}"'
            )
        roles[role] = arn
    if faults:
        raise InvalidInputError(faults)
    return roles


def scene_of(smoke: Smoke[Any], workspace: Workspace, roles: Mapping[str, str]) -> Scene:
    """Return the scene of a run; a role that is not given acts with the caller's credentials.

    roles: an IAM role's ARN by role. Raises CommandError when one cannot be assumed.
    """
    operator = caller(workspace.place, smoke.answer_seconds)
    return Scene(
        settings=workspace.settings,
        stack=workspace.stack,
        where=workspace.where,
        emulated=workspace.emulator is not None,
        operator=operator,
        roles={role: assumed(operator, role, roles[role]) if role in roles else operator for role in smoke.roles},
        say=say,
        reset=workspace.make("reset") if workspace.emulator else "",
    )


def _run(smoke: Smoke[Any], workspace: Workspace, roles: Mapping[str, str]) -> bool:
    """Do one feature's run; return True if nothing failed and nothing is left behind."""
    try:
        run = smoke.begin(scene_of(smoke, workspace, roles))
    except NotReadyError as error:
        raise CommandError(str(error)) from None
    print(f"{workspace.stack} on {workspace.where}: {run.title}", flush=True)
    started = time.monotonic()
    with deferred_signals("stopping after this step, and cleaning up") as raise_deferred:
        outcomes: dict[Callable[[Any], str], Outcome] = {}
        try:
            for step in smoke.steps:
                outcomes[step.show] = _do(run, step, outcomes)
                raise_deferred()
        finally:
            left = clean_up(run)
            print("\n".join(f"LEFT BEHIND: {each}" for each in left) or "cleaned up: nothing is left", flush=True)
        raise_deferred()
    counted = ", ".join(f"{tuple(outcomes.values()).count(outcome)} {outcome.lower()}" for outcome in Outcome)
    print(f"{counted}; {time.monotonic() - started:.1f} s")
    return not left and Outcome.FAILED not in outcomes.values()


def _do(run: Run, step: Step[Any], outcomes: Mapping[Callable[[Any], str], Outcome]) -> Outcome:
    """Do one step, and print how it ended, what it showed and how long it took."""
    started = time.monotonic()
    outcome = Outcome.OK
    if any(outcomes[needed] is not Outcome.OK for needed in step.needs):
        outcome, shown = Outcome.SKIPPED, "what it needs was not shown"
    else:
        try:
            shown = step.show(run)
        except NotShownError as error:
            outcome, shown = Outcome.NOT_SHOWN, str(error)
        except UnexpectedError as error:
            outcome, shown = Outcome.FAILED, f"expected: {error.expected}\n  found: {error.found}"
        except (ClientError, BotoCoreError, HTTPException, OSError) as error:
            outcome, shown = Outcome.FAILED, str(error)
    seconds = time.monotonic() - started
    print(f"{outcome:<9}  {step.actor:<8}  {step.title}: {seconds:.2f} s - {shown}", flush=True)
    return outcome


def clean_up(run: Run) -> list[str]:
    """Take away whatever a run made; return what is left all the same, and why."""
    removals = run.removals()
    left: list[str] = []
    for what, remove in removals.items():
        try:
            remove()
        except (ClientError, BotoCoreError, UnexpectedError) as error:
            left.append(f"{what}: {error}")
        except BaseException:
            say("\n".join(f"perhaps left behind: {each}" for each in removals))
            raise
    return left


COMMANDS = (
    Command(
        name="smoke",
        summary="Send a marked job through what is deployed, as the handlers would, and take it away again.",
        run=run,
        add_options=_add_options,
        answers=True,
    ),
)
