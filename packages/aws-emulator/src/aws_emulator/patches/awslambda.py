"""Patches of moto's Lambda: event source mappings that AWS accepts, and that take no message here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from moto.awslambda.exceptions import (
    InvalidParameterValueException,
    LambdaClientError,
    UnknownFunctionException,
    ValidationException,
)
from moto.awslambda.models import LambdaBackend
from moto.dynamodb.models import dynamodb_backends
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.kinesis.models import kinesis_backends
from moto.sqs.models import sqs_backends

from aws_emulator.iam.enforcement import role_documents
from aws_emulator.iam.evaluation import is_allowed
from aws_emulator.patching import wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_RECEIVING = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
"""What a function's role needs to take messages of a queue (Lambda's developer guide, "Using Lambda with SQS")."""
_CONCURRENCY = (2, 1000)
_BATCH_WITHOUT_WINDOW = 10


class _ConflictError(LambdaClientError):
    code = 409

    def __init__(self, uuid: str) -> None:
        super().__init__(
            "ResourceConflictException",
            "An event source mapping with SQS arn and function already exists. Please update or delete the existing "
            f"mapping with UUID {uuid}",
        )


def patch_event_source_mappings() -> None:
    """Refuse an event source mapping that Lambda refuses.

    moto takes any. On AWS (CreateEventSourceMapping and UpdateEventSourceMapping in Lambda's API reference, and
    "Creating and configuring an Amazon SQS event source mapping" in the developer guide) a queue and a function have
    one mapping, the messages stay invisible for as long as the function may run, its role may take them, two to 1000
    run at a time, and more than ten in a batch are waited for. A wiring that AWS refuses is deployed here.
    """

    def create(original: Callable[..., Any], backend: LambdaBackend, spec: dict[str, Any]) -> Any:
        function = _function(backend, spec.get("FunctionName", ""))
        source = spec.get("EventSourceArn")
        for each in _mappings(backend):
            if (each.event_source_arn, each.function_arn) == (source, function.function_arn):
                raise _ConflictError(each.uuid)
        _require_valid(backend, function, source, spec)
        return original(backend, spec)

    def update(original: Callable[..., Any], backend: LambdaBackend, uuid: str, spec: dict[str, Any]) -> Any:
        if mapping := backend.get_event_source_mapping(uuid):
            function = _function(backend, spec.get("FunctionName") or mapping.function_arn)
            now = {"BatchSize": mapping.batch_size, "MaximumBatchingWindowInSeconds": mapping.max_batch_window}
            _require_valid(backend, function, mapping.event_source_arn, {**now, **spec})
        changed = original(backend, uuid, spec)
        if changed and changed.scaling_config == {}:
            # This is how a limit is taken away; AWS then returns none.
            changed.scaling_config = None
        return changed

    wrap_method(LambdaBackend, "create_event_source_mapping", create)
    wrap_method(LambdaBackend, "update_event_source_mapping", update)


def patch_mappings_by_function() -> None:
    """List the event source mappings of a function by its name and by its ARN, whichever they were made with.

    moto compares the texts. Lambda takes either (ListEventSourceMappings in the API reference): who asks by the name
    misses a mapping that was made with the ARN, and a second consumer goes unnoticed.
    """

    def listed(original: Callable[..., Any], backend: LambdaBackend, event_source_arn: str, function_name: str) -> Any:
        found = original(backend, event_source_arn, "")
        wanted = _name(function_name or "")
        return [each for each in found if not wanted or _name(each.function_arn) == wanted]

    wrap_method(LambdaBackend, "list_event_source_mappings", listed)


def patch_consumption_by_mappings() -> None:
    """Leave messages and records where they are, whatever function an event source mapping is for.

    moto hands each message to the function as soon as it is sent, in the sender's own call, and deletes it if that
    ends well. The function would run in Docker; without Docker each send counts as a receive that failed, so that the
    message comes back, and is in the dead-letter queue after a few sends. Here no function runs: what is sent stays.
    """

    def create(original: Callable[..., Any], backend: LambdaBackend, spec: dict[str, Any]) -> Any:
        mapping = original(backend, spec)
        account, region = backend.account_id, backend.region_name
        tables: Any = dynamodb_backends[account][region].tables
        for source in (
            *sqs_backends[account][region].queues.values(),
            *tables.values(),
            *kinesis_backends[account][region].streams.values(),
        ):
            source.lambda_event_source_mappings.clear()
        return mapping

    wrap_method(LambdaBackend, "create_event_source_mapping", create)


def _mappings(backend: LambdaBackend) -> list[Any]:
    return list(backend._event_source_mappings.values())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - moto's


def _function(backend: LambdaBackend, name: str) -> Any:
    try:
        return backend.get_function(name)
    except UnknownFunctionException:
        message = f"Function does not exist: {name}"
        raise InvalidParameterValueException(message) from None


def _name(function: str) -> str:
    """Return a function's name, given that or an ARN, with whatever qualifier."""
    return re.sub(r"^arn:[^:]+:lambda:[^:]*:[^:]*:function:", "", function).partition(":")[0]


def _require_valid(backend: LambdaBackend, function: Any, source: str | None, spec: Mapping[str, Any]) -> None:
    scaling: Mapping[str, int] = spec.get("ScalingConfig") or {}
    most = scaling.get("MaximumConcurrency")
    for bound, is_within, words in (
        (_CONCURRENCY[0], most is None or most >= _CONCURRENCY[0], "greater"),
        (_CONCURRENCY[1], most is None or most <= _CONCURRENCY[1], "less"),
    ):
        if not is_within:
            place = "scalingConfig.maximumConcurrency"
            raise ValidationException(str(most), place, f"Member must have value {words} than or equal to {bound}")
    queues = sqs_backends[backend.account_id][backend.region_name].queues.values()
    queue: Any = next((each for each in queues if each.queue_arn == source), None)
    if queue is None:
        return
    window = spec.get("MaximumBatchingWindowInSeconds") or 0
    if (spec.get("BatchSize") or 0) > _BATCH_WITHOUT_WINDOW and not window:
        message = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        raise InvalidParameterValueException(message)
    if int(queue.visibility_timeout) < int(function.timeout):
        message = (
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function timeout: "
            f"{function.timeout} seconds"
        )
        raise InvalidParameterValueException(message)
    documents = _documents(backend, function.role)
    for action in _RECEIVING:
        if not is_allowed(documents, f"sqs:{action}", queue.queue_arn, {"aws:SecureTransport": "true"}):
            message = f"The provided execution role does not have permissions to call {action} on SQS"
            raise InvalidParameterValueException(message)


def _documents(backend: LambdaBackend, role: str) -> list[dict[str, Any]]:
    """Return the policies of a role; none for one that is gone."""
    iam: Any = iam_backends[backend.account_id][backend.partition]
    try:
        return role_documents(iam, iam.get_role_by_arn(role).name)
    except NotFoundException:
        return []


PATCHES: tuple[Callable[[], None], ...] = (
    patch_event_source_mappings,
    patch_mappings_by_function,
    patch_consumption_by_mappings,
)
