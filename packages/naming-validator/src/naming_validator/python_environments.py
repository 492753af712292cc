"""The accounts and regions that a Python module gives to AWS CDK stacks."""

import ast
from collections.abc import Iterable

from naming_validator.model import Environments
from naming_validator.python_constructs import AWS_CDK, STACK_ENVIRONMENT, is_class, is_of
from naming_validator.python_definitions import Definitions
from naming_validator.python_module import Module, Spot
from naming_validator.python_tokens import Tokens


class EnvironmentReader:
    """Collects the environments of one module, call by call."""

    def __init__(self, module: Module, definitions: Definitions, tokens: Tokens) -> None:
        self._module, self._definitions, self._tokens = module, definitions, tokens
        self.found = Environments()

    def see(self, node: ast.Call | ast.Assign, spot: Spot) -> None:
        """Note the environment that a call or an assignment gives to a stack."""
        match node:
            case ast.Call() if self._makes_environment(node):
                self.found.anywhere |= _given(node)
                # A class that makes one passes it on, as it is or in `**`.
                self._give(spot.owner, _given(node))
            case (
                ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value="env"))])
                | ast.Call(func=ast.Attribute(attr="setdefault"), args=[ast.Constant(value="env"), _])
            ):
                self._give(spot.owner, set(STACK_ENVIRONMENT))
            case ast.Call():
                self._see_class(node, spot)
            case _:
                pass

    def _see_class(self, call: ast.Call, spot: Spot) -> None:
        class_ = self._made(call, spot)
        given, is_open = self._definitions.within_budget(
            lambda: self._definitions.argument(call, "env", spot), (None, True)
        )
        if given:
            resolved = self._definitions.within_budget(lambda: self._definitions.resolved(*given), None)
            self._give(class_, self._of([each for each, _ in resolved] if resolved else None))
        elif is_open and class_ == spot.owner and not _passes_on(call, spot):
            self._give(class_, set(STACK_ENVIRONMENT))
        elif class_ and not is_open and self._is_of_app(call, spot):
            self.found.without.add(class_)

    def _give(self, class_: str | None, environment: set[str]) -> None:
        if class_:
            self.found.given.setdefault(class_, set()).update(environment)

    def _makes_environment(self, call: ast.Call) -> bool:
        return any(is_of(name, AWS_CDK) and name.endswith(".Environment") for name in self._module.dotted(call.func))

    def _made(self, call: ast.Call, spot: Spot) -> str | None:
        """Return the class of what a call makes, without its module; a class's own, where it calls its base's."""
        match call.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr="__init__"):
                return spot.owner
            case _:
                return next(
                    (name.rpartition(".")[2] for name in self._module.dotted(call.func) if is_class(name)), None
                )

    def _of(self, alternatives: Iterable[ast.expr] | None) -> set[str]:
        """Return what one of the alternatives gives; an expression that is not known may give all."""
        if alternatives is None:
            return set(STACK_ENVIRONMENT)
        found: set[str] = set()
        for each in alternatives:
            match each:
                case ast.Call() if self._makes_environment(each):
                    found |= _given(each)
                case ast.Dict(keys=keys):
                    found |= {str(key.value) for key in keys if isinstance(key, ast.Constant)}
                case ast.Constant() | ast.JoinedStr():
                    pass
                case _:
                    found |= set(STACK_ENVIRONMENT)
        return found & set(STACK_ENVIRONMENT)

    def _is_of_app(self, call: ast.Call, spot: Spot) -> bool:
        scopes = [*call.args[:1], *(each.value for each in call.keywords if each.arg == "scope")]
        classes = [self._tokens.class_of(scope, spot) or "" for scope in scopes]
        return any(is_of(class_, AWS_CDK) and class_.endswith(".App") for class_ in classes)


def _given(environment: ast.Call) -> set[str]:
    """Return which of account and region a call of `Environment` has."""
    is_open = any(each.arg is None for each in environment.keywords)
    given = {
        each.arg
        for each in environment.keywords
        if each.arg and not (isinstance(each.value, ast.Constant) and each.value.value is None)
    }
    return set(STACK_ENVIRONMENT) if is_open else given & set(STACK_ENVIRONMENT)


def _passes_on(call: ast.Call, spot: Spot) -> bool:
    """Return True if `**` in a call is that of the function around it, so that its caller gives what is in it."""
    own = spot.function.args.kwarg.arg if spot.function and spot.function.args.kwarg else None
    return all(isinstance(each.value, ast.Name) and each.value.id == own for each in call.keywords if not each.arg)
