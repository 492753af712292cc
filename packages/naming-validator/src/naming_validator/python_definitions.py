"""Definitions of Python's expressions: variables followed to the expressions that they are assigned."""

import ast
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from naming_validator.python_module import Binding, Choices, Module, Spot

MOST_STEPS = 8
"""So many variables are followed, one to the next."""
MOST_PARTS = 400
"""So many expressions are read for a name, and as many for a token in one of its parts."""
MOST_ALTERNATIVES = 100
"""A variable that may be more expressions than this is unknown."""

Located: TypeAlias = tuple[ast.expr, Spot]
"""An expression, and where it stands."""
Items: TypeAlias = list[tuple[ast.expr, Located]]
"""The keys and values of a dictionary, as they are written."""


T = TypeVar("T")


class TooManyPartsError(Exception):
    """More expressions would be read than is allowed."""


class Definitions:
    """The definitions of one module."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self._left = MOST_PARTS

    def within_budget(self, read: Callable[[], T], otherwise: T) -> T:
        """Return what is read of MOST_PARTS expressions at most, whatever was read before, or what is given instead."""
        before, self._left = self._left, MOST_PARTS
        try:
            return read()
        except TooManyPartsError:
            return otherwise
        finally:
            self._left = before

    def spend(self) -> None:
        """Count one expression. Raises TooManyPartsError."""
        self._left -= 1
        if self._left < 0:
            raise TooManyPartsError

    def of(self, expression: ast.expr, spot: Spot) -> list[Located | None]:
        """Return the expressions of which a variable, an element or a conditional is one; None for any not known."""
        self.spend()
        found: Sequence[Located | None] | None = None
        match expression:
            case ast.NamedExpr(value=value):
                found = [(value, spot)]
            case ast.IfExp(test=test, body=body, orelse=orelse):
                condition = ast.unparse(test)
                found = [*_chosen([(body, spot)], (condition, True)), *_chosen([(orelse, spot)], (condition, False))]
            case ast.Name() | ast.Attribute():
                found = self.taken(self.module.bindings(expression, spot), spot)
                if not found and isinstance(expression, ast.Attribute):
                    found = self._fields(expression, spot)
            case ast.Subscript(value=value, slice=index) if not isinstance(index, ast.Slice):
                found = self._elements_at(value, index, spot)
            case ast.Call(func=ast.Attribute(value=value, attr="get"), args=[index, *default], keywords=[]):
                found = self._elements_at(value, index, spot, is_optional=True)
                found = [*found, *((each, spot) for each in default)] if found else None
            case _:
                pass
        return list(found or [None])

    def resolved(self, expression: ast.expr, spot: Spot, steps: int = MOST_STEPS) -> list[Located] | None:
        """Return the expressions that an expression stands for in the end, none of them a variable; None if unknown."""
        if not isinstance(expression, ast.Name | ast.Attribute | ast.Subscript | ast.IfExp | ast.NamedExpr):
            return [(expression, spot)]
        resolved: list[Located] = []
        for each in self.of(expression, spot) if steps else [None]:
            inner = self.resolved(*each, steps - 1) if each else None
            if inner is None or len(resolved) + len(inner) > MOST_ALTERNATIVES:
                return None
            resolved += inner
        return resolved

    def argument(self, call: ast.Call, name: str, spot: Spot) -> tuple[Located | None, bool]:
        """Return a call's argument by keyword or by `**`, and True if it may be in an unknown dictionary.

        None as the argument is no argument.
        """
        given: Located | None = None
        is_open = False
        for keyword in call.keywords:
            items = [(ast.Constant(keyword.arg), (keyword.value, spot))] if keyword.arg else None
            if keyword.arg is None:
                items = self._items_of(keyword.value, spot)
                is_open = is_open or items is None
            for key, value in items or []:
                if isinstance(key, ast.Constant) and key.value == name:
                    given = value
        if given and isinstance(given[0], ast.Constant) and given[0].value is None:
            return None, False
        return given, is_open and given is None

    def items(self, expression: ast.expr, spot: Spot) -> dict[object, Located]:
        """Return the items of a dictionary with literal keys; none if they are not known."""
        items = self._items_of(expression, spot) or []
        return {key.value: value for key, value in items if isinstance(key, ast.Constant)}

    def elements(self, expression: ast.expr, spot: Spot) -> list[Located] | None:
        """Return what a loop over an expression yields; None if that is not known."""
        resolved = self.resolved(expression, spot)
        if resolved is None:
            return None
        found: list[Located] = []
        for each in resolved:
            elements = self._sequence(*each)
            if elements is None or len(found) + len(elements) > MOST_ALTERNATIVES:
                return None
            found += elements
        return found

    def taken(self, bindings: Iterable[tuple[Binding, Choices]] | None, spot: Spot) -> list[Located | None]:
        """Return the expressions that assignments give to a variable at a spot; None for any not known."""
        found: list[Located | None] = []
        for binding, choices in bindings or ():
            at = replace(binding.spot, choices=spot.choices).choosing(choices)
            if at:
                found += [None] if binding.value is None else self._unpacked((binding.value, at), binding.path)
        return found

    def _fields(self, attribute: ast.Attribute, spot: Spot) -> list[Located | None]:
        """Return what the objects were made with that a variable stands for, as of a dataclass; or an enum's values."""
        found: list[Located | None] = []
        for each, at in self.resolved(attribute.value, spot) or ():
            match each:
                case ast.Call(func=ast.Name(id=class_)) if fields := self.module.fields(class_):
                    given = {keyword.arg: keyword.value for keyword in each.keywords}
                    given |= dict(zip(fields, each.args, strict=False))
                    found.append((given[attribute.attr], at) if attribute.attr in given else None)
                case ast.Constant() if attribute.attr == "value":
                    found.append((each, at))
                case _:
                    return []
        return found

    def _unpacked(self, value: Located, path: Sequence[int | None]) -> Sequence[Located | None]:
        taken: list[Located] = [value]
        for step in path:
            inner: list[Located] = []
            for each in taken:
                elements = self.elements(*each)
                if elements is None or (step is not None and step >= len(elements)):
                    return [None]
                if step is None:
                    for index, element in enumerate(elements):
                        inner += _chosen([element], (id(value[0]), index))
                else:
                    inner.append(elements[step])
            taken = inner
        return taken

    def _sequence(self, expression: ast.expr, spot: Spot) -> list[Located] | None:
        """Return the elements of a list, a tuple, a set or a dictionary's keys as they are written, or of a builtin."""
        self.spend()
        match expression:
            case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
                is_open = any(isinstance(each, ast.Starred) for each in elements)
                return None if is_open else [(each, spot) for each in elements]
            case ast.Dict():
                items = self._items(expression, spot)
                return None if items is None else [(key, spot) for key, _ in items]
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                first, second = self.elements(left, spot), self.elements(right, spot)
                return None if first is None or second is None else [*first, *second]
            case ast.Call(func=ast.Attribute(value=mapping, attr="items" | "keys" | "values" as view), args=[]):
                items = self._items_of(mapping, spot)
                return None if items is None else list(_view(view, items))
            case ast.Call(func=ast.Name(id=function), args=arguments):
                return self._of_builtin(function, arguments, spot)
            case _:
                return None

    def _of_builtin(self, function: str, arguments: Sequence[ast.expr], spot: Spot) -> list[Located] | None:
        match function, arguments:
            case "list" | "tuple" | "set" | "sorted" | "reversed" | "iter" | "frozenset", [only]:
                return self.elements(only, spot)
            case "range", [_] | [_, _]:
                bounds = [bound for each in arguments if (bound := integer(each)) is not None]
                numbers = range(*bounds)[: MOST_ALTERNATIVES + 1] if len(bounds) == len(arguments) else None
                return None if numbers is None else [(ast.Constant(number), spot) for number in numbers]
            case "enumerate", [only, *start]:
                elements, first = self.elements(only, spot), integer(start[0]) if start else 0
                if elements is None or first is None:
                    return None
                rows: Iterator[tuple[Located, ...]] = (
                    ((ast.Constant(index), spot), each) for index, each in enumerate(elements, first)
                )
            case "zip", [_, *_]:
                columns = [self.elements(each, spot) for each in arguments]
                known = [column for column in columns if column is not None]
                if len(known) < len(columns):
                    return None
                rows = zip(*known, strict=False)
            case _:
                return None
        return [(ast.Tuple([each for each, _ in row], ast.Load()), row[-1][1]) for row in rows]

    def _elements_at(
        self, container: ast.expr, index: ast.expr, spot: Spot, *, is_optional: bool = False
    ) -> list[Located] | None:
        """Return the element at an index, or all of them if the index is not known; None if they are not."""
        found: list[Located] = []
        for each in self.resolved(container, spot) or ():
            items = self._items(*each)
            elements = None if items is not None else self._sequence(*each)
            at = integer(index)
            if items is not None:
                keys = [key.value for key, _ in items if isinstance(key, ast.Constant)]
                known = {index.value} if isinstance(index, ast.Constant) and len(keys) == len(items) else set(keys)
                if not is_optional and not known.intersection(keys):
                    return None
                for key, value in items:
                    if not isinstance(key, ast.Constant) or key.value in known:
                        found += _chosen([value], (f"[{ast.unparse(index)}]", ast.unparse(key)))
            elif elements is None or (at is not None and not -len(elements) <= at < len(elements)):
                return None
            else:
                for number, element in enumerate(elements):
                    if at in {None, number, number - len(elements)}:
                        found += _chosen([element], (f"[{ast.unparse(index)}]", number))
        return found or None

    def _items_of(self, expression: ast.expr, spot: Spot) -> Items | None:
        resolved = self.resolved(expression, spot)
        return self._items(*resolved[0]) if resolved and len(resolved) == 1 else None

    def _items(self, expression: ast.expr, spot: Spot) -> Items | None:
        """Return the items of a dictionary as it is written, or of a call of `dict`; None if some are not known."""
        self.spend()
        match expression:
            case ast.Dict(keys=keys, values=values):
                pairs = list(zip(keys, values, strict=True))
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
                pairs = [(ast.Constant(each.arg) if each.arg else None, each.value) for each in keywords]
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                pairs = [(None, left), (None, right)]
            case _:
                return None
        items: Items = []
        for key, value in pairs:
            inner = self._items_of(value, spot) if key is None else [(key, (value, spot))]
            if inner is None:
                return None
            items += inner
        return items


def _chosen(located: Iterable[Located], choice: tuple[Hashable, Hashable]) -> list[Located]:
    """Return the expressions with a choice, unless it contradicts theirs."""
    return [(each, at) for each, spot in located if (at := spot.choosing((choice,)))]


def _view(view: str, items: Items) -> Iterator[Located]:
    """Yield what a dictionary's `items`, `keys` or `values` do."""
    for key, (value, spot) in items:
        yield {"keys": key, "values": value}.get(view, ast.Tuple([key, value], ast.Load())), spot


def integer(expression: ast.expr) -> int | None:
    """Return the value of a literal integer, or None."""
    match expression:
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
        case _:
            return None
