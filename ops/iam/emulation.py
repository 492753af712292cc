"""IAM on the emulator: who calls, what the call takes, whether the caller's policies give it, and a record of it.

A key of a user or of a role that was taken on has what that identity's policies give. A key that looks like AWS's and
is nobody's is refused. Any other key, like the `emulator` of the commands, is the account's administrator; it can be
told to act as somebody (`Callers.default`), as a user signs in before a command. Signatures, permission boundaries,
session policies and the grants of resource policies are not looked at.
"""

# ruff: noqa: PLC0415
# moto is imported inside functions: the account id has to be in the environment before the first import of it.

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ops.iam.calls import EVERYTHING, Call, Permission
from ops.iam.evaluation import is_allowed, listed, trusts

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_KEY_ID: Final = "emulator"
ADMINISTRATOR: Final = "administrator"
_ISSUED_KEY_ID: Final = re.compile(r"[A-Z0-9]{16,128}")
_CONTEXT: Final = {"aws:SecureTransport": "true"}
"""The emulator plays TLS, as its bucket policies take it too."""
Response = Any
"""moto's answer to a call, which holds the call; what is needed of it is private to moto."""


@dataclass(frozen=True)
class Credentials:
    """An identity's key; token: the session's, for a role."""

    key_id: str
    token: str | None = None


@dataclass
class Callers:
    """Who called what since the emulator began, and as whom the administrator's own key acts."""

    default: Credentials | None = None
    _seen: dict[tuple[str, Permission, bool], None] = field(default_factory=dict[tuple[str, Permission, bool], None])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def record(self, caller: str, permission: Permission, *, allowed: bool) -> None:
        """Remember a permission that a call took; once, however often it is taken."""
        with self._lock:
            self._seen[caller, permission, allowed] = None

    def recorded(self) -> list[dict[str, Any]]:
        """Return what was taken, in the order in which each was taken first."""
        with self._lock:
            seen = list(self._seen)
        return [
            {"caller": caller, "action": permission.action, "resource": permission.resource, "allowed": allowed}
            for caller, permission, allowed in seen
        ]


CALLERS: Final = Callers()


def authorize(response: Response, resource: str) -> None:
    """Refuse a call that its caller may not make, in the words of its service.

    resource: an S3 call's bucket or object.
    """
    identity = _identity(response)
    if identity is None:
        # moto leads no call without a signature elsewhere than to S3, where the bucket decides, and to STS's own.
        return
    caller, documents = identity
    for permission in _permissions(response, resource):
        allowed = documents is None or _is_given(documents, permission)
        allowed = allowed and (permission.action != "sts:AssumeRole" or _is_trusted(response, permission, caller))
        CALLERS.record(caller, permission, allowed=allowed)
        if not allowed:
            message = (
                f"User: {caller} is not authorized to perform: {permission.action} on resource: {permission.resource} "
                f"because no identity-based policy allows the {permission.action} action"
            )
            raise _refusal(response, "AccessDenied", message)


def _is_given(documents: list[dict[str, Any]], permission: Permission) -> bool:
    # AWS lets everybody ask who they are.
    return permission.action == "sts:GetCallerIdentity" or is_allowed(
        documents, permission.action, permission.resource, _CONTEXT
    )


def _is_trusted(response: Response, permission: Permission, caller: str) -> bool:
    """Whether the role that is to be taken on is there, and trusts the account or the caller."""
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import iam_backends

    try:
        role = iam_backends[response.current_account][response.partition].get_role_by_arn(permission.resource)
    except NotFoundException:
        return False
    account = f"arn:{response.partition}:iam::{response.current_account}:root"
    return trusts(json.loads(role.assume_role_policy_document), "sts:AssumeRole", "AWS", {account, caller})


# --- who calls -----------------------------------------------------------------------------------------------


def _identity(response: Response) -> tuple[str, list[dict[str, Any]] | None] | None:
    """Return the caller's ARN with its policies, which the administrator does not need; None without a signature."""
    from moto.iam.access_control import CreateAccessKeyFailure, create_access_key

    given = _credentials(response)
    if given is None:
        return None
    if given.key_id == DEFAULT_KEY_ID and CALLERS.default:
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


def _credentials(response: Response) -> Credentials | None:
    signed = re.search(r"Credential=([^/,]+)/", response.headers.get("Authorization", ""))
    if signed:
        return Credentials(signed[1], response.headers.get("X-Amz-Security-Token"))
    query: dict[str, list[str]] = response.querystring or {}
    if "X-Amz-Credential" in query:
        return Credentials(query["X-Amz-Credential"][0].split("/")[0], query.get("X-Amz-Security-Token", [None])[0])
    return None


def _document(policy: Any) -> dict[str, Any]:
    """Return the document of a policy in any of the forms in which moto keeps them."""
    if hasattr(policy, "versions"):
        policy = next(version.document for version in policy.versions if version.is_default)
    document: str = policy if isinstance(policy, str) else policy["policy_document"]
    return json.loads(document)


# --- what the call takes -------------------------------------------------------------------------------------


def _permissions(response: Response, resource: str) -> list[Permission]:
    if response.service_name == "s3":
        return list(_of_s3(response, resource))
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
    return call.permissions()


def _of_s3(response: Response, resource: str) -> Iterator[Permission]:
    action = response._get_action()  # noqa: SLF001 - moto's own
    if action == "ListAllMyBuckets":
        yield Permission(f"s3:{action}", EVERYTHING)
        return
    if action == "DeleteObject" and response.method == "POST":
        for key, version in _deleted(response.body):
            yield Permission(f"s3:DeleteObject{'Version' if version else ''}", f"{resource}/{key}")
        return
    yield Permission(f"s3:{action}", resource)
    if action == "CreateBucket" and "x-amz-object-ownership" in response.headers:
        yield Permission("s3:PutBucketOwnershipControls", resource)
    bucket, _, key = resource.partition("/")
    if action == "GetObject" and key and not _exists(response, key):
        # Who may not list a bucket is not told that an object is not there.
        yield Permission("s3:ListBucket", bucket)


def _exists(response: Response, key: str) -> bool:
    bucket = response.backend.buckets.get(response.bucket_name)
    return bucket is None or bucket.keys.get(key) is not None


def _deleted(body: bytes) -> Iterator[tuple[str, str | None]]:
    import xmltodict

    objects: Any = xmltodict.parse(body, strip_whitespace=False)["Delete"].get("Object", [])
    for each in listed(objects):
        yield each["Key"], each.get("VersionId")


# --- how it is refused ---------------------------------------------------------------------------------------


def _refusal(response: Response, code: str, message: str) -> Exception:
    """Return the exception that moto turns into an answer in the called service's words."""
    import xmltodict
    from moto.s3.exceptions import BucketAccessDeniedError, S3ClientError
    from werkzeug.exceptions import HTTPException

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
