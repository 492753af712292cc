"""A number has its thing in the right form."""

import pytest

from check_report.counts import plural


@pytest.mark.parametrize(
    ("number", "things", "words"),
    [
        (0, ("name",), "0 names"),
        (1, ("name",), "1 name"),
        (5000, ("resource",), "5,000 resources"),
        (1, ("property", "properties"), "1 property"),
        (2, ("property", "properties"), "2 properties"),
    ],
)
def test_one_thing_is_singular_and_thousands_have_a_comma(number: int, things: tuple[str, ...], words: str) -> None:
    assert plural(number, *things) == words
