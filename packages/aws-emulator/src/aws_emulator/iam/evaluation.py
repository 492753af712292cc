"""Policy evaluation as AWS does it, for the elements and operators that are listed here."""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import Enum, auto
from typing import Any, cast

Document = Mapping[str, Any]
"""A policy as its JSON says it."""


class Decision(Enum):
    """The result of an evaluation."""

    ALLOWED = auto()
    NOT_ALLOWED = auto()
    """No statement allows it, and none denies it."""
    DENIED = auto()
    """A statement denies it, whatever the others say."""


def decide(
    documents: Iterable[Document], action: str, resource: str, context: Mapping[str, str] | None = None
) -> Decision:
    """Evaluate the statements for an action on a resource.

    context: the values of the request's condition keys.
    Raises ValueError for an element or an operator that is not evaluated here: it must not be passed over.
    """
    statements = [statement for document in documents for statement in listed(document["Statement"])]
    effects = {each["Effect"] for each in statements if _applies(each, action, resource, context or {})}
    if "Deny" in effects:
        return Decision.DENIED
    return Decision.ALLOWED if effects == {"Allow"} else Decision.NOT_ALLOWED


def is_allowed(
    documents: Iterable[Document], action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Return True if a statement allows the action on the resource, and none denies it.

    Raises ValueError as `decide` does.
    """
    return decide(documents, action, resource, context) is Decision.ALLOWED


def decide_trust(
    document: Document, action: str, kind: str, identities: Collection[str], context: Mapping[str, str] | None = None
) -> Decision:
    """Evaluate a role's trust policy for somebody who wants to assume the role.

    kind, identities: the key under which a statement names principals, `AWS` or `Federated`, and the names that are
    somebody's: an ARN, an account's root.
    Raises ValueError as `decide` does.
    """
    own = [
        {**each, "Resource": "*"}
        for each in listed(document["Statement"])
        if set(listed(each["Principal"].get(kind, []))) & set(identities)
    ]
    return decide([{"Statement": own}], action, "*", context)


def listed(value: Any) -> list[Any]:
    """Return the list that a policy may abbreviate to its only element."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _applies(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    unknown = sorted(set(statement) - {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
    if unknown:
        message = f"not evaluated: {', '.join(unknown)}"
        raise ValueError(message)
    return (
        any(_matches(pattern.lower(), action.lower()) for pattern in listed(statement["Action"]))
        and any(_matches(pattern, resource) for pattern in listed(statement["Resource"]))
        and all(
            _holds(operator, listed(wanted), context.get(key))
            for operator, tests in statement.get("Condition", {}).items()
            for key, wanted in tests.items()
        )
    )


def _holds(operator: str, wanted: list[Any], found: str | None) -> bool:
    if operator == "StringEquals":
        return found in wanted
    if operator == "StringLike":
        return found is not None and any(_matches(pattern, found) for pattern in wanted)
    if operator in {"ArnLike", "ArnEquals"}:
        return found is not None and any(_matches_arn(pattern, found) for pattern in wanted)
    if operator == "Bool":
        return found is not None and found.lower() in {str(value).lower() for value in wanted}
    message = f"not evaluated: condition {operator}"
    raise ValueError(message)


def _matches_arn(pattern: str, arn: str) -> bool:
    """Return True if each of the six parts of an ARN, which colons divide, matches that of the pattern."""
    wanted, found = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(found) and all(map(_matches, wanted, found))


def _matches(pattern: str, text: str) -> bool:
    """Return True if IAM's pattern, with * for any text and ? for any character, matches the whole text."""
    expression = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None
