"""SQS queues."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from aws_emulator import Emulator
from ops.resource_types.interface import (
    Account,
    Client,
    Contents,
    Entry,
    Look,
    Permissions,
    ProviderWait,
    ResourceType,
    Viewer,
    in_account,
    own_tags,
)
from stacks.requirement import Document, Expected, Statements
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
        ),
    ),
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
