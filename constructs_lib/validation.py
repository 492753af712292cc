"""Checks of a construct's values, gathered so that all errors are reported together."""

from collections.abc import Sequence

from constructs import Construct


class InvalidConstructError(Exception):
    """A construct was given values that AWS, or its own invariants, refuse.

    faults: every fault, each with the value given and what is allowed.
    """

    def __init__(self, path: str, faults: Sequence[str]) -> None:
        self.faults = tuple(f"{path}: {fault}" for fault in faults)
        super().__init__("\n".join(self.faults))


class Checks:
    """Gathers the faults of one construct's values."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def within(self, key: str, value: int, least: int, most: int) -> None:
        """Require least <= value <= most."""
        self.that(least <= value <= most, f"{key} = {value}: not allowed; allowed: {least} to {most}")

    def that(self, holds: bool, fault: str) -> None:  # noqa: FBT001 - the condition is the argument
        """Require a condition; `fault` says what is wrong when it does not hold."""
        if not holds:
            self.faults.append(fault)

    def raise_faults(self, construct: Construct) -> None:
        """Raise InvalidConstructError, which names the construct, with all that was found; or return."""
        if self.faults:
            raise InvalidConstructError(construct.node.path, self.faults)
