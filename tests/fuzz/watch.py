"""Watches what code does while it reads: files, programs, code and addresses that it touches; time and memory.

It is for a test's own process, in which nothing else runs meanwhile. What is not allowed is stopped before it happens.
"""

import os
import resource
import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any

from config.environments import SETTINGS_DIRECTORY, environments
from config.request import PROJECT_ROOT

MOST_SECONDS = 5.0
"""Of the processor, for one input."""
MOST_BYTES = 256 << 20
"""So much may the process grow by one input."""
READABLE = {
    PROJECT_ROOT / "packages" / "naming-validator" / "tests" / "naming.toml",
    PROJECT_ROOT / "decisions.toml",
    PROJECT_ROOT / "review.toml",
    *(SETTINGS_DIRECTORY / f"{environment}.toml" for environment in environments()),
    *(PROJECT_ROOT / "ops" / "review").glob("*.jinja"),
}
"""The project's own files that a reader of others may look into."""
CODE = (".py", ".pyc", ".so")
OWN_MODULES = {"check_report", "config", "naming_validator", "ops", "tests"}
_CODE_FOLDERS = {sys.prefix, sys.base_prefix, *(PROJECT_ROOT / name for name in OWN_MODULES), *map(Path, sys.path)}
TRUSTED = tuple(os.path.realpath(each) + os.sep for each in _CODE_FOLDERS if Path(each).resolve() != PROJECT_ROOT)
"""Where code comes from that may be loaded late."""
GENERATED = "<cattrs generated "
"""The name of code that cattrs makes of a class of ours, of whose fields alone it is made."""
LIBRARIES = {"attr", "hcl2", "jinja2", "lark", "markdown_it", "markupsafe", "mdurl", "regex", "rich"}

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PATHS = {
    "os.chmod": 1,
    "os.chown": 1,
    "os.link": 2,
    "os.listdir": 1,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.scandir": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
    "shutil.copyfile": 2,
    "shutil.rmtree": 1,
}
"""What touches files besides opening them, and how many of its arguments are paths."""
_FORBIDDEN = (
    "ctypes.",
    "ftplib.",
    "http.",
    "os.exec",
    "os.fork",
    "os.kill",
    "os.posix_spawn",
    "os.putenv",
    "os.spawn",
    "os.startfile",
    "os.system",
    "os.unsetenv",
    "pickle.",
    "pty.",
    "shutil.chown",
    "shutil.copy",
    "shutil.make_archive",
    "shutil.move",
    "shutil.unpack_archive",
    "smtplib.",
    "socket.",
    "sqlite3.",
    "subprocess.",
    "urllib.",
    "webbrowser.",
)


class ForbiddenError(BaseException):
    """Code did what no reader may; nothing that handles failures takes it."""


class _State:
    thread: int = 0
    """The one that is watched; others are the test runner's."""
    folder: str | None = None
    """The folder within which files may be read and written; nothing is watched while it is None."""
    compiled: str = ""
    """The source that is parsed and never run."""
    found: str = ""


_STATE = _State()


@contextmanager
def watched(folder: Path, *, source: str = "") -> Generator[None]:
    """Watch a block that may read and write in the folder alone. Raises ForbiddenError for what it must not do.

    source: the name under which Python source is parsed.
    """
    _install()
    _forget_peak()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _STATE.thread = threading.get_ident()
    _STATE.folder, _STATE.compiled, _STATE.found = os.path.realpath(folder), source, ""
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        _STATE.folder = None
    if _STATE.found:
        raise ForbiddenError(_STATE.found)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    if grown > MOST_BYTES:
        message = f"grew by {grown >> 20} MiB"
        raise ForbiddenError(message)


def _forget_peak() -> None:
    """Let the kernel count the process's peak of memory from now on: below an earlier one nothing would be seen."""
    counter = Path("/proc/self/clear_refs")
    # Elsewhere than on Linux the peak stays; "5" is in its proc(5).
    if counter.exists():
        counter.write_text("5")


_INSTALLED: list[bool] = []


def _install() -> None:
    if not _INSTALLED:
        _INSTALLED.append(True)
        signal.signal(signal.SIGVTALRM, _too_long)
        sys.addaudithook(_audit)


def _too_long(*_: object) -> None:
    message = f"took more than {MOST_SECONDS:g} s of the processor"
    raise ForbiddenError(message)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    folder = _STATE.folder
    if folder is None or threading.get_ident() != _STATE.thread:
        return
    fault = _fault(event, arguments, folder)
    if fault:
        # It is kept as well, for somebody may catch everything.
        _STATE.found = _STATE.found or fault
        raise ForbiddenError(fault)


def _fault(event: str, arguments: tuple[Any, ...], folder: str) -> str:
    if event == "open":
        return _opening(arguments, folder)
    if event in {"os.listdir", "os.scandir"} and _is_listable(os.fsdecode(arguments[0])):
        return ""
    if event in _PATHS:
        outside = [path for path in arguments[: _PATHS[event]] if not _is_within(path, folder)]
        return f"{event} {outside[0]!r}" if outside else ""
    if event in {"exec", "compile"}:
        return _running(event, arguments)
    if event == "import":
        known = arguments[0].split(".")[0] in {*sys.stdlib_module_names, *OWN_MODULES, *LIBRARIES}
        return "" if known else f"imported {arguments[0]}"
    return f"{event} {arguments!r:.200}" if event.startswith(_FORBIDDEN) else ""


def _is_listable(folder: str) -> bool:
    """Return True for a folder of code, where a module is looked for that is loaded late, and for the environments'."""
    return _is_trusted(folder) or Path(folder) == SETTINGS_DIRECTORY


def _running(event: str, arguments: tuple[Any, ...]) -> str:
    if event == "compile":
        file = os.fsdecode(arguments[1]) if arguments[1] else ""
        is_known = file == _STATE.compiled or file.startswith(GENERATED) or _is_trusted(file)
        return "" if is_known else f"compiled {arguments[0]!r:.200}"
    code = arguments[0]
    ours = isinstance(code, CodeType) and (
        _is_trusted(code.co_filename) or code.co_filename.startswith(("<frozen ", GENERATED))
    )
    return "" if ours else f"ran code: {code!r}"


def _opening(arguments: tuple[Any, ...], folder: str) -> str:
    path, _, flags = arguments
    if isinstance(path, int) or _is_within(path, folder):
        return ""
    file = os.fsdecode(path)
    if flags & _WRITING:
        return f"wrote {file!r}"
    late = file.endswith(CODE) and _is_trusted(file)
    return "" if late or Path(os.path.realpath(file)) in READABLE else f"read {file!r}"


def _is_within(path: Any, folder: str) -> bool:
    if isinstance(path, int):
        return True
    real = os.path.realpath(os.fsdecode(path))
    return real == folder or real.startswith(folder + os.sep)


def _is_trusted(file: str) -> bool:
    return Path(file).is_absolute() and (os.path.realpath(file) + os.sep).startswith(TRUSTED)
