"""Condition keys of a call: values that it does not name itself, and that moto's services know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import UnknownFunctionException

if TYPE_CHECKING:
    from aws_emulator.iam.calls import Call


def context(response: Any, call: Call) -> dict[str, str]:
    """Return the values of the service's own condition keys for a call, and the tags of the key that it is about.

    Of the Service Authorization Reference's keys those that a policy may need: `lambda:FunctionArn` of an event source
    mapping, and `aws:ResourceTag` of a KMS key. response: moto's answer to the call.
    """
    if call.service == "lambda" and "EventSourceMapping" in call.operation:
        return _function(response.backend, call)
    if call.service == "kms":
        return _tags(response.kms_backend, call)
    return {}


def _function(backend: Any, call: Call) -> dict[str, str]:
    if uuid := call.get("UUID"):
        mapping = backend.get_event_source_mapping(uuid)
        return {"lambda:FunctionArn": mapping.function_arn} if mapping else {}
    name = call.get("FunctionName")
    if not name:
        return {}
    try:
        return {"lambda:FunctionArn": backend.get_function(name).function_arn}
    except UnknownFunctionException:
        return {"lambda:FunctionArn": name if name.startswith("arn:") else call.arn(f"function:{name}")}


def _tags(backend: Any, call: Call) -> dict[str, str]:
    key = backend.get_key_id(call.get("KeyId") or "")
    if key not in backend.keys:
        return {}
    tags = backend.list_resource_tags(key)["Tags"]
    return {f"aws:ResourceTag/{tag['TagKey']}": tag["TagValue"] for tag in tags}
