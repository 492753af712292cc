"""`python -m tests.iam [--only TEXT]`: take each action away from who deploys, and see something fail each time."""

import argparse
import signal
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.process import TerminatedError, raising_on_sigterm
from ops.progress import say
from tests.iam.removal import cases, prove


def main() -> int:
    """Return the exit status: 0 each is needed, 1 one is not, 2 bad input, 130 or 143 by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.iam", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only what has this in its name")
    only: str = parser.parse_args().only
    chosen = [case for case in cases() if only in case.name]
    if not chosen:
        parser.error(f"--only {only}: in no name")
    say(f"{len(chosen)} actions to take away, one at a time")
    needless = 0
    try:
        with raising_on_sigterm(), TemporaryDirectory(prefix="iam-") as directory:
            for case, denied in prove(Path(directory) / "checkout", chosen):
                needless += not denied
                print(f"{case.name}: {f'denied {denied}' if denied else 'NOT NEEDED: nothing failed'}", flush=True)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except TerminatedError:
        return 128 + signal.SIGTERM
    print(f"{len(chosen) - needless} of {len(chosen)} actions are needed")
    return 1 if needless else 0


if __name__ == "__main__":
    sys.exit(main())
