"""Elements of every type of prebuilt providers, in one stack: `everything.py OUTDIR STEP PACKAGE...`.

STEP is 1 for each submodule of a package, 100 for every hundredth. Arguments are made from the signatures, so that this
is a program for any version of any provider. Each property of each element is read, for that is where Node hands back
objects; `classes.json` has the class of each.
"""

import inspect
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

META = {"connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners", "alias"}
PLAIN: Mapping[Any, Any] = {str: "text", bool: True, int: 7, float: 7, Any: "text", object: "text"}


def synthesize(outdir: Path, step: int, packages: Sequence[str]) -> None:
    """Write the JSON of the elements, and the class of each of their properties."""
    core = import_module(packages[0].partition("_")[0])
    # CDK Terrain asks for them where a type is as new as that.
    app = core.App(outdir=str(outdir), context={"targetVersions": {"terraform": ">=1.11", "opentofu": ">=1.11"}})
    stack = core.TerraformStack(app, "everything")
    classes: dict[str, dict[str, str]] = {}
    for package in map(import_module, packages):
        for name in sorted({*package.__all__[::step], "provider"}):
            for class_ in elements(import_module(f"{package.__name__}.{name}"), core.TerraformElement):
                id_ = f"{package.__name__}-{name}-{class_.__name__}"
                element = class_(stack, id_, **arguments(class_, optional=True))
                keys = [key for key, each in inspect.getmembers(class_) if isinstance(each, property)]
                found = {key: getattr(element, key) for key in keys}
                classes[id_] = {
                    key: f"{type(each).__module__}.{type(each).__qualname__}" for key, each in found.items()
                }
                texts = [each for each in found.values() if isinstance(each, str)]
                core.TerraformOutput(stack, f"{id_}-texts", value=texts, sensitive=True)
    app.synth()
    (outdir / "classes.json").write_text(json.dumps(classes))


def elements(module: ModuleType, kind: type) -> list[type]:
    """Return the classes of a module that stand for an element of a stack."""
    own = [each for _, each in inspect.getmembers(module, inspect.isclass) if each.__module__ == module.__name__]
    return [each for each in own if issubclass(each, kind)]


def arguments(class_: type, *, optional: bool) -> dict[str, Any]:
    """Return a value for each argument that must be given, or for all but those that every element has."""
    hints = get_type_hints(class_.__init__)
    given = [each for each in inspect.signature(class_.__init__).parameters.values() if each.kind is each.KEYWORD_ONLY]
    chosen = [each.name for each in given if each.default is each.empty or (optional and each.name not in META)]
    return {name: value(hints[name]) for name in chosen}


def value(hint: Any) -> Any:
    """Return something of a type: of a union's members the first that is no proxy for an object of Node's."""
    if hint in PLAIN:
        return PLAIN[hint]
    members = get_args(hint)
    if get_origin(hint) in (Union, UnionType):
        return value(next(each for each in members if not getattr(each, "_is_protocol", False)))
    if get_origin(hint) is Sequence:
        return [value(members[0])]
    if get_origin(hint) is Mapping:
        return {"key": value(members[1])}
    return hint(**arguments(hint, optional=False))


if __name__ == "__main__":
    synthesize(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
