"""Patches of moto's S3: private buckets, atomic writes, conditions on TLS, whole rules, AWS's action names and more."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import xmltodict
from moto.iam.access_control import IAMPolicy
from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - it holds its own types
    DomainDispatcherApplication,
)
from moto.s3.exceptions import S3AccessDeniedError
from moto.s3.models import FakeBucket, FakeDeleteMarker
from moto.s3.responses import ACTION_MAP, S3Response
from moto.s3.utils import _VersionedKeyStore  # pyright: ignore[reportPrivateUsage]

from aws_emulator.iam.evaluation import listed
from aws_emulator.iam.s3_calls import tags_at_creation
from aws_emulator.iam.signatures import credentials
from aws_emulator.patching import require_attribute, wrap_method

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def patch_secure_transport_condition() -> None:
    """Apply a bucket policy's statement only if its condition on `aws:SecureTransport` is met.

    moto ignores the condition, so that the usual "deny what is not TLS" denies every object call with 403; on AWS
    the statement does not apply to a request over TLS (IAM's user guide, "AWS global condition context keys"). The
    emulator speaks plain HTTP in place of TLS and takes every request for a secure one: it cannot show that an
    insecure request is refused. Without the patch a bucket with that policy cannot be used.
    """

    def get_permission(original: Callable[..., Any], bucket: FakeBucket, action: str, resource: str) -> Any:
        stored: bytes | None = bucket.policy
        if stored is None:
            return original(bucket, action, resource)
        document: dict[str, Any] = json.loads(stored)
        document["Statement"] = [each for each in listed(document["Statement"]) if _holds_over_tls(each)]
        return IAMPolicy(json.dumps(document)).is_action_permitted(action, resource)

    wrap_method(FakeBucket, "get_permission", get_permission)


def _holds_over_tls(statement: dict[str, Any]) -> bool:
    """Return True if a request over TLS meets a statement's condition on `aws:SecureTransport`, or it has none."""
    for operator, expectations in statement.get("Condition", {}).items():
        if operator.lower() not in {"bool", "boolifexists"}:
            continue
        for key, expected in expectations.items():
            values = {str(each).lower() for each in listed(expected)}
            if key.lower() == "aws:securetransport" and "true" not in values:
                return False
    return True


def patch_delete_marker_disposal() -> None:
    """Let a delete marker be deleted together with its object.

    moto disposes of every version of an object that it removes, and a delete marker cannot be disposed of: the call
    ends as 500. On AWS a marker is one more version (S3's user guide, "Working with delete markers"). Terraform's
    provider empties a bucket (`force_destroy`) after versioning was suspended, and retries the 500 until it times out.
    """
    require_attribute(_VersionedKeyStore, "pop")

    def dispose(_marker: FakeDeleteMarker) -> None:
        """Free nothing: a marker has no content."""

    FakeDeleteMarker.dispose = dispose  # pyright: ignore[reportAttributeAccessIssue]


def patch_object_write_race() -> None:
    """Serve the writes of S3 one after the other.

    moto looks for the object and stores it in two steps, and another thread may come between them; on AWS a
    conditional put is atomic (S3's user guide, "How to prevent object overwrites with conditional writes"). Of several
    writers with `If-None-Match: *` two can win, which is two holders of Terraform's state lock.
    """
    one_writer = threading.RLock()

    def respond(original: Callable[..., Any], response: S3Response, request: Any, full_url: str) -> Any:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return original(response, request, full_url)
        with one_writer:
            return original(response, request, full_url)

    wrap_method(S3Response, "_key_response", respond)
    wrap_method(S3Response, "_bucket_response", respond)


def patch_anonymous_access() -> None:
    """Refuse requests without a signature to S3, unless the bucket's public access block was lifted.

    moto lets anybody list a private bucket, put new objects into it and read objects with a public ACL, whatever
    the public access block says; on AWS a bucket is blocked from its creation on, and then refuses all of these
    with 403 (S3's user guide, "Blocking public access"). A check that a bucket is private cannot be trusted.
    """

    def respond(original: Callable[..., Any], response: S3Response, request: Any, full_url: str) -> Any:
        if _is_anonymous(response, request) and _is_blocked(response):
            raise S3AccessDeniedError
        return original(response, request, full_url)

    wrap_method(S3Response, "_key_response", respond)
    wrap_method(S3Response, "_bucket_response", respond)


def _is_anonymous(response: S3Response, request: Any) -> bool:
    """Return True if a request carries no credentials; browsers ask for CORS (OPTIONS) without any, rightly."""
    return request.method != "OPTIONS" and credentials(response) is None


def _is_blocked(response: S3Response) -> bool:
    """Return True if the public access block of the addressed bucket leaves anonymous callers nothing."""
    bucket = response.backend.buckets.get(response.bucket_name) if response.bucket_name else None
    if bucket is None or bucket.public_access_block is None:
        return True
    block = bucket.public_access_block.to_config_dict()
    return block["ignorePublicAcls"] and block["restrictPublicBuckets"]


def patch_lifecycle_details() -> None:
    """Keep the sizes of objects that a lifecycle rule is for, and the old versions that it keeps.

    moto drops ObjectSizeGreaterThan and ObjectSizeLessThan of a rule's filter, and NewerNoncurrentVersions of
    NoncurrentVersionExpiration; AWS returns them (GetBucketLifecycleConfiguration in S3's API reference). A rule that
    expires nothing below 1 GB looks as if it was for every object, and Terraform's provider waits in vain for a rule
    that keeps versions to be as it was written.
    """

    def sizes(of: Mapping[str, Any] | None) -> dict[str, Any]:
        return {key: value for key, value in (of or {}).items() if key.startswith("ObjectSize")}

    def set_lifecycle(original: Callable[..., None], bucket: Any, rules: list[dict[str, Any]]) -> None:
        original(bucket, rules)
        for kept, rule in zip(bucket.rules, rules, strict=True):
            chosen: Mapping[str, Any] = rule.get("Filter") or {}
            kept.sizes = sizes(chosen), sizes(chosen.get("And"))
            expiry: Mapping[str, Any] = rule.get("NoncurrentVersionExpiration") or {}
            kept.newer_versions = expiry.get("NewerNoncurrentVersions")

    def get_lifecycle(original: Callable[..., Any], response: Any) -> Any:
        serialize = response.serialized

        def with_details(answer: Any) -> Any:
            for rule, kept in zip(answer.result["Rules"], response.backend.get_bucket(bucket).rules, strict=True):
                alone, together = kept.sizes
                if alone:
                    rule["Filter"] |= alone
                if together:
                    rule["Filter"]["And"] |= together
                if kept.newer_versions is not None:
                    rule["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = kept.newer_versions
            return serialize(answer)

        bucket = response.bucket_name
        response.serialized = with_details
        try:
            return original(response)
        finally:
            # An error is serialized after this.
            del response.serialized

    wrap_method(FakeBucket, "set_lifecycle", set_lifecycle)
    wrap_method(S3Response, "get_bucket_lifecycle", get_lifecycle)


def patch_request_payment() -> None:
    """Return the payer of requests to a bucket, and keep it.

    moto answers with a list of the bucket's objects, and takes the change for the bucket's creation; on AWS it is the
    owner unless it was changed (GetBucketRequestPayment in S3's API reference). A bucket whose readers pay, and are
    refused if they do not agree to it, looks as required.
    """

    def get(original: Callable[..., Any], response: Any, bucket: str, query: dict[str, Any]) -> Any:
        if "requestPayment" not in query:
            return original(response, bucket, query)
        kept = _authorized_bucket(response, "GET", bucket, query)
        payer = getattr(kept, "payer", "BucketOwner")
        namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
        kind = "RequestPaymentConfiguration"
        return 200, {}, f'<{kind} xmlns="{namespace}"><Payer>{payer}</Payer></{kind}>'

    def put(original: Callable[..., Any], response: Any, request: Any, bucket: str, query: dict[str, Any]) -> Any:
        if "requestPayment" not in query:
            return original(response, request, bucket, query)
        kept = _authorized_bucket(response, "PUT", bucket, query)
        kept.payer = xmltodict.parse(response.body)["RequestPaymentConfiguration"]["Payer"]
        return 200, {}, ""

    wrap_method(S3Response, "_bucket_response_get", get)
    wrap_method(S3Response, "_bucket_response_put", put)


def patch_tags_at_creation() -> None:
    """Keep the tags that a bucket is created with.

    moto drops them. AWS stores them, also of general purpose buckets (CreateBucketConfiguration in S3's API reference).
    Terraform's provider sends them from 6.23.0 on: without the patch its buckets have no tags, and each plan adds them.
    """

    def put(original: Callable[..., Any], response: Any, request: Any, bucket: str, query: dict[str, Any]) -> Any:
        tags = [] if query else tags_at_creation(response.body)
        existed = bucket in response.backend.buckets
        answer = original(response, request, bucket, query)
        if tags and not existed:
            response.backend.tagger.tag_resource(response.backend.get_bucket(bucket).arn, tags=tags)
        return answer

    wrap_method(S3Response, "_bucket_response_put", put)


def patch_dispatch_of_version_2() -> None:
    """Lead a call that Signature Version 2 signs to S3, whatever letters its signature has.

    moto reads Version 4's five parts, between slashes, out of every header; a signature of Version 2 is base64, in
    which a slash is a letter (S3's API reference, "Signing and authenticating REST requests"). One in a thousand has
    four of them: without the patch that call goes to the service that its signature happens to name, and ends as 500.
    """

    def infer(original: Callable[..., Any], dispatcher: Any, environ: dict[str, Any], path: str) -> str | None:
        # None is what moto answers itself if a header has other than five parts; S3 is what it takes then.
        return None if environ.get("HTTP_AUTHORIZATION", "").startswith("AWS ") else original(dispatcher, environ, path)

    wrap_method(DomainDispatcherApplication, "infer_service_region_host", infer)


def _authorized_bucket(response: Any, method: str, bucket: str, query: dict[str, Any]) -> Any:
    """Return the addressed bucket. Raises moto's refusal if the caller may not do this to it."""
    response._set_action("BUCKET", method, query)  # noqa: SLF001 - moto's own
    response._authenticate_and_authorize_s3_action(bucket_name=bucket)  # noqa: SLF001 - moto's own
    return response.backend.get_bucket(bucket)


def patch_action_names() -> None:
    """Name the actions of S3 as AWS does.

    moto takes many settings of a bucket for ListBucket or CreateBucket, and a read of an old version for one of the
    present one; AWS has an action for each (Service Authorization Reference, "Actions for Amazon S3"). A policy with
    just the permissions that are needed on AWS does not suffice here, and one without them may.
    """
    ACTION_MAP["BUCKET"]["HEAD"]["DEFAULT"] = "ListBucket"
    for method, settings in _BUCKET_ACTIONS.items():
        # The first of the names that stands in the query counts; DEFAULT has to stay the last.
        default = ACTION_MAP["BUCKET"][method].pop("DEFAULT")
        ACTION_MAP["BUCKET"][method] |= {**settings, "DEFAULT": default}
    ACTION_MAP["KEY"]["HEAD"] = {"versionId": "GetObjectVersion", "DEFAULT": "GetObject"}


_BUCKET_ACTIONS = {
    "GET": {
        "encryption": "GetEncryptionConfiguration",
        "object-lock": "GetBucketObjectLockConfiguration",
        "ownershipControls": "GetBucketOwnershipControls",
        "publicAccessBlock": "GetBucketPublicAccessBlock",
        "replication": "GetReplicationConfiguration",
        "requestPayment": "GetBucketRequestPayment",
    },
    "PUT": {
        "encryption": "PutEncryptionConfiguration",
        "object-lock": "PutBucketObjectLockConfiguration",
        "ownershipControls": "PutBucketOwnershipControls",
        "publicAccessBlock": "PutBucketPublicAccessBlock",
        "replication": "PutReplicationConfiguration",
        "requestPayment": "PutBucketRequestPayment",
    },
    "DELETE": {
        "encryption": "PutEncryptionConfiguration",
        "ownershipControls": "PutBucketOwnershipControls",
        "publicAccessBlock": "PutBucketPublicAccessBlock",
        "replication": "PutReplicationConfiguration",
    },
}


PATCHES: tuple[Callable[[], None], ...] = (
    patch_secure_transport_condition,
    patch_delete_marker_disposal,
    patch_object_write_race,
    patch_anonymous_access,
    patch_lifecycle_details,
    patch_request_payment,
    patch_tags_at_creation,
    patch_dispatch_of_version_2,
    patch_action_names,
)
