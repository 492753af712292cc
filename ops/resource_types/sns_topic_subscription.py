"""Subscriptions to SNS topics."""

from collections.abc import Mapping
from typing import Any

from ops.resource_types import sns_topic
from ops.resource_types.interface import Client, ResourceType
from stacks.settings import Settings


def _find(values: Mapping[str, Any], settings: Settings, client: Client) -> str | None:
    topic = sns_topic.find({"name": values["topic_arn"]}, settings, client)
    if topic is None:
        return None
    pages = client("sns").get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    subscriptions = (each for page in pages for each in page["Subscriptions"])
    wanted = values["protocol"], values["endpoint"]
    # One without an ARN cannot be imported; subscribing again does no harm.
    return next(
        (
            each["SubscriptionArn"]
            for each in subscriptions
            if (each["Protocol"], each["Endpoint"]) == wanted and sns_topic.has_arn(each)
        ),
        None,
    )


TYPE = ResourceType(name="aws_sns_topic_subscription", find=_find)
