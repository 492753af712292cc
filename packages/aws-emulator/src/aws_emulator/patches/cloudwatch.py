"""Patches of moto's CloudWatch: composite alarms, and what a dashboard may be."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, cast

from moto.cloudwatch.exceptions import InvalidParameterValue, ValidationError
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from aws_emulator.errors import PatchError
from aws_emulator.patching import wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable

_STATE_OF = re.compile(r"""\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^\s()"']+))\s*\)""")
"""A reference to another alarm in a rule, by name or ARN: ALARM("name")."""
_DASHBOARD_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


def children(rule: str) -> list[str]:
    """Return the names of the alarms that a composite alarm's rule refers to."""
    found = ("".join(match.groups("")) for match in _STATE_OF.finditer(rule))
    return list(dict.fromkeys(name.rpartition(":alarm:")[2] for name in found))


def patch_composite_alarms() -> None:
    """Make and describe composite alarms.

    moto's server does not know PutCompositeAlarm: Terraform's provider tries again for minutes. On AWS
    (PutCompositeAlarm and DescribeAlarms in CloudWatch's API reference) the alarms of the rule must exist, the tags of
    an alarm that exists stay, and who does not ask for a type of alarms is shown metric alarms alone.
    """
    if hasattr(CloudWatchResponse, "put_composite_alarm"):
        message = "cannot patch moto: it knows PutCompositeAlarm by now; look which of these patches it still needs"
        raise PatchError(message)

    def put(response: Any) -> ActionResult:
        get: Callable[..., Any] = response._get_param  # noqa: SLF001 - moto's own
        backend: CloudWatchBackend = response.cloudwatch_backend
        name, rule = get("AlarmName"), get("AlarmRule")
        absent = [each for each in children(rule) if each not in backend.alarms]
        if absent:
            message = (
                f"Could not save the composite alarm as alarms [{', '.join(absent)}] in the alarm rule do not exist"
            )
            raise ValidationError(message)
        arn = backend.alarms[name].alarm_arn if name in backend.alarms else ""
        kept = backend.tagger.get_tag_dict_for_resource(arn)
        # moto takes a metric alarm with a rule for a composite one.
        response.put_metric_alarm()
        alarm: Any = backend.alarms[name]
        for attribute in ("ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"):
            setattr(alarm, re.sub(r"(?<=[a-z])(?=[A-Z])", "_", attribute).lower(), get(attribute))
        if arn:
            backend.tagger.delete_all_tags_for_resource(arn)
            backend.tagger.tag_resource(arn, [{"Key": key, "Value": value} for key, value in kept.items()])
        return ActionResult(None)

    def describe(original: Callable[..., ActionResult], response: Any) -> ActionResult:
        answer: Any = original(response)
        asked = response._get_param("AlarmTypes") or ["MetricAlarm"]  # noqa: SLF001 - moto's own
        for alarms in answer.result:
            if alarms.removesuffix("s") not in asked:
                answer.result[alarms] = []
        return answer

    CloudWatchResponse.put_composite_alarm = put  # pyright: ignore[reportAttributeAccessIssue]
    wrap_method(CloudWatchResponse, "describe_alarms", describe)


def patch_deletion_of_watched_alarms() -> None:
    """Refuse to delete an alarm while a composite alarm depends on it.

    moto deletes it. AWS answers "Cannot delete ... as there are composite alarm(s) depending on it" (issues aws-nuke
    462 and terraform-provider-aws 34807; DeleteAlarms in the API reference says so of composite alarms in a circle).
    A stack that does not say in which order its alarms go is destroyed here, and half of it stays on AWS.
    """

    def delete(original: Callable[..., None], backend: CloudWatchBackend, alarm_names: list[str]) -> None:
        watched = {
            child
            for name, alarm in backend.alarms.items()
            if name not in alarm_names and alarm.rule
            for child in children(alarm.rule)
        }
        for name in alarm_names:
            if name in watched:
                message = f"Cannot delete {name} as there are composite alarm(s) depending on it."
                raise ValidationError(message)
        original(backend, alarm_names)

    wrap_method(CloudWatchBackend, "delete_alarms", delete)


def patch_dashboard_validation() -> None:
    """Refuse a dashboard whose name or body CloudWatch refuses.

    moto takes any JSON under any name. On AWS a name has letters, digits, - and _ alone (PutDashboard in the API
    reference), and a body is an object of which each widget has a type and an object of properties ("Dashboard body
    structure and syntax"). A body that AWS refuses is deployed here.
    """

    def put(original: Callable[..., ActionResult], response: Any) -> ActionResult:
        name, text = (response._get_param(key) for key in ("DashboardName", "DashboardBody"))  # noqa: SLF001 - moto's
        if not _DASHBOARD_NAME.fullmatch(name):
            message = (
                f"The value {name} for parameter DashboardName is invalid. The name must contain only alphanumeric "
                "characters, dashes and underscores."
            )
            raise InvalidParameterValue(message)
        faults = [] if (body := _json(text)) is None else list(_faults(body))
        if faults:
            message = f"The field DashboardBody must be a valid JSON object: {'; '.join(faults)}"
            raise InvalidParameterValue(message)
        return original(response)

    wrap_method(CloudWatchResponse, "put_dashboard", put)


def _json(text: str) -> Any:
    """Return the content of a document; None for what is no JSON, which moto refuses itself."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _faults(body: Any) -> list[str]:
    widgets = _part(body, "widgets", list)
    if widgets is None:
        return ["it should have a list of widgets"]
    return [
        f"/widgets/{number}: should have required property '{key}'"
        for number, widget in enumerate(widgets)
        for key, kind in (("type", str), ("properties", dict))
        if _part(widget, key, kind) is None
    ]


def _part(value: Any, key: str, kind: type) -> Any:
    """Return a part of a JSON object, if it is one of that kind."""
    part: Any = cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else None
    return part if isinstance(part, kind) else None


PATCHES: tuple[Callable[[], None], ...] = (
    patch_composite_alarms,
    patch_deletion_of_watched_alarms,
    patch_dashboard_validation,
)
