"""Patches of moto's KMS: rotation periods, keys that wait for their deletion, policies that lock everybody out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import ValidationException
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse

from aws_emulator.iam.evaluation import listed
from aws_emulator.patching import wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_ROTATION_DAYS = range(90, 2561)
_DEFAULT_ROTATION_DAYS = 365
_PENDING_DAYS = range(7, 31)
_REFUSED_WHILE_PENDING = (
    "create_alias",
    "disable_key",
    "disable_key_rotation",
    "enable_key",
    "enable_key_rotation",
    "encrypt",
    "generate_data_key",
    "schedule_key_deletion",
    "tag_resource",
    "untag_resource",
    "update_alias",
    "update_key_description",
)
"""Calls that fail for a key that is pending deletion (KMS's developer guide, "Key states of AWS KMS keys")."""
_PUTS_POLICIES = {"*", "kms:*", "kms:put*", "kms:putkeypolicy"}


def patch_rotation_period() -> None:
    """Keep the days after which a key is rotated.

    moto forgets them; AWS returns them, 365 unless others are given (EnableKeyRotation and GetKeyRotationStatus in
    KMS's API reference). With a period of one's own every plan would show a change of the key.
    """

    def enable(original: Callable[..., str], response: Any) -> str:
        days = response._get_param("RotationPeriodInDays")  # noqa: SLF001 - moto's own
        if days is not None and days not in _ROTATION_DAYS:
            message = (
                f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
                "Member must have value between 90 and 2560"
            )
            raise ValidationException(message)
        answer = original(response)
        key = _key(response)
        key.rotation_days = days or getattr(key, "rotation_days", _DEFAULT_ROTATION_DAYS)
        return answer

    def status(original: Callable[..., str], response: Any) -> str:
        answer = json.loads(original(response))
        key = _key(response)
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key, "rotation_days", _DEFAULT_ROTATION_DAYS)
        return json.dumps({"KeyId": key.arn, **answer})

    wrap_method(KmsResponse, "enable_key_rotation", enable)
    wrap_method(KmsResponse, "get_key_rotation_status", status)


def patch_keys_pending_deletion() -> None:
    """Refuse what a key cannot do while it waits for its deletion, and a time to wait that KMS does not have.

    moto does everything with it but decrypt. AWS answers KMSInvalidStateException (ScheduleKeyDeletion in KMS's API
    reference, and "Key states of AWS KMS keys"). A stack that takes such a key as its own is deployed here.
    """

    def refuse(original: Callable[..., str], response: Any) -> str:
        key = _key(response)
        if key is not None and key.key_state == "PendingDeletion":
            message = f"{key.arn} is pending deletion."
            error = "KMSInvalidStateException"
            raise JsonRESTError(error, message)
        return original(response)

    def by_id(original: Callable[..., None], backend: KmsBackend, key_id: str) -> None:
        # moto knows a key of these calls by its id alone, and fails for its ARN.
        original(backend, backend.any_id_to_key_id(key_id))

    def schedule(original: Callable[..., float], backend: KmsBackend, key_id: str, days: int) -> float:
        if days not in _PENDING_DAYS:
            message = (
                f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: "
                "Member must have value between 7 and 30"
            )
            raise ValidationException(message)
        return original(backend, backend.any_id_to_key_id(key_id), days)

    for name in _REFUSED_WHILE_PENDING:
        wrap_method(KmsResponse, name, refuse)
    for name in ("cancel_key_deletion", "disable_key", "enable_key"):
        wrap_method(KmsBackend, name, by_id)
    wrap_method(KmsBackend, "schedule_key_deletion", schedule)


def patch_lockout_safety_check() -> None:
    """Refuse a key policy by which nobody of the account could change it again.

    moto takes any. AWS answers MalformedPolicyDocumentException unless BypassPolicyLockoutSafetyCheck is set
    (CreateKey and PutKeyPolicy in KMS's API reference). Such a key is deployed here, and cannot be managed on AWS.
    AWS asks for the caller itself; here any principal of the account will do.
    """

    def check(original: Callable[..., str], response: Any) -> str:
        get = response._get_param  # noqa: SLF001 - moto's own
        policy = get("Policy")
        if policy and not get("BypassPolicyLockoutSafetyCheck"):
            try:
                statements = listed(json.loads(policy)["Statement"])
            except (KeyError, TypeError, ValueError):
                statements = []
            if not any(_lets_change(statement, response.current_account) for statement in statements):
                error = "MalformedPolicyDocumentException"
                message = "The new key policy will not allow you to update the key policy in the future."
                raise JsonRESTError(error, message)
        return original(response)

    wrap_method(KmsResponse, "create_key", check)
    wrap_method(KmsResponse, "put_key_policy", check)


def _lets_change(statement: Mapping[str, Any], account: str) -> bool:
    principal: Any = statement.get("Principal", {})
    principals = [principal] if isinstance(principal, str) else listed(principal.get("AWS", []))
    return (
        statement.get("Effect") == "Allow"
        and any(str(action).lower() in _PUTS_POLICIES for action in listed(statement.get("Action", [])))
        and any(each in {"*", account} or f":{account}:" in each for each in principals)
    )


def _key(response: Any) -> Any:
    """Return the key that a call is about, by its id, its ARN or an alias; None if it is not there."""
    get, backend = response._get_param, response.kms_backend  # noqa: SLF001 - moto's own
    key = backend.get_alias_name(get("KeyId") or get("TargetKeyId") or "")
    if key.startswith("alias/"):
        key = backend.get_key_id_from_alias(key) or ""
    return backend.keys.get(backend.get_key_id(key))


PATCHES: tuple[Callable[[], None], ...] = (
    patch_rotation_period,
    patch_keys_pending_deletion,
    patch_lockout_safety_check,
)
