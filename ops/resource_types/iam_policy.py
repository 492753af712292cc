"""Managed IAM policies."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ops.resource_types.interface import Account, Client, Dependent, Look, Permissions, ResourceType, Seen, in_account
from plan_review.policy_documents import allowed_pairs, statements
from stacks.requirement import Expected, Statements, arn
from stacks.settings import Settings


def _listing(account: Account, _: str) -> Mapping[str, Any]:
    """Return each policy's documents too: this call alone has them all, where others would take two for each."""
    answer = account.ask("iam", "get_account_authorization_details", Filter=["LocalManagedPolicy"])
    return {each["Arn"].rsplit("/", 1)[1]: each for each in answer.get("Policies", [])}


def _find(values: Mapping[str, Any], settings: Settings, client: Client) -> str:
    wanted = arn(settings, "iam", f"policy{values.get('path') or '/'}{values['name']}")
    return client("iam").get_policy(PolicyArn=wanted)["Policy"]["Arn"]


def _policy(account: Account, name: str, policy: Mapping[str, Any]) -> Mapping[str, Any]:
    versions: Sequence[Mapping[str, Any]] = policy["PolicyVersionList"]
    (document,) = (each["Document"] for each in versions if each["IsDefaultVersion"])
    # An update leaves the version before it: it may allow more, as long as it is not in force.
    expected: Statements = account.requirement.resources["aws_iam_policy"][name]["policy"]["policy"]
    wider = [
        each["VersionId"]
        for each in versions
        if not each["IsDefaultVersion"]
        and allowed_pairs(statements(each["Document"])) - allowed_pairs(expected.statements)
    ]
    if not wider:
        return {"policy": json.dumps(document)}
    note = (
        f"version {', '.join(wider)} is not in force and allows more; if nobody needs it: aws iam "
        f"delete-policy-version --policy-arn {policy['Arn']} --version-id {wider[0]}"
    )
    return {"policy": Seen(json.dumps(document), note)}


def _attachments(account: Account, _: str, policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the users and groups that have the policy, and a note that names the roles."""
    entities: Mapping[str, Any] = {}
    if policy["AttachmentCount"]:
        entities = account.ask("iam", "list_entities_for_policy", PolicyArn=policy["Arn"])
    found = {
        f"attached to {kind.lower()}s": sorted(each[f"{kind}Name"] for each in entities.get(f"Policy{kind}s", []))
        for kind in ("User", "Group", "Role")
    }
    roles = found["attached to roles"]
    note = f"role {', '.join(roles)} has it: see that each is a handler's" if roles else ""
    return {**{key: names or None for key, names in found.items()}, "attached to roles": Seen(roles, note)}


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    policy: Statements = expected["policy"]["policy"]
    return {"Policy": [*policy.statements]}


def _entities(policy: Mapping[str, Any], client: Client) -> Iterator[Dependent]:
    """Yield each entity that has the policy, as a permission or as its boundary, and what detaches it."""
    policy_arn = policy["arn"]
    for page in client("iam").get_paginator("list_entities_for_policy").paginate(PolicyArn=policy_arn):
        for kind in ("role", "user", "group"):
            for entity in page.get(f"Policy{kind.title()}s", []):
                name = entity[f"{kind.title()}Name"]
                yield Dependent(
                    f"{kind} {name} has it; detach it in the stack that attached it, or: "
                    f"aws iam detach-{kind}-policy --{kind}-name {name} --policy-arn {policy_arn}"
                )


TYPE = ResourceType(
    name="aws_iam_policy",
    find=_find,
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="iam:GetAccountAuthorizationDetails",
    looks={
        "policy": Look(read=_policy),
        "attachments": Look(read=_attachments, needs="iam:ListEntitiesForPolicy"),
    },
    permissions=(
        Permissions(
            sid="Policies",
            on="the policies",
            arns=in_account("iam", "policy/{}"),
            plan="iam:GetPolicy iam:GetPolicyVersion",
            apply="iam:CreatePolicy iam:CreatePolicyVersion iam:DeletePolicy iam:DeletePolicyVersion "
            "iam:ListEntitiesForPolicy iam:ListPolicyVersions iam:TagPolicy iam:UntagPolicy",
        ),
    ),
    is_global=True,
    dependents=_entities,
)
