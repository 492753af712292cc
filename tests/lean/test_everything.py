"""What `make lean` synthesizes is made from signatures: of each type, every argument of its own."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tests.lean.everything import arguments


class Proxy(Protocol):
    """An object of Node's, as jsii has it in a union."""


class Rule:
    """A struct with one argument that must be given."""

    def __init__(self, *, name: str, days: float | None = None) -> None:
        self.given = (name, days)


class Bucket:
    """An element."""

    def __init__(  # noqa: PLR0913 - as the bindings have it
        self,
        scope: object,
        id_: str,
        *,
        name: str,
        rules: Proxy | Sequence[Rule | Mapping[str, Any]],
        tags: Mapping[str, str] | None = None,
        is_open: bool | Proxy | None = None,
        count: float | None = None,
        lifecycle: Rule | None = None,
    ) -> None:
        self.given = (scope, id_, name, rules, tags, is_open, count, lifecycle)


def test_an_element_gets_every_argument_but_those_that_all_elements_have() -> None:
    """A struct in it gets what it must have; of a union that begins with a proxy, the first that is none is taken."""
    made = arguments(Bucket, optional=True)
    assert made.keys() == {"name", "rules", "tags", "is_open"}
    assert made["name"] == "text"
    assert made["tags"] == {"key": "text"}
    assert made["is_open"] is True
    (rule,) = made["rules"]
    assert rule.given == ("text", None)


def test_without_the_optional_ones_it_gets_what_must_be_given() -> None:
    assert arguments(Bucket, optional=False).keys() == {"name", "rules"}
