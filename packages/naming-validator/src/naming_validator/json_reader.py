"""Resources in JSON: what cdktf synthesized, Terraform's own JSON configuration, and plans."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, cast

from naming_validator.configuration import Named, literal, objects, resources, stack_of, template
from naming_validator.model import Path, Place, Resource, Stack

PLAN_KEYS = ("planned_values", "resource_changes")


def read_json(content: bytes, file: str) -> list[Resource] | None:
    """Return the named resources of a configuration or a plan; None if the JSON is neither.

    Raises ValueError, of which JSONDecodeError and UnicodeDecodeError are kinds, and RecursionError.
    """
    is_configuration = file.endswith(".tf.json")
    if not is_configuration and not any(f'"{key}"'.encode() in content for key in PLAN_KEYS):
        return None
    parsed: object = json.loads(content.decode("utf-8-sig"))
    document = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {}
    if is_configuration:
        if not document:
            message = "is no object with anything in it, as Terraform's JSON is"
            raise ValueError(message)
        return list(_configuration(document, file))
    return list(_plan(document, file)) if "format_version" in document else None


def _configuration(document: Mapping[str, Any], file: str) -> Iterator[Resource]:
    folder = FilePath(file).parent
    stack = stack_name(document)
    if stack is None and FilePath(file).name != "cdk.tf.json":
        yield from resources(document, folder.as_posix(), template, lambda path: Place(file=file, path=path))
    else:
        yield from resources(document, stack or folder.name, literal, lambda path: Place(file=file, path=path))


def stack_name(document: Mapping[str, Any]) -> str | None:
    """Return the stack's name from the metadata that cdktf writes, or None."""
    for _, comment in objects(document.get("//"), ()):
        for _, metadata in objects(comment.get("metadata"), ()):
            if "stackName" in metadata:
                return str(metadata["stackName"])
    return None


def _plan(document: Mapping[str, Any], file: str) -> Iterator[Resource]:
    stack_at = _plan_stacks(document, FilePath(file).parent.name)
    for path, resource, values in _planned(document):
        if resource.get("mode") == "managed":
            type_, address = str(resource.get("type")), str(resource.get("address"))
            named = Named(type_, address, values, path, stack_at(address))
            yield from named.resources(literal, lambda path: Place(file=file, path=path))


def _planned(document: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any], Mapping[str, Any]]]:
    """Yield each resource of the plan with its path and the values that it will have."""
    for planned_path, planned in objects(document.get("planned_values"), ("planned_values",)):
        modules = list(objects(planned.get("root_module"), (*planned_path, "root_module")))
        while modules:
            module_path, module = modules.pop(0)
            for resource_path, resource in objects(module.get("resources"), (*module_path, "resources")):
                for path, values in objects(resource.get("values"), (*resource_path, "values")):
                    yield path, resource, values
            modules += objects(module.get("child_modules"), (*module_path, "child_modules"))
        return
    for path, changed in objects(document.get("resource_changes"), ("resource_changes",)):
        for change_path, change in objects(changed.get("change"), (*path, "change")):
            for after_path, after in objects(change.get("after"), (*change_path, "after")):
                yield after_path, changed, after


def _plan_stacks(document: Mapping[str, Any], name: str) -> Callable[[str], Stack]:
    """Return a function from a resource's address to the stack as its provider deploys to it.

    What a provider does not give literally is not known.
    """
    stacks: dict[str, Stack] = {}
    keys: dict[str, str] = {}
    for _, configuration in objects(document.get("configuration"), ()):
        for _, providers in objects(configuration.get("provider_config"), ()):
            for key in providers:
                for _, provider in objects(providers[key], ()):
                    stacks[key] = stack_of(name, {}, _alias(key))
                    for _, arguments in objects(_constant(provider.get("expressions")), ()):
                        stacks[key] = stack_of(name, arguments, _alias(key))
        keys |= _provider_keys(configuration)
    default = stacks.get("aws", stack_of(name, {}, ""))

    def stack_at(address: str) -> Stack:
        key = keys.get(_INSTANCE.sub("", address), "aws")
        return stacks.get(key) or (default if key == "aws" else stack_of(name, {}, _alias(key)))

    return stack_at


def _alias(key: str) -> str:
    """Return the alias in a provider_config_key, as a configuration has it: "aws.west" is "west"."""
    return key.removeprefix("aws").removeprefix(".")


_INSTANCE = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
"""The part of an address that count and for_each add: [0] or ["key"]."""


def _provider_keys(configuration: Mapping[str, Any]) -> dict[str, str]:
    """Return the provider_config_key of each resource by its address without count and for_each."""
    keys: dict[str, str] = {}
    modules = [("", module) for _, module in objects(configuration.get("root_module"), ())]
    while modules:
        prefix, module = modules.pop()
        for _, resource in objects(module.get("resources"), ()):
            keys[f"{prefix}{resource.get('address')}"] = str(resource.get("provider_config_key"))
        for _, calls in objects(module.get("module_calls"), ()):
            for call in calls:
                for _, called in objects(calls[call], ()):
                    modules += [(f"{prefix}module.{call}.", inner) for _, inner in objects(called.get("module"), ())]
    return keys


def _constant(expression: Any) -> Any:
    """Return the value of an expression of the plan's configuration as far as it is constant."""
    match expression:
        case {"constant_value": value}:
            return value
        case dict():
            block = cast("dict[str, Any]", expression)
            return {key: _constant(value) for key, value in block.items()}
        case [*inner]:
            return [_constant(each) for each in inner]
        case _:
            return None


_SCALAR_OR_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]|[^\s\[\]{},:"]+')


def line_numbers(text: str, paths: set[Path]) -> dict[Path, int]:
    """Return the line of each of the paths in a JSON text that is known to be valid."""
    found: dict[Path, int] = {}
    path: list[str | int] = []
    is_array: list[bool] = []
    awaits_key = False
    line, at = 1, 0
    for match in _SCALAR_OR_MARK.finditer(text):
        line, at = line + text.count("\n", at, match.start()), match.start()
        mark = match[0]
        if mark not in ",]}" and is_array and is_array[-1] and tuple(path) in paths:
            found.setdefault(tuple(path), line)
        if mark in "]}":
            is_array.pop()
            path.pop()
            awaits_key = False
        elif mark == ",":
            awaits_key = not is_array[-1]
            if is_array[-1]:
                path[-1] = int(path[-1]) + 1
        elif awaits_key:
            path[-1] = json.loads(mark)
            awaits_key = False
            if tuple(path) in paths:
                found.setdefault(tuple(path), line)
        elif mark in "[{":
            is_array.append(mark == "[")
            path.append(0 if mark == "[" else "")
            awaits_key = mark == "{"
    return found
