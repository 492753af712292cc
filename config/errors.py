"""The one exception of bad input: faults that a user can mend, each a sentence of its own."""

from collections.abc import Sequence


class InvalidInputError(Exception):
    """Bad input, with every fault that was found.

    Programs print it as it is, without a traceback, and exit with status 2.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))
