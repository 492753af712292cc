"""The command line: `python -m ops COMMAND`, with ENV, TARGET and STACK in the process environment."""

import argparse
import re
import signal
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

from check_report.errors import InvalidInputError
from check_report.printable import printable
from config.request import read_request
from ops import synthesis
from ops.command import Command
from ops.errors import CommandError
from ops.process import drop_unprinted, prepare_streams, status_of
from ops.progress import say

MODULES = {
    "bootstrap": "ops.deployment.bootstrap",
    "plan": "ops.deployment.plan",
    "adopt": "ops.deployment.plan",
    "apply": "ops.deployment.apply",
    "unlock": "ops.deployment.unlock",
    "up": "ops.deployment.emulated",
    "down": "ops.deployment.emulated",
    "status": "ops.deployment.emulated",
    "env": "ops.handlers.exports",
    "reset": "ops.handlers.reset",
    "peek": "ops.handlers.peek",
    "synth": "ops.deployment.cdktf_cli",
    "deploy": "ops.deployment.cdktf_cli",
    "destroy": "ops.deployment.destroy",
    "clean": "ops.clean",
    "validate": "ops.validate",
    "smoke": "ops.smoke.command",
    "redrive": "ops.redrive",
    "drift": "ops.drift.command",
    "harden": "ops.supply_chain.harden",
    "audit": "ops.supply_chain.audit",
    "sbom": "ops.supply_chain.sbom",
    "review": "ops.review",
    "verify": "ops.verify.command",
    "access": "ops.access.command",
}
"""The module of each command. It is imported when the command is asked for: what needs no AWS begins sooner."""
NOT_ASKED = 2


def command_of(name: str) -> Command:
    """Return a command by its name."""
    (found,) = (command for command in import_module(MODULES[name]).COMMANDS if command.name == name)
    return found


def _parser(given: list[str]) -> argparse.ArgumentParser:
    """Return a parser of the command that is asked for, or of all of them, to say which there are."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in given[:1] if given and given[0] in MODULES else MODULES:
        command = command_of(name)
        of_command = added.add_parser(name, help=command.summary, description=command.summary)
        command.add_options(of_command)
        of_command.set_defaults(command=command, parser=of_command)
    return parser


def _refuse(parser: argparse.ArgumentParser, unknown: list[str]) -> NoReturn:
    """End with the command's own usage, for argparse shows that of all commands, which has no option."""
    known = re.findall(r"--[a-z-]+", parser.format_usage())
    meant = get_close_matches(unknown[0].partition("=")[0], known, n=1)
    hint = f"; did you mean {meant[0]}?" if meant else ""
    parser.error(f"{printable(' '.join(unknown))}: not known{hint}")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status.

    0 yes, or done; 1 no: stopped by a rule, refused, found, or failed; 2 it could not be asked: bad input, or what is
    needed for an answer cannot be reached or read; 129, 130 or 143 stopped by a signal.
    """
    prepare_streams()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        return status_of(lambda: _work(given))
    except BrokenPipeError:
        # The reader has gone, as `head` does.
        return 128 + signal.SIGPIPE
    finally:
        drop_unprinted()


def _work(given: list[str]) -> int:
    command: Command | None = None
    try:
        # Nothing comes before the synthesis in these, and it takes as long as all that is loaded meanwhile.
        planning = read_request() if given in (["plan"], ["up"]) else None
        if planning:
            synthesis.begin(planning)
        parsed, unknown = _parser(given).parse_known_args(given)
        if unknown:
            _refuse(parsed.parser, unknown)
        request = planning or read_request()
        if request.note:
            say(request.note)
        command = asked = parsed.command
        status = asked.run(request, parsed)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except (Exception, SystemExit) as error:
        failed = _status_of_failure(error, command)
        if failed is None:
            raise
        return failed
    else:
        return status
    finally:
        synthesis.end()


def _status_of_failure(error: BaseException, command: Command | None) -> int | None:
    """Say in one line why a command ended, and return the exit status; None for what is to be raised as it is."""
    # What ends before a command is known is no command's answer.
    answers = command is not None and command.answers
    if isinstance(error, SystemExit):
        # The synthesis ends a command with its own status, and has shown why.
        return NOT_ASKED if answers else None
    if isinstance(error, CommandError):
        say(str(error))
        return NOT_ASKED if answers else error.status
    if isinstance(error, (OSError, InvalidInputError)):
        say(str(error))
    elif _is_botocores(error):
        say(f"AWS gave no answer that can be used: {' '.join(str(error).split())}")
    elif command is not None and command.answers:
        # A fault of the command is no answer either.
        words = " ".join(f"{type(error).__name__}: {error}".split())
        say(f"{command.name}: an error in the command itself, which answers nothing: {words}")
    else:
        return None
    return NOT_ASKED


def _is_botocores(error: BaseException) -> bool:
    """Return True for a failed call to AWS; botocore itself need not have been loaded for it."""
    return any(each.__module__.startswith("botocore.") for each in type(error).__mro__)
