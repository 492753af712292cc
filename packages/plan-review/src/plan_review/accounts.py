"""AWS accounts in a plan: its own, and those to which a change gives something."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, cast

from plan_review.masking import as_list, as_object

_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):")
_QUEUE_URL = re.compile(r"https://[a-z0-9.-]*(?:sqs|queue)[a-z0-9.-]*/(\d{12})/")
_NUMBER = re.compile(r"\d{12}")
_TELLING = re.compile(r"arn:aws|\d{12}")
_PRINCIPALS = re.compile(r"principal|account|owner|member|share|user|launch_permission", re.IGNORECASE)
_OWN = ("arn", "owner_id", "account_id", "registry_id")
"""Attributes by which an existing resource tells in which account it is."""
_POLICY = re.compile(r"policy|policies")


def accounts_in(value: Any, name: str = "") -> set[str]:
    """Return the accounts in a value's ARNs and URLs; a bare number counts if the attribute's name is of principals."""
    found: set[str] = set()
    for text in (value,) if isinstance(value, str) else texts_in(value):
        if "arn:aws" in text or "https://" in text:
            found.update(_ARN.findall(text), _QUEUE_URL.findall(text))
        if _NUMBER.fullmatch(text) and _PRINCIPALS.search(name):
            found.add(text)
    return found


def may_name_an_account(value: Any) -> bool:
    """Return False if nothing in a value can be an account's number, an ARN or a queue's URL; a quick look."""
    if not value or isinstance(value, int):
        return False
    return _TELLING.search(value if isinstance(value, str) else repr(value)) is not None


def texts_in(value: Any) -> Iterator[str]:
    """Yield the texts in a value; what is hidden is none."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting.extend(cast("dict[str, Any]", part).values())
        elif isinstance(part, list):
            waiting.extend(cast("list[Any]", part))


def own_accounts(plan: Mapping[str, Any]) -> frozenset[str]:
    """Return the accounts in which the plan's resources are; empty if the plan does not show any.

    They are those of its caller's identity and of the ARNs of what exists; failing these, the one that most of its
    values outside of policies refer to.
    """
    sure: set[str] = set()
    for type_, values, exists in _resources(plan):
        if type_ == "aws_caller_identity":
            sure.add(str(values.get("account_id")))
        elif exists and type_.startswith("aws_"):
            told = (values.get(key) for key in _OWN)
            sure.update(*(accounts_in(value, "account") for value in told if isinstance(value, str)))
    known = {each for each in sure if _NUMBER.fullmatch(each)}
    if known:
        return frozenset(known)
    counted: Counter[str] = Counter()
    for _, values, _ in _resources(plan):
        for key, value in values.items():
            if value and not isinstance(value, int) and _is_wiring(key) and _may_have_arns(value):
                counted.update(accounts_in(value))
    return frozenset(account for account, _ in counted.most_common(1))


def _may_have_arns(value: Any) -> bool:
    """Return False if nothing in a value can be an ARN or a queue's URL; a quick look."""
    text = value if isinstance(value, str) else repr(value)
    return "arn:aws" in text or "https://" in text


@cache
def _is_wiring(attribute: str) -> bool:
    """Return False if an attribute is of policies or principals, which may well be of other accounts."""
    return not _POLICY.search(attribute) and not _PRINCIPALS.search(attribute)


def _resources(plan: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Yield each resource's type and values, and whether it exists already."""
    for entry in map(as_object, as_list(plan.get("resource_changes"))):
        change = as_object(entry.get("change"))
        is_there = isinstance(change.get("before"), dict)
        yield str(entry.get("type")), as_object(change.get("before") if is_there else change.get("after")), is_there
    values = as_object(as_object(plan.get("prior_state")).get("values"))
    waiting = [as_object(values.get("root_module"))]
    while waiting:
        module = waiting.pop()
        waiting.extend(map(as_object, as_list(module.get("child_modules"))))
        for resource in map(as_object, as_list(module.get("resources"))):
            if resource.get("type") == "aws_caller_identity":
                yield "aws_caller_identity", as_object(resource.get("values")), True
