"""Enforcement of policies: who calls, what the call takes, whether the caller's policies give it, and a record of it.

A key of a user, or of a role that was assumed, has what that identity's policies give. A key that looks like AWS's and
is nobody's is refused. Any other key is the account's administrator. The key `emulator` can act as somebody
(`Callers.default`), as a user signs in before a command. Signatures, permission boundaries, session policies and the
grants of resource policies are not evaluated; the time at which a presigned request expires is.
"""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import xmltodict
from moto.iam.access_control import CreateAccessKeyFailure, create_access_key
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.s3.exceptions import BucketAccessDeniedError, S3ClientError
from werkzeug.exceptions import HTTPException

from aws_emulator.environment import ADMINISTRATOR_KEY
from aws_emulator.iam import contexts, s3_calls
from aws_emulator.iam.calls import Call, Permission
from aws_emulator.iam.evaluation import Decision, decide, decide_trust
from aws_emulator.iam.signatures import Credentials, Response, credentials, expiry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ADMINISTRATOR: Final = "administrator"
_ISSUED_KEY_ID: Final = re.compile(r"[A-Z0-9]{16,128}")
_CONTEXT: Final = {"aws:SecureTransport": "true"}
"""The emulator plays TLS, as its bucket policies take it too."""


@dataclass
class Callers:
    """The calls since the emulator was made, by caller, and the identity of the administrator's own key."""

    default: Credentials | None = None
    _seen: dict[tuple[str, Permission, bool], None] = field(default_factory=dict[tuple[str, Permission, bool], None])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, caller: str, permission: Permission, *, allowed: bool) -> None:
        """Remember a permission that a call took; once, however often it is taken."""
        with self._lock:
            self._seen[caller, permission, allowed] = None

    def recorded(self) -> list[dict[str, Any]]:
        """Return the recorded calls, in the order of each one's first."""
        return [
            {"caller": caller, "action": permission.action, "resource": permission.resource, "allowed": allowed}
            for caller, permission, allowed in self.seen()
        ]

    def seen(self) -> list[tuple[str, Permission, bool]]:
        """Return each recorded call's caller, permission, and whether it was allowed."""
        with self._lock:
            return list(self._seen)

    def restore(self, default: Credentials | None, seen: Iterable[tuple[str, Permission, bool]]) -> None:
        """Put back who is signed in, and the recorded calls, of an emulator before."""
        with self._lock:
            self.default, self._seen = default, dict.fromkeys(seen)


CALLERS: Final = Callers()


def authorize(response: Response, resource: str) -> None:
    """Refuse a call that its caller may not make, in the words of its service.

    resource: an S3 call's bucket or object.
    """
    given = credentials(response)
    if given is None:
        # moto leads no call without a signature elsewhere than to S3, where the bucket decides, and to STS's own.
        return
    caller, documents = _identity(response, given)
    _require_time_left(response)
    permissions, own = _permissions(response, resource)
    context = {**_CONTEXT, **own}
    for permission in permissions:
        refusal = "" if documents is None else _refused_by_identity(documents, permission, context)
        if not refusal and permission.action == "sts:AssumeRole":
            refusal = _refused_by_trust(response, permission, caller)
        CALLERS.record(caller, permission, allowed=not refusal)
        if refusal:
            message = f"User: {caller} is not authorized to perform: {permission.action} {refusal}"
            raise _refusal(response, "AccessDenied", message)


def _refused_by_identity(documents: list[dict[str, Any]], permission: Permission, context: Mapping[str, str]) -> str:
    """Return AWS's words for what the caller's own policies do not give; "" if they give it."""
    if permission.action == "sts:GetCallerIdentity":
        # AWS lets everybody ask who they are.
        return ""
    return {
        Decision.ALLOWED: "",
        Decision.NOT_ALLOWED: f"on resource: {permission.resource} because no identity-based policy allows the "
        f"{permission.action} action",
        Decision.DENIED: f"on resource: {permission.resource} with an explicit deny in an identity-based policy",
    }[decide(documents, permission.action, permission.resource, context)]


def _refused_by_trust(response: Response, permission: Permission, caller: str) -> str:
    """Return AWS's words for a role that does not trust the caller, or does not exist; "" if it trusts the caller.

    The account and the caller itself are the principals that are evaluated.
    """
    try:
        role = iam_backends[response.current_account][response.partition].get_role_by_arn(permission.resource)
    except NotFoundException:
        return f"on resource: {permission.resource}"
    account = f"arn:{response.partition}:iam::{response.current_account}:root"
    document = json.loads(role.assume_role_policy_document)
    return {
        Decision.ALLOWED: "",
        Decision.NOT_ALLOWED: f"because no role trust policy allows the {permission.action} action",
        Decision.DENIED: "with an explicit deny in the role trust policy",
    }[decide_trust(document, permission.action, "AWS", {account, caller})]


def _identity(response: Response, given: Credentials) -> tuple[str, list[dict[str, Any]] | None]:
    """Return the caller's ARN with its policies, which the administrator does not need."""
    if given.key_id == ADMINISTRATOR_KEY and CALLERS.default:
        given = CALLERS.default
    if not _ISSUED_KEY_ID.fullmatch(given.key_id):
        return ADMINISTRATOR, None
    headers = {"X-Amz-Security-Token": given.token} if given.token else {}
    try:
        key = create_access_key(response.current_account, response.partition, given.key_id, headers)
    except CreateAccessKeyFailure:
        code = "InvalidAccessKeyId" if response.service_name == "s3" else "InvalidClientTokenId"
        raise _refusal(response, code, "The security token included in the request is invalid.") from None
    return key.arn, [_document(policy) for policy in key.collect_policies()]


def role_documents(iam: Any, role: str) -> list[dict[str, Any]]:
    """Return the policies of a role, its own and those that are attached to it. iam: moto's IAM."""
    own = [iam.get_role_policy(role, name)[1] for name in iam.list_role_policies(role)]
    attached, _ = iam.list_attached_role_policies(role)
    return [_document(policy) for policy in (*own, *attached)]


def _document(policy: Any) -> dict[str, Any]:
    """Return the document of a policy in any of the forms in which moto keeps them."""
    if hasattr(policy, "versions"):
        policy = next(version.document for version in policy.versions if version.is_default)
    document: str = policy if isinstance(policy, str) else policy["policy_document"]
    return json.loads(document)


def _permissions(response: Response, resource: str) -> tuple[list[Permission], Mapping[str, str]]:
    """Return the permissions that a call takes, and the values of its condition keys."""
    if response.service_name == "s3":
        return list(s3_calls.permissions(response, resource)), s3_calls.context(response)
    # moto names some services after their module or endpoint.
    service = {"awslambda": "lambda", "monitoring": "cloudwatch"}.get(response.service_name, str(response.service_name))
    call = Call(
        service=service,
        operation=response._get_action(),  # noqa: SLF001 - moto's own
        get=response._get_param,  # noqa: SLF001 - moto's own
        partition=response.partition,
        region=response.region,
        account_id=response.current_account,
    )
    return call.permissions(), contexts.context(response, call)


def _require_time_left(response: Response) -> None:
    """Refuse a presigned URL, or an upload form, after the time that whoever signed it gave it.

    moto serves it for ever. S3 answers 403 AccessDenied (its API reference, "Authenticating Requests: Using Query
    Parameters" and "POST Policy"). Without this, a program whose URLs live too short passes every test.
    """
    try:
        end = expiry(response)
        has_expired = end is not None and end < datetime.now(UTC)
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise _refusal(response, "AccessDenied", f"Invalid or missing time: {error}") from None
    if has_expired:
        raise _refusal(response, "AccessDenied", "Request has expired")


def _refusal(response: Response, code: str, message: str) -> Exception:
    """Return the exception that moto turns into an answer in the called service's words."""
    if response.service_name == "s3":
        # moto answers the deletion of many objects for each of them, if the exception is this one.
        of_s3 = BucketAccessDeniedError(response.data.get("BucketName")) if code == "AccessDenied" else S3ClientError()
        of_s3.code, of_s3.message = code, message
        return of_s3
    refused = HTTPException()
    refused.code = 403
    if "json" in response.headers.get("Content-Type", "") or response.service_name == "awslambda":
        named = f"{code}Exception" if code == "AccessDenied" else code
        refused.description = json.dumps({"__type": named, "message": message})
        response.response_headers["X-Amzn-ErrorType"] = named
    else:
        error = {"Type": "Sender", "Code": code, "Message": message}
        refused.description = xmltodict.unparse({"ErrorResponse": {"Error": error}})
    return refused
