"""References between resources in the configuration that a plan carries, not yet between their instances."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from plan_review.addresses import INDEX, without_indexes
from plan_review.masking import as_list, as_object

NAMES_NO_RESOURCE = {"local", "each", "count", "path", "terraform", "self"}
"""Other beginnings of a reference; the value of a local is not in a plan."""


@dataclass(frozen=True)
class Reference:
    """One resource of the configuration, as another refers to it."""

    address: str
    """Without indexes: that of all its instances."""
    index: str
    """Of the one instance that is meant; empty if unknown."""


def references(plan: Mapping[str, Any]) -> Iterator[tuple[str, str, Reference]]:
    """Yield each managed resource's or data source's address, the attribute that refers, and what it refers to.

    Variables and outputs of modules are followed to the resources behind them. So is a data source, to what it reads
    from; it is yielded itself as well.
    """
    modules = dict(_modules(as_object(as_object(plan.get("configuration")).get("root_module"))))
    # A reference's name, as it is written in its module, to the names that are behind it.
    behind = {name: told for module in modules.values() for name, told in module.passed_on()}
    for module in modules.values():
        for address, attribute, names in module.attributes():
            found = set(_followed(names, behind))
            told = {reference.address for reference in found if reference.index}
            for reference in sorted(found, key=lambda each: (each.address, each.index)):
                # Terraform lists `a.b["key"]` and `a.b` as well: the first says more.
                if reference.index or reference.address not in told:
                    yield address, attribute, reference


@dataclass(frozen=True)
class _Module:
    """A module of the configuration, and the module and call from which it is made."""

    prefix: str
    """The beginning of its resources' addresses; empty for the root."""
    parent: str
    body: Mapping[str, Any]
    inputs: Mapping[str, Any]

    def attributes(self, *, data: bool = False) -> Iterator[tuple[str, str, list[str]]]:
        """Yield each attribute of a resource, or of a data source alone, that refers to something, and to what."""
        for resource in map(as_object, as_list(self.body.get("resources"))):
            address = self.prefix + str(resource.get("address", ""))
            if data and not _is_data(address):
                continue
            meta = {
                "count": resource.get("count_expression"),
                "for_each": resource.get("for_each_expression"),
                "depends_on": {"references": resource.get("depends_on")},
            }
            for attribute, expression in {**meta, **as_object(resource.get("expressions"))}.items():
                if names := [self.prefix + name for name in _named(expression)]:
                    yield address, attribute, names

    def passed_on(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the variables, outputs and data sources of the module, and the names that are behind each."""
        for name, expression in self.inputs.items():
            yield f"{self.prefix}var.{name}", [self.parent + each for each in _named(expression)]
        for name, output in as_object(self.body.get("outputs")).items():
            told = _named(as_object(output).get("expression"))
            yield f"{self.prefix}{name}", [self.prefix + each for each in told]
        sources: dict[str, list[str]] = {}
        for address, _, names in self.attributes(data=True):
            sources.setdefault(address, []).extend(names)
        yield from sources.items()


def _modules(root: Mapping[str, Any]) -> Iterator[tuple[str, _Module]]:
    waiting = [_Module("", "", root, {})]
    while waiting:
        module = waiting.pop()
        yield module.prefix, module
        for name, call in as_object(module.body.get("module_calls")).items():
            called = as_object(call)
            inputs = as_object(called.get("expressions"))
            prefix = f"{module.prefix}module.{name}."
            waiting.append(_Module(prefix, module.prefix, as_object(called.get("module")), inputs))


def _named(expression: Any) -> Iterator[str]:
    """Yield the references in an expression and in the blocks within it."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            inner = cast("dict[str, Any]", part)
            named = inner.get("references")
            if isinstance(named, list):
                yield from (each for each in cast("list[Any]", named) if isinstance(each, str))
            waiting.extend(each for key, each in inner.items() if key != "constant_value")
        elif isinstance(part, list):
            waiting.extend(cast("list[Any]", part))


def _followed(names: list[str], behind: Mapping[str, list[str]]) -> Iterator[Reference]:
    """Yield the resources that the names stand for, through all that passes them on; cycles end."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        reference = _resource(name)
        key = without_indexes(name) if reference is None else reference.address
        waiting.extend(behind.get(key, ()))
        if reference is not None:
            yield reference


def _resource(name: str) -> Reference | None:
    """Return the resource in a name like `module.m.aws_x.y["key"].arn`; None for a variable, an output and the like."""
    parts = without_indexes(name).split(".")
    at = 0
    while parts[at : at + 1] == ["module"]:
        at += 2
    end = at + (3 if parts[at : at + 1] == ["data"] else 2)
    if len(parts) < end or parts[at] in NAMES_NO_RESOURCE | {"var"}:
        return None
    address = ".".join(parts[:end])
    # An index further on is that of a block.
    index = INDEX.match(name, len(address))
    return Reference(address, index.group() if index else "")


def _is_data(address: str) -> bool:
    parts = address.split(".")
    while parts[:1] == ["module"]:
        parts = parts[2:]
    return parts[:1] == ["data"]
