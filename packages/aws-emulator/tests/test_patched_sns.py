"""Patches of SNS, seen as a client of AWS sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError  # pyright: ignore[reportMissingTypeStubs] - it has none

from emulator_helpers import attributes_of

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_address_is_subscribed_once_it_confirms(client: Callable[[str], Any], unique: str) -> None:
    """Until then its subscription has no ARN in a list and cannot be ended; the token is the id that ends its ARN."""
    sns = client("sns")
    topic = sns.create_topic(Name=unique)["TopicArn"]
    subscriber = {"TopicArn": topic, "Protocol": "email", "Endpoint": "ops@example.com"}

    def listed() -> list[str]:
        return [each["SubscriptionArn"] for each in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]]

    assert sns.subscribe(**subscriber)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**subscriber, ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert listed() == ["PendingConfirmation"]
    pending = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (pending["PendingConfirmation"], pending["ConfirmationWasAuthenticated"]) == ("true", "false")
    with pytest.raises(ClientError, match="Cannot unsubscribe a subscription that is pending confirmation"):
        sns.unsubscribe(SubscriptionArn=arn)
    with pytest.raises(ClientError, match="Invalid token"):
        sns.confirm_subscription(TopicArn=topic, Token="another")  # noqa: S106 - not a password
    assert sns.confirm_subscription(TopicArn=topic, Token=arn.rsplit(":", 1)[1])["SubscriptionArn"] == arn
    assert listed() == [arn]
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
    sns.unsubscribe(SubscriptionArn=arn)
    assert listed() == []


def test_a_queue_is_subscribed_without_a_confirmation(client: Callable[[str], Any], sqs: Any, unique: str) -> None:
    sns = client("sns")
    topic = sns.create_topic(Name=unique)["TopicArn"]
    queue = attributes_of(sqs, sqs.create_queue(QueueName=unique)["QueueUrl"])["QueueArn"]
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
    assert arn.startswith(f"{topic}:")
    assert sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false"
