"""The JSON Schema of a review, from its model: `python -m plan_review.schema` prints it."""

import ast
import json
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from plan_review import model

_HEAD: dict[str, Any] = {
    "version": {"description": "The version of this schema.", "const": model.VERSION},
    "exit_status": {"description": "1 if the plan is blocked, else 0.", "enum": [0, 1]},
    "blocked": {
        "description": "Whether a rule stops the plan, or the environment refuses a loss.",
        "type": "boolean",
    },
}
_SIMPLE = {str: {"type": "string"}, bool: {"type": "boolean"}, int: {"type": "integer", "minimum": 0}, Any: {}}


def schema() -> dict[str, Any]:
    """Return the schema; every object is closed, and all of its members are required."""
    described = dict(_descriptions())
    root = _object(model.Review, described)
    properties = {**_HEAD, **root["properties"]}
    parts = {part.__name__: _object(part, described) for part in _parts(model.Review)}
    parts[model.Value.__name__] |= {
        "if": {"properties": {"known": {"not": {"const": model.Known.VALUE}}}},
        "then": {"properties": {"value": {"type": "null"}}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The review of a Terraform plan",
        **root,
        "properties": properties,
        "required": list(properties),
        "$defs": dict(sorted(parts.items())),
    }


def _descriptions() -> Iterator[tuple[tuple[str, str], str]]:
    """Yield the docstring of each class of the model, and of each field, by the two names."""
    for node in ast.parse(Path(model.__file__).read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef):
            yield (node.name, ""), ast.get_docstring(node) or ""
            for field, text in pairwise(node.body):
                if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                    yield (node.name, ast.unparse(field.target)), ast.literal_eval(text.value)


def _parts(part: type, seen: frozenset[type] = frozenset()) -> set[type]:
    """Return the dataclasses in the fields of one, and in theirs."""
    inner = {each for hint in get_type_hints(part).values() for each in (hint, *get_args(hint)) if is_dataclass(each)}
    return inner.union(*(_parts(each, seen | inner) for each in inner - seen))  # pyright: ignore[reportArgumentType, reportReturnType] - is_dataclass narrows to instances as well


def _object(part: type, described: dict[tuple[str, str], str]) -> dict[str, Any]:
    hints = get_type_hints(part)
    names = [field.name for field in fields(part)]
    members = {
        name: {
            **({"description": described[part.__name__, name]} if (part.__name__, name) in described else {}),
            **_of_type(hints[name]),
        }
        for name in names
    }
    return {
        "description": described[part.__name__, ""],
        "type": "object",
        "properties": members,
        "required": names,
        "additionalProperties": False,
    }


def _of_type(hint: Any) -> dict[str, Any]:
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if get_origin(hint) is tuple:
        return {"type": "array", "items": _of_type(get_args(hint)[0])}
    if get_origin(hint) is UnionType:
        (inner,) = (_of_type(each) for each in get_args(hint) if each is not NoneType)
        return {"enum": [*inner["enum"], None]} if "enum" in inner else {"type": [inner["type"], "null"]}
    if issubclass(hint, StrEnum):
        return {"enum": [str(each) for each in hint]}
    return {"$ref": f"#/$defs/{hint.__name__}"}


if __name__ == "__main__":
    json.dump(schema(), sys.stdout, indent=2)
    print()
