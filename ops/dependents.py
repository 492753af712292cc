"""Resources that AWS does not delete, because others depend on them: attached policies, alarms in composite alarms."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops import retention
from ops.errors import CommandError
from ops.existing import Clients


def require_deletable(plan: Mapping[str, Any], client: Clients) -> None:
    """Require that nothing depends on what the plan deletes or replaces: AWS would refuse it, half-way.

    Raises CommandError that names what depends on it, and what to do; also if AWS cannot be asked.
    """
    found = [
        line
        for change in retention.managed_changes(plan)
        if change["type"] in _DEPENDENTS and "delete" in change["change"]["actions"]
        for line in _lines(change, client)
    ]
    if found:
        raise CommandError("\n".join((*found, "AWS would refuse that; nothing was changed")))


def _lines(change: Mapping[str, Any], client: Clients) -> Iterator[str]:
    values: dict[str, Any] = change["change"]["before"]
    shown = f"{values.get('name') or values['alarm_name']} ({change['address']})"
    try:
        dependents = list(_DEPENDENTS[change["type"]](values, client))
    except (ClientError, BotoCoreError) as error:
        message = f"{shown}: what depends on it cannot be read, so nothing was changed: {error}"
        raise CommandError(message) from None
    return (f"{shown}: would be deleted, and {dependent}" for dependent in dependents)


def _entities(policy: Mapping[str, Any], client: Clients) -> Iterator[str]:
    """Yield each entity that has the policy, as a permission or as its boundary, and what detaches it."""
    arn = policy["arn"]
    for page in client("iam").get_paginator("list_entities_for_policy").paginate(PolicyArn=arn):
        for kind in ("role", "user", "group"):
            for entity in page.get(f"Policy{kind.title()}s", []):
                name = entity[f"{kind.title()}Name"]
                yield (
                    f"{kind} {name} has it; detach it in the stack that attached it, or: "
                    f"aws iam detach-{kind}-policy --{kind}-name {name} --policy-arn {arn}"
                )


def _composite_alarms(alarm: Mapping[str, Any], client: Clients) -> Iterator[str]:
    """Yield each composite alarm whose rule names the alarm, alone or in its ARN.

    AWS then refuses: "Cannot delete ... as there are composite alarm(s) depending on it" (issues aws-nuke #462 and
    terraform-provider-aws #34807; API_DeleteAlarms does not say so). The emulator knows no composite alarms.
    """
    named = re.compile(rf"(?<![\w.-]){re.escape(alarm['alarm_name'])}(?![\w.-])")
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmTypes=["CompositeAlarm"])
    for page in pages:
        for composite in page.get("CompositeAlarms", []):
            if named.search(composite["AlarmRule"]):
                yield f"composite alarm {composite['AlarmName']} depends on it; take it out of that alarm's rule first"


_DEPENDENTS: dict[str, Callable[[Mapping[str, Any], Clients], Iterator[str]]] = {
    "aws_iam_policy": _entities,
    "aws_cloudwatch_metric_alarm": _composite_alarms,
}
