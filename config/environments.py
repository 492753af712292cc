"""Environments: one for each settings file."""

import re
from pathlib import Path
from typing import NewType

from check_report.errors import InvalidInputError
from check_report.printable import shown_value

Environment = NewType("Environment", str)
"""An environment's name, which is that of its settings file without `.toml`."""
DEFAULT = Environment("dev")
"""The environment of a command that works on one, if ENV is not given."""
SETTINGS_DIRECTORY = Path(__file__).resolve().parent.parent / "environments"
_SHOWN_FIRST = ("dev", "staging", "prod")
"""The order in which environments are shown; all others follow by name."""
_NAME = re.compile(r"[a-z][a-z0-9]{0,11}")
"""Letters and digits alone, because a hyphen separates the parts of a resource's name.

Twelve leave a bucket, whose name has 63 at most, 30 characters beside its region and suffix.
"""


def environments(directory: Path = SETTINGS_DIRECTORY) -> tuple[Environment, ...]:
    """Return the environments that have a settings file, whatever is in it.

    Raises InvalidInputError if there is none, and for files that no environment can be called after.
    """
    # Hidden files are editors' and operating systems'.
    found = [file for file in directory.glob("*.toml") if not file.name.startswith(".")]
    if not found:
        message = (
            f"{directory.name}: no settings file; each environment needs one, like {directory.name}/{DEFAULT}.toml"
        )
        raise InvalidInputError([message])
    faults = [
        f"{directory.name}: {shown_value(file.name)} is not an environment's file; allowed: NAME.toml, with 1 to 12 "
        "lower-case letters and digits as NAME, a letter first, because names of resources end in it"
        for file in sorted(found)
        if not _NAME.fullmatch(file.stem)
    ]
    if faults:
        raise InvalidInputError(faults)
    order = {name: place for place, name in enumerate(_SHOWN_FIRST)}
    names = sorted((file.stem for file in found), key=lambda name: (order.get(name, len(order)), name))
    return tuple(map(Environment, names))
