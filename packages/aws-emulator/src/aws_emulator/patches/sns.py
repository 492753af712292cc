"""Patches of moto's SNS: subscriptions that are pending until an address confirms them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult
from moto.sns.exceptions import SNSInvalidParameter
from moto.sns.models import SNSBackend
from moto.sns.responses import SNSResponse

from aws_emulator.patching import wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_confirmed_subscriptions() -> None:
    """Keep an e-mail address's subscription pending until it is confirmed.

    moto takes it as confirmed when it is made, has no token, and unsubscribes whatever it is given. On AWS
    (Subscribe, ConfirmSubscription and Unsubscribe in SNS's API reference) the address confirms with the token of a
    message; until then ListSubscriptionsByTopic has no ARN of it, and Unsubscribe is refused in the words that
    Terraform's provider waits for. Here nobody gets a message: the token is the id that ends the subscription's ARN.
    Without the patch an alarm seems to reach an address that never agreed, and drift that a confirmation causes is
    never seen.
    """

    def subscribe(original: Callable[..., Any], backend: SNSBackend, topic: str, endpoint: str, protocol: str) -> Any:
        before = set(backend.subscriptions)
        made = original(backend, topic, endpoint, protocol)
        if made.arn not in before and protocol in {"email", "email-json"}:
            made.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
        return made

    def answer_subscribe(original: Callable[..., Any], response: Any) -> Any:
        answer = original(response)
        made = response.backend.subscriptions[answer.result["SubscriptionArn"]]
        wants_arn = str(response._get_param("ReturnSubscriptionArn")).lower() == "true"  # noqa: SLF001 - moto's own
        return (
            ActionResult({"SubscriptionArn": "pending confirmation"}) if _is_pending(made) and not wants_arn else answer
        )

    def unsubscribe(original: Callable[..., Any], backend: SNSBackend, arn: str) -> None:
        if _is_pending(backend.subscriptions.get(arn)):
            message = "Cannot unsubscribe a subscription that is pending confirmation"
            raise SNSInvalidParameter(message)
        original(backend, arn)

    def answer_list(original: Callable[..., Any], response: Any) -> Any:
        answer = original(response)
        listed = [copy.copy(each) for each in answer.result["Subscriptions"]]
        for each in filter(_is_pending, listed):
            each.arn = "PendingConfirmation"
        answer.result["Subscriptions"] = listed
        return answer

    def confirm(original: Callable[..., Any], response: Any) -> Any:
        topic, token = (response._get_param(key) for key in ("TopicArn", "Token"))  # noqa: SLF001 - moto's own
        subscription = response.backend.subscriptions.get(f"{topic}:{token}")
        if subscription is None:
            # It knows whether the topic is there.
            original(response)
            message = "Invalid token"
            raise SNSInvalidParameter(message)
        subscription.attributes["PendingConfirmation"] = False
        return ActionResult({"SubscriptionArn": subscription.arn})

    wrap_method(SNSBackend, "subscribe", subscribe)
    wrap_method(SNSBackend, "unsubscribe", unsubscribe)
    wrap_method(SNSResponse, "subscribe", answer_subscribe)
    wrap_method(SNSResponse, "list_subscriptions", answer_list)
    wrap_method(SNSResponse, "list_subscriptions_by_topic", answer_list)
    wrap_method(SNSResponse, "confirm_subscription", confirm)


def _is_pending(subscription: Any) -> bool:
    return subscription is not None and subscription.attributes["PendingConfirmation"]


PATCHES: tuple[Callable[[], None], ...] = (patch_confirmed_subscriptions,)
