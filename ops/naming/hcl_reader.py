"""Resources in Terraform's HCL. This module is imported only when there is some: its parser takes long to load."""

from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import hcl2
from hcl2.rules.abstract import LarkRule
from hcl2.rules.base import AttributeRule, BlockRule, BodyRule
from hcl2.utils import SerializationOptions
from lark.exceptions import LarkError, UnexpectedInput

from ops.naming.configuration import resources, template
from ops.naming.model import Path, Place, Resource

_OPTIONS = SerializationOptions(strip_string_quotes=True)


class HclSyntaxError(ValueError):
    """HCL that cannot be parsed; lineno: where."""

    def __init__(self, line: int | None) -> None:
        super().__init__("is not valid HCL")
        self.lineno = line


def read_hcl(content: bytes, file: str) -> list[Resource]:
    """Return what the resource blocks name. Raises HclSyntaxError, UnicodeDecodeError and RecursionError."""
    text = content.decode("utf-8-sig")
    try:
        tree = hcl2.parses(text if text.endswith("\n") else f"{text}\n")
    except UnexpectedInput as error:
        raise HclSyntaxError(error.line if error.line > 0 else None) from None
    except LarkError:
        raise HclSyntaxError(None) from None
    document: dict[str, Any] = {}
    lines: dict[Path, int] = {}
    for block in _blocks(tree.body):
        _add(document, block, (), lines)

    def place(path: Path) -> Place:
        return Place(file=file, line=lines.get(path))

    return list(resources(document, FilePath(file).parent.as_posix(), template, place))


def _line(rule: LarkRule) -> int:
    return rule._meta.line  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - hcl2 has no other way to it


def _blocks(body: BodyRule) -> Iterator[BlockRule]:
    yield from (child for child in body.children if isinstance(child, BlockRule))


def _add(document: dict[str, Any], block: BlockRule, path: Path, lines: dict[Path, int]) -> None:
    """Add a block to its parent in the form that Terraform's JSON has, and note its lines by their paths."""
    labels = [str(label.serialize(_OPTIONS)) for label in block.labels]
    for label in labels[:-1]:
        document = document.setdefault(label, {})
        path = (*path, label)
    bodies: list[dict[str, Any]] = document.setdefault(labels[-1], [])
    path = (*path, labels[-1], len(bodies))
    lines[path] = _line(block)
    content: dict[str, Any] = {}
    bodies.append(content)
    for child in block.body.children:
        if isinstance(child, AttributeRule):
            key = str(child.identifier.serialize(_OPTIONS))
            content[key] = child.expression.serialize(_OPTIONS)
            lines[(*path, key)] = _line(child)
        elif isinstance(child, BlockRule):
            _add(content, child, path, lines)
