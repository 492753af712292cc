"""Entry point: `naming-validator`, or `python -m naming_validator`."""

import signal
import sys
from collections.abc import Sequence

from naming_validator.command import main


def run(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, the process's own if None, and exit with its status."""
    if hasattr(signal, "SIGPIPE"):
        # A reader of only the first lines, as `head` is, gets no traceback.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(arguments))


if __name__ == "__main__":
    run()
