"""Tokens in Python: the classes of objects, and the parts of expressions without a value at synthesis."""

import ast
import builtins
from collections.abc import Iterable, Iterator

from naming_validator.model import Hole
from naming_validator.python_constructs import (
    AWS_CDK,
    STACK_ENVIRONMENT,
    gives_token,
    is_class,
    is_construct,
    is_of,
    is_stack,
    is_token,
)
from naming_validator.python_definitions import Definitions, Located
from naming_validator.python_module import Binding, Choices, Spot

MOST_OWNERS = 6
"""So many attributes and variables are followed to the class of an object."""
_PLAIN = ""
"""The class of an object that is known to be no construct."""
_PLAIN_MODULES = (
    "abc",
    "attr",
    "attrs",
    "collections",
    "dataclasses",
    "enum",
    "pydantic",
    "pydantic_settings",
    "typing",
)


class Tokens:
    """The tokens in the expressions of one module."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions, self._module = definitions, definitions.module

    def hole(self, expression: ast.expr, spot: Spot) -> Hole:
        """Return the hole that an expression leaves in a name: a token, if any part of the expression is one."""
        token = self._definitions.within_budget(lambda: self._token(expression, spot), None)
        # A construct itself is printed as an object, and cdktf's as its path.
        is_object = is_construct(self.library_class(self.class_of(expression, spot)) or "")
        return token or Hole(ast.unparse(expression), is_token=is_object)

    def class_of(self, expression: ast.expr, spot: Spot) -> str | None:
        """Return the full name of the class of an object: "" for one that is no construct, None if it is not known."""
        return self._definitions.within_budget(lambda: self._class(expression, spot, MOST_OWNERS), None)

    def library_class(self, class_: str | None) -> str | None:
        """Return the class itself or the first of its bases that is a library's; "" or None as for class_of."""
        if not class_:
            return class_
        ancestors = self._module.ancestors(class_)
        is_whole = all(each in self._module.classes or is_construct(each) or _is_plain(each) for each in ancestors)
        return next(filter(is_construct, ancestors), _PLAIN if is_whole else None)

    def _token(self, expression: ast.expr, spot: Spot) -> Hole | None:
        ahead: list[Located] = [(expression, spot)]
        seen: set[int] = set()
        while ahead:
            node, at = ahead.pop(0)
            self._definitions.spend()
            found = self._token_of(node, at)
            if found:
                return found
            for each in self._within(node, at):
                if id(each[0]) not in seen:
                    seen.add(id(each[0]))
                    ahead.append(each)
        return None

    def _token_of(self, node: ast.expr, spot: Spot) -> Hole | None:
        """Return the token that a node is by itself, or None."""
        called = node.func if isinstance(node, ast.Call) else node
        if isinstance(called, ast.Name | ast.Attribute) and self._gives_token(called, spot):
            return Hole(ast.unparse(called), is_token=True)
        if not isinstance(node, ast.Attribute) or _is_of_node(node):
            return None
        class_ = self._class(node.value, spot, MOST_OWNERS)
        if class_ in self._module.classes and self._module.attribute(class_ or "", node.attr) is not None:
            # The class assigns it itself, so its value decides.
            return None
        owner = self.library_class(class_)
        if owner and is_stack(owner) and node.attr in STACK_ENVIRONMENT:
            classes = tuple(self._module.ancestors(class_ or ""))
            return Hole(ast.unparse(node), is_token=True, stack_classes=classes)
        return Hole(ast.unparse(node), is_token=True) if is_token(node.attr, owner) else None

    def _gives_token(self, expression: ast.Name | ast.Attribute, spot: Spot) -> bool:
        root: ast.expr = expression
        while isinstance(root, ast.Attribute):
            root = root.value
        is_import = isinstance(root, ast.Name) and root.id in self._module.imported
        if is_import or self._module.bindings(root, spot) is None:
            return any(map(gives_token, self._module.dotted(expression)))
        return isinstance(expression, ast.Attribute) and gives_token(f".{expression.attr}")

    def _within(self, node: ast.expr, spot: Spot) -> Iterator[Located]:
        """Yield the expressions that a value is made of; what an object was made with is no part of its attributes."""
        match node:
            case ast.Compare() | ast.Lambda():
                return
            case ast.Name() | ast.Attribute():
                yield from (each for each in self._definitions.of(node, spot) if each and not self._is_object(each[0]))
            case _:
                pass
        if self._is_object(node):
            return
        inner: list[ast.AST] = (
            [node.body, node.orelse] if isinstance(node, ast.IfExp) else list(ast.iter_child_nodes(node))
        )
        for each in inner:
            value = each.value if isinstance(each, ast.keyword) else each
            if isinstance(value, ast.expr):
                yield value, spot

    def _is_object(self, expression: ast.expr) -> bool:
        """Return True if an expression calls a class, and so makes an object."""
        return isinstance(expression, ast.Call) and any(map(is_class, self._module.dotted(expression.func)))

    def _class(self, expression: ast.expr, spot: Spot, steps: int) -> str | None:
        self._definitions.spend()
        match expression:
            case _ if not steps:
                found = None
            case ast.Name(id="self" | "cls"):
                found = spot.owner
            case ast.Call():
                found = self._class_of_call(expression)
            case ast.Constant() | ast.JoinedStr() | ast.List() | ast.Tuple() | ast.Dict():
                found = _PLAIN
            case ast.Attribute(value=ast.Attribute(value=construct, attr="node"), attr="default_child"):
                found = self._class(construct, spot, steps - 1)
            case ast.Attribute():
                found = self._class_of_attribute(expression, spot, steps - 1)
            case _:
                bindings = self._module.bindings(expression, spot)
                annotated = self._annotated(bindings or ())
                found = annotated
                if annotated is None:
                    found = self._first_class(self._definitions.of(expression, spot), steps - 1)
        return found

    def _class_of_attribute(self, attribute: ast.Attribute, spot: Spot, steps: int) -> str | None:
        bindings = self._module.bindings(attribute, spot)
        if bindings is None:
            owner = self._class(attribute.value, spot, steps)
            if attribute.attr == "stack" and is_of(self.library_class(owner) or "", AWS_CDK):
                return f"{AWS_CDK[0]}.Stack"
            bindings = self._module.attribute(owner or "", attribute.attr) or ()
        annotated = self._annotated(bindings)
        return self._first_class(self._definitions.taken(bindings, spot), steps) if annotated is None else annotated

    def _first_class(self, alternatives: Iterable[Located | None], steps: int) -> str | None:
        classes = (self._class(*each, steps) if each else None for each in alternatives)
        return next((each for each in classes if each is not None), None)

    def _class_of_call(self, call: ast.Call) -> str | None:
        for dotted in self._module.dotted(call.func):
            owner, _, last = dotted.rpartition(".")
            if dotted in {"cast", "typing.cast"} and call.args:
                return self._named(call.args[0])
            if (last == "of" and is_stack(owner)) or (last.startswith("from_") and owner.endswith("Iterator")):
                return owner
            if dotted in self._module.classes:
                return dotted
            if is_construct(dotted) and is_class(dotted):
                return dotted if has_scope(call) or last == "App" else _PLAIN
        return None

    def _annotated(self, bindings: Iterable[tuple[Binding, Choices]]) -> str | None:
        """Return the class that a variable is annotated with, or None."""
        named = (self._named(binding.annotation) for binding, _ in bindings if binding.annotation)
        return next((each for each in named if each is not None), None)

    def _named(self, annotation: ast.expr) -> str | None:
        """Return the class that an annotation names; "" if it is not one of a library or of the module."""
        match annotation:
            case ast.Constant(value=str(text)):
                try:
                    return self._named(ast.parse(text, mode="eval").body)
                except (SyntaxError, ValueError):
                    return None
            case ast.Subscript(slice=inner):
                return self._named(inner)
            case ast.BinOp(left=left, right=right):
                named = [each for each in (self._named(left), self._named(right)) if each is not None]
                return max(named, default=None)
            case ast.Name() | ast.Attribute():
                names = list(self._module.dotted(annotation))
                return next((name for name in names if is_construct(name) or name in self._module.classes), _PLAIN)
            case _:
                return None


def has_scope(call: ast.Call) -> bool:
    """Return True if a call gives a scope, as a construct's does and a struct's does not."""
    return bool(call.args) or any(each.arg in {"scope", "scope_"} for each in call.keywords)


def _is_of_node(attribute: ast.Attribute) -> bool:
    """Return True for a construct's own id or path, `self.node.id`: it is a literal."""
    match attribute:
        case ast.Attribute(value=ast.Attribute(attr="node") | ast.Name(id="node")):
            return True
        case _:
            return False


def _is_plain(dotted: str) -> bool:
    """Return True if a class is one of Python's own, or of a library of plain objects."""
    return dotted in vars(builtins) or is_of(dotted, _PLAIN_MODULES)
