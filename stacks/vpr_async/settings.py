"""The feature's table in a settings file."""

from collections.abc import Iterator
from typing import cast

import attrs

from check_report.printable import shown_value
from config.tables import FORMER_KEY
from stacks.settings import (
    OFF,
    BucketName,
    EmailAddress,
    Flag,
    FunctionName,
    FunctionTimeoutSeconds,
    HandlerPolicies,
    NameSuffix,
    QueueName,
    Settings,
    TableName,
    TopicArn,
)

KEY = "vpr_async"
MOST_ACTIONS = 5
"""PutMetricAlarm's limit for each state (AlarmActions: "Maximum number of 5 items")."""


@attrs.frozen(kw_only=True)
class WholeNames:
    """Names of resources that exist under another name than ours, each whole."""

    results_bucket: BucketName | None = None
    jobs_queue: QueueName | None = None
    jobs_dlq: QueueName | None = None
    jobs_table: TableName | None = None


@attrs.frozen(kw_only=True)
class Handlers:
    """Settings of the three handlers, which are other projects'."""

    policies: HandlerPolicies = HandlerPolicies.MANAGED


@attrs.frozen(kw_only=True)
class Worker:
    """The function that consumes the jobs queue; it is another project's."""

    timeout_seconds: FunctionTimeoutSeconds
    function_name: FunctionName | None = None
    wire: Flag = OFF
    """True if Lambda hands the queue's messages to the function, which exists already, and its logs are kept."""


@attrs.frozen(kw_only=True)
class Alarms:
    """The alarms' recipients: existing topics, and addresses through one that the stack makes; nobody if neither."""

    topic_arns: list[TopicArn] = attrs.field(factory=list[TopicArn], metadata={FORMER_KEY: "topic_arn"})
    emails: list[EmailAddress] = attrs.field(factory=list[EmailAddress], metadata={FORMER_KEY: "email"})

    @property
    def actions(self) -> int:
        """The number of each alarm's actions: one for each topic."""
        return len(self.topic_arns) + bool(self.emails)


@attrs.frozen(kw_only=True)
class VprAsyncSettings:
    """The feature's settings in one environment."""

    worker: Worker
    dashboard: Flag = OFF
    """True if there is a CloudWatch dashboard of the queues, the worker and the table."""
    name_suffix: NameSuffix | None = None
    names: WholeNames = attrs.field(factory=WholeNames)
    handlers: Handlers = attrs.field(factory=Handlers)
    alarms: Alarms = attrs.field(factory=Alarms)


TABLES = (WholeNames, Handlers, Worker, Alarms, VprAsyncSettings)


def own(settings: Settings) -> VprAsyncSettings:
    """Return the feature's own part of an environment's settings."""
    return cast("VprAsyncSettings", settings.features[KEY])


def name_faults(settings: Settings) -> Iterator[str]:
    """Yield the error of a bucket that is named twice."""
    suffix, bucket = own(settings).name_suffix, own(settings).names.results_bucket
    if suffix and bucket:
        yield (
            f"{KEY}: name_suffix = {shown_value(suffix)} and names.results_bucket = {shown_value(bucket)} exclude each "
            "other: a whole name has no suffix to set; allowed: one of them, or neither"
        )


def alarm_faults(settings: Settings) -> Iterator[str]:
    """Yield the errors of the alarms' recipients as a whole."""
    alarms = own(settings).alarms
    for key, values in (("topic_arns", alarms.topic_arns), ("emails", alarms.emails)):
        seen: set[str] = set()
        for value in values:
            # Most mail servers take addresses that differ in case alone for one.
            same = value.casefold() if key == "emails" else value
            if same in seen:
                yield f"{KEY}.alarms.{key}: {shown_value(value)}: given more than once; allowed: once"
            seen.add(same)
    for topic in alarms.topic_arns:
        if topic.split(":")[3] != settings.region:
            yield (
                f"{KEY}.alarms.topic_arns: {shown_value(topic)}: in another region than the alarms; "
                f"allowed: topics in {settings.region}"
            )
    if alarms.actions > MOST_ACTIONS:
        yield (
            f"{KEY}.alarms: {alarms.actions} topics, the one for emails included; allowed: at most {MOST_ACTIONS}, "
            "CloudWatch's limit for an alarm"
        )
