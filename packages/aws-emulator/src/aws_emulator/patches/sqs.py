"""Patches of moto's SQS: redrive documents, policies that stay, messages that several consumers meet."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING, Any

from moto.sqs.models import Queue, SQSBackend

from aws_emulator.errors import PatchError
from aws_emulator.patching import compact, require_attribute, wrap_method
from aws_emulator.persistence.gate import GATE

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_redrive_policy_spaces() -> None:
    """Return RedrivePolicy without spaces.

    moto writes it with a space after every comma and colon; AWS writes none (GetQueueAttributes, as Terraform's AWS
    provider relies on it, issue 40119). The provider compares the text: every plan would show a change of the queue.
    """
    attributes = require_attribute(Queue, "attributes").fget

    def compact_attributes(queue: Queue) -> dict[str, Any]:
        result = attributes(queue)
        if result.get("RedrivePolicy"):
            result["RedrivePolicy"] = compact(json.loads(result["RedrivePolicy"]))
        return result

    Queue.attributes = property(compact_attributes)  # pyright: ignore[reportAttributeAccessIssue]


def patch_redrive_allow_policy() -> None:
    """Return RedriveAllowPolicy.

    moto stores the attribute but does not know its name when asked for it; AWS returns it, and nothing once it was
    set to the empty string (GetQueueAttributes in SQS's API reference). Terraform's provider polls for it after every
    write, and times out.
    """
    names: list[str] = require_attribute(Queue, "BASE_ATTRIBUTES")
    if "RedriveAllowPolicy" in names:
        message = "cannot patch moto: it knows RedriveAllowPolicy by now; remove patch_redrive_allow_policy"
        raise PatchError(message)
    names.append("RedriveAllowPolicy")
    Queue.redrive_allow_policy = None  # pyright: ignore[reportAttributeAccessIssue]

    def set_attributes(original: Callable[..., None], queue: Queue, attributes: dict[str, Any], *now: Any) -> None:
        allow = attributes.get("RedriveAllowPolicy")
        if allow is not None:
            attributes = {**attributes, "RedriveAllowPolicy": compact(json.loads(allow)) if allow else None}
        original(queue, attributes, *now)

    wrap_method(Queue, "_set_attributes", set_attributes)


def patch_forgotten_queue_policy() -> None:
    """Keep a queue's policy when other attributes change.

    moto resets Policy on every SetQueueAttributes that does not name it; AWS changes only what is named
    (SetQueueAttributes in SQS's API reference). After any change of a queue the next plan would add the policy again.
    """

    def set_attributes(original: Callable[..., None], queue: Queue, attributes: dict[str, Any], *now: Any) -> None:
        if "Policy" not in attributes:
            attributes = {**attributes, "Policy": queue.policy}
        original(queue, attributes, *now)

    wrap_method(Queue, "_set_attributes", set_attributes)


def patch_message_races() -> None:
    """Serve the calls of SQS that touch messages one after the other; only a long poll's waiting overlaps.

    moto walks through a queue's messages while other threads change them; on AWS no message is lost and no call
    fails for that (SQS's developer guide, "At-least-once delivery"). Two consumers that meet a message on its way to
    the dead-letter queue get 500, and a message that is sent during a delete can vanish.
    """
    one_caller = threading.RLock()

    def call(original: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with one_caller:
            return original(*arguments, **named)

    def receive(
        original: Callable[..., list[Any]],
        backend: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        *others: Any,
    ) -> list[Any]:
        deadline = time.monotonic() + wait_seconds_timeout
        while True:
            with one_caller:
                messages = original(backend, queue_name, count, 0, *others)
            if messages or time.monotonic() >= deadline:
                return messages
            with GATE.left():
                backend.get_queue(queue_name).wait_for_messages(1)

    for name in ("send_message", "delete_message", "change_message_visibility", "purge_queue"):
        wrap_method(SQSBackend, name, call)
    wrap_method(SQSBackend, "receive_message", receive)


PATCHES: tuple[Callable[[], None], ...] = (
    patch_redrive_policy_spaces,
    patch_redrive_allow_policy,
    patch_forgotten_queue_policy,
    patch_message_races,
)
