"""Source of one definition: found by its qualified name, whatever file it is moved to and whatever surrounds it.

`ops.saved_plan:differences` is a function, `ops.clients:Place.session` a method, `ops.aws:_ABSENT` a constant.
Settings are named by their file and table: `environments/prod.toml:vpr_async.worker`, or by their file alone.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class NotFoundError(Exception):
    """A name stands for no definition, or for several; the message says what was found."""


@dataclass(frozen=True)
class Source:
    """The lines of one definition in a file, from the first of its decorators."""

    file: Path
    first: int
    """Counted from 0."""
    end: int
    """The line after the last."""

    @property
    def text(self) -> str:
        """The lines as they are now."""
        return "".join(self._lines()[self.first : self.end])

    def with_text(self, text: str) -> str:
        """Return the whole file's text, with other lines in place of these."""
        lines = self._lines()
        return "".join((*lines[: self.first], text, *lines[self.end :]))

    def _lines(self) -> list[str]:
        return self.file.read_text().splitlines(keepends=True)


def find(where: str, root: Path) -> Source:
    """Return the source of a definition, or of a table of settings, in a checkout. Raises NotFoundError."""
    place, _, name = where.partition(":")
    if "/" in place or place.endswith((".toml", ".json")):
        file = root / place
        if not file.is_file():
            message = f"there is no file {place}"
            raise NotFoundError(message)
        spans = list(_tables(file, name))
        found = f"has {len(spans)} tables {name}, not one"
    else:
        file = module_file(place, root)
        spans = list(_definitions(ast.parse(file.read_text()).body, name.split(".")))
        found = f"defines {name} {len(spans)} times, not once"
    if len(spans) != 1:
        message = f"{file.relative_to(root)} {found}"
        raise NotFoundError(message)
    return Source(file, *spans[0])


def module_file(module: str, root: Path) -> Path:
    """Return the file of a module of the project or of one of its packages. Raises NotFoundError."""
    path = module.replace(".", "/")
    folders = (root, *sorted(root.glob("packages/*/src")))
    candidates = (folder / name for folder in folders for name in (f"{path}.py", f"{path}/__init__.py"))
    found = [candidate for candidate in candidates if candidate.is_file()]
    if len(found) != 1:
        message = f"{len(found)} files are module {module}, not one"
        raise NotFoundError(message)
    return found[0]


def _definitions(body: list[ast.stmt], names: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the lines of each definition of a name, and of the names inside it."""
    for node in body:
        if names[0] not in _defined(node):
            continue
        if len(names) == 1:
            decorators = node.decorator_list if isinstance(node, (ast.ClassDef, *_FUNCTIONS)) else ()
            assert node.end_lineno
            yield min((node.lineno, *(each.lineno for each in decorators))) - 1, node.end_lineno
        elif isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
            yield from _definitions(node.body, names[1:])


def _defined(node: ast.stmt) -> set[str]:
    if isinstance(node, (ast.ClassDef, *_FUNCTIONS)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _tables(file: Path, name: str) -> Iterator[tuple[int, int]]:
    """Yield the lines of each TOML table of a name, without its subtables; of the whole file for an empty name."""
    lines = file.read_text().splitlines()
    if not name:
        yield 0, len(lines)
        return
    headers = [number for number, line in enumerate(lines) if line.startswith("[")]
    for first, end in zip(headers, (*headers[1:], len(lines)), strict=True):
        if re.fullmatch(rf"\[{re.escape(name)}\]\s*", lines[first]):
            yield first, end
