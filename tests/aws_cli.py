"""The part of AWS's CLI that the runbooks type, so that tests can follow them where it is not installed.

Operations, parameters and their types are those of botocore's models, as the CLI's are: what is misspelled fails.
"""

import json
import sys
from collections.abc import Iterator
from typing import Any, cast

import botocore.session
import jmespath
from botocore import xform_name

GLOBAL = ("endpoint-url", "query", "output")


def options(arguments: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each option's name with its values."""
    name, values = "", list[str]()
    for argument in [*arguments, "--"]:
        if not argument.startswith("--"):
            values.append(argument)
            continue
        if name:
            yield name, values
        name, values = argument[2:], []


def parsed(shape: Any, values: list[str]) -> Any:
    """Return a parameter's value: JSON, the CLI's shorthand (Name=a,Value=b), or the text itself."""
    if shape.type_name == "list" and shape.member.type_name == "string":
        return values
    (text,) = values
    if shape.type_name in {"structure", "map", "list"}:
        if text[0] in "{[":
            return json.loads(text)
        pairs = dict(pair.split("=", 1) for pair in text.split(","))
        members = getattr(shape.member if shape.type_name == "list" else shape, "members", {})
        value = {key: parsed(members[key], [each]) if key in members else each for key, each in pairs.items()}
        return [value] if shape.type_name == "list" else value
    return int(text) if shape.type_name in {"integer", "long"} else text


def as_text(value: Any) -> str:
    """Return a value as the CLI's text form has it."""
    if isinstance(value, list):
        items = cast("list[Any]", value)
        return ("\n" if any(isinstance(each, list) for each in items) else "\t").join(map(as_text, items))
    return str(value)


def main(arguments: list[str]) -> int:
    """Make one call, and print its answer."""
    if arguments[0] == "--endpoint-url":
        arguments = [*arguments[2:], *arguments[:2]]
    service, command, *rest = arguments
    session = botocore.session.get_session()
    given: dict[str, list[str]] = dict(options(rest))
    settings = {name: given.pop(name, [""])[0] for name in GLOBAL}
    # The CLI's own commands for S3 are `s3`; the API's calls are `s3api`.
    made: Any = session.create_client("s3" if service == "s3api" else service, endpoint_url=settings["endpoint-url"])
    model = made.meta.service_model
    (operation,) = (each for each in model.operation_names if xform_name(each, "-") == command)
    shapes = {
        xform_name(name, "-"): (name, shape)
        for name, shape in model.operation_model(operation).input_shape.members.items()
    }
    call: dict[str, Any] = {}
    for option, values in given.items():
        name, shape = shapes[option.removeprefix("no-")]
        call[name] = not option.startswith("no-") if shape.type_name == "boolean" else parsed(shape, values)
    answer: Any = getattr(made, xform_name(operation))(**call)
    answer.pop("ResponseMetadata")
    found = jmespath.search(settings["query"], answer) if settings["query"] else answer
    if found != {}:
        print(as_text(found) if settings["output"] == "text" else json.dumps(found, indent=4, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
