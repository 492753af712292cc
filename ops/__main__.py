"""Entry point of the commands: `python -m ops COMMAND`, with ENV and TARGET in the process environment."""

import argparse
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from config.errors import InvalidInputError
from config.request import Request, read_request
from ops import synthesis
from ops.errors import CommandError
from ops.process import drop_unprinted, prepare_streams, status_of
from ops.progress import say

Run = Callable[[Request, argparse.Namespace], int]
"""What a command does, given its own options; it returns the exit status."""

COMMANDS = {
    "bootstrap": "ops.deployment.bootstrap",
    "plan": "ops.deployment.plan",
    "adopt": "ops.deployment.plan",
    "apply": "ops.deployment.plan",
    "unlock": "ops.deployment.unlock",
    "up": "ops.commands",
    "down": "ops.commands",
    "status": "ops.commands",
    "synth": "ops.commands",
    "deploy": "ops.commands",
    "destroy": "ops.commands",
    "clean": "ops.commands",
    "validate": "ops.validate",
    "smoke": "ops.smoke",
    "drift": "ops.drift",
    "harden": "ops.supply_chain.harden",
    "audit": "ops.supply_chain.audit",
    "sbom": "ops.supply_chain.sbom",
    "review": "ops.review",
    "verify": "ops.verify",
    "access": "ops.access.command",
}
"""What has each command. It is imported when the command is asked for: what needs no AWS begins sooner."""


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    """Return a parser of the command that is asked for, or of all of them, to say which there are."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    for name in arguments[:1] if arguments and arguments[0] in COMMANDS else COMMANDS:
        module: Any = import_module(COMMANDS[name])
        if hasattr(module, "add_command"):
            module.add_command(added)
        else:
            _add(added, getattr(module, name))
    return parser


def _add(added: Any, command: Callable[[Request], None]) -> None:
    def run(request: Request, _: argparse.Namespace) -> int:
        command(request)
        return 0

    # PYTHONOPTIMIZE=2 strips the docstrings; the help is then without summaries.
    summary = (command.__doc__ or "").partition("\n")[0]
    added.add_parser(command.__name__, help=summary, description=summary).set_defaults(run=run)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status.

    0 done, 1 failed, 2 bad input or a file that cannot be read or written, 130 or 143 stopped by a signal.
    """
    prepare_streams()
    given = sys.argv[1:] if arguments is None else arguments

    def work() -> int:
        try:
            if given == ["plan"]:
                # Nothing comes before it in a plan, and it takes as long as all that is loaded meanwhile.
                synthesis.begin(read_request())
            parsed = _parser(given).parse_args(given)
            request = read_request()
            if request.note:
                say(request.note)
            run: Run = parsed.run
            status = run(request, parsed)
        finally:
            synthesis.end()
        sys.stdout.flush()
        return status

    try:
        return status_of(work)
    except BrokenPipeError:
        # The reader has gone, as `head` does.
        return 128 + signal.SIGPIPE
    except (OSError, InvalidInputError) as error:
        say(str(error))
        return 2
    except CommandError as error:
        say(str(error))
        return error.status
    except Exception as error:
        if not _is_botocores(error):
            raise
        say(f"AWS gave no answer that can be used: {' '.join(str(error).split())}")
        return 2
    finally:
        drop_unprinted()


def _is_botocores(error: Exception) -> bool:
    """Return True for a failed call to AWS; botocore itself need not have been loaded for it."""
    return any(each.__module__.startswith("botocore.") for each in type(error).__mro__)


if __name__ == "__main__":
    sys.exit(main())
