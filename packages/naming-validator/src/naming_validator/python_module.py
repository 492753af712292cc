"""A Python module's imports, classes and variables: what each is assigned, and where."""

import ast
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import TypeAlias, cast

Position: TypeAlias = tuple[float, float]
_BEGIN: Position = (0, 0)
_END: Position = (math.inf, math.inf)
MOST_BINDINGS = 50
"""A variable that is assigned more often than this is not followed."""
_POSITIONED = (ast.stmt, ast.Call, ast.Lambda, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LEAVES = (ast.Name, ast.Constant, ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)


class Block(Enum):
    """The condition of running a block: instead of another block's, or perhaps, or in a comprehension alone."""

    CHOICE = auto()
    OPTIONAL = auto()
    COMPREHENSION = auto()


Branches: TypeAlias = tuple[tuple[Block, int, int], ...]
"""The blocks around a statement, outermost first, each with its node's identity and its place in the node."""


Choices: TypeAlias = tuple[tuple[Hashable, Hashable], ...]
"""The choices that give an expression one value: the element of a loop, the branch of a conditional."""


@dataclass(frozen=True)
class Binding:
    """One assignment to a variable.

    value: the expression that it is taken from; None when nothing can be read.
    path: how it is taken from the value: the index of an element, or None for each of them in turn.
    """

    value: ast.expr | None
    spot: "Spot"
    position: Position
    branches: Branches
    path: tuple[int | None, ...] = ()
    annotation: ast.expr | None = None


@dataclass(eq=False)
class Scope:
    """The variables of a module, function or class body; with an owner, a class's attributes, as `self.name`."""

    names: dict[str, list[Binding]] = field(default_factory=dict[str, list[Binding]])
    owner: str | None = None
    is_class_body: bool = False


@dataclass(frozen=True)
class Spot:
    """The place of an expression: the scopes around it, innermost first, its function, position and branches.

    choices: what is chosen already by whoever follows a variable to the expression.
    """

    scopes: tuple[Scope, ...]
    position: Position = _BEGIN
    branches: Branches = ()
    choices: Choices = ()
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None

    @property
    def owner(self) -> str | None:
        """The name of the class around the expression, or None."""
        return next((scope.owner for scope in self.scopes if scope.owner), None)

    def at(self, node: ast.expr | ast.stmt) -> "Spot":
        """Return the spot at the beginning of a node."""
        return replace(self, position=(node.lineno, node.col_offset))

    def choosing(self, choices: Choices) -> "Spot | None":
        """Return the spot with more choices; None if they contradict those that there are."""
        merged = merged_choices(self.choices, choices)
        return None if merged is None else replace(self, choices=merged)

    def inside(self, block: Block, node: ast.AST, index: int = 0) -> "Spot":
        """Return the spot within one of a node's blocks."""
        return replace(self, branches=(*self.branches, (block, id(node), index)))


@dataclass(frozen=True)
class Class:
    """A class that the module defines; attributes: what it assigns to itself; fields: what it annotates."""

    bases: Sequence[ast.expr]
    attributes: Scope
    fields: list[str]


class Module:
    """All that is read of a module before any name in it is."""

    def __init__(self, tree: ast.Module) -> None:
        self.imported: dict[str, str] = {}
        self.starred: list[str] = []
        self.classes: dict[str, Class] = {}
        self.statements: list[tuple[ast.Call | ast.Assign | ast.AnnAssign, Spot]] = []
        root = Spot((Scope(),))
        for statement in tree.body:
            self._visit(statement, root)

    @property
    def modules(self) -> list[str]:
        """The full names of what the module imports."""
        return [*self.imported.values(), *self.starred]

    def dotted(self, expression: ast.expr) -> Iterator[str]:
        """Yield the full names that an expression can have; what is not a name begins with a dot."""
        names: list[str] = []
        while isinstance(expression, ast.Attribute):
            names.insert(0, expression.attr)
            expression = expression.value
        if not isinstance(expression, ast.Name):
            yield ".".join(["", *names])
        elif expression.id in self.imported or expression.id in self.classes or not self.starred:
            yield ".".join([self.imported.get(expression.id, expression.id), *names])
        else:
            yield from (".".join([module, expression.id, *names]) for module in self.starred)

    def bindings(self, variable: ast.expr, spot: Spot) -> Sequence[tuple[Binding, Choices]] | None:
        """Return the assignments that a variable or attribute may have its value from; None if there are none.

        Each is with what is chosen if the value is from it.
        """
        key = _key(variable)
        for scope in spot.scopes:
            if key in scope.names:
                return _live(scope.names[key], spot if scope is spot.scopes[0] else None)
        if isinstance(variable, ast.Attribute) and key == f"self.{variable.attr}":
            return self.attribute(spot.owner or "", variable.attr)
        return None

    def attribute(self, owner: str, name: str) -> Sequence[tuple[Binding, Choices]] | None:
        """Return the assignments to an attribute of one of the module's classes, or of its bases; None if none."""
        for ancestor in self.ancestors(owner):
            found = self.classes[ancestor].attributes.names.get(f"self.{name}") if ancestor in self.classes else None
            if found:
                return _live(found, None)
        return None

    def ancestors(self, name: str) -> list[str]:
        """Return a class's full name and those of its bases, as far as the module has them."""
        found: list[str] = []
        ahead = [name]
        while ahead:
            name = ahead.pop(0)
            if name not in found:
                found.append(name)
                bases = self.classes[name].bases if name in self.classes else ()
                ahead += [each for base in bases for each in self.dotted(base)]
        return found

    def fields(self, name: str) -> list[str]:
        """Return the fields of a dataclass or named tuple of the module, in their order; none of any other class."""
        class_ = self.classes.get(name)
        if class_ is None or "self.__init__" in class_.attributes.names:
            return []
        return class_.fields

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                first = alias.name.split(".")[0]
                self.imported[alias.asname or first] = alias.name if alias.asname else first
            elif alias.name == "*":
                self.starred.append(node.module or "")
            else:
                self.imported[alias.asname or alias.name] = f"{node.module or ''}.{alias.name}".strip(".")

    def _visit(self, node: ast.AST, spot: Spot) -> None:
        if isinstance(node, _POSITIONED):
            spot = spot.at(node)
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._visit_function(node, spot)
                return
            case ast.ClassDef():
                self._visit_class(node, spot)
                return
            case ast.Import() | ast.ImportFrom():
                self._import(node)
                return
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                spot = spot.inside(Block.COMPREHENSION, node)
            case ast.Call() | ast.Assign() | ast.AnnAssign():
                self.statements.append((node, spot))
            case _:
                pass
        if not isinstance(node, ast.expr) or isinstance(node, ast.NamedExpr):
            for target, value, path in _targets(node):
                _bind(node, spot, target, value, path)
        for child, block, index in _children(node):
            self._visit(child, spot.inside(block, node, index) if block else spot)

    def _visit_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, spot: Spot) -> None:
        given = node.args
        outer = [*given.defaults, *(each for each in given.kw_defaults if each)]
        if not isinstance(node, ast.Lambda):
            _add(spot.scopes[0], node.name, Binding(None, spot, spot.position, spot.branches))
            outer += node.decorator_list
        for each in outer:
            self._visit(each, spot)
        scope = Scope()
        inner = Spot((scope, *(each for each in spot.scopes if not each.is_class_body)), function=node)
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
            if argument:
                _add(scope, argument.arg, Binding(None, inner, _BEGIN, (), annotation=argument.annotation))
        for statement in [node.body] if isinstance(node, ast.Lambda) else node.body:
            self._visit(statement, inner)

    def _visit_class(self, node: ast.ClassDef, spot: Spot) -> None:
        for each in (*node.decorator_list, *node.bases, *node.keywords):
            self._visit(each, spot)
        _add(spot.scopes[0], node.name, Binding(None, spot, spot.position, spot.branches))
        attributes, body = Scope(owner=node.name), Scope(is_class_body=True)
        annotated = [each.target for each in node.body if isinstance(each, ast.AnnAssign)]
        self.classes[node.name] = Class(
            node.bases, attributes, [each.id for each in annotated if isinstance(each, ast.Name)]
        )
        for statement in node.body:
            self._visit(statement, Spot((body, attributes, *spot.scopes)))
        for name, bindings in body.names.items():
            spot.scopes[0].names[f"{node.name}.{name}"] = attributes.names[f"cls.{name}"] = bindings
            # What `__init__` assigns comes after what the class's body does.
            first = [replace(binding, position=_BEGIN) for binding in bindings]
            attributes.names[f"self.{name}"] = [*first, *attributes.names.get(f"self.{name}", ())]


def _bind(node: ast.AST, spot: Spot, target: ast.expr, value: ast.expr | None, path: tuple[int | None, ...]) -> None:
    """Remember what a node assigns to a target."""
    match target:
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            is_open = any(isinstance(each, ast.Starred) for each in elements)
            for index, element in enumerate(elements):
                _bind(node, spot, element, None if is_open else value, (*path, index))
            return
        case ast.Starred(value=starred):
            target = starred
        case _:
            pass
    key = _key(target)
    if key is None:
        return
    scope, branches = spot.scopes[0], spot.branches
    if isinstance(node, ast.For | ast.AsyncFor):
        branches = spot.inside(Block.OPTIONAL, node).branches
    if key.startswith("self."):
        scope = next((each for each in spot.scopes if each.owner), scope)
        if spot.function and not (isinstance(spot.function, ast.FunctionDef) and spot.function.name == "__init__"):
            # Another method may never be called.
            branches = ((Block.OPTIONAL, id(spot.function), 0), *branches)
        value = None if isinstance(node, ast.AugAssign) else value
    annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
    _add(scope, key, Binding(value, spot, _takes_effect(node, spot), branches, path, annotation))


def _takes_effect(node: ast.AST, spot: Spot) -> Position:
    """Return the position from which an assignment can be seen: its end, or the head of its loop."""
    match node:
        case ast.For(iter=head) | ast.AsyncFor(iter=head):
            return head.end_lineno or 0, head.end_col_offset or 0
        case ast.stmt() | ast.NamedExpr():
            return node.end_lineno or 0, node.end_col_offset or 0
        case _:
            return spot.position


def _targets(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None, tuple[int | None, ...]]]:
    """Yield what a node assigns to, the expression that the value is taken from, and how."""
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value, ()) for target in targets)
        case ast.AnnAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield target, value, ()
        case ast.AugAssign(target=target, op=operator, value=value):
            yield target, ast.copy_location(ast.BinOp(left=target, op=operator, right=value), node), ()
        case ast.For(target=target, iter=value) | ast.AsyncFor(target=target, iter=value):
            yield target, value, (None,)
        case ast.comprehension(target=target, iter=value):
            yield target, value, (None,)
        case ast.withitem(optional_vars=ast.expr() as target):
            yield target, None, ()
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
            yield ast.Name(name), None, ()
        case _:
            pass


_BLOCKS: Mapping[type[ast.AST], Mapping[str, tuple[Block, int]]] = {
    ast.If: {"body": (Block.CHOICE, 0), "orelse": (Block.CHOICE, 1)},
    ast.For: {"body": (Block.OPTIONAL, 0), "orelse": (Block.OPTIONAL, 1)},
    ast.AsyncFor: {"body": (Block.OPTIONAL, 0), "orelse": (Block.OPTIONAL, 1)},
    ast.While: {"body": (Block.OPTIONAL, 0), "orelse": (Block.OPTIONAL, 1)},
    ast.Try: {"body": (Block.OPTIONAL, 0), "handlers": (Block.OPTIONAL, 1), "orelse": (Block.OPTIONAL, 2)},
    ast.TryStar: {"body": (Block.OPTIONAL, 0), "handlers": (Block.OPTIONAL, 1), "orelse": (Block.OPTIONAL, 2)},
}


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, Block | None, int]]:
    """Yield the nodes within a node in the order of the source, each with the block that it is in, if it is in one."""
    if isinstance(node, ast.Match):
        yield node.subject, None, 0
        yield from ((case, Block.CHOICE, index) for index, case in enumerate(node.cases))
        return
    blocks = _BLOCKS.get(type(node), {})
    for name in node._fields:
        value: object = getattr(node, name, None)
        block, index = blocks.get(name, (None, 0))
        for each in cast("list[object]", value if isinstance(value, list) else [value]):
            if isinstance(each, ast.AST) and not isinstance(each, _LEAVES):
                yield each, block, index


def _add(scope: Scope, key: str, binding: Binding) -> None:
    scope.names.setdefault(key, []).append(binding)


def merged_choices(some: Choices, more: Choices) -> Choices | None:
    """Return all of the choices; None if they contradict each other."""
    merged = dict(some)
    for what, choice in more:
        if merged.setdefault(what, choice) != choice:
            return None
    return tuple(merged.items())


def _live(bindings: Sequence[Binding], spot: Spot | None) -> Sequence[tuple[Binding, Choices]]:
    """Return the assignments of which one is the last before the spot; None is a spot after all of them."""
    if len(bindings) > MOST_BINDINGS:
        return ((replace(bindings[0], value=None), ()),)
    position, branches = (spot.position, spot.branches) if spot else (_END, ())
    seen = [each for each in bindings if each.position <= position and _can_be_seen(each.branches, branches)]
    last = [each for each in seen if not any(_replaces(other, each) for other in seen)]
    return [(each, _chosen(each, last)) for each in last]


def _chosen(binding: Binding, others: Sequence[Binding]) -> Choices:
    """Return the branches that are taken if a variable has its value from an assignment, and from none after it."""
    chosen = {node: index for block, node, index in binding.branches if block is Block.CHOICE}
    for other in others:
        if other.position > binding.position:
            inner = [step for step in other.branches if step not in binding.branches]
            if inner and inner[0][0] is Block.CHOICE:
                chosen.setdefault(inner[0][1], 1 - inner[0][2])
    return tuple(chosen.items())


def _can_be_seen(assigned: Branches, used: Branches) -> bool:
    for step in assigned:
        block, node, index = step
        if block is Block.COMPREHENSION and step not in used:
            return False
        if block is Block.CHOICE and any(other[1] == node and other[2] != index for other in used):
            return False
    return True


def _replaces(later: Binding, earlier: Binding) -> bool:
    """Return True if the later assignment is made wherever the earlier one is."""
    return later.position > earlier.position and earlier.branches[: len(later.branches)] == later.branches


def _key(node: ast.AST) -> str | None:
    """Return the name under which an assignment is remembered: a variable's, or an attribute's with its variable."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
            return f"{owner}.{attribute}"
        case _:
            return None
