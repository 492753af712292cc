"""Checks of a topic that other people made: alarms get through it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ops import expectations
from ops.verify.compare import Resource
from ops.verify.looking import Scene, UnreadableError, take
from ops.verify.policies import admits, every
from ops.verify.report import Check
from stacks.vpr_async.settings import own

CLOUDWATCH = "cloudwatch.amazonaws.com"
SNS_OWN_KEY = "alias/aws/sns"
"""The alias of a key whose policy nobody can change, and which CloudWatch may not use."""
_PUBLISHES = "CloudWatch may publish"
_NO_KEY_IN_THE_WAY = "no key, or one that CloudWatch may use"


def looks(scene: Scene) -> list[Callable[[], list[Check]]]:
    """Return the look at the topic; none where the settings name no topic."""
    arn = own(scene.settings).alarms.topic_arn
    if arn is None:
        return []
    is_own = arn.split(":")[4] == scene.settings.account_id
    resource = Resource("aws_sns_topic", arn.rsplit(":", 1)[1] if is_own else arn)
    checks = _checks if is_own else _checks_as_far_as_readable
    return [lambda: take(resource, "", lambda: checks(scene, resource, arn))]


def _checks_as_far_as_readable(scene: Scene, resource: Resource, arn: str) -> Iterator[Check]:
    """Note of another account's topic what cannot be read: that account decides who reads it."""
    try:
        yield from _checks(scene, resource, arn)
    except UnreadableError as error:
        note = f"another account's ({error}): it is unknown whether alarms get through; see that a test message arrives"
        yield resource.check("alarms", None, None, note)


def _checks(scene: Scene, resource: Resource, arn: str) -> Iterator[Check]:
    there = "exists"
    found = scene.ask("sns", "get_topic_attributes", absent="NotFound", TopicArn=arn).get("Attributes")
    yield resource.check("", there, there if found else None)
    if found:
        answer = _lets(scene, found.get("Policy"), "sns:Publish", arn, {})
        found_policy = _found(_PUBLISHES, "CloudWatch may not publish", answer=answer)
        yield resource.check("policy", _PUBLISHES, *found_policy)
        yield from _key(scene, resource, found.get("KmsMasterKeyId"), arn)


def _key(scene: Scene, resource: Resource, key: str | None, topic: str) -> Iterator[Check]:
    if not key:
        yield resource.check("KmsMasterKeyId", _NO_KEY_IN_THE_WAY, _NO_KEY_IN_THE_WAY)
        return
    described: dict[str, Any] = {"KeyManager": "AWS"}
    if not key.endswith(SNS_OWN_KEY):
        described = scene.ask("kms", "describe_key", KeyId=key)["KeyMetadata"]
    if described["KeyManager"] == "AWS":
        note = "CloudWatch may not use SNS's own key, and nobody can let it: use a key of your own, or none"
        yield resource.check("KmsMasterKeyId", _NO_KEY_IN_THE_WAY, key, note)
        return
    if described["KeyState"] != "Enabled":
        yield resource.check("KmsMasterKeyId", _NO_KEY_IN_THE_WAY, f"{key}, which is {described['KeyState']}")
        return
    policy = scene.ask("kms", "get_key_policy", KeyId=described["Arn"], PolicyName="default")["Policy"]
    context = {"kms:encryptioncontext:aws:sns:topicarn": topic}
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    answer = every(_lets(scene, policy, action, described["Arn"], context) for action in actions)
    wrong = f"{key}, which CloudWatch may not use"
    note = f"its policy has to let {CLOUDWATCH} use kms:Decrypt and kms:GenerateDataKey*"
    found = _found(_NO_KEY_IN_THE_WAY, wrong, note, answer=answer)
    yield resource.check("KmsMasterKeyId", _NO_KEY_IN_THE_WAY, *found)


def _lets(scene: Scene, policy: str | None, action: str, resource: str, more: Mapping[str, str]) -> bool | None:
    """Return True if a policy lets every alarm do something with the resource; None if that is unknown."""
    settings = scene.settings
    alarms = expectations.declared(settings)["aws_cloudwatch_metric_alarm"]
    context = {
        "aws:sourceaccount": settings.account_id,
        "aws:sourceowner": settings.account_id,
        "aws:securetransport": "true",
        **more,
    }
    sources = (scene.arn("cloudwatch", f"alarm:{name}") for name in alarms)
    return every(admits(policy, CLOUDWATCH, action, resource, {**context, "aws:sourcearn": each}) for each in sources)


def _found(right: str, wrong: str, note: str = "", *, answer: bool | None) -> tuple[str, str]:
    """Return what was found, with a note where there is more to know."""
    if answer is None:
        return right, "its policy has parts that are not evaluated here: see that a test message arrives"
    return (right, "") if answer else (wrong, note)
