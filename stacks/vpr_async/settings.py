"""The feature's table in a settings file."""

from collections.abc import Iterator
from typing import cast

import attrs

from check_report.printable import shown_value
from stacks.settings import (
    EmailAddress,
    FunctionName,
    FunctionTimeoutSeconds,
    HandlerPolicies,
    NameSuffix,
    Settings,
    TopicArn,
)

KEY = "vpr_async"


@attrs.frozen(kw_only=True)
class Handlers:
    """Settings of the three handlers, which are other projects'."""

    policies: HandlerPolicies = HandlerPolicies.MANAGED


@attrs.frozen(kw_only=True)
class Worker:
    """The function that consumes the jobs queue; it is another project's."""

    timeout_seconds: FunctionTimeoutSeconds
    function_name: FunctionName | None = None


@attrs.frozen(kw_only=True)
class Alarms:
    """The alarms' recipients: an existing topic, an address (through a topic that the stack makes), or nobody."""

    topic_arn: TopicArn | None = None
    email: EmailAddress | None = None


@attrs.frozen(kw_only=True)
class VprAsyncSettings:
    """The feature's settings in one environment."""

    worker: Worker
    name_suffix: NameSuffix | None = None
    handlers: Handlers = attrs.field(factory=Handlers)
    alarms: Alarms = attrs.field(factory=Alarms)


TABLES = (Handlers, Worker, Alarms, VprAsyncSettings)


def own(settings: Settings) -> VprAsyncSettings:
    """Return the feature's own part of an environment's settings."""
    return cast("VprAsyncSettings", settings.features[KEY])


def alarm_faults(settings: Settings) -> Iterator[str]:
    """Yield the errors of the alarms' recipients as a whole."""
    topic, email = own(settings).alarms.topic_arn, own(settings).alarms.email
    if topic and email:
        yield (
            f"{KEY}.alarms: topic_arn = {shown_value(topic)} and email = {shown_value(email)} exclude each other; "
            "allowed: one of them, or neither"
        )
    if topic and topic.split(":")[3] != settings.region:
        yield (
            f"{KEY}.alarms.topic_arn = {shown_value(topic)}: in another region than the alarms; "
            f"allowed: a topic in {settings.region}"
        )
