"""Resources in Terraform's HCL. This module is imported only when there is some: its parser takes long to load."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, cast

import hcl2
from hcl2.rules.abstract import LarkRule
from hcl2.rules.base import AttributeRule, BlockRule, BodyRule
from hcl2.rules.expressions import ExpressionRule, ExprTermRule
from hcl2.rules.functions import FunctionCallRule
from hcl2.rules.strings import HeredocTemplateRule
from hcl2.utils import SerializationOptions
from lark.exceptions import LarkError, UnexpectedInput

from naming_validator.configuration import literal, resources, template
from naming_validator.json_reader import stack_name
from naming_validator.model import Path, Place, Resource

_OPTIONS = SerializationOptions(strip_string_quotes=True)
_SYNTHESIZED = "cdk.tf"
_NO_METADATA = (
    "is beside a metadata.json that is not cdktf's: write both again with cdktf synth --hcl, or rename the other"
)
_HEREDOC = re.compile(r"<<(-?)([\w.-]+)[ \t]*\r?\n(.*?)[ \t]*\2\s*", re.DOTALL)
_TRIMS: Mapping[str, Callable[[str], str]] = {"chomp": lambda text: text.rstrip("\r\n"), "trimspace": str.strip}
"""Functions that take the end of its last line off a heredoc."""


class HclSyntaxError(ValueError):
    """HCL that cannot be parsed; lineno: where."""

    def __init__(self, line: int | None) -> None:
        super().__init__("is not valid HCL")
        self.lineno = line


def read_hcl(content: bytes, file: str) -> list[Resource]:
    """Return the named resources of the blocks. Raises ValueError, such as HclSyntaxError, and RecursionError."""
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

    stack = _synthesized_stack(FilePath(file))
    read_name = template if stack is None else literal
    return list(resources(document, stack or FilePath(file).parent.as_posix(), read_name, place))


def _synthesized_stack(file: FilePath) -> str | None:
    """Return the name of the stack that `cdktf synth --hcl` wrote, from metadata.json beside the file, or None."""
    metadata = file.with_name("metadata.json")
    if file.name != _SYNTHESIZED or not metadata.is_file():
        return None
    try:
        document = json.loads(metadata.read_text("utf-8-sig"))
    except ValueError:
        document = None
    if isinstance(document, dict):
        return stack_name(cast("dict[str, Any]", document))
    raise ValueError(_NO_METADATA)


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
            content[key] = _value(child.expression)
            lines[(*path, key)] = _line(child)
        elif isinstance(child, BlockRule):
            _add(content, child, path, lines)


def _value(expression: ExpressionRule) -> Any:
    """Return an attribute's value; text that is the value, and of any other expression its source as `${...}`."""
    term: Any = expression
    if isinstance(expression, ExprTermRule) and not expression.parentheses:
        term = expression.expression
    if isinstance(term, HeredocTemplateRule):
        return _heredoc(str(term.heredoc.serialize(_OPTIONS)))
    if isinstance(term, FunctionCallRule) and term.arguments and len(term.arguments.arguments) == 1:
        trim = _TRIMS.get(str(term.identifiers[0].serialize(_OPTIONS)))
        text = _value(term.arguments.arguments[0]) if trim else None
        if trim and isinstance(text, str) and not text.startswith("${"):
            return trim(text)
    return expression.serialize(_OPTIONS)


def _heredoc(source: str) -> str:
    """Return the lines of a heredoc without its marker; `<<-` takes off the indentation that all of them have."""
    found = _HEREDOC.fullmatch(source)
    assert found is not None, source
    is_indented, _, body = found.groups()
    if not is_indented:
        return body
    lines = body.splitlines(keepends=True)
    depth = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
    return "".join(line[depth:] if line.strip() else line for line in lines)
