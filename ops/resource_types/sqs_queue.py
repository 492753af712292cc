"""SQS queues."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws_emulator import Emulator
from check_report.printable import printable
from ops.errors import CommandError
from ops.resource_types.interface import (
    Account,
    Client,
    Contents,
    Entry,
    Look,
    Permissions,
    ProviderWait,
    Redrive,
    ResourceType,
    Viewer,
    in_account,
    own_tags,
)
from stacks.requirement import Document, Expected, Statements, arn
from stacks.settings import Settings

_STATES = {"waiting": "", "in_flight": "NotVisible", "delayed": "Delayed"}
_COUNTS = tuple(f"ApproximateNumberOfMessages{state}" for state in _STATES.values())


def _listing(account: Account, prefix: str) -> Mapping[str, str]:
    urls = account.ask("sqs", "list_queues", QueueNamePrefix=prefix).get("QueueUrls", [])
    return {url.rsplit("/", 1)[1]: url for url in urls}


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str:
    return client("sqs").get_queue_url(QueueName=values["name"])["QueueUrl"]


def _names(_: Settings, client: Client) -> Iterator[str]:
    # SQS returns a token for the next page only if the size of a page is given; 1,000 is the largest (ListQueues).
    pages = client("sqs").get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 1000})
    for page in pages:
        yield from (url.rpartition("/")[2] for url in page.get("QueueUrls", []))


def _replaced(values: Mapping[str, Any], client: Client) -> Mapping[str, str]:
    """Return the dead-letter queue that the live queue has, by the declared one, if it has another."""
    declared = _dead_letter_queue(values.get("redrive_policy"))
    if not declared:
        return {}
    url = client("sqs").get_queue_url(QueueName=values["name"])["QueueUrl"]
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    live = _dead_letter_queue(found.get("Attributes", {}).get("RedrivePolicy"))
    return {declared: live} if live and live != declared else {}


def _dead_letter_queue(redrive_policy: Any) -> str:
    """Return the name of the queue that a redrive policy names; empty if it names none."""
    try:
        document = json.loads(redrive_policy or "{}")
    except ValueError:
        return ""
    return str(document.get("deadLetterTargetArn", "")).rpartition(":")[2]


def _count(values: Mapping[str, Any], client: Client) -> int | None:
    """Return the number of messages, in flight and delayed included."""
    url = values.get("url")
    if not isinstance(url, str):
        return None
    return _messages(client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"])


def _messages(attributes: Mapping[str, str]) -> int:
    return sum(int(attributes[count]) for count in _COUNTS)


def _peek(values: Mapping[str, Any], viewer: Viewer) -> Contents:
    """Return the messages' numbers and, on an emulator, the messages: AWS shows one only to who receives it."""
    answer = viewer.client("sqs").get_queue_attributes(QueueUrl=values["url"], AttributeNames=list(_COUNTS))
    counts = {word: int(answer["Attributes"][count]) for word, count in zip(_STATES, _COUNTS, strict=True)}
    if viewer.emulator is None:
        unread = "messages are counted and not read: a receive counts as an attempt, and hides the message"
        return Contents(counts=counts, note=unread if any(counts.values()) else "")
    messages = viewer.emulator.messages(values["arn"])
    entries = tuple(Entry(_line(each), each) for each in messages[: viewer.most])
    left_out = len(messages) - len(entries)
    return Contents(
        counts=counts,
        entries=entries,
        note=f"shown: the oldest {len(entries)}" if left_out else "",
    )


def _line(message: Mapping[str, Any]) -> str:
    times = "once" if message["receives"] == 1 else f"{message['receives']} times"
    return f"{message['state']}, received {times}, sent {message['sent']}: {message['body']}"


def _empty(values: Mapping[str, Any], _: Client, emulator: Emulator) -> Mapping[str, int]:
    return {"messages": emulator.delete_messages(values["arn"])}


def _attributes(account: Account, _: str, url: str) -> Mapping[str, Any]:
    found = account.ask("sqs", "get_queue_attributes", QueueUrl=url, AttributeNames=["All"])["Attributes"]
    documents = {key: json.loads(found[key]) for key in ("RedrivePolicy", "RedriveAllowPolicy") if found.get(key)}
    return {**found, **documents, "policy": found.get("Policy"), "messages": _messages(found)}


def _tags(account: Account, _: str, url: str) -> Mapping[str, Any]:
    return own_tags(account.ask("sqs", "list_queue_tags", QueueUrl=url).get("Tags", {}))


def _consumers(account: Account, name: str, _: str) -> Mapping[str, Any]:
    """Return the functions that take messages."""
    answer = account.ask("lambda", "list_event_source_mappings", EventSourceArn=account.arn("sqs", name))
    # arn:aws:lambda:REGION:ACCOUNT:function:NAME, with a version or an alias behind it if the mapping is for one.
    functions = {each["FunctionArn"].split(":")[6] for each in answer.get("EventSourceMappings", [])}
    return {"consumers": dict.fromkeys(functions, "consumes messages")}


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    attributes = {key: value for key, value in expected["attributes"].items() if key not in {"policy", "messages"}}
    plain = {key: value.content if isinstance(value, Document) else value for key, value in attributes.items()}
    policy: Statements = expected["attributes"]["policy"]
    return {**{key: _as_planned(value) for key, value in plain.items()}, "Policy": [*policy.statements]}


def _as_planned(value: Any) -> Any:
    """Return a value that SQS's API has as text in Terraform's type."""
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


# --- redrive ------------------------------------------------------------------------------------------------------


def _having(attribute: str) -> Callable[[Settings, str, Expected], tuple[str, ...]]:
    """Return the function from a queue to its ARN, or to none if the queue is not expected to have an attribute."""

    def arns(settings: Settings, name: str, expected: Expected) -> tuple[str, ...]:
        return (arn(settings, "sqs", name),) if expected.get("attributes", {}).get(attribute) else ()

    return arns


_HELD_SECONDS = 60
"""How long a message is hidden from others while it is moved: longer than a send that is tried several times."""
_SHOWN = 10
"""As many messages as one call returns at most (ReceiveMessage)."""
_SHOWN_CHARACTERS = 300


def _dead_letters_of(queue: str, client: Client) -> str | None:
    sqs = client("sqs")
    try:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return None
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
    return _dead_letter_queue(found.get("Attributes", {}).get("RedrivePolicy"))


def _waiting(queue: str, client: Client) -> tuple[int, int]:
    url = client("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    found = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(_COUNTS))["Attributes"]
    waiting = int(found[_COUNTS[0]])
    return waiting, _messages(found) - waiting


def _shown(queue: str, client: Client) -> Iterator[str]:
    # A dead-letter queue has none of its own, so a receive counts for nothing; hidden for no time, all stay visible.
    received = _received(queue, client, count=_SHOWN, hidden_seconds=0)
    yield from map(_in_words, received)


def _received(queue: str, client: Client, *, count: int, hidden_seconds: int) -> list[Mapping[str, Any]]:
    return (
        client("sqs")
        .receive_message(
            QueueUrl=client("sqs").get_queue_url(QueueName=queue)["QueueUrl"],
            MaxNumberOfMessages=count,
            VisibilityTimeout=hidden_seconds,
            # A poll without a wait asks some of SQS's servers only, and may miss the message.
            WaitTimeSeconds=1,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
        )
        .get("Messages", [])
    )


def _in_words(message: Mapping[str, Any]) -> str:
    sent = datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)
    body = message["Body"]
    cut = body if len(body) <= _SHOWN_CHARACTERS else f"{body[:_SHOWN_CHARACTERS]}..."
    return f"{message['MessageId']}, sent {sent:%Y-%m-%d %H:%M} UTC: {printable(cut)}"


def _move(dead_letter_queue: str, queue: str, client: Client) -> str:
    """Move one message: receive it, send what it holds, delete it.

    SQS's own StartMessageMoveTask has no limit but a rate, and moves whatever is there.
    Kept are the body, the attributes, the trace, and a FIFO queue's group and deduplication id. As with SQS's own, the
    message has a new id, its receives count from 1 again, and the queue keeps it for the queue's own time from now on
    ("Learn how to configure a dead-letter queue redrive", SQS's developer guide).
    """
    received = _received(dead_letter_queue, client, count=1, hidden_seconds=_HELD_SECONDS)
    if not received:
        return ""
    (message,) = received
    sqs = client("sqs")
    source = sqs.get_queue_url(QueueName=dead_letter_queue)["QueueUrl"]
    sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName=queue)["QueueUrl"], **_content(message))
    try:
        sqs.delete_message(QueueUrl=source, ReceiptHandle=message["ReceiptHandle"])
    except (ClientError, BotoCoreError) as error:
        failed = (
            f"message {message['MessageId']} was sent to {queue}, and could not be deleted from {dead_letter_queue}: "
            f"{error}; delete it there, or the next redrive sends it once more"
        )
        raise CommandError(failed) from None
    return _in_words(message)


def _content(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that send what a message holds."""
    system = message["Attributes"]
    trace = system.get(_TRACE)
    return {
        "MessageBody": message["Body"],
        "MessageAttributes": message.get("MessageAttributes", {}),
        **({"MessageSystemAttributes": {_TRACE: {"DataType": "String", "StringValue": trace}}} if trace else {}),
        **{key: system[key] for key in ("MessageGroupId", "MessageDeduplicationId") if key in system},
    }


_TRACE = "AWSTraceHeader"


TYPE = ResourceType(
    name="aws_sqs_queue",
    find=_find,
    find_first=True,
    names=_names,
    replaced=_replaced,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="sqs:ListQueues",
    plan_everywhere="sqs:ListQueues",
    looks={
        "attributes": Look(read=_attributes, needs="sqs:GetQueueAttributes"),
        "tags": Look(read=_tags, needs="sqs:ListQueueTags"),
        "consumers": Look(read=_consumers, needs_everywhere="lambda:ListEventSourceMappings"),
    },
    permissions=(
        Permissions(
            sid="Queues",
            on="the queues",
            arns=in_account("sqs"),
            plan="sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags",
            apply="sqs:CreateQueue sqs:DeleteQueue sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue",
            operate="sqs:GetQueueAttributes sqs:GetQueueUrl",
        ),
        Permissions(
            sid="DeadLetters",
            on="the dead-letter queues",
            arns=_having("RedriveAllowPolicy"),
            operate="sqs:DeleteMessage sqs:ReceiveMessage",
        ),
        Permissions(
            sid="RedrivenQueues",
            on="the queues that have a dead-letter queue",
            arns=_having("RedrivePolicy"),
            operate="sqs:SendMessage",
        ),
    ),
    redrive=Redrive(dead_letter_queue=_dead_letters_of, counts=_waiting, shown=_shown, move=_move),
    # Until it has read the attributes six times, every 5 s: waitQueueAttributesPropagated in the provider's
    # internal/service/sqs/queue.go, as of 5.100.0, whose update does so if more than the tags has changed.
    wait=ProviderWait(seconds=25, what="queue", unless=frozenset({"tags", "tags_all"})),
    holds="messages",
    count=_count,
    peek=_peek,
    empty=_empty,
    conditions=frozenset({"messages"}),
    aspects={
        "visibility_timeout_seconds": "visibilitytimeout",
        "message_retention_seconds": "messageretentionperiod",
        "receive_wait_time_seconds": "receivemessagewaittimeseconds",
        "max_message_size": "maximummessagesize",
    },
)
