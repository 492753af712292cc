"""Entry point of the commands: `python -m ops COMMAND`, with ENV and TARGET in the process environment."""

import argparse
import signal
import sys

from config.errors import InvalidInputError
from config.request import read_request
from ops import commands
from ops.emulator import EmulatorError
from ops.errors import CommandError
from ops.process import TerminatedError, raising_on_sigterm

COMMANDS = {
    command.__name__: command
    for command in (
        commands.plan,
        commands.up,
        commands.down,
        commands.status,
        commands.synth,
        commands.deploy,
        commands.destroy,
    )
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return the exit status: 0 done, 1 failed, 2 bad input, 130 or 143 stopped by a signal."""
    parser = argparse.ArgumentParser(prog="python -m ops", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    command = COMMANDS[parser.parse_args(arguments).command]
    try:
        with raising_on_sigterm():
            command(read_request())
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
