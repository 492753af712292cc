"""The messages of an emulator's queues, read and deleted without a receive."""

from __future__ import annotations

import urllib.parse
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.sqs.models import sqs_backends

if TYPE_CHECKING:
    from moto.sqs.models import Message, SQSBackend


def shown(query: str) -> list[dict[str, Any]]:
    """Return the messages of the queue whose ARN the query names, the oldest first; none if there is no such queue.

    SQS itself shows a message only to who receives it, which counts as an attempt and hides the message.
    """
    backend, name = _named(query)
    # A copy: other threads send and delete meanwhile.
    return [_shown(message) for message in list(_held(backend, name))]


def delete(query: str) -> int:
    """Delete the messages of the queue whose ARN the query names, in flight and delayed ones too; return their number.

    SQS lets a queue be purged once a minute (PurgeQueue in its API reference), which is too seldom between tests.
    """
    backend, name = _named(query)
    count = len(_held(backend, name))
    if name in backend.queues:
        backend.queues[name].last_purged_at = None
        backend.purge_queue(name)
    return count


def _named(query: str) -> tuple[SQSBackend, str]:
    _, _, _, region, account_id, name = urllib.parse.parse_qs(query)["queue"][0].split(":")
    return sqs_backends[account_id][region], name


def _held(backend: SQSBackend, name: str) -> list[Message]:
    return vars(backend.queues[name])["_messages"] if name in backend.queues else []


def _shown(message: Message) -> dict[str, Any]:
    in_flight = "in flight" if not message.visible else "waiting"
    sent = datetime.fromtimestamp((message.sent_timestamp or 0) / 1000, UTC)
    return {
        "id": message.id,
        "state": "delayed" if message.delayed else in_flight,
        "receives": message.approximate_receive_count,
        "sent": sent.isoformat(timespec="milliseconds"),
        "attributes": {
            name: each["StringValue"] for name, each in message.message_attributes.items() if each.get("StringValue")
        },
        "body": message.body,
    }
