"""Addresses of resources, with and without the index that `count` or `for_each` gives."""

import re

INDEX = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
"""The index of one instance in an address: [0] or ["key"]."""


def without_indexes(address: str) -> str:
    """Return an address as the configuration has it."""
    return INDEX.sub("", address)
