"""Managed policies that a plan would delete while roles, users or groups have them."""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops import retention
from ops.errors import CommandError
from ops.existing import Clients

POLICY = "aws_iam_policy"
_KINDS = ("role", "user", "group")


def require_detached(plan: Mapping[str, Any], client: Clients) -> None:
    """Require that nobody has a policy that the plan deletes or replaces: AWS would refuse it, half-way.

    Raises CommandError that names who has it, and what detaches it; also if IAM cannot be asked.
    """
    found = [
        line
        for change in retention.managed_changes(plan)
        if change["type"] == POLICY and "delete" in change["change"]["actions"]
        for line in _attachments(change, client("iam"))
    ]
    if found:
        raise CommandError("\n".join((*found, "AWS deletes no policy that is attached; nothing was changed")))


def _attachments(change: Mapping[str, Any], iam: Any) -> Iterator[str]:
    """Yield a line for each entity that has the policy, as a permission or as its boundary."""
    name, arn = retention.name_of(change), change["change"]["before"]["arn"]
    try:
        pages = list(iam.get_paginator("list_entities_for_policy").paginate(PolicyArn=arn))
    except (ClientError, BotoCoreError) as error:
        message = f"{name} ({change['address']}): who has it cannot be read, so nothing was changed: {error}"
        raise CommandError(message) from None
    for kind in _KINDS:
        for entity in (each for page in pages for each in page.get(f"Policy{kind.title()}s", [])):
            entity_name = entity[f"{kind.title()}Name"]
            yield (
                f"{name} ({change['address']}): would be deleted, and {kind} {entity_name} has it; "
                f"detach it in the stack that attached it, or: "
                f"aws iam detach-{kind}-policy --{kind}-name {entity_name} --policy-arn {arn}"
            )
