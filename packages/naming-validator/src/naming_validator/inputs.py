"""The files under the given paths, each read by the reader of its type."""

import os
import stat
from collections.abc import Iterable, Iterator
from json import JSONDecodeError
from pathlib import Path

from naming_validator.json_reader import read_json
from naming_validator.model import Place, Read, Source, Unreadable

MAX_BYTES = {".json": 64 << 20, ".tf": 2 << 20, ".py": 2 << 20}
"""The types of files that are read, each with the size beyond which it is refused."""
SKIPPED = {"__pycache__", "node_modules", "site-packages", "venv"}
"""Folders that are never entered; nor are hidden ones and virtual environments."""
GENERATED = {"build", "cdk.out", "dist"}
"""Folders of copies and packages, which are entered only if a path leads into them; nor are generated bindings."""
_BINDINGS = "_jsii"
_VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
_STACK_FILES = {"cdk.tf", "cdk.tf.json"}
_SYNTHESIZED = "cdktf.out"
"""The folder in which only what was synthesized is read, unless a path leads into it: the rest is copies."""


def read(paths: Iterable[Path]) -> Iterator[Read]:
    """Yield each file of the paths with what it names, or why it could not be read, and each generated folder.

    A file that two paths lead to is read once; one of a type that names nothing, such as any other JSON, is not read.
    """
    paths = list(paths)
    named = {path.resolve() for path in paths}
    seen: set[Path] = set()
    for path in paths:
        found = False
        for file, is_generated in _walk(path):
            resolved = file.resolve()
            if is_generated:
                if resolved not in {*named, *seen}:
                    yield Read(file=shown_path(file), is_generated=True)
                seen.add(resolved)
                continue
            known = None if resolved in seen else _read_file(file)
            found = found or resolved in seen or known is not None
            if known:
                seen.add(resolved)
                yield known
        if not found:
            name = shown_path(path)
            yield Read(file=name, unreadable=Unreadable(place=Place(file=name), message=_why_nothing(path)))


def _why_nothing(path: Path) -> str:
    if not os.path.lexists(path):
        return "no such file or folder"
    if path.is_dir():
        return "no file to read; expected Terraform JSON (*.tf.json) or HCL (*.tf), plans as JSON, or Python"
    if path.is_file():
        return "unsupported file type; expected Terraform JSON (*.tf.json) or HCL (*.tf), a plan as JSON, or Python"
    return "is neither a file nor a folder"


def _walk(path: Path) -> Iterator[tuple[Path, bool]]:
    """Yield the files of a path that may be read, and the generated folders in it, each with True if it is one."""
    if path.is_file():
        yield path, False
    for parent, folders, files in os.walk(path):
        # Links are not followed: what they lead to is elsewhere, or is met by itself.
        entered = [name for name in sorted(folders) if not _is_skipped(Path(parent, name), files)]
        generated = {name for name in entered if name in GENERATED or Path(parent, name, _BINDINGS).is_dir()}
        yield from ((Path(parent, name), True) for name in entered if name in generated)
        folders[:] = [name for name in entered if name not in generated]
        for name in sorted(files):
            file = Path(parent, name)
            is_copy = file.suffix == ".py" and _SYNTHESIZED in file.relative_to(path).parts
            if file.suffix in MAX_BYTES and stat.S_ISREG(file.lstat().st_mode) and not is_copy:
                yield file, False


def _is_skipped(folder: Path, beside: Iterable[str]) -> bool:
    """Return True for a folder that is never entered, such as the copies of assets beside a synthesized stack."""
    is_assets = folder.name == "assets" and not _STACK_FILES.isdisjoint(beside)
    is_environment = (folder / _VIRTUAL_ENVIRONMENT).is_file()
    return folder.name.startswith(".") or folder.name in SKIPPED or is_assets or is_environment


def _read_file(file: Path) -> Read | None:
    """Return the file's named resources; None if it is not of a type that is read."""
    kind, name = file.suffix, shown_path(file)
    if kind not in MAX_BYTES:
        return None
    line: int | None = None
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES[kind] + 1)
        if len(content) > MAX_BYTES[kind]:
            message = f"is larger than {MAX_BYTES[kind] >> 20} MiB"
        else:
            source = _read_content(kind, content, name)
            return Read(file=name, source=source) if source else None
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text: byte {error.start} is {error.object[error.start]:#04x}"
    except SyntaxError as error:
        message, line = f"is not valid Python: {error.msg}", error.lineno
    except ModuleNotFoundError as error:
        message = f"cannot be read: {error}; this Python lacks a package that HCL needs: pip install python-hcl2"
    except (RecursionError, MemoryError):
        message = "is nested too deeply"
    except ValueError as error:
        line = getattr(error, "lineno", None)
        message = f"is not valid JSON: {error.msg}" if isinstance(error, JSONDecodeError) else str(error)
    return Read(file=name, unreadable=Unreadable(place=Place(file=name, line=line), message=message))


def _read_content(kind: str, content: bytes, name: str) -> Source | None:
    if kind == ".json":
        resources = read_json(content, name)
        return None if resources is None else Source(resources=resources)
    # Each takes longer to load than all else together, and is seldom needed.
    if kind == ".py":
        from naming_validator.python_reader import read_python  # noqa: PLC0415

        return read_python(content, name)
    from naming_validator.hcl_reader import read_hcl  # noqa: PLC0415

    return Source(resources=read_hcl(content, name))


def shown_path(path: Path) -> str:
    """Return the path relative to the working directory, if it is within."""
    full = path.parent.resolve() / path.name
    return (full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else full).as_posix()
