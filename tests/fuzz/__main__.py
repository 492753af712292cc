"""`python -m tests.fuzz [--minutes N] [READER ...]`: fuzz the readers, all of them or those that are named."""

import argparse
import sys

from check_report.printable import shown_value
from ops.process import status_of
from tests.fuzz.campaign import CampaignError, run
from tests.fuzz.readers import READERS


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0 nothing crashed, 1 something did, 2 it could not run, 129, 130 or 143 by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "readers", nargs="*", metavar="READER", help=f"one of {', '.join(READERS)}; all if none is given"
    )
    parser.add_argument("--minutes", type=float, default=10, metavar="N", help="for how long in all; 10 if not given")
    parsed = parser.parse_args(arguments)
    if unknown := sorted(set(parsed.readers) - READERS.keys()):
        parser.error(f"{', '.join(map(shown_value, unknown))}: no such reader; there are {', '.join(READERS)}")
    if not 0 < parsed.minutes < 10_000:
        parser.error(f"--minutes {parsed.minutes}: not allowed; allowed: more than 0, less than 10,000")
    try:
        return status_of(lambda: run(parsed.readers or list(READERS), parsed.minutes))
    except CampaignError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
