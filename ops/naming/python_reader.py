"""Resources in Python source: the calls that make them, of cdktf's AWS provider and of AWS CDK."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ops.naming.configuration import names_its_own
from ops.naming.model import Hole, Name, Place, Resource, Stack
from ops.naming.python_values import Scope, Values, assignments, attributes
from ops.naming.services import SERVICES

PROVIDERS = ("cdktf_cdktf_provider_aws.", "cdktn_provider_aws.", "imports.aws.")
_AWS_CDK = {
    call: (type_, argument) for type_, service in SERVICES.items() for call, argument in service.aws_cdk.items()
}
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What a call makes, and which of its arguments hold the name or its beginning."""

    type: str
    name: str
    prefix: str | None = None
    fifo: str | None = None


def read_python(content: bytes, file: str) -> list[Resource]:
    """Return what the calls in a module name. Raises SyntaxError, ValueError, RecursionError and MemoryError."""
    tree = ast.parse(content.decode("utf-8-sig"), file)
    return list(_Reader(tree, file).resources(tree, [assignments(tree), attributes(tree)]))


class _Reader:
    def __init__(self, tree: ast.Module, file: str) -> None:
        self._file = file
        self._imported: dict[str, str] = {}
        self._starred: list[str] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.split(".")[0]
                    self._imported[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if alias.name == "*":
                        self._starred.append(node.module or "")
                    else:
                        self._imported[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}".strip(".")

    def resources(self, node: ast.AST, scopes: Sequence[Scope]) -> Iterator[Resource]:
        """Yield what the calls within a node make, in the order of the source."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call):
                for kind in self._kinds(child):
                    yield from self._resource(child, kind, Values(scopes))
            inner = [assignments(child), *scopes] if isinstance(child, _FUNCTION) else scopes
            yield from self.resources(child, inner)

    def _kinds(self, call: ast.Call) -> Iterator[_Kind]:
        for dotted in self._dotted(call.func):
            *_, module, last = ["", *dotted.split(".")]
            if dotted.startswith(PROVIDERS):
                type_ = "aws_" + re.sub(r"(?<!^)(?=[A-Z])", "_", last).lower()
                if type_ in SERVICES:
                    service = SERVICES[type_]
                    yield _Kind(
                        type=type_,
                        name=service.attribute,
                        prefix=service.prefix_attribute,
                        fifo=service.fifo_attribute,
                    )
                elif call.args:
                    # A construct; what has keywords alone is a block within one.
                    own = (each.arg for each in call.keywords if each.arg and names_its_own(type_, each.arg))
                    yield from (_Kind(type=type_, name=key) for key in own)
            elif f"{module}.{last}" in _AWS_CDK or f"*.{last}" in _AWS_CDK:
                type_, argument = _AWS_CDK.get(f"{module}.{last}") or _AWS_CDK[f"*.{last}"]
                yield _Kind(type=type_, name=argument, fifo="fifo" if SERVICES[type_].fifo_attribute else None)

    def _dotted(self, function: ast.expr) -> Iterator[str]:
        """Yield the full names that a called expression can have."""
        names: list[str] = []
        while isinstance(function, ast.Attribute):
            names.insert(0, function.attr)
            function = function.value
        if not isinstance(function, ast.Name):
            yield ".".join(["", *names])
        elif function.id in self._imported or not self._starred:
            yield ".".join([self._imported.get(function.id, function.id), *names])
        else:
            yield from (".".join([module, function.id, *names]) for module in self._starred)

    def _resource(self, call: ast.Call, kind: _Kind, values: Values) -> Iterator[Resource]:
        given = {each.arg: each.value for each in call.keywords if each.arg and not _is_none(each.value)}
        key = next((each for each in (kind.name, kind.prefix) if each in given), None)
        is_open = any(each.arg is None for each in call.keywords)
        name: Name | None = None
        if key:
            name = values.name(given[key])
        elif is_open:
            name = (Hole("**"),)
        fifo = given.get(kind.fifo or "")
        yield Resource(
            type=kind.type,
            address=".".join([kind.type, *_construct_id(call)]),
            place=Place(file=self._file, line=given[key].lineno if key else call.lineno),
            stack=Stack(name=self._file),
            name=name,
            is_prefix=key is not None and key == kind.prefix,
            is_fifo=_is_true(fifo) if fifo or not is_open else None,
            may_repeat=True,
        )


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _is_true(value: ast.expr | None) -> bool | None:
    if value is None:
        return False
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, bool) else None


def _construct_id(call: ast.Call) -> list[str]:
    """Return the id by which a construct is known within its scope, if it is a literal."""
    ids = [*call.args[1:2], *(each.value for each in call.keywords if each.arg in {"id", "id_"})]
    match ids:
        case [ast.Constant(value=str(id_)), *_]:
            return [id_]
        case _:
            return []
