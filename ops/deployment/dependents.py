"""Resources that AWS does not delete, because others depend on them: attached policies, alarms in composite alarms."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ops.deployment import retention
from ops.errors import CommandError, NoAnswerError
from ops.resource_types import TYPES
from ops.resource_types.interface import Client
from plan_review.physical_names import physical_name


def require_deletable(plan: Mapping[str, Any], client: Client) -> None:
    """Require that nothing depends on what the plan deletes or replaces: AWS would refuse it, half-way.

    Raises CommandError that names what depends on it, and what to do; also if AWS cannot be asked.
    """
    deleted = [change for change in retention.managed_changes(plan) if "delete" in change["change"]["actions"]]
    gone = {
        (change["type"], physical_name(change["type"], change["change"]["before"]))
        for change in deleted
        if "create" not in change["change"]["actions"]
    }
    found = [line for change in deleted for line in _lines(change, client, gone)]
    if found:
        raise CommandError("\n".join((*found, "AWS would refuse that; nothing was changed")))


def _lines(change: Mapping[str, Any], client: Client, gone: Collection[tuple[str, str]]) -> Iterator[str]:
    """Yield a line for each obstacle. gone: types and names of what the plan deletes itself."""
    type_ = TYPES.get(change["type"])
    if type_ is None or type_.dependents is None:
        return iter(())
    values: dict[str, Any] = change["change"]["before"]
    shown = f"{values.get('name') or values['alarm_name']} ({change['address']})"
    try:
        dependents = list(type_.dependents(values, client))
    except (ClientError, BotoCoreError) as error:
        message = f"{shown}: what depends on it cannot be read, so nothing was changed: {error}"
        raise NoAnswerError(message) from None
    return (
        f"{shown}: would be deleted, and {dependent.message}"
        for dependent in dependents
        if (dependent.type, dependent.name) not in gone
    )
