"""The files under the paths that were given, each read by the reader of its kind."""

import os
import stat
from collections.abc import Iterable, Iterator
from json import JSONDecodeError
from pathlib import Path

from ops.naming.json_reader import read_json
from ops.naming.model import Place, Resource, Unreadable
from ops.naming.python_reader import read_python

MAX_BYTES = {".json": 64 << 20, ".tf": 2 << 20, ".py": 2 << 20}
"""The kinds of files that are read, each with the size beyond which it is refused."""
SKIPPED = {"node_modules", "__pycache__", "venv"}
"""Folders that are not entered; nor are hidden ones."""


def read(paths: Iterable[Path]) -> Iterator[tuple[list[Resource] | None, Unreadable | None]]:
    """Yield, for each file of the paths, what it names, or why it could not be read.

    A file that two paths lead to is read once; one that names nothing by its kind, such as any other JSON, not at all.
    """
    seen: set[Path] = set()
    for path in paths:
        files = [path] if path.is_file() else list(_walk(path)) if path.is_dir() else []
        found = False
        for file in files:
            resolved = file.resolve()
            known, unreadable = ([], None) if resolved in seen else _read_file(file)
            seen.add(resolved)
            found = found or known is not None or unreadable is not None
            if known or unreadable:
                yield known, unreadable
        if not found:
            yield None, Unreadable(place=Place(file=shown_path(path)), message=_why_nothing(path))


def _why_nothing(path: Path) -> str:
    if not os.path.lexists(path):
        return "no such file or folder"
    if path.is_dir():
        return "holds nothing to validate: no Terraform JSON or HCL, no plan as JSON and no Python"
    if path.is_file():
        return "is nothing that is read here: Terraform JSON (*.tf.json) or HCL (*.tf), a plan as JSON, or Python"
    return "is neither a file nor a folder"


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        # Links are not followed: what they lead to is elsewhere, or is met by itself.
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in SKIPPED and not (name == "assets" and "cdk.tf.json" in files)
        )
        for name in sorted(files):
            file = Path(parent, name)
            if file.suffix in MAX_BYTES and stat.S_ISREG(file.lstat().st_mode):
                yield file


def _read_file(file: Path) -> tuple[list[Resource] | None, Unreadable | None]:
    """Return what the file names; None if it is not of a kind that is read."""
    kind, name = file.suffix, shown_path(file)
    if kind not in MAX_BYTES:
        return None, None
    line: int | None = None
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES[kind] + 1)
        if len(content) > MAX_BYTES[kind]:
            message = f"is larger than {MAX_BYTES[kind] >> 20} MiB"
        else:
            return _read_content(kind, content, name), None
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
    except SyntaxError as error:
        message, line = f"is not valid Python: {error.msg}", error.lineno
    except ModuleNotFoundError as error:
        message = f"cannot be read: {error}; run this with .venv/bin/python, which make setup makes"
    except (RecursionError, MemoryError):
        message = "is nested too deeply"
    except ValueError as error:
        line = getattr(error, "lineno", None)
        message = f"is not valid JSON: {error.msg}" if isinstance(error, JSONDecodeError) else str(error)
    return None, Unreadable(place=Place(file=name, line=line), message=message)


def _read_content(kind: str, content: bytes, name: str) -> list[Resource] | None:
    if kind == ".json":
        return read_json(content, name)
    if kind == ".py":
        return read_python(content, name)
    from ops.naming.hcl_reader import read_hcl  # noqa: PLC0415 - its parser takes long to load, and is seldom needed

    return read_hcl(content, name)


def shown_path(path: Path) -> str:
    """Return the path relative to the working directory, if it is within."""
    full = path.parent.resolve() / path.name
    return (full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else full).as_posix()
