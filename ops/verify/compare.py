"""Comparing what is expected with what is found, one property a check."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ops.verify.report import Check, Outcome


@dataclass(frozen=True)
class Resource:
    """What is looked at."""

    type: str
    """Terraform's name of the type."""
    name: str

    def check(self, property_: str, expected: Any, found: Any, note: str = "") -> Check:
        """Compare one property; None means that it is not set."""
        if expected == found:
            outcome = Outcome.OK
        elif found is None:
            outcome = Outcome.MISSING
        elif expected is None:
            outcome = Outcome.UNEXPECTED
        else:
            outcome = Outcome.DIFFERS
        return Check(self.type, self.name, property_, outcome, expected, found, note)

    def fields(self, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Check]:
        """Compare the properties that are expected; what else is found does not matter."""
        return (self.check(key, value, found.get(key)) for key, value in expected.items())

    def members(self, kind: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[Check]:
        """Compare two collections by their members' names; every member that is not expected matters."""
        names = sorted({*expected, *found})
        return (self.check(f"{kind} {name}", expected.get(name), found.get(name)) for name in names)
