"""The exception of bad input: errors that a user can fix, each a sentence of its own."""

from collections.abc import Sequence

from check_report.printable import printable_lines

MOST_FAULTS = 100
"""Maximum errors in one message."""


class InvalidInputError(Exception):
    """Bad input, with every error that was found.

    Programs print it as it is, without a traceback, and exit with status 2: it is printable, whatever the input holds.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        more = len(faults) - MOST_FAULTS
        said = [*faults[:MOST_FAULTS], f"... and {more:,} more"] if more > 0 else faults
        self.faults = tuple(map(printable_lines, said))
        super().__init__("\n".join(self.faults))
