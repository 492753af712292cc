"""SNS topics."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.resource_types.interface import (
    Account,
    Client,
    Look,
    Permissions,
    ResourceType,
    Seen,
    UnknownError,
    UnreadableError,
    by_key,
    in_account,
)
from plan_review.policy_documents import admits, every, read_statements
from stacks.requirement import Expected, Statements, arn
from stacks.settings import Settings

_ABSENT = "NotFound"
"""SNS's error code for a topic that does not exist."""
_PENDING = "PendingConfirmation"
"""What SNS lists in place of the ARN of a subscription that its address did not confirm yet."""
CLOUDWATCH = "cloudwatch.amazonaws.com"
SNS_OWN_KEY = "alias/aws/sns"
"""The alias of a key whose policy nobody can change, and which CloudWatch may not use."""
PUBLISHES = "CloudWatch may publish"
NO_KEY_IN_THE_WAY = "no key, or one that CloudWatch may use"
_NOT_EVALUATED = "its policy has parts that are not evaluated here: see that a test message arrives"


def _listing(account: Account, _: str) -> Mapping[str, str]:
    arns = (each["TopicArn"] for each in account.ask("sns", "list_topics").get("Topics", []))
    return {arn.rsplit(":", 1)[1]: arn for arn in arns}


def find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    """Return the ARN of a topic by its name, or None if it is not there."""
    topics = (
        topic["TopicArn"] for page in client("sns").get_paginator("list_topics").paginate() for topic in page["Topics"]
    )
    return next((topic for topic in topics if topic.endswith(f":{values['name']}")), None)


def _attributes(account: Account, _: str, arn: str) -> Mapping[str, Any]:
    found = account.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"]
    return {"policy": found.get("Policy"), "KmsMasterKeyId": found.get("KmsMasterKeyId")}


def _own_key(account: Account, _: str, arn: str) -> Mapping[str, Any]:
    """Return the key that encrypts messages by its description, as the requirement names keys."""
    key = account.ask("sns", "get_topic_attributes", TopicArn=arn)["Attributes"].get("KmsMasterKeyId")
    return {"Key": account.ask("kms", "describe_key", KeyId=key)["KeyMetadata"]["Description"] if key else None}


def _subscriptions(account: Account, _: str, topic: str) -> Mapping[str, Any]:
    answer = account.ask("sns", "list_subscriptions_by_topic", TopicArn=topic)
    protocols: dict[str, Any] = {}
    filters: dict[str, Any] = {}
    for each in answer.get("Subscriptions", []):
        endpoint, protocol = each["Endpoint"], each["Protocol"]
        if has_arn(each):
            protocols[endpoint] = protocol
            filters[f"filter of {endpoint}"] = _filter(account, each["SubscriptionArn"])
        elif each["SubscriptionArn"] == _PENDING:
            protocols[endpoint] = Seen(protocol, f"not confirmed yet: until then {endpoint} gets nothing")
            filters[f"filter of {endpoint}"] = None
    return {"subscriptions": protocols, **filters}


def has_arn(subscription: Mapping[str, Any]) -> bool:
    """Return True if a listed subscription has an ARN, by which alone SNS answers questions about it.

    Before its address confirms it is listed as `PendingConfirmation`, and for a while after somebody unsubscribed as
    `Deleted`.
    """
    return subscription["SubscriptionArn"].startswith("arn:")


def _filter(account: Account, subscription: str) -> Any:
    """Return the messages that reach a subscriber; None for all of them."""
    answer = account.ask("sns", "get_subscription_attributes", SubscriptionArn=subscription)
    return json.loads(answer["Attributes"].get("FilterPolicy") or "{}") or None


def _tags(account: Account, _: str, arn: str) -> Mapping[str, Any]:
    return by_key(account.ask("sns", "list_tags_for_resource", ResourceArn=arn)["Tags"])


# --- a topic of others --------------------------------------------------------------------------------------------


def _exists(topic: str, client: Client) -> bool:
    try:
        client("sns").get_topic_attributes(TopicArn=topic)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == _ABSENT:
            return False
        raise
    return True


def _publishing(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    """Return the answers on alarms that publish to a topic. name: its ARN."""
    try:
        found = account.ask("sns", "get_topic_attributes", absent=_ABSENT, TopicArn=name).get("Attributes")
        if not found:
            return {"": None}
        return {
            "": "exists",
            "policy": _policy(account, name, found.get("Policy")),
            "KmsMasterKeyId": _key(account, name, found.get("KmsMasterKeyId")),
        }
    except UnreadableError as error:
        if name.split(":")[4] == account.settings.account_id:
            raise
        # That account decides who reads it.
        aspect, message = (
            "alarms",
            f"another account's ({error}): it is unknown whether alarms get through; see that a test message arrives",
        )
        raise UnknownError(aspect, message) from None


def _policy(account: Account, topic: str, policy: str | None) -> Any:
    answer = _lets(account, policy, "sns:Publish", topic, {})
    if answer is None:
        return Seen(PUBLISHES, _NOT_EVALUATED)
    return PUBLISHES if answer else "CloudWatch may not publish"


def _key(account: Account, topic: str, key: str | None) -> Any:
    if not key:
        return NO_KEY_IN_THE_WAY
    described: dict[str, Any] = {"KeyManager": "AWS"}
    if not key.endswith(SNS_OWN_KEY):
        described = account.ask("kms", "describe_key", KeyId=key)["KeyMetadata"]
    if described["KeyManager"] == "AWS":
        return Seen(key, "CloudWatch may not use SNS's own key, and nobody can let it: use a key of your own, or none")
    if described["KeyState"] != "Enabled":
        return f"{key}, which is {described['KeyState']}"
    policy = account.ask("kms", "get_key_policy", KeyId=described["Arn"], PolicyName="default")["Policy"]
    context = {"kms:encryptioncontext:aws:sns:topicarn": topic}
    actions = ("kms:Decrypt", "kms:GenerateDataKey")
    answer = every(_lets(account, policy, action, described["Arn"], context) for action in actions)
    if answer is None:
        return Seen(NO_KEY_IN_THE_WAY, _NOT_EVALUATED)
    if answer:
        return NO_KEY_IN_THE_WAY
    note = f"its policy has to let {CLOUDWATCH} use kms:Decrypt and kms:GenerateDataKey*"
    return Seen(f"{key}, which CloudWatch may not use", note)


def _lets(account: Account, policy: str | None, action: str, resource: str, more: Mapping[str, str]) -> bool | None:
    """Return True if a policy lets each of the feature's alarms do something with the resource; None if unknown."""
    settings = account.settings
    alarms = account.requirement.resources.get("aws_cloudwatch_metric_alarm", {})
    context = {
        "aws:sourceaccount": settings.account_id,
        "aws:sourceowner": settings.account_id,
        "aws:securetransport": "true",
        **more,
    }
    sources: Iterable[str] = (account.arn("cloudwatch", f"alarm:{name}") for name in alarms)
    statements = read_statements(policy)
    return every(
        admits(statements, CLOUDWATCH, action, resource, {**context, "aws:sourcearn": each}) for each in sources
    )


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    attributes = expected["attributes"]
    policy: Statements = attributes["policy"]
    return {**{key: value for key, value in attributes.items() if key != "policy"}, "Policy": [*policy.statements]}


def _itself(_: Settings, arn: str, __: Expected) -> tuple[str, ...]:
    return (arn,)


def _keys_if_required(settings: Settings, _: str, expected: Expected) -> tuple[str, ...]:
    """Return all keys if the topic is to have one: nobody knows a key's ARN, which has an id of AWS's."""
    return (arn(settings, "kms", "key/*"),) if expected.get("key", {}).get("Key") else ()


def _keys_of_its_account(_settings: Settings, arn: str, _: Expected) -> tuple[str, ...]:
    """Return the keys of a topic's account: its attributes alone name the one that it has."""
    partition, _service, region, account = arn.split(":")[1:5]
    return (f"arn:{partition}:kms:{region}:{account}:key/*",)


TYPE = ResourceType(
    name="aws_sns_topic",
    find=find,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="sns:ListTopics",
    looks={
        "attributes": Look(read=_attributes, needs="sns:GetTopicAttributes"),
        "subscriptions": Look(
            read=_subscriptions,
            needs="sns:ListSubscriptionsByTopic",
            needs_everywhere="sns:GetSubscriptionAttributes",
        ),
        "key": Look(read=_own_key, needs="sns:GetTopicAttributes"),
        "tags": Look(read=_tags, needs="sns:ListTagsForResource"),
    },
    looks_of_others={"publishing": Look(read=_publishing)},
    exists=_exists,
    permissions=(
        Permissions(
            sid="Topics",
            on="the topics",
            arns=in_account("sns"),
            plan="sns:GetTopicAttributes sns:ListSubscriptionsByTopic sns:ListTagsForResource",
            apply="sns:CreateTopic sns:DeleteTopic sns:SetTopicAttributes sns:Subscribe sns:TagResource "
            "sns:UntagResource",
        ),
        Permissions(sid="TopicKeys", on="the topics' keys", arns=_keys_if_required, verify="kms:DescribeKey"),
    ),
    permissions_on_others=(
        # `plan` asks whether it exists, and plans all the same without an answer.
        Permissions(
            sid="GivenTopic",
            on="the topic that the settings name",
            arns=_itself,
            plan="sns:GetTopicAttributes",
            verify="sns:GetTopicAttributes",
        ),
        Permissions(
            sid="GivenTopicsKey",
            on="the keys of that topic's account",
            arns=_keys_of_its_account,
            verify="kms:DescribeKey kms:GetKeyPolicy",
        ),
    ),
    plan_everywhere="sns:GetSubscriptionAttributes sns:ListTopics",
    apply_everywhere="sns:Unsubscribe",
)
