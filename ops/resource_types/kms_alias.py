"""Aliases of KMS keys."""

from collections.abc import Mapping
from typing import Any

from ops.resource_types.interface import Account, Client, Look, Permissions, ResourceType, Seen
from stacks.requirement import Expected, arn
from stacks.settings import Settings


def _listing(account: Account, _: str) -> Mapping[str, Any]:
    return {each["AliasName"]: each for each in account.ask("kms", "list_aliases").get("Aliases", [])}


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    name = values["name"]
    pages = client("kms").get_paginator("list_aliases").paginate()
    return next((name for page in pages for each in page["Aliases"] if each["AliasName"] == name), None)


def _target(account: Account, _: str, alias: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the key behind the alias by its description, as the requirement names keys, and whether it can be used."""
    key = account.ask("kms", "describe_key", KeyId=alias["TargetKeyId"])["KeyMetadata"]
    state = key["KeyState"]
    note = ""
    if state == "PendingDeletion":
        note = (
            f"the key will be deleted on {key['DeletionDate']:%Y-%m-%d}, and what it encrypts is unreadable; to keep "
            f"it: aws kms cancel-key-deletion --key-id {key['KeyId']}"
        )
    return {"TargetKey": key["Description"], "KeyState": Seen(state, note) if note else state}


def _in_plan(_: Expected) -> Mapping[str, Any]:
    """Return nothing: the key behind an alias is known by an id of AWS's."""
    return {}


def _arns(settings: Settings, name: str, _: Expected) -> tuple[str, ...]:
    """Return the alias, and all keys: AWS asks for both, and a key's ARN has an id of AWS's.

    https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
    """
    return (arn(settings, "kms", name), arn(settings, "kms", "key/*"))


TYPE = ResourceType(
    name="aws_kms_alias",
    find=_find,
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="kms:ListAliases",
    looks={"target": Look(read=_target)},
    permissions=(
        Permissions(
            sid="KeyAliases",
            on="the keys' aliases",
            arns=_arns,
            apply="kms:CreateAlias kms:DeleteAlias kms:UpdateAlias",
        ),
        Permissions(
            sid="KeysOfAliases",
            on="the keys",
            arns=lambda settings, _, __: (arn(settings, "kms", "key/*"),),
            verify="kms:DescribeKey",
        ),
    ),
    plan_everywhere="kms:ListAliases",
    aspects={"target_key_id": "targetkey", "target_key_arn": "targetkey"},
)
