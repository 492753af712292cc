"""Command line: run a Python program with the lean import, without a line in it."""

from __future__ import annotations

import builtins
import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType
from typing import Any

_USAGE = "usage: cdktf-lean PROGRAM [ARGUMENT...]"


def main() -> int:
    """Run the program as Python itself runs it; return its exit status.

    sys.argv, sys.path[0] and `__main__` are the program's own. 2 with one message if there is no program to run.
    """
    given = sys.argv[1:]
    if given[:1] in (["-h"], ["--help"]):
        print(f"{_USAGE}\n\nRun a Python program; prebuilt providers load only the resources that it uses.")
        return 0
    if not given or given[0].startswith("-"):
        return _refuse(f"{given[0]}: not an option" if given else "no program given")
    # As Python has them: argv as it was given, the file absolute, and the folder without links.
    sys.argv[:] = given
    name = os.path.abspath(given[0])  # noqa: PTH100 - pathlib would resolve links
    try:
        loader = SourceFileLoader("__main__", name)
        source = loader.get_data(name)
    except OSError as error:
        return _refuse(f"{given[0]}: {error.strerror}")
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(name))  # noqa: PTH120
    program = ModuleType("__main__")
    own: dict[str, Any] = {"__file__": name, "__loader__": loader, "__annotations__": {}, "__cached__": None}
    vars(program).update(own, __builtins__=builtins)
    sys.modules["__main__"] = program
    try:
        exec(compile(source, name, "exec", dont_inherit=True), vars(program))  # noqa: S102 - it is the program
    except Exception as error:  # noqa: BLE001 - Python, too, prints whatever ends a program
        # Without this module's line, which comes first.
        own_traceback = error.__traceback__ and error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(own_traceback), own_traceback)
        return 1
    return 0


def _refuse(message: str) -> int:
    print(f"cdktf-lean: {message}; {_USAGE}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
