"""Customers' KMS keys.

A key has no name, but an id of AWS's: its name here is its description, which is one word then, as
`orders-key-dev`. So a key is found that no alias names yet, or no longer.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from ops.resource_types.interface import (
    Account,
    Client,
    Condition,
    Look,
    MismatchError,
    Permissions,
    ResourceType,
    UnreadableError,
    in_account,
    own_tags,
)
from stacks.feature import PROJECT
from stacks.requirement import Expected, Statements
from stacks.settings import Settings

_GONE = "PendingDeletion"
_REFUSED = "AccessDeniedException"


def _listing(account: Account, _: str) -> Mapping[str, Any]:
    """Return the account's own keys, without those that wait for their deletion."""
    ids = [each["KeyId"] for each in account.ask("kms", "list_keys").get("Keys", [])]
    # A key's policy may keep everybody else out: that one is another's. None is described to who has no permission.
    answers = [account.ask("kms", "describe_key", absent=_REFUSED, KeyId=each) for each in ids]
    if ids and not any(answers):
        message = f"{_REFUSED}; needs kms:DescribeKey"
        raise UnreadableError(message)
    return {key["Description"]: key for key in _own(answer["KeyMetadata"] for answer in answers if answer)}


def _own(keys: Iterator[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (key for key in keys if key["KeyManager"] == "CUSTOMER" and key["KeyState"] != _GONE)


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    kms = client("kms")
    wanted = values.get("description")

    def described() -> Iterator[Mapping[str, Any]]:
        for page in kms.get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                try:
                    yield kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
                except ClientError as error:
                    if error.response.get("Error", {}).get("Code") != _REFUSED:
                        raise

    found = [key["KeyId"] for key in _own(described()) if key["Description"] == wanted] if wanted else []
    if len(found) > 1:
        message = (
            f"key {wanted}: {len(found)} keys have that description: {', '.join(found)}; give the others another one: "
            f"aws kms update-key-description --key-id {found[-1]} --description old"
        )
        raise MismatchError(message)
    return found[0] if found else None


def _description(_: Account, __: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    described = {each: key.get(each) for each in ("KeyState", "KeyUsage", "KeySpec")}
    return {**described, "MultiRegion": bool(key.get("MultiRegion"))}


def _rotation(account: Account, _: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    found = account.ask("kms", "get_key_rotation_status", KeyId=key["KeyId"])
    return {each: found.get(each) for each in ("KeyRotationEnabled", "RotationPeriodInDays")}


def _policy(account: Account, _: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"policy": account.ask("kms", "get_key_policy", KeyId=key["KeyId"], PolicyName="default")["Policy"]}


def _grants(account: Account, _: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return who may use the key besides those whom its policy names, by the grant's id."""
    found = account.ask("kms", "list_grants", KeyId=key["KeyId"]).get("Grants", [])
    return {"grants": {each["GrantId"]: each.get("GranteePrincipal") for each in found}}


def _tags(account: Account, _: str, key: Mapping[str, Any]) -> Mapping[str, Any]:
    found = account.ask("kms", "list_resource_tags", KeyId=key["KeyId"]).get("Tags", [])
    return own_tags({tag["TagKey"]: tag["TagValue"] for tag in found})


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    policy: Statements | None = expected.get("policy", {}).get("policy")
    return {
        **expected.get("description", {}),
        **expected.get("rotation", {}),
        **({"Policy": [*policy.statements]} if policy else {}),
    }


def _of_environment(settings: Settings, _: str) -> Condition:
    tags = {"Project": PROJECT, "Environment": str(settings.environment)}
    return {"StringEquals": {f"aws:ResourceTag/{key}": (value,) for key, value in tags.items()}}


_ANY = in_account("kms", "key/*")
"""All keys: nobody knows a key's ARN, which has an id of AWS's, before the key is there."""

TYPE = ResourceType(
    name="aws_kms_key",
    find=_find,
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="kms:ListKeys",
    looks={
        "description": Look(read=_description),
        "rotation": Look(read=_rotation, needs="kms:GetKeyRotationStatus"),
        "policy": Look(read=_policy, needs="kms:GetKeyPolicy"),
        "grants": Look(read=_grants, needs="kms:ListGrants"),
        "tags": Look(read=_tags, needs="kms:ListResourceTags"),
    },
    permissions=(
        Permissions(
            sid="Keys",
            on="the keys",
            arns=_ANY,
            plan="kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:ListResourceTags",
            apply="kms:DisableKeyRotation kms:EnableKey kms:EnableKeyRotation kms:PutKeyPolicy kms:TagResource "
            "kms:UntagResource kms:UpdateKeyDescription",
            verify="kms:DescribeKey",
        ),
        # KMS may take five minutes to heed a new key's tags ("ABAC for AWS KMS" in its developer guide), and an apply
        # does not wait: the tags decide on the deletion alone, which comes later.
        Permissions(
            sid="KeyDeletion",
            on="the environment's keys",
            arns=_ANY,
            condition=_of_environment,
            erase="kms:DisableKey kms:ScheduleKeyDeletion",
            loses="kms:DisableKey kms:ScheduleKeyDeletion",
        ),
    ),
    plan_everywhere="kms:ListKeys",
    apply_everywhere="kms:CreateKey",
    holds="what is encrypted with it",
    aspects={
        "is_enabled": "keystate",
        "enable_key_rotation": "keyrotationenabled",
        "customer_master_key_spec": "keyspec",
    },
    members=("grant",),
)
