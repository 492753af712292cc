"""Entry point of the commands: `python -m ops COMMAND`, with ENV and TARGET in the process environment."""

import argparse
import signal
import sys
from collections.abc import Callable
from typing import Any

from config.errors import InvalidInputError
from config.request import Request, read_request
from ops import commands, drift, reviewed, smoke, verify
from ops.bootstrap import bootstrap
from ops.emulator import EmulatorError
from ops.errors import CommandError
from ops.process import TerminatedError, raising_on_sigterm
from ops.unlock import unlock

Run = Callable[[Request, argparse.Namespace], int]
"""What a command does, given its own options; it returns the exit status."""

WITHOUT_OPTIONS = (
    bootstrap,
    reviewed.plan,
    reviewed.adopt,
    reviewed.apply,
    unlock,
    commands.up,
    commands.down,
    commands.status,
    commands.synth,
    commands.deploy,
    commands.destroy,
)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    added = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in WITHOUT_OPTIONS:
        _add(added, command)
    smoke.add_command(added)
    drift.add_command(added)
    verify.add_command(added)
    return parser


def _add(added: Any, command: Callable[[Request], None]) -> None:
    def run(request: Request, _: argparse.Namespace) -> int:
        command(request)
        return 0

    summary = (command.__doc__ or "").splitlines()[0]
    added.add_parser(command.__name__, help=summary, description=summary).set_defaults(run=run)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 failed, 2 bad input, 130 or 143 stopped by a signal."""
    parsed = _parser().parse_args(arguments)
    run: Run = parsed.run
    try:
        with raising_on_sigterm():
            return run(read_request(), parsed)
    except InvalidInputError as error:
        print(error, file=sys.stderr)
        return 2
    except (CommandError, EmulatorError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    except TerminatedError:
        print("terminated", file=sys.stderr)
        return 128 + signal.SIGTERM


if __name__ == "__main__":
    sys.exit(main())
