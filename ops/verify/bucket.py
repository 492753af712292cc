"""Checks of the results bucket, and of the state bucket.

Neither the website settings of the first nor its access lists are read. A website of a bucket whose public access is
blocked shows nothing but a redirection, and drift sees it; BucketOwnerEnforced switches access lists off.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Looks, Scene, by_key
from ops.verify.policies import policy_check
from ops.verify.report import Check


def _encryption(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    absent = "ServerSideEncryptionConfigurationNotFoundError"
    answer = scene.ask("s3", "get_bucket_encryption", absent=absent, Bucket=resource.name)
    rules = answer.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
    found = [rule.get("ApplyServerSideEncryptionByDefault") for rule in rules]
    yield resource.check("Encryption", expectations.ENCRYPTION, found or None)


def _public_access(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    absent = "NoSuchPublicAccessBlockConfiguration"
    answer = scene.ask("s3", "get_public_access_block", absent=absent, Bucket=resource.name)
    found = answer.get("PublicAccessBlockConfiguration")
    yield resource.check("PublicAccessBlock", expectations.PUBLIC_ACCESS_BLOCK, found)


def _ownership(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    absent = "OwnershipControlsNotFoundError"
    answer = scene.ask("s3", "get_bucket_ownership_controls", absent=absent, Bucket=resource.name)
    found = answer.get("OwnershipControls", {}).get("Rules")
    yield resource.check("OwnershipControls", expectations.OWNERSHIP_CONTROLS, found)


def _policy(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    document = scene.ask("s3", "get_bucket_policy", absent="NoSuchBucketPolicy", Bucket=resource.name).get("Policy")
    arn = scene.arn("s3", resource.name)
    yield policy_check(resource, [expectations.deny_insecure_transport("s3:*", arn, f"{arn}/*")], document)


def _lifecycle(scene: Scene, resource: Resource, _: Any) -> Iterable[Check]:
    return _rules(scene, resource, expectations.LIFECYCLE_RULES)


def _state_lifecycle(scene: Scene, resource: Resource, _: Any) -> Iterable[Check]:
    return _rules(scene, resource, expectations.STATE_LIFECYCLE_RULES)


def _rules(scene: Scene, resource: Resource, expected: Mapping[str, Any]) -> Iterable[Check]:
    absent = "NoSuchLifecycleConfiguration"
    answer = scene.ask("s3", "get_bucket_lifecycle_configuration", absent=absent, Bucket=resource.name)
    found = {rule["ID"]: _rule(rule) for rule in answer.get("Rules", [])}
    return resource.members("lifecycle rule", expected, found)


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a lifecycle rule without its id, with the one way to write that it is for the whole bucket."""
    content = {key: value for key, value in rule.items() if key not in {"ID", "Filter", "Prefix"}}
    chosen = rule.get("Filter") or {"Prefix": rule.get("Prefix") or ""}
    return {**content, "Filter": chosen}


def _versioning(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    # Without versions there is no replication either, which needs them: it is not asked for.
    yield resource.check("Versioning", None, _versions(scene, resource))


def _state_versioning(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    yield resource.check("Versioning", expectations.STATE_VERSIONING, _versions(scene, resource))


def _versions(scene: Scene, resource: Resource) -> str | None:
    return scene.ask("s3", "get_bucket_versioning", Bucket=resource.name).get("Status")


def _notifications(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    answer = scene.ask("s3", "get_bucket_notification_configuration", Bucket=resource.name)
    found = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
    yield resource.check("Notifications", None, found or None)


def _cors(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    answer = scene.ask("s3", "get_bucket_cors", absent="NoSuchCORSConfiguration", Bucket=resource.name)
    yield resource.check("CORS", None, answer.get("CORSRules"))


def _logging(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    answer = scene.ask("s3", "get_bucket_logging", Bucket=resource.name)
    yield resource.check("Logging", None, answer.get("LoggingEnabled"))


def _request_payment(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    answer = scene.ask("s3", "get_bucket_request_payment", Bucket=resource.name)
    yield resource.check("RequestPayment", expectations.REQUEST_PAYER, answer.get("Payer"))


def _acceleration(scene: Scene, resource: Resource, _: Any) -> Iterator[Check]:
    # The codes of a region that has none; once it was on, a bucket's is not removed but suspended.
    absent = ("MethodNotAllowed", "UnsupportedArgument")
    answer = scene.ask("s3", "get_bucket_accelerate_configuration", absent=absent, Bucket=resource.name)
    found = answer.get("Status")
    yield resource.check("Acceleration", None, None if found == "Suspended" else found)


def _tags(scene: Scene, resource: Resource, _: Any) -> Iterable[Check]:
    answer = scene.ask("s3", "get_bucket_tagging", absent="NoSuchTagSet", Bucket=resource.name)
    return scene.tags(resource, by_key(answer.get("TagSet", [])))


LOOKS: Looks = {
    "Encryption": _encryption,
    "PublicAccessBlock": _public_access,
    "OwnershipControls": _ownership,
    "policy": _policy,
    "lifecycle rules": _lifecycle,
    "Versioning": _versioning,
    "Notifications": _notifications,
    "CORS": _cors,
    "Logging": _logging,
    "RequestPayment": _request_payment,
    "Acceleration": _acceleration,
    "tags": _tags,
}

STATE_LOOKS: Looks = {
    "Encryption": _encryption,
    "PublicAccessBlock": _public_access,
    "OwnershipControls": _ownership,
    "policy": _policy,
    "lifecycle rules": _state_lifecycle,
    "Versioning": _state_versioning,
}
"""Of the state bucket, which holds every value of every stack."""
