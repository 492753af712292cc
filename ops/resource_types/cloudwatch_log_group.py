"""CloudWatch log groups."""

from collections.abc import Mapping
from typing import Any

from aws_emulator import Emulator
from ops.resource_types.interface import (
    Account,
    Client,
    Contents,
    Entry,
    Look,
    Permissions,
    ResourceType,
    Viewer,
    own_tags,
)
from stacks.requirement import Expected, arn
from stacks.settings import Settings

_PAGE = 50
"""The most log streams of one DescribeLogStreams."""


def _listing(account: Account, prefix: str) -> Mapping[str, Any]:
    answer = account.ask("logs", "describe_log_groups", logGroupNamePrefix=prefix)
    return {each["logGroupName"]: each for each in answer.get("logGroups", [])}


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    name = values["name"]
    pages = client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    return next((name for page in pages for each in page["logGroups"] if each["logGroupName"] == name), None)


def _count(values: Mapping[str, Any], client: Client) -> int | None:
    """Return 0 for a log group without a stream; the events of a stream are not counted without reading them."""
    streams = client("logs").describe_log_streams(logGroupName=values["name"], limit=1)["logStreams"]
    return None if streams else 0


def _peek(values: Mapping[str, Any], viewer: Viewer) -> Contents:
    """Return the log streams of the first page; events are not read."""
    name = values["name"]
    answer = viewer.client("logs").describe_log_streams(logGroupName=name, limit=_PAGE)
    streams = answer["logStreams"]
    entries = tuple(Entry(each["logStreamName"], {"name": each["logStreamName"]}) for each in streams[: viewer.most])
    more = f"counted: the first {_PAGE} by their names" if "nextToken" in answer else ""
    return Contents(counts={"log_streams": len(streams)}, entries=entries, note=more)


def _empty(values: Mapping[str, Any], client: Client, _: Emulator) -> Mapping[str, int]:
    logs, name = client("logs"), values["name"]
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=name)
    streams = [each["logStreamName"] for page in pages for each in page["logStreams"]]
    for stream in streams:
        logs.delete_log_stream(logGroupName=name, logStreamName=stream)
    return {"log_streams": len(streams)}


def _description(_: Account, __: str, group: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "RetentionInDays": group.get("retentionInDays"),
        "KmsKeyId": group.get("kmsKeyId"),
        "LogGroupClass": group.get("logGroupClass", "STANDARD"),
    }


def _subscriptions(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    """Return the destinations that get a copy of the log events, by the filter's name."""
    filters = account.ask("logs", "describe_subscription_filters", logGroupName=name).get("subscriptionFilters", [])
    return {"subscriptions": {each["filterName"]: each["destinationArn"] for each in filters}}


def _tags(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    log_group = account.arn("logs", f"log-group:{name}")
    return own_tags(account.ask("logs", "list_tags_for_resource", resourceArn=log_group).get("tags", {}))


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    described = expected["description"]
    return {"retention_in_days": described["RetentionInDays"], "kms_key_id": described["KmsKeyId"]}


def _arns(settings: Settings, name: str, _: Expected) -> tuple[str, ...]:
    """Return both forms: the calls about tags take the first, all others the second.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
    """
    log_group = arn(settings, "logs", f"log-group:{name}")
    return (log_group, f"{log_group}:*")


TYPE = ResourceType(
    name="aws_cloudwatch_log_group",
    find=_find,
    # Lambda creates the group of a function that logs before its stack is deployed.
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="logs:DescribeLogGroups",
    count=_count,
    looks={
        "description": Look(read=_description),
        "subscriptions": Look(read=_subscriptions, needs="logs:DescribeSubscriptionFilters"),
        "tags": Look(read=_tags, needs="logs:ListTagsForResource"),
    },
    permissions=(
        Permissions(
            sid="LogGroups",
            on="the log groups",
            arns=_arns,
            plan="logs:DescribeLogStreams logs:ListTagsForResource",
            apply="logs:CreateLogGroup logs:DeleteRetentionPolicy logs:PutRetentionPolicy logs:TagResource "
            "logs:UntagResource",
            erase="logs:DeleteLogGroup",
            loses="logs:DeleteLogGroup",
        ),
    ),
    plan_everywhere="logs:DescribeLogGroups",
    holds="log events",
    peek=_peek,
    empty=_empty,
    members=("subscription",),
)
