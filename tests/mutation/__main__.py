"""`python -m tests.mutation [FAULT ...]`: prove that the fast tests catch each fault, or those that are named."""

import argparse
import sys
from dataclasses import replace

from check_report.printable import shown_value
from ops.process import status_of
from tests.mutation.fault import Area
from tests.mutation.faults import AREAS
from tests.mutation.harness import NoVerdictError, prove


def main(arguments: list[str] | None = None) -> int:
    """Return the exit status: 0 all caught, 1 one survived, 2 no verdict or bad input, 129, 130 or 143 by a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "ids", nargs="*", metavar="FAULT", help="the id of a fault to apply; every fault if none is given"
    )
    chosen = set(parser.parse_args(arguments).ids)
    known = {fault.id for area in AREAS for fault in area.faults}
    if unknown := sorted(chosen - known):
        parser.error(f"{', '.join(map(shown_value, unknown))}: no such fault; the ids are in tests/mutation/faults")

    def chosen_of(area: Area) -> Area:
        return replace(area, faults=tuple(fault for fault in area.faults if fault.id in (chosen or known)))

    try:
        return status_of(lambda: prove([area for area in map(chosen_of, AREAS) if area.faults]))
    except NoVerdictError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
