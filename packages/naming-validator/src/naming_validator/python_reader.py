"""Resources in Python source, of cdktf's AWS provider and of AWS CDK: made, assigned and overridden names."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from naming_validator.configuration import names_its_own
from naming_validator.model import Hole, Place, Resource, Source, Stack
from naming_validator.python_constructs import AWS_CDK, is_class, is_construct, is_of
from naming_validator.python_definitions import Definitions, Located
from naming_validator.python_environments import EnvironmentReader
from naming_validator.python_makers import PROPERTIES, Maker, makers, method_maker, type_of_cloudformation
from naming_validator.python_module import Module, Spot
from naming_validator.python_tokens import Tokens, has_scope
from naming_validator.python_values import Values
from naming_validator.services import SERVICES
from naming_validator.tokens import remnant

_PROPERTY = "Properties."
_UNKNOWN = "resource"
"""The type of a resource whose type is unknown: only a token is a fault of its name."""
_INDEXES = {
    f"{kind}_secondary_index{plural}": f"aws_dynamodb_table_{kind}_secondary_index"
    for kind in ("global", "local")
    for plural in ("", "es")
}
"""Arguments of tables that hold indexes, which may be dictionaries, each with the type of what is in it."""
_INDEX_NAMES = ("index_name", "indexName", "name")


def read_python(content: bytes, file: str) -> Source:
    """Return the named resources of a module. Raises SyntaxError, ValueError, RecursionError and MemoryError."""
    return _Reader(ast.parse(content.decode("utf-8-sig"), file), file).read()


class _Reader:
    def __init__(self, tree: ast.Module, file: str) -> None:
        self._file = file
        self._module = Module(tree)
        self._definitions = Definitions(self._module)
        self._tokens = Tokens(self._definitions)
        self._values = Values(self._definitions, self._tokens)
        self._is_cdk = any(is_of(module, AWS_CDK) for module in self._module.modules)
        self._has_constructs = any(map(is_construct, self._module.modules))

    def read(self) -> Source:
        """Return the resources in the order of the source, and the environments that stacks are given."""
        environments = EnvironmentReader(self._module, self._definitions, self._tokens)
        resources: list[Resource] = []
        for node, spot in self._module.statements:
            match node:
                case ast.Call():
                    resources += [*self._made(node, spot), *self._overridden(node, spot), *self._set(node, spot)]
                    environments.see(node, spot)
                case ast.Assign(targets=targets, value=value):
                    environments.see(node, spot)
                    resources += [each for target in targets for each in self._renamed(target, value, spot)]
                case _:
                    pass
        return Source(resources=resources, environments=environments.found)

    def _made(self, call: ast.Call, spot: Spot) -> Iterator[Resource]:
        """Yield the resources that a call makes, with the indexes of a table."""
        for maker in self._makers(call, spot):
            given, is_open = self._argument(call, maker.name, spot)
            prefix, _ = self._argument(call, maker.prefix or "", spot) if given is None else (None, False)
            if given or prefix or not maker.is_part:
                fifo, is_fifo_open = self._argument(call, maker.fifo or "", spot)
                made = replace(
                    self._resource(maker.type, _construct_id(call), call.lineno),
                    name=(Hole("**"),) if is_open else None,
                    is_prefix=given is None and prefix is not None,
                    is_fifo=None if is_fifo_open else _is_true(fifo[0] if fifo else None),
                )
                yield from self._named(made, given or prefix, maker.lead)
            if maker.type == "aws_dynamodb_table":
                yield from self._indexes(call, spot)
        if self._is_cdk and any(dotted.endswith(".CfnResource") for dotted in self._module.dotted(call.func)):
            yield from self._generic(call, spot)

    def _resource(self, type_: str, labels: Iterable[str], line: int) -> Resource:
        return Resource(
            type=type_,
            address=".".join([type_, *labels]),
            place=Place(file=self._file, line=line),
            stack=Stack(name=self._file),
            name=None,
            may_repeat=True,
        )

    def _named(self, made: Resource, given: Located | None, lead: str = "") -> Iterator[Resource]:
        """Yield the resource with each of the names that the expression can be; as it is, if it is given none."""
        if given is None:
            yield made
            return
        place = replace(made.place, line=getattr(given[0], "lineno", made.place.line))
        for name in self._values.names(*given):
            is_whole = not lead or (isinstance(name[0], str) and name[0].startswith(lead))
            yield replace(made, name=name if is_whole else (lead, *name), place=place)

    def _makers(self, call: ast.Call, spot: Spot) -> Iterator[Maker]:
        keys = [each.arg for each in call.keywords if each.arg] if has_scope(call) else []
        match call.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                for ancestor in self._module.ancestors(spot.owner or "")[1:]:
                    yield from makers(ancestor, keys)
                return
            case _:
                pass
        for dotted in self._callees(call.func, spot):
            if dotted in self._module.classes:
                for ancestor in self._module.ancestors(dotted)[1:]:
                    yield from (replace(maker, is_part=True) for maker in makers(ancestor, keys))
            elif is_class(dotted):
                yield from makers(dotted, keys)
            elif self._is_cdk:
                maker = method_maker(dotted.rpartition(".")[2], has_scope=has_scope(call))
                yield from [maker] if maker else []

    def _callees(self, function: ast.expr, spot: Spot) -> list[str]:
        """Return the full names of what is called, also if a variable stands for a class."""
        names = list(self._module.dotted(function))
        if isinstance(function, ast.Name) and function.id not in self._module.imported:
            found = self._definitions.within_budget(lambda: self._definitions.of(function, spot), [])
            names += [name for each in found if each for name in self._module.dotted(each[0])]
        return names

    def _argument(self, call: ast.Call, name: str, spot: Spot) -> tuple[Located | None, bool]:
        return self._definitions.within_budget(lambda: self._definitions.argument(call, name, spot), (None, True))

    def _indexes(self, call: ast.Call, spot: Spot) -> Iterator[Resource]:
        """Yield the indexes of a table that are given as dictionaries."""
        for argument, type_ in _INDEXES.items():
            given, _ = self._argument(call, argument, spot)
            for element in self._elements(given) if given else ():
                items = self._items(element)
                given_name = next((items[key] for key in _INDEX_NAMES if key in items), None)
                if given_name:
                    yield from self._named(self._resource(type_, _construct_id(call), call.lineno), given_name)

    def _elements(self, given: Located) -> list[Located]:
        return self._definitions.within_budget(lambda: self._definitions.elements(*given), None) or []

    def _items(self, given: Located) -> dict[object, Located]:
        return self._definitions.within_budget(lambda: self._definitions.items(*given), {})

    def _renamed(self, target: ast.expr, value: ast.expr, spot: Spot) -> Iterator[Resource]:
        """Yield the resource to whose name something is assigned."""
        if not isinstance(target, ast.Attribute):
            return
        types = [
            each.type for each in self._makers_of_object(target.value, [target.attr], spot) if each.name == target.attr
        ]
        if self._is_unknown_child(target.value, spot):
            property_ = "".join(word.capitalize() for word in target.attr.split("_"))
            types = _types_with(property_)
        for type_ in types:
            made = self._resource(type_, [ast.unparse(target.value)], target.lineno)
            yield from map(_unless_unknown, self._named(made, (value, spot)))

    def _set(self, call: ast.Call, spot: Spot) -> Iterator[Resource]:
        """Yield the resource whose name `setattr` sets."""
        match call:
            case ast.Call(func=ast.Name(id="setattr"), args=[owner, ast.Constant(value=str(attribute)), value]):
                target = ast.copy_location(ast.Attribute(owner, attribute, ast.Store()), call)
                yield from self._renamed(target, value, spot)
            case _:
                pass

    def _is_unknown_child(self, expression: ast.expr, spot: Spot) -> bool:
        """Return True for the resource within a construct whose class is unknown."""
        if not self._is_cdk or self._tokens.class_of(expression, spot) is not None:
            return False
        found = self._definitions.within_budget(lambda: self._definitions.resolved(expression, spot), None)
        given = self._definitions.within_budget(lambda: self._definitions.of(expression, spot), [])
        return any(
            _is_child(each) for each, _ in [(expression, spot), *(found or []), *(each for each in given if each)]
        )

    def _makers_of_object(self, expression: ast.expr, keys: Iterable[str], spot: Spot) -> Iterator[Maker]:
        class_ = self._tokens.class_of(expression, spot)
        for ancestor in self._module.ancestors(class_) if class_ else ():
            yield from makers(ancestor, keys)

    def _overridden(self, call: ast.Call, spot: Spot) -> Iterator[Resource]:
        """Yield the resource whose name is overridden, by the path of its property or attribute."""
        if not self._has_constructs:
            return
        match call.func, [*call.args, *(each.value for each in call.keywords)]:
            case (
                ast.Attribute(value=owner, attr="add_override" | "add_property_override" as method),
                [ast.Constant(value=str(path)), value],
            ):
                path = f"{_PROPERTY}{path}" if method == "add_property_override" else path
            case _:
                return
        in_stack = re.fullmatch(r"resource\.(\w+)\.([^.]+)\.([\w.]+)", path)
        if in_stack:
            label, type_ = in_stack[2], _type_at(in_stack[1], in_stack[3])
            types = [type_] if type_ else []
        else:
            label, types = ast.unparse(owner), self._types_of(owner, path, spot)
        for type_ in types:
            made = self._resource(type_, [label], call.lineno)
            yield from map(_unless_unknown, self._named(made, (value, spot)))

    def _types_of(self, owner: ast.expr, path: str, spot: Spot) -> list[str]:
        """Return the type whose name an override's path is: _UNKNOWN if its resource is unknown."""
        property_ = path.removeprefix(_PROPERTY)
        is_property = path != property_
        if self._tokens.class_of(owner, spot) is None:
            return _types_with(property_) if is_property or property_ == "name" else []
        found = [each.type for each in self._makers_of_object(owner, [path], spot)]
        if is_property:
            named = [type_ for type_ in found if PROPERTIES.get(type_) == property_]
        else:
            named = [inner for type_ in found if (inner := _type_at(type_, path))]
        return named or ([_UNKNOWN] if not found and property_ in {"name", "Name"} else [])

    def _generic(self, call: ast.Call, spot: Spot) -> Iterator[Resource]:
        """Yield what AWS CDK's CfnResource makes, of a type and properties that CloudFormation names."""
        given, _ = self._argument(call, "type", spot)
        type_ = type_of_cloudformation(str(given[0].value)) if given and isinstance(given[0], ast.Constant) else None
        if type_:
            properties, _ = self._argument(call, "properties", spot)
            items = self._items(properties) if properties else {}
            made = self._resource(type_, _construct_id(call), call.lineno)
            name = (Hole("properties"),) if properties and not items else None
            yield from self._named(replace(made, name=name), items.get(PROPERTIES[type_]))


def _type_at(type_: str, path: str) -> str | None:
    """Return the type whose name a path in a Terraform resource is: its own, or that of a block in it; or None."""
    block = re.fullmatch(r"(\w+)\.\d+\.(\w+)", path)
    type_, attribute = (f"{type_}_{block[1]}", block[2]) if block else (type_, path)
    if type_ in SERVICES:
        return type_ if attribute == SERVICES[type_].attribute else None
    return type_ if not block and names_its_own(type_, attribute) else None


def _types_with(property_: str) -> list[str]:
    """Return the type of which CloudFormation's property is the name; _UNKNOWN if it is that of several."""
    if property_.casefold() == "name":
        return [_UNKNOWN]
    return [type_ for type_, name in PROPERTIES.items() if name == property_][:1]


def _is_child(expression: ast.expr) -> bool:
    """Return True if an expression is the resource within a construct, such as `queue.node.default_child`."""
    called = expression.func if isinstance(expression, ast.Call) else expression
    return isinstance(called, ast.Attribute) and called.attr in {"default_child", "find_child", "try_find_child"}


def _unless_unknown(resource: Resource) -> Resource:
    """Return the resource; of an unknown type, with nothing of its name known that is no token."""
    is_token = bool(remnant(resource.text)) or any(
        isinstance(part, Hole) and part.is_token for part in resource.name or ()
    )
    return resource if resource.type != _UNKNOWN or is_token else replace(resource, name=(Hole(resource.text),))


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
