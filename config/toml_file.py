"""Reads a file of TOML that somebody wrote by hand, and refuses what is none with one message."""

import tomllib
from pathlib import Path
from typing import Any

from config.errors import InvalidInputError

_MOST_DOTS = 100
"""Of one line: tomllib takes the square of a key's parts in time."""


def read_toml(path: Path, shown: str, *, most_bytes: int, what: str, missing: str) -> dict[str, Any]:
    """Return the file's content.

    shown: how the file is called. what: what it is a file of, as "settings". missing: what is said if it is not there.
    Raises InvalidInputError for a file that is missing, unreadable, too large or not TOML.
    """
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise InvalidInputError([f"{shown}: no such file; {missing}"]) from None
    except OSError as error:
        raise InvalidInputError([f"{shown}: cannot be read: {error.strerror}"]) from None
    if len(content) > most_bytes:
        raise InvalidInputError([f"{shown}: larger than {most_bytes} bytes; that is no file of {what}"])
    reason = "nested too deeply"
    try:
        text = content.decode()
        deepest = max((line.count(".") for line in text.splitlines()), default=0)
        if deepest <= _MOST_DOTS:
            return tomllib.loads(text)
    except UnicodeDecodeError:
        raise InvalidInputError([f"{shown}: not UTF-8 text; {what} are TOML, which is"]) from None
    except RecursionError:
        pass
    except ValueError as error:
        reason = str(error)
    raise InvalidInputError([f"{shown}: not valid TOML: {reason}"])
