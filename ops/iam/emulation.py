"""IAM on the emulator: who calls, what the call takes, whether the caller's policies give it, and a record of it.

A key of a user or of a role that was taken on has what that identity's policies give. A key that looks like AWS's and
is nobody's is refused. Any other key, like the `emulator` of the commands, is the account's administrator; it can be
told to act as somebody (`Callers.default`), as a user signs in before a command. Signatures, permission boundaries,
session policies and the grants of resource policies are not evaluated; the time at which a URL expires is.
"""

# ruff: noqa: PLC0415
# moto is imported inside functions: the account id has to be in the environment before the first import of it.

from __future__ import annotations

import json
import re
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from ops.iam.calls import EVERYTHING, Call, Permission
from ops.iam.evaluation import Decision, decide, decide_trust, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT_KEY_ID: Final = "emulator"
ADMINISTRATOR: Final = "administrator"
_ISSUED_KEY_ID: Final = re.compile(r"[A-Z0-9]{16,128}")
_SIGNED_HEADERS: Final = (r"AWS4-HMAC-SHA256 .*?Credential=([^/,]+)/", r"AWS ([^:]+):")
"""The header `Authorization` of Signature Version 4, and S3's of Version 2; each has the key's id as its group."""
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
    given = credentials(response)
    if given is None:
        # moto leads no call without a signature elsewhere than to S3, where the bucket decides, and to STS's own.
        return
    caller, documents = _identity(response, given)
    _require_time_left(response)
    for permission in _permissions(response, resource):
        refusal = "" if documents is None else _refused_by_identity(documents, permission)
        if not refusal and permission.action == "sts:AssumeRole":
            refusal = _refused_by_trust(response, permission, caller)
        CALLERS.record(caller, permission, allowed=not refusal)
        if refusal:
            message = f"User: {caller} is not authorized to perform: {permission.action} {refusal}"
            raise _refusal(response, "AccessDenied", message)


def _refused_by_identity(documents: list[dict[str, Any]], permission: Permission) -> str:
    """Return AWS's words for what the caller's own policies do not give; "" if they give it."""
    if permission.action == "sts:GetCallerIdentity":
        # AWS lets everybody ask who they are.
        return ""
    return {
        Decision.ALLOWED: "",
        Decision.NOT_ALLOWED: f"on resource: {permission.resource} because no identity-based policy allows the "
        f"{permission.action} action",
        Decision.DENIED: f"on resource: {permission.resource} with an explicit deny in an identity-based policy",
    }[decide(documents, permission.action, permission.resource, _CONTEXT)]


def _refused_by_trust(response: Response, permission: Permission, caller: str) -> str:
    """Return AWS's words for a role that does not trust the caller, or does not exist; "" if it trusts the caller.

    The account and the caller itself are the principals that are evaluated.
    """
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import iam_backends

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


# --- who calls -----------------------------------------------------------------------------------------------


def credentials(response: Response) -> Credentials | None:
    """Return the credentials that a call is signed with, in whichever of AWS's forms; None if it is not signed.

    The forms are a header, the query of a presigned URL, and the fields of a browser's upload form, each of Signature
    Version 4 or of Version 2, in which boto3 presigns for S3 unless it is told otherwise.
    """
    for pattern in _SIGNED_HEADERS:
        if signed := re.match(pattern, response.headers.get("Authorization", "")):
            return Credentials(signed[1], response.headers.get("X-Amz-Security-Token"))
    given = _query(response)
    token = given.get("x-amz-security-token")
    if scope := given.get("x-amz-credential"):
        return Credentials(scope.split("/")[0], token)
    if key_id := given.get("awsaccesskeyid"):
        return Credentials(key_id, token)
    return None


def _query(response: Response) -> dict[str, str]:
    """Return the parameters of a URL and the fields of a form, by their names in lower case: the forms differ in it."""
    parameters = {**dict(parse_qsl(response.parsed_url.query)), **response.form_data}
    return {name.lower(): value for name, value in parameters.items()}


def _require_time_left(response: Response) -> None:
    """Refuse a presigned URL, or an upload form, after the time that whoever signed it gave it.

    moto serves it for ever. S3 answers 403 AccessDenied (its API reference, "Authenticating Requests: Using Query
    Parameters" and "POST Policy"). Without this, a handler whose URLs live too short passes every test.
    """
    if response.headers.get("Authorization"):
        return
    try:
        end = _end(_query(response))
    except (KeyError, OverflowError, TypeError, ValueError) as error:
        raise _refusal(response, "AccessDenied", f"Invalid or missing time: {error}") from None
    if end < datetime.now(UTC):
        raise _refusal(response, "AccessDenied", "Request has expired")


def _end(given: dict[str, str]) -> datetime:
    """Return the time at which an upload form or a presigned URL of either version expires.

    Raises KeyError, OverflowError, TypeError or ValueError for a time that is missing, or is not one.
    """
    if "policy" in given:
        return datetime.fromisoformat(json.loads(b64decode(given["policy"]))["expiration"])
    if "x-amz-credential" in given:
        signed_at = datetime.strptime(given["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return signed_at + timedelta(seconds=int(given["x-amz-expires"]))
    return datetime.fromtimestamp(int(given["expires"]), UTC)


def _identity(response: Response, given: Credentials) -> tuple[str, list[dict[str, Any]] | None]:
    """Return the caller's ARN with its policies, which the administrator does not need."""
    from moto.iam.access_control import CreateAccessKeyFailure, create_access_key

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
            yield from _deletion(f"{resource}/{key}", has_version=version is not None)
        return
    if action == "DeleteObjectVersion":
        yield from _deletion(resource, has_version=True)
        return
    if action == "PutObject" and response.method == "POST" and (key := _query(response).get("key")):
        # A browser's upload form, which moto asks about for the bucket.
        yield Permission("s3:PutObject", f"{resource}/{key}")
        return
    yield Permission(f"s3:{action}", resource)
    if action == "CreateBucket" and "x-amz-object-ownership" in response.headers:
        yield Permission("s3:PutBucketOwnershipControls", resource)
    bucket, _, key = resource.partition("/")
    if action == "GetObject" and key and not _exists(response, key):
        # Who may not list a bucket is not told that an object is not there.
        yield Permission("s3:ListBucket", bucket)


def _deletion(resource: str, *, has_version: bool) -> Iterator[Permission]:
    """Yield what the deletion of an object takes: always one permission, and another one if it names a version.

    The API reference says so of DeleteObject and of DeleteObjects. A bucket without versions has the version `null`,
    which the provider names when it empties a bucket.
    """
    yield Permission("s3:DeleteObject", resource)
    if has_version:
        yield Permission("s3:DeleteObjectVersion", resource)


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
