"""Resources in JSON: what cdktf synthesized, Terraform's own JSON configuration, and plans."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, cast

from ops.naming.configuration import Named, environment_of, known, literal, objects, resources, sole, template
from ops.naming.model import Path, Place, Resource, Stack

PLAN_KEYS = ("planned_values", "resource_changes")


def read_json(content: bytes, file: str) -> list[Resource] | None:
    """Return what a configuration or a plan names; None if the JSON is neither.

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
    metadata = {key: value for _, comment in objects(document.get("//"), ()) for key, value in comment.items()}
    folder = FilePath(file).parent
    synthesized = next((value for _, value in objects(metadata.get("metadata"), ()) if "stackName" in value), None)
    if synthesized is None and FilePath(file).name != "cdk.tf.json":
        yield from resources(document, folder.as_posix(), template, lambda path: Place(file=file, path=path))
    else:
        stack = str(synthesized["stackName"]) if synthesized else folder.name
        yield from resources(document, stack, literal, lambda path: Place(file=file, path=path))


def _plan(document: Mapping[str, Any], file: str) -> Iterator[Resource]:
    stack = _plan_stack(document, FilePath(file).parent.name)
    for path, resource, values in _planned(document):
        if resource.get("mode") == "managed":
            type_, address = str(resource.get("type")), str(resource.get("address"))
            named = Named(type_, address, values, path, stack)
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


def _plan_stack(document: Mapping[str, Any], name: str) -> Stack:
    """Return the stack as its root module's default AWS provider says it, where that says it literally."""
    values: dict[str, Any] = {}
    for _, configuration in objects(document.get("configuration"), ()):
        for _, providers in objects(configuration.get("provider_config"), ()):
            for _, provider in objects(providers.get("aws"), ()):
                for _, expressions in objects(provider.get("expressions"), ()):
                    values = {
                        key: value.get("constant_value")
                        for key in expressions
                        for _, value in objects(expressions[key], ())
                    }
    account = sole(values.get("allowed_account_ids"))
    return Stack(name=name, environment=environment_of(name), account=account, region=known(values.get("region")))


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
