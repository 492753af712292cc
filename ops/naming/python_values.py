"""What an expression of Python source says of a name, by its syntax tree."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from ops.naming.model import Hole, Name

TOKEN_ATTRIBUTES = {"arn", "fqn", "id", "stack_id"}
TOKEN_MAKERS = {"Aws", "Fn", "Lazy", "Token"}
MOST_STEPS = 4
"""So many variables are followed, one to the next, for the text of a name."""
MOST_PARTS = 200
"""So many parts of expressions are looked at for a name, and as many for a token in one of its parts."""

Scope: TypeAlias = Mapping[str, Sequence[ast.expr | None]]
"""What each variable of a function or module is assigned; None is what cannot be told."""


class _TooManyPartsError(Exception):
    """A name is put together from more parts than are looked at."""


class Values:
    """The expressions of one function, within the functions and the module around it; the innermost scope is first."""

    def __init__(self, scopes: Sequence[Scope]) -> None:
        self._scopes = scopes

    def name(self, expression: ast.expr) -> Name:
        """Return the expression's text, with holes for what it does not tell; one hole if it has very many parts."""
        self._parts = 0
        try:
            return self._name(expression, MOST_STEPS)
        except _TooManyPartsError:
            return (Hole(ast.unparse(expression)),)

    def _name(self, expression: ast.expr, steps: int) -> Name:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise _TooManyPartsError
        found: Name | None = None
        match expression:
            case ast.Constant(value=str(text)):
                found = (text,)
            case ast.JoinedStr(values=values):
                found = tuple(part for value in values for part in self._name(value, steps))
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                found = self._name(value, steps)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                found = (*self._name(left, steps), *self._name(right, steps))
            case ast.Name() | ast.Attribute() if steps:
                found = self._followed(expression, steps - 1)
            case _:
                pass
        return (self._hole(expression),) if found is None else found

    def _followed(self, variable: ast.expr, steps: int) -> Name | None:
        """Return what a variable holds, if it is assigned once and that tells more than the variable's own name."""
        match self._assigned(variable):
            case [ast.expr() as assigned]:
                found = self._name(assigned, steps)
                return None if len(found) == 1 and isinstance(found[0], Hole) and not found[0].is_token else found
            case _:
                return None

    def _hole(self, expression: ast.expr) -> Hole:
        token = self._token(expression)
        return Hole(token or ast.unparse(expression), is_token=token is not None)

    def _token(self, expression: ast.expr) -> str | None:
        """Return the part of an expression that is a token, followed through variables; or None."""
        ahead, seen = [expression], set[ast.expr]()
        looked = 0
        while ahead:
            for node in ast.walk(ahead.pop()):
                looked += 1
                if looked > MOST_PARTS:
                    return None
                if _is_token(node):
                    return ast.unparse(node)
                followed = {each for each in self._assigned(node) if each is not None} - seen
                ahead += followed
                seen |= followed
        return None

    def _assigned(self, node: ast.AST) -> Sequence[ast.expr | None]:
        key = _key(node)
        return next((scope[key] for scope in self._scopes if key and key in scope), ())


def _is_token(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(value=ast.Name(id=owner)) if owner in TOKEN_MAKERS:
            return True
        # A construct's own id, `self.node.id`, is a literal.
        case ast.Attribute(value=ast.Attribute(attr="node") | ast.Name(id="node")):
            return False
        case ast.Attribute(attr=attribute):
            return attribute in TOKEN_ATTRIBUTES or attribute.endswith("_arn")
        case _:
            return False


def _key(node: ast.AST) -> str | None:
    """Return the name under which an assignment is remembered: a variable's, or `self.` and an attribute's."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id="self"), attr=attribute):
            return f"self.{attribute}"
        case _:
            return None


def assignments(body: ast.AST) -> dict[str, list[ast.expr | None]]:
    """Return what a function or module assigns to its variables, without the functions and classes in it."""
    scope: dict[str, list[ast.expr | None]] = {}
    if isinstance(body, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        arguments = body.args
        given = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
        scope |= {argument.arg: [None] for argument in given if argument}
    for node in _own_nodes(body):
        for target, value in _targets(node):
            key = _key(target)
            if key and not key.startswith("self."):
                scope.setdefault(key, []).append(value)
    return scope


def attributes(tree: ast.Module) -> dict[str, list[ast.expr | None]]:
    """Return what the classes of a module assign to attributes of `self`."""
    scope: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(tree):
        for target, value in _targets(node):
            key = _key(target)
            if key and key.startswith("self."):
                scope.setdefault(key, []).append(value)
    return scope


def _targets(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                if isinstance(target, ast.Tuple | ast.List):
                    yield from ((element, None) for element in target.elts)
                else:
                    yield target, value
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield target, value
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.comprehension(target=target):
            yield from ((inner, None) for inner in ast.walk(target) if isinstance(inner, ast.Name))
        case _:
            pass


def _own_nodes(body: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(body):
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            yield from _own_nodes(node)
