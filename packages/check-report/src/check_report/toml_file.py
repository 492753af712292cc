"""Reading of TOML files that people write by hand, of bounded size and depth."""

import tomllib
from pathlib import Path
from typing import Any

from check_report.errors import InvalidInputError

_MOST_DOTS = 100
"""Maximum dots per line: tomllib is quadratic in the parts of a dotted key."""


def read_toml(path: Path, shown: str, *, most_bytes: int, what: str, missing: str) -> dict[str, Any]:
    """Return the file's content.

    shown: the file's name in messages. what: its content, as "settings". missing: what to say if there is no file.
    Raises InvalidInputError for a file that is missing, unreadable, too large or not TOML.
    """
    reason = "nested too deeply"
    try:
        with path.open("rb") as file:
            content = file.read(most_bytes + 1)
        if len(content) > most_bytes:
            reason = f"larger than {most_bytes:,} bytes: too large for {what}"
        elif all(line.count(b".") <= _MOST_DOTS for line in content.splitlines()):
            return tomllib.loads(content.decode())
    except FileNotFoundError:
        reason = f"no such file; {missing}"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError:
        reason = "not UTF-8 text, which every TOML file is"
    except RecursionError:
        pass
    except ValueError as error:
        reason = f"not valid TOML: {error}"
    raise InvalidInputError([f"{shown}: {reason}"])
