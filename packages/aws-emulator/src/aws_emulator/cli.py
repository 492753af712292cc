"""The command line: start, find, stop and run emulators."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from aws_emulator import background, environment, process, server
from aws_emulator.errors import EmulatorError, SavedStateError, SilentEmulatorError
from aws_emulator.persistence.state_file import in_words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_HIGHEST_PORT = 65535
_ANSWER_SECONDS = 5.0
_EPILOG = "Exit statuses: 0 done, or it runs; 1 it does not run; 2 bad input, or it could not be started or asked."


class _Parser(argparse.ArgumentParser):
    """A parser that refuses in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help shows the options\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except EmulatorError as error:
        _say(f"aws-emulator: {error}")
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="aws-emulator", description="An AWS on the loopback interface, in memory, without Docker.", epilog=_EPILOG
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=f"{summary}.", epilog=_EPILOG)
        added.set_defaults(run=run)
        return added

    start = command("start", _start, "Start an emulator in the background, or find it; print its export lines")
    status = command("status", _status, "Show whether an emulator runs")
    stop = command("stop", _stop, "Stop an emulator, with all that it holds and has not saved")
    run = command("run", _run, "Run an emulator in the foreground, until Ctrl-C; print its URL")
    for each in (start, status, stop):
        each.add_argument("--name", default="default", help="which one, if there are several (default: %(default)s)")
        folder = environment.state_folder() / "aws-emulator"
        each.add_argument(
            "--state-folder", type=Path, default=folder, metavar="FOLDER", help="for records and logs (%(default)s)"
        )
    for each in (start, run):
        each.add_argument("--account-id", default="123456789012", metavar="ID", help="whose it is (%(default)s)")
        each.add_argument("--port", type=_port, default=0, help="0, the default, takes a free one")
    start.add_argument("--region", type=_region, default="us-east-1", help="in the export lines (%(default)s)")
    start.add_argument(
        "--keep", action="store_true", help="save what it holds, every few seconds and at its end, for the next start"
    )
    stop.add_argument("--discard", action="store_true", help="delete what it has saved")
    run.add_argument("--keep", type=Path, metavar="FILE", help="restore what FILE holds, and save to it")
    run.add_argument("--keep-on-request", type=Path, help=argparse.SUPPRESS)
    run.add_argument("--snapshot", type=Path, help=argparse.SUPPRESS)
    run.add_argument("--while-stdin-open", action="store_true", help="end also when standard input is closed")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        message = f"{text!r} is not a port; allowed: 0 to {_HIGHEST_PORT}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _region(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[0-9]+", text):
        message = f"{text!r} is not a region; for example us-east-1"
        raise argparse.ArgumentTypeError(message)
    return text


def _start(options: argparse.Namespace) -> int:
    try:
        emulator = background.start(
            options.name,
            options.state_folder,
            account_id=options.account_id,
            port=options.port,
            keep=options.keep,
            say=_say,
        )
    except SavedStateError as error:
        message = f"{error}; to delete it: {_stop_command(options)} --discard"
        raise EmulatorError(message) from None
    for name, value in emulator.environment(options.region, environment.own()).items():
        print(f"export {name}={shlex.quote(value)}")
    _say(f"{options.name}: {emulator}; {_stop_command(options)} ends it")
    _say(f"in a browser, {emulator.page} shows what it holds")
    if names := environment.misleading(environment.own()):
        _say(f"this shell has AWS settings that would interfere with the lines above: unset {' '.join(names)}")
    return 0


def _status(options: argparse.Namespace) -> int:
    try:
        emulator = background.find(options.name, options.state_folder, say=_say)
    except SilentEmulatorError as error:
        message = f"{error}; try again, or end it, with all that it holds: {_stop_command(options)}"
        raise EmulatorError(message) from None
    if emulator:
        kept = emulator.keeping(_ANSWER_SECONDS)
        print(f"{options.name}: {emulator}{f', {kept}' if kept.is_on else ''}")
        return 0
    saved = background.saved(options.name, options.state_folder)
    kept = f"; what it held at {in_words(saved.saved_at)} is saved, and the next start restores it" if saved else ""
    print(f"{options.name}: not running{kept}")
    return 1


def _stop(options: argparse.Namespace) -> int:
    stopped = background.stop(options.name, options.state_folder, discard=options.discard, say=_say)
    file = background.state(options.name, options.state_folder)
    kept = f"; what it held is saved in {file}; {_stop_command(options)} --discard deletes it" if file.exists() else ""
    print(f"{options.name}: {'stopped' if stopped else 'was not running'}{kept}")
    return 0


def _run(options: argparse.Namespace) -> int:
    is_saved = server.serve(
        process.require_account_id(options.account_id),
        options.port,
        while_stdin_open=options.while_stdin_open,
        state_file=options.keep or options.keep_on_request,
        keep=options.keep is not None,
        snapshot=options.snapshot,
    )
    return 0 if is_saved else 2


def _stop_command(options: argparse.Namespace) -> str:
    """Return the command that stops the emulator that the options name."""
    return shlex.join(["aws-emulator", "stop", "--name", options.name, "--state-folder", str(options.state_folder)])


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
