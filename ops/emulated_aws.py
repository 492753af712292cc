"""An AWS on the loopback interface, for planning, deploying and destroying the stacks offline.

Run as ``python -m ops.emulated_aws --account-id 123412341234``. The service itself is moto's server; this
module mends the few places where moto answers the Terraform provider or a client differently from AWS, and
gives the process a life cycle that another process can rely on:

- it binds 127.0.0.1 only and prints one line, its URL, once it accepts connections;
- it ends on SIGTERM or SIGINT, and with ``--while-stdin-open`` also when its standard input is closed, which
  the kernel does for a dead parent however that parent died;
- ``GET /_emulator`` tells its process id and account id, so that a client can be sure whom it talks to;
- ``GET /_emulator/calls`` tells every permission that calls took, by whom, and whether it was given;
- ``PUT /_emulator/caller`` signs the key `emulator` in as another identity, whose key and token it gets as JSON.

Everything it holds is in memory and gone when it ends. It does not evaluate alarms, publish metrics of its own,
expire items or objects, or check signatures. What it enforces of IAM is in `ops.iam.emulation`.
"""

# ruff: noqa: PLC0415
# moto is imported inside functions: the account id has to be in the environment before the first import of it.

from __future__ import annotations

import argparse
import copy
import functools
import json
import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from moto.s3.responses import S3Response
    from werkzeug.serving import BaseWSGIServer

LOOPBACK = "127.0.0.1"
IDENTITY_PATH = "/_emulator"
EXIT_UNKNOWN_MOTO = 3

END_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class MendError(RuntimeError):
    """The installed moto lacks what a mend replaces."""


# --- The gaps of moto 5.2.5, and their mends -------------------------------------------------------------------
#
# Each function below mends one gap and says what moto does, what AWS does, and what fails without the mend.
# A mend goes when moto has mended the gap itself.


def _original(owner: type, name: str) -> Any:
    """Return what `owner` has under `name`, or say that this moto cannot be mended."""
    try:
        return vars(owner)[name]
    except KeyError:
        from moto import __version__

        message = (
            f"cannot mend moto {__version__}: {owner.__module__}.{owner.__qualname__} has no {name!r}; "
            "use the moto version that the lock file names, or adapt ops/emulated_aws.py"
        )
        raise MendError(message) from None


def _wrap_method(owner: type, name: str, wrapper: Callable[..., Any]) -> None:
    """Replace a method by `wrapper`, which gets the original as its first argument."""
    original = _original(owner, name)

    @functools.wraps(original)
    def mended(*args: Any, **kwargs: Any) -> Any:
        return wrapper(original, *args, **kwargs)

    setattr(owner, name, mended)


def _compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def mend_redrive_policy_spaces() -> None:
    """Return RedrivePolicy without spaces.

    moto writes it with a space after every comma and colon; AWS writes none. The provider compares the text, so
    every plan would show a change of the queue.
    """
    from moto.sqs.models import Queue

    attributes = _original(Queue, "attributes").fget

    def compact_attributes(queue: Queue) -> dict[str, Any]:
        result = attributes(queue)
        if result.get("RedrivePolicy"):
            result["RedrivePolicy"] = _compact(json.loads(result["RedrivePolicy"]))
        return result

    Queue.attributes = property(compact_attributes)  # pyright: ignore[reportAttributeAccessIssue]


def mend_redrive_allow_policy() -> None:
    """Return RedriveAllowPolicy.

    moto stores the attribute but does not know its name when asked for it; AWS returns it, and nothing once it was
    set to the empty string. The provider polls for it after every write, and times out.
    """
    from moto.sqs.models import Queue

    names: list[str] = _original(Queue, "BASE_ATTRIBUTES")
    if "RedriveAllowPolicy" in names:
        message = "cannot mend moto: it knows RedriveAllowPolicy by now; remove mend_redrive_allow_policy"
        raise MendError(message)
    names.append("RedriveAllowPolicy")
    Queue.redrive_allow_policy = None  # pyright: ignore[reportAttributeAccessIssue]

    def set_attributes(original: Callable[..., None], queue: Queue, attributes: dict[str, Any], *now: Any) -> None:
        allow = attributes.get("RedriveAllowPolicy")
        if allow is not None:
            attributes = {**attributes, "RedriveAllowPolicy": _compact(json.loads(allow)) if allow else None}
        original(queue, attributes, *now)

    _wrap_method(Queue, "_set_attributes", set_attributes)


def mend_forgotten_queue_policy() -> None:
    """Keep a queue's policy when other attributes change.

    moto resets Policy on every SetQueueAttributes that does not name it; AWS changes only what is named. After any
    change of a queue the next plan would want to add the policy again.
    """
    from moto.sqs.models import Queue

    def set_attributes(original: Callable[..., None], queue: Queue, attributes: dict[str, Any], *now: Any) -> None:
        if "Policy" not in attributes:
            attributes = {**attributes, "Policy": queue.policy}
        original(queue, attributes, *now)

    _wrap_method(Queue, "_set_attributes", set_attributes)


def mend_secure_transport_condition() -> None:
    """Apply a bucket policy's statement only if its condition on `aws:SecureTransport` holds.

    moto ignores the condition, so that the usual "deny what is not TLS" denies every object call with 403; on AWS
    the statement does not touch a request over https. The emulator speaks plain HTTP in place of TLS and therefore
    takes every request for a secure one: it cannot show that an insecure request would be refused.
    """
    from moto.s3.models import FakeBucket

    def get_permission(original: Callable[..., Any], bucket: FakeBucket, action: str, resource: str) -> Any:
        stored: bytes | None = bucket.policy
        if stored is None:
            return original(bucket, action, resource)
        document: dict[str, Any] = json.loads(stored)
        document["Statement"] = [each for each in _listed(document["Statement"]) if _holds_over_tls(each)]
        return _permission(document, action, resource)

    _wrap_method(FakeBucket, "get_permission", get_permission)


def _permission(document: dict[str, Any], action: str, resource: str) -> Any:
    from moto.iam.access_control import IAMPolicy

    return IAMPolicy(json.dumps(document)).is_action_permitted(action, resource)


def _listed(value: Any) -> list[Any]:
    """Return the list that a policy document may abbreviate to its only element."""
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _holds_over_tls(statement: dict[str, Any]) -> bool:
    """Whether a statement's condition on `aws:SecureTransport`, if it has one, holds for a request over TLS."""
    for operator, expectations in statement.get("Condition", {}).items():
        if operator.lower() not in {"bool", "boolifexists"}:
            continue
        for key, expected in expectations.items():
            values = {str(each).lower() for each in _listed(expected)}
            if key.lower() == "aws:securetransport" and "true" not in values:
                return False
    return True


def mend_delete_marker_disposal() -> None:
    """Let a delete marker be thrown away together with its object.

    moto disposes of every version of an object that it removes, and a delete marker cannot be disposed of: the call
    ends as 500. On AWS a marker is one more version. The provider empties a bucket (`force_destroy`) after versioning
    was suspended, meets the 500, and tries again until it times out.
    """
    from moto.s3.models import FakeDeleteMarker
    from moto.s3.utils import _VersionedKeyStore  # pyright: ignore[reportPrivateUsage]

    _original(_VersionedKeyStore, "pop")

    def dispose(_marker: FakeDeleteMarker) -> None:
        """Free nothing: a marker has no content."""

    FakeDeleteMarker.dispose = dispose  # pyright: ignore[reportAttributeAccessIssue]


def mend_object_write_race() -> None:
    """Serve the writes of S3 one after the other.

    moto looks for the object and stores it in two steps, and another thread may come between them; on AWS a
    conditional put is atomic. Of several writers with `If-None-Match: *` two could win, which is two holders of
    Terraform's state lock.
    """
    from moto.s3.responses import S3Response

    one_writer = threading.RLock()

    def respond(original: Callable[..., Any], response: S3Response, request: Any, full_url: str) -> Any:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return original(response, request, full_url)
        with one_writer:
            return original(response, request, full_url)

    _wrap_method(S3Response, "_key_response", respond)
    _wrap_method(S3Response, "_bucket_response", respond)


def mend_item_write_race() -> None:
    """Serve the calls of DynamoDB one after the other.

    moto checks a condition and writes the item in two steps, and reads, adds and writes in three; on AWS each is
    atomic. Of several simultaneous puts with `attribute_not_exists` two could succeed, and counters lose updates.
    """
    from moto.dynamodb.responses import DynamoHandler

    one_caller = threading.RLock()

    def call_action(original: Callable[..., Any], handler: DynamoHandler) -> Any:
        with one_caller:
            return original(handler)

    _wrap_method(DynamoHandler, "call_action", call_action)


def mend_message_races() -> None:
    """Serve the calls of SQS that touch messages one after the other; only a long poll's waiting overlaps.

    moto walks through a queue's messages while other threads change them; on AWS no message is lost and no call
    fails for that. Two consumers that meet a message on its way to the dead-letter queue got 500, and a message
    sent during a delete could vanish.
    """
    from moto.sqs.models import SQSBackend

    one_caller = threading.RLock()

    def call(original: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        with one_caller:
            return original(*arguments, **named)

    def receive(
        original: Callable[..., list[Any]],
        backend: SQSBackend,
        queue_name: str,
        count: int,
        wait_seconds_timeout: int,
        *others: Any,
    ) -> list[Any]:
        deadline = time.monotonic() + wait_seconds_timeout
        while True:
            with one_caller:
                messages = original(backend, queue_name, count, 0, *others)
            if messages or time.monotonic() >= deadline:
                return messages
            backend.get_queue(queue_name).wait_for_messages(1)

    for name in ("send_message", "delete_message", "change_message_visibility", "purge_queue"):
        _wrap_method(SQSBackend, name, call)
    _wrap_method(SQSBackend, "receive_message", receive)


def mend_anonymous_access() -> None:
    """Refuse requests without a signature to S3, unless the bucket's public access block was lifted.

    moto lets anybody list a private bucket, put new objects into it and read objects with a public ACL, whatever
    the public access block says; on AWS a bucket is blocked from its creation on, and then refuses all of these
    with 403. A check that the bucket is private could not be trusted.
    """
    from moto.s3.exceptions import S3AccessDeniedError
    from moto.s3.responses import S3Response

    def respond(original: Callable[..., Any], response: S3Response, request: Any, full_url: str) -> Any:
        if _is_anonymous(response, request) and _is_blocked(response):
            raise S3AccessDeniedError
        return original(response, request, full_url)

    _wrap_method(S3Response, "_key_response", respond)
    _wrap_method(S3Response, "_bucket_response", respond)


def _is_anonymous(response: S3Response, request: Any) -> bool:
    """Return True if a request carries no credentials; browsers ask for CORS (OPTIONS) without any, rightly."""
    from ops.iam.emulation import credentials

    return request.method != "OPTIONS" and credentials(response) is None


def _is_blocked(response: S3Response) -> bool:
    """Whether the public access block of the addressed bucket leaves anonymous callers nothing."""
    bucket = response.backend.buckets.get(response.bucket_name) if response.bucket_name else None
    if bucket is None or bucket.public_access_block is None:
        return True
    block = bucket.public_access_block.to_config_dict()
    return block["ignorePublicAcls"] and block["restrictPublicBuckets"]


def mend_table_tag_twice() -> None:
    """Replace a table's tag when one with its key is set.

    moto adds the new tag beside the old one; AWS keeps one value a key. After a tag was changed and set back, the
    pages of ListTagsOfResource, which end at a key, would never end.
    """
    from moto.dynamodb.models import DynamoDBBackend

    def tag_resource(original: Callable[..., None], backend: DynamoDBBackend, arn: str, tags: dict[str, str]) -> None:
        backend.untag_resource(arn, list(tags))
        original(backend, arn, tags)

    _wrap_method(DynamoDBBackend, "tag_resource", tag_resource)


def mend_forgotten_table_settings() -> None:
    """Keep a table's class, and the most that it and its indexes may read and write on demand.

    moto takes both and forgets them; AWS returns them (TableClassSummary and OnDemandThroughput, DescribeTable in
    DynamoDB's API reference). A table of another class, or throttled to one request a second, would look as required.
    """
    from moto.dynamodb.models.table import Table
    from moto.dynamodb.responses import DynamoHandler

    def remember(original: Callable[..., Any], handler: Any) -> Any:
        answer = original(handler)
        kept: dict[str, Any]
        table: Any = handler.dynamodb_backend.get_table(handler.body["TableName"])
        table.forgotten = kept = {**getattr(table, "forgotten", {})}
        if table_class := handler.body.get("TableClass"):
            kept["TableClassSummary"] = {"TableClass": table_class}
        if limits := handler.body.get("OnDemandThroughput"):
            kept["OnDemandThroughput"] = limits
        for change in handler.body.get("GlobalSecondaryIndexUpdates") or ():
            for index in change.values():
                kept.setdefault("indexes", {})[index["IndexName"]] = index.get("OnDemandThroughput")
        return answer

    def describe(original: Callable[..., Any], table: Any, base_key: str = "TableDescription") -> Any:
        described = original(table, base_key)
        kept: dict[str, Any] = {**getattr(table, "forgotten", {})}
        limits: dict[str, Any] = kept.pop("indexes", {})
        for index in described[base_key]["GlobalSecondaryIndexes"]:
            if limit := limits.get(index["IndexName"]):
                index["OnDemandThroughput"] = limit
        described[base_key] |= kept
        return described

    _wrap_method(DynamoHandler, "create_table", remember)
    _wrap_method(DynamoHandler, "update_table", remember)
    _wrap_method(Table, "describe", describe)


def mend_lifecycle_sizes() -> None:
    """Keep the sizes of objects that a lifecycle rule is for.

    moto drops ObjectSizeGreaterThan and ObjectSizeLessThan of a rule's filter; AWS returns them
    (GetBucketLifecycleConfiguration in S3's API reference). A rule that expires nothing below 1 GB would look as if it
    was for every object.
    """
    from moto.s3.models import FakeBucket
    from moto.s3.responses import S3Response

    def sizes(of: Mapping[str, Any] | None) -> dict[str, Any]:
        return {key: value for key, value in (of or {}).items() if key.startswith("ObjectSize")}

    def set_lifecycle(original: Callable[..., None], bucket: Any, rules: list[dict[str, Any]]) -> None:
        original(bucket, rules)
        for kept, rule in zip(bucket.rules, rules, strict=True):
            chosen: Mapping[str, Any] = rule.get("Filter") or {}
            kept.sizes = sizes(chosen), sizes(chosen.get("And"))

    def get_lifecycle(original: Callable[..., Any], response: Any) -> Any:
        serialize = response.serialized

        def with_sizes(answer: Any) -> Any:
            for rule, kept in zip(answer.result["Rules"], response.backend.get_bucket(bucket).rules, strict=True):
                alone, together = kept.sizes
                if alone:
                    rule["Filter"] |= alone
                if together:
                    rule["Filter"]["And"] |= together
            return serialize(answer)

        bucket = response.bucket_name
        response.serialized = with_sizes
        try:
            return original(response)
        finally:
            # An error is serialized after this.
            del response.serialized

    _wrap_method(FakeBucket, "set_lifecycle", set_lifecycle)
    _wrap_method(S3Response, "get_bucket_lifecycle", get_lifecycle)


def mend_request_payment() -> None:
    """Say who pays for the requests to a bucket, and keep it.

    moto answers with a list of the bucket's objects, and takes the change for the bucket's creation; on AWS it is the
    owner unless it was changed (GetBucketRequestPayment in S3's API reference). A bucket whose readers pay, and are
    refused if they do not say that they do, would look as required.
    """
    from moto.s3.responses import S3Response

    def get(original: Callable[..., Any], response: Any, bucket: str, query: dict[str, Any]) -> Any:
        if "requestPayment" not in query:
            return original(response, bucket, query)
        kept = _authorized_bucket(response, "GET", bucket, query)
        payer = getattr(kept, "payer", "BucketOwner")
        namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
        said = f'<RequestPaymentConfiguration xmlns="{namespace}"><Payer>{payer}</Payer></RequestPaymentConfiguration>'
        return 200, {}, said

    def put(original: Callable[..., Any], response: Any, request: Any, bucket: str, query: dict[str, Any]) -> Any:
        if "requestPayment" not in query:
            return original(response, request, bucket, query)
        import xmltodict

        kept = _authorized_bucket(response, "PUT", bucket, query)
        kept.payer = xmltodict.parse(response.body)["RequestPaymentConfiguration"]["Payer"]
        return 200, {}, ""

    _wrap_method(S3Response, "_bucket_response_get", get)
    _wrap_method(S3Response, "_bucket_response_put", put)


def _authorized_bucket(response: Any, method: str, bucket: str, query: dict[str, Any]) -> Any:
    """Return the addressed bucket, if the caller may do this to it."""
    response._set_action("BUCKET", method, query)  # noqa: SLF001 - moto's own
    response._authenticate_and_authorize_s3_action(bucket_name=bucket)  # noqa: SLF001 - moto's own
    return response.backend.get_bucket(bucket)


def mend_confirmed_subscriptions() -> None:
    """Keep an e-mail address's subscription pending until it is confirmed.

    moto takes it as confirmed when it is made, has no token, and unsubscribes whatever it is given. On AWS
    (Subscribe, ConfirmSubscription and Unsubscribe in SNS's API reference) the address confirms with the token of a
    message; until then ListSubscriptionsByTopic has no ARN of it, and Unsubscribe is refused in the words that the
    provider waits for. Here nobody gets a message: the token is the id that ends the subscription's ARN. Without the
    patch an alarm seems to reach an address that never agreed, and drift that a confirmation causes is never seen.
    """
    from moto.core.responses import ActionResult
    from moto.sns.exceptions import SNSInvalidParameter
    from moto.sns.models import SNSBackend
    from moto.sns.responses import SNSResponse

    def subscribe(original: Callable[..., Any], backend: SNSBackend, topic: str, endpoint: str, protocol: str) -> Any:
        before = set(backend.subscriptions)
        made = original(backend, topic, endpoint, protocol)
        if made.arn not in before and protocol in {"email", "email-json"}:
            made.attributes |= {"PendingConfirmation": True, "ConfirmationWasAuthenticated": False}
        return made

    def answer_subscribe(original: Callable[..., Any], response: Any) -> Any:
        answer = original(response)
        made = response.backend.subscriptions[answer.result["SubscriptionArn"]]
        wants_arn = str(response._get_param("ReturnSubscriptionArn")).lower() == "true"  # noqa: SLF001 - moto's own
        return (
            ActionResult({"SubscriptionArn": "pending confirmation"}) if _is_pending(made) and not wants_arn else answer
        )

    def unsubscribe(original: Callable[..., Any], backend: SNSBackend, arn: str) -> None:
        if _is_pending(backend.subscriptions.get(arn)):
            message = "Cannot unsubscribe a subscription that is pending confirmation"
            raise SNSInvalidParameter(message)
        original(backend, arn)

    def answer_list(original: Callable[..., Any], response: Any) -> Any:
        answer = original(response)
        listed = [copy.copy(each) for each in answer.result["Subscriptions"]]
        for each in filter(_is_pending, listed):
            each.arn = "PendingConfirmation"
        answer.result["Subscriptions"] = listed
        return answer

    def confirm(original: Callable[..., Any], response: Any) -> Any:
        topic, token = (response._get_param(key) for key in ("TopicArn", "Token"))  # noqa: SLF001 - moto's own
        subscription = response.backend.subscriptions.get(f"{topic}:{token}")
        if subscription is None:
            # It knows whether the topic is there.
            original(response)
            message = "Invalid token"
            raise SNSInvalidParameter(message)
        subscription.attributes["PendingConfirmation"] = False
        return ActionResult({"SubscriptionArn": subscription.arn})

    _wrap_method(SNSBackend, "subscribe", subscribe)
    _wrap_method(SNSBackend, "unsubscribe", unsubscribe)
    _wrap_method(SNSResponse, "subscribe", answer_subscribe)
    _wrap_method(SNSResponse, "list_subscriptions", answer_list)
    _wrap_method(SNSResponse, "list_subscriptions_by_topic", answer_list)
    _wrap_method(SNSResponse, "confirm_subscription", confirm)


def _is_pending(subscription: Any) -> bool:
    return subscription is not None and subscription.attributes["PendingConfirmation"]


def mend_action_names() -> None:
    """Name the actions of S3 as AWS does.

    moto takes many settings of a bucket for ListBucket or CreateBucket, and a read of an old version for one of the
    present. A policy with just the permissions that are needed on AWS would not suffice here, and one without them
    could.
    """
    from moto.s3.responses import ACTION_MAP

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


def mend_policy_deletion() -> None:
    """Refuse to delete a managed policy that somebody has, or that has another version than its default one.

    moto deletes it, and leaves it to those who have it. AWS answers 409 DeleteConflict (IAM's API reference,
    DeletePolicy), and so a destroy ends half-way, after the data has gone: the handlers' roles have our policies.
    """
    from moto.iam.exceptions import DeleteConflictException
    from moto.iam.models import IAMBackend

    def delete_policy(original: Callable[..., None], backend: IAMBackend, policy_arn: str) -> None:
        policy = backend.get_policy(policy_arn)
        entities = (*backend.get_roles(), *backend.users.values(), *backend.groups.values())
        if any(policy_arn in entity.managed_policies for entity in entities) or any(
            role.permissions_boundary_arn == policy_arn for role in backend.get_roles()
        ):
            message = "Cannot delete a policy attached to entities."
            raise DeleteConflictException(message)
        if len(policy.versions) > 1:
            message = (
                "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                "versions. The default version is deleted with the policy."
            )
            raise DeleteConflictException(message)
        original(backend, policy_arn)

    _wrap_method(IAMBackend, "delete_policy", delete_policy)


def mend_access_control() -> None:
    """Let identities do what their policies give, and no more.

    moto enforces policies only when it is told to, then for every caller, and looks neither at resources nor at
    presigned requests; with a condition that does not hold it denies.
    """
    from moto.core.authorization import ActionAuthenticatorMixin

    from ops.iam.emulation import authorize

    def authenticate(_: Callable[..., None], response: Any, __: type, resource: str = "*") -> None:
        authorize(response, resource)

    _wrap_method(ActionAuthenticatorMixin, "_authenticate_and_authorize_action", authenticate)


MENDS: tuple[Callable[[], None], ...] = (
    mend_redrive_policy_spaces,
    mend_redrive_allow_policy,
    mend_forgotten_queue_policy,
    mend_secure_transport_condition,
    mend_delete_marker_disposal,
    mend_object_write_race,
    mend_item_write_race,
    mend_message_races,
    mend_anonymous_access,
    mend_table_tag_twice,
    mend_forgotten_table_settings,
    mend_lifecycle_sizes,
    mend_request_payment,
    mend_confirmed_subscriptions,
    mend_action_names,
    mend_policy_deletion,
    mend_access_control,
)


# --- The process ---------------------------------------------------------------------------------------------


def _with_own_paths(application: WSGIApplication, account_id: str) -> WSGIApplication:
    """Answer the emulator's own paths, and leave everything else to `application`."""
    from ops.iam.emulation import CALLERS, Credentials

    def caller(environ: WSGIEnvironment) -> None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        given: dict[str, str] | None = json.loads(environ["wsgi.input"].read(length))
        CALLERS.default = Credentials(given["key_id"], given.get("token")) if given else None

    own: dict[tuple[str, str], Callable[[WSGIEnvironment], Any]] = {
        ("GET", IDENTITY_PATH): lambda _: {"account_id": account_id, "pid": os.getpid()},
        ("GET", f"{IDENTITY_PATH}/calls"): lambda _: CALLERS.recorded(),
        ("PUT", f"{IDENTITY_PATH}/caller"): caller,
    }

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = own.get((environ["REQUEST_METHOD"], environ.get("PATH_INFO", "")))
        if asked is None:
            return application(environ, start_response)
        said = json.dumps(asked(environ)).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(said)))])
        return [said]

    return answer


def make_server(account_id: str, port: int) -> BaseWSGIServer:
    """Mend moto and bind its server; connections are accepted from here on."""
    os.environ["MOTO_ACCOUNT_ID"] = account_id
    from moto.moto_server.werkzeug_app import (  # pyright: ignore[reportMissingTypeStubs] - it holds its own types
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )
    from werkzeug import serving

    for mend in MENDS:
        mend()

    class QuietHandler(MotoRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Log nothing per request; errors are still logged."""

    application = _with_own_paths(DomainDispatcherApplication(create_backend_app), account_id)
    return serving.make_server(LOOPBACK, port, application, threaded=True, request_handler=QuietHandler)


def _end_with_stdin() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(server: BaseWSGIServer) -> None:
    """Print the URL, then give standard output up: nothing that moto prints may follow the one line."""
    url = f"http://{LOOPBACK}:{server.server_port}"
    _say(f"listening on {url}")
    print(url, flush=True)
    os.dup2(2, 1)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Serve an emulated AWS on the loopback interface.")
    parser.add_argument("--account-id", required=True, help="the twelve digits of the account it plays")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--while-stdin-open", action="store_true", help="end also when standard input is closed")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until told to end."""
    arguments = _arguments(argv)
    signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
    _say(f"process {os.getpid()} serves account {arguments.account_id}")
    try:
        server = make_server(arguments.account_id, arguments.port)
    except MendError as error:
        _say(str(error))
        return EXIT_UNKNOWN_MOTO
    threading.Thread(target=server.serve_forever, daemon=True).start()
    if arguments.while_stdin_open:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    _announce(server)
    signal.sigwait(END_SIGNALS)
    server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
