"""Comparison of policy documents by meaning: neither order, nor Sid, nor abbreviation matters."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")


def difference(
    expected: Sequence[Mapping[str, Any]], document: str | None
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return the statements that a policy lacks, and those that it has besides.

    Raises ValueError for a document that is not JSON.
    """
    wanted = {_canonical(statement) for statement in expected}
    found = (
        {_canonical(statement) for statement in _listed(json.loads(document)["Statement"])} if document else set[str]()
    )
    lost, added = ([json.loads(statement) for statement in sorted(side)] for side in (wanted - found, found - wanted))
    return lost, added


def allowed(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return each action that an identity's policy allows, with its resource, as they are written.

    Everything but some actions, or but some resources, is everything. Neither conditions nor a Deny take from it.
    """
    return {
        (action.lower(), resource)
        for statement in _listed(document["Statement"])
        if statement["Effect"] == "Allow"
        for action in _listed(statement.get("Action", "*"))
        for resource in _listed(statement.get("Resource", "*"))
    }


def admits(document: str | None, service: str, action: str, resource: str, context: Mapping[str, str]) -> bool | None:
    """Return True if a resource's policy lets a service do something; None if it has what is not evaluated here.

    context: the values of condition keys, in small letters.
    Raises ValueError for a document that is not JSON.
    """
    statements: list[Mapping[str, Any]] = _listed(json.loads(document)["Statement"]) if document else []
    applying = [(each["Effect"], _applies(each, service, action, resource, context)) for each in statements]
    if ("Deny", True) in applying:
        return False
    if ("Allow", True) in applying and ("Deny", None) not in applying:
        return True
    return None if any(answer is None for _, answer in applying) else False


def _applies(
    statement: Mapping[str, Any], service: str, action: str, resource: str, context: Mapping[str, str]
) -> bool | None:
    if statement.keys() - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}:
        return None
    principal = statement["Principal"]
    answers = [
        _names(principal, service),
        any(_matches(pattern.lower(), action.lower()) for pattern in _listed(statement["Action"])),
        any(_matches(pattern, resource) for pattern in _listed(statement.get("Resource", "*"))),
        *(
            _holds(operator.lower(), [str(each) for each in _listed(values)], context.get(key.lower()))
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
        ),
    ]
    return every(answers)


def every(answers: Iterable[bool | None]) -> bool | None:
    """Return False if one answer is, otherwise None if one is unknown, otherwise True."""
    given = set(answers)
    return False if False in given else None if None in given else True


def _names(principal: Any, service: str) -> bool:
    """Return True if a statement's principal is everybody or the service; an account is not its services."""
    if principal == "*":
        return True
    return "*" in _listed(principal.get("AWS", [])) or service in _listed(principal.get("Service", []))


def _holds(operator: str, wanted: Sequence[str], found: str | None) -> bool | None:
    if found is None:
        return None
    operator = operator.removesuffix("ifexists")
    if operator in {"stringequals", "bool"}:
        return found in wanted
    if operator in {"stringlike", "arnlike", "arnequals"}:
        return any(_matches(pattern, found) for pattern in wanted)
    return None


def _matches(pattern: str, text: str) -> bool:
    """Return True if IAM's wildcards, * and ?, stretch over the whole text."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def plain_content(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON document of scalars and lists in one form: lists in order, and scalars as text."""
    return {key: _plain(value) for key, value in document.items()}


def _canonical(statement: Mapping[str, Any]) -> str:
    """Return the statement as text that is the same for every way to write it."""
    elements = {key: value for key, value in statement.items() if key != "Sid"}
    for key, value in elements.items():
        if key in {"Principal", "NotPrincipal"}:
            whom: Mapping[str, Any] = {"AWS": "*"} if value == "*" else value
            elements[key] = {
                kind: sorted({_ROOT.sub(r"\1", name) for name in _listed(names)}) for kind, names in whom.items()
            }
        elif key in {"Action", "NotAction"}:
            elements[key] = sorted({name.lower() for name in _listed(value)})
        elif key == "Condition":
            elements[key] = {
                operator.lower(): {name.lower(): sorted(set(_plain(_listed(values)))) for name, values in tests.items()}
                for operator, tests in value.items()
            }
        else:
            elements[key] = sorted(set(_listed(value))) if key in {"Resource", "NotResource"} else value
    return json.dumps(elements, sort_keys=True)


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(_plain(each) for each in cast("list[Any]", value))
    # JSON's true and "true" are the same to AWS, and so are 3 and "3".
    return str(value).lower() if isinstance(value, bool) else str(value)
