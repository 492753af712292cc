"""Event source mappings of Lambda: a queue or a stream, and the function that takes what it has.

A mapping has no name, but an id of AWS's, which is Terraform's too: its name here is that of its source and that of its
function, as `orders-queue-dev/orders-worker-dev`; a source and a function have one mapping.
"""

from collections.abc import Mapping
from typing import Any

from ops.resource_types.interface import (
    Account,
    Client,
    Condition,
    Look,
    Permissions,
    ResourceType,
    Seen,
    in_account,
    own_tags,
)
from plan_review.physical_names import mapping_name
from stacks.requirement import Expected, arn
from stacks.settings import Settings

_ON_THE_WAY = {"Creating": "Enabled", "Enabling": "Enabled", "Disabling": "Disabled"}
"""States that AWS leaves by itself, and what follows."""


def _named(mapping: Mapping[str, Any]) -> str:
    return mapping_name(str(mapping.get("EventSourceArn", "")), mapping["FunctionArn"])


def _listing(account: Account, _: str) -> Mapping[str, Any]:
    answer = account.ask("lambda", "list_event_source_mappings")
    return {_named(each): each for each in answer.get("EventSourceMappings", [])}


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    """Return the id of the source's and the function's mapping; None while the source has no ARN, being made itself."""
    wanted = mapping_name(values.get("event_source_arn") or "", values["function_name"])
    pages = client("lambda").get_paginator("list_event_source_mappings").paginate()
    found = (each for page in pages for each in page["EventSourceMappings"] if _named(each) == wanted)
    return next((each["UUID"] for each in found), None)


def _description(_: Account, __: str, mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    state = mapping["State"]
    settled = _ON_THE_WAY.get(state)
    filters = mapping.get("FilterCriteria", {}).get("Filters", [])
    return {
        "State": Seen(settled, f"it is {state} now") if settled else state,
        "BatchSize": mapping.get("BatchSize"),
        "MaximumBatchingWindowInSeconds": mapping.get("MaximumBatchingWindowInSeconds"),
        "MaximumConcurrency": mapping.get("ScalingConfig", {}).get("MaximumConcurrency"),
        "FunctionResponseTypes": mapping.get("FunctionResponseTypes"),
        "FilterCriteria": [each["Pattern"] for each in filters] or None,
        **_last(mapping.get("LastProcessingResult", "")),
    }


def _last(result: str) -> Mapping[str, Any]:
    """Return the result of the last batch, with a note if it was a problem."""
    note = f"the last batch: {result}" if result.startswith("PROBLEM") else ""
    return {"LastProcessingResult": Seen(result, note)}


def _tags(account: Account, _: str, mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    # An old API has no ARN of it.
    own = mapping.get("EventSourceMappingArn") or account.arn("lambda", f"event-source-mapping:{mapping['UUID']}")
    return own_tags(account.ask("lambda", "list_tags", Resource=own).get("Tags", {}))


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    return {key: value for key, value in expected["description"].items() if key != "LastProcessingResult"}


def _of_function(settings: Settings, name: str) -> Condition:
    return {"ArnEquals": {"lambda:FunctionArn": (arn(settings, "lambda", f"function:{name.partition('/')[2]}"),)}}


_ANY = in_account("lambda", "event-source-mapping:*")
"""All mappings: nobody knows the id of one before it is there."""

TYPE = ResourceType(
    name="aws_lambda_event_source_mapping",
    find=_find,
    # CreateEventSourceMapping refuses a second one of the same source and function.
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="lambda:ListEventSourceMappings",
    looks={
        "description": Look(read=_description),
        "tags": Look(read=_tags, needs="lambda:ListTags"),
    },
    permissions=(
        Permissions(
            sid="Mappings",
            on="the event source mappings",
            arns=_ANY,
            plan="lambda:GetEventSourceMapping lambda:ListTags",
            apply="lambda:TagResource lambda:UntagResource",
        ),
        Permissions(
            sid="MappingsOfFunctions",
            on="the event source mappings of the functions",
            arns=_ANY,
            condition=_of_function,
            apply="lambda:DeleteEventSourceMapping lambda:UpdateEventSourceMapping",
        ),
        # A new one has no resource.
        Permissions(
            sid="NewMappings",
            on="new event source mappings of the functions",
            arns=lambda _, __, ___: ("*",),
            condition=_of_function,
            apply="lambda:CreateEventSourceMapping",
        ),
    ),
    plan_everywhere="lambda:ListEventSourceMappings",
    conditions=frozenset({"LastProcessingResult"}),
    aspects={"enabled": "state", "scaling_config": "maximumconcurrency"},
)
