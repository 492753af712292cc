"""The command: which AWS is verified, and how its report is printed."""

import argparse
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace

from check_report.errors import InvalidInputError
from check_report.forms import add_format, rendered
from config.environments import Environment, environments
from config.request import Request, Target, confined_process
from ops import aws
from ops.command import Command
from ops.errors import NoAnswerError
from ops.progress import step
from ops.verify.clients import Clients
from ops.verify.report import Verification
from ops.verify.verification import Mode, verify
from ops.workspace import features_of, find_own_emulator, in_words, nothing_deployed, on_aws, start_one
from stacks.feature import Feature
from stacks.features import load_settings
from stacks.settings import Settings


def add_options(parser: argparse.ArgumentParser, *, mode_required: bool = False) -> None:
    """Add the command's options to a parser."""
    parser.add_argument(
        "--mode",
        choices=[mode.value for mode in Mode],
        required=mode_required,
        default=Mode.DEPLOYED,
        help="deployed: all is there and right; clean: nothing is there; prerequisites: what the stack relies on is",
    )
    parser.add_argument(
        "--env",
        choices=environments(),
        help="one of the environments; ENV, or dev, if left out",
    )
    add_format(parser)


def run(request: Request, arguments: argparse.Namespace) -> int:
    """Verify and print; return 0 if all is well, 1 if there are faults, 2 if anything could not be read."""
    if arguments.env:
        request = replace(request, environment=Environment(arguments.env))
    features = features_of(request)
    require_one_document(features, arguments.format)
    mode, status = Mode(arguments.mode), 0
    with confined_process(request):
        settings = load_settings(request.environment_or_dev)
        clients = _clients(request, settings, mode)
        for feature in features:
            verification = _verification(feature, settings, clients, mode)
            print(rendered(verification.report, arguments.format))
            status = max(status, verification.exit_status)
    return status


def _clients(request: Request, settings: Settings, mode: Mode) -> Clients | None:
    """Return clients, or None where `clean` is asked for and nothing can be deployed. Raises NoAnswerError."""
    match mode:
        case Mode.CLEAN:
            return clients_for(request, settings)
        case Mode.PREREQUISITES:
            return required_clients(request, settings, _no_prerequisites(request))
        case Mode.DEPLOYED:
            return required_clients(request, settings, nothing_deployed(request, "verify"))


def _no_prerequisites(request: Request) -> NoAnswerError:
    """Return the error that no emulator is running, for who asks what a first deployment needs."""
    options = f'ARGS="--mode {Mode.PREREQUISITES}"'
    return NoAnswerError(
        f"{request.environment_or_dev}: no emulator is running, so there is nothing to look at; {start_one(request)}, "
        f"with the state bucket{on_aws(request, 'verify')} {options}"
    )


def require_one_document(features: Sequence[Feature], form: str) -> None:
    """Require that a report that programs read is one document. Raises InvalidInputError."""
    if len(features) > 1 and form != "text":
        message = f"--format {form}: is of one stack; give STACK={features[0].stack}, or another one"
        raise InvalidInputError([message])


def required_clients(request: Request, settings: Settings, otherwise: NoAnswerError) -> Clients:
    """Return clients as `clients_for` does. Raises the error that is given if no emulator is running."""
    clients = clients_for(request, settings)
    if clients is None:
        raise otherwise
    return clients


def _verification(feature: Feature, settings: Settings, clients: Clients | None, mode: Mode) -> Verification:
    stack = feature.stack_name(settings.environment)
    if clients is None:
        where = "no emulator: none is running, so nothing is deployed"
        return Verification(mode, stack, settings.environment, where, checks=(), api_calls=0, seconds=0.0)
    with step(f"verify {stack}") if sys.stderr.isatty() else nullcontext():
        return verify(feature, settings, clients, mode)


def clients_for(request: Request, settings: Settings) -> Clients | None:
    """Return clients of the target that was asked for, or None if that is an emulator and none is running.

    Raises InvalidInputError or CommandError for credentials, or an emulator, of another account than the settings'.
    """
    if request.target is Target.AWS:
        aws.require_no_endpoint(request.shell)
        aws.require_account(settings)
        return Clients(region=settings.region, where=in_words(settings, None))
    running = find_own_emulator(settings)
    if running is None:
        return None
    return Clients(region=settings.region, where=in_words(settings, running), emulator_endpoint=running.endpoint)


COMMANDS = (
    Command(
        name="verify",
        summary="Look, read-only, at what is there, and compare it with the requirement.",
        run=run,
        add_options=add_options,
        answers=True,
    ),
)
