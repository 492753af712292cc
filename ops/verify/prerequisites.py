"""Prerequisites of a feature: resources of others, the state bucket, and the caller's permissions."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ops.access.deployer import DEPLOYING, grants
from ops.requirement import requirement_of
from ops.resource_types import TYPES
from ops.resource_types.interface import Account
from ops.verify.compare import Read, Resource, reads, take
from ops.verify.report import Check, Outcome
from ops.verify.state_bucket import state_bucket
from stacks.features import STATE_BACKEND
from stacks.requirement import Expected

_CALLER = "caller"


def reads_before(account: Account) -> list[Read]:
    """Return the looks at everything that has to be there before the stack."""
    backend = Account(account.settings, requirement_of(STATE_BACKEND, account.settings), account.calls)
    caller = Resource("aws_iam_policy", _CALLER)
    return [
        *_reads(account, account.requirement.prerequisites),
        lambda: state_bucket(backend),
        *reads_of_used(account),
        lambda: take(caller, "", lambda: _permissions(account, caller)),
    ]


def reads_of_used(account: Account) -> list[Read]:
    """Return the looks at the resources of others that the stack refers to."""
    return _reads(account, account.requirement.used)


def _reads(account: Account, others: Mapping[str, Mapping[str, Expected]]) -> list[Read]:
    return [
        read
        for type_, named in others.items()
        for name, expected in named.items()
        for read in reads(account, Resource(type_, name), TYPES[type_].looks_of_others, expected, as_one=True)
    ]


def _permissions(account: Account, resource: Resource) -> Iterator[Check]:
    if account.calls.is_emulated:
        note = "permissions are not checked: an emulator cannot simulate policies"
        yield Check(resource.type, resource.name, "", Outcome.OK, note=note)
        return
    caller = account.ask("sts", "get_caller_identity")["Arn"]
    if caller.endswith(":root"):
        note = "permissions are not checked: the caller is the account's root, which may do everything"
        yield Check(resource.type, caller, "", Outcome.OK, note=note)
        return
    # A session's name does not tell the path of its role, which the role's ARN holds.
    role = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.*", caller)
    principal = account.ask("iam", "get_role", RoleName=role[1])["Role"]["Arn"] if role else caller
    retains_data = account.settings.retains_data
    for grant in grants(account.settings):
        actions = sorted({each for policy in DEPLOYING for each in grant.actions(policy, retains_data=retains_data)})
        if not actions or not grant.resources:
            continue
        # What the condition wants is given: the question is whether the caller has the permission under it.
        entries: list[dict[str, Any]] = [
            {"ContextKeyName": key, "ContextKeyValues": values[:1], "ContextKeyType": "string"}
            for tests in grant.condition.values()
            for key, values in tests.items()
        ]
        context: dict[str, Any] = {"ContextEntries": entries} if entries else {}
        answer = account.ask(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=principal,
            ActionNames=actions,
            ResourceArns=list(grant.resources),
            **context,
        )
        decisions = {action: set[str]() for action in actions}
        for result in answer["EvaluationResults"]:
            decisions[result["EvalActionName"]].add(result["EvalDecision"])
        for action, decided in decisions.items():
            found = "allowed" if decided == {"allowed"} else None
            yield Resource(resource.type, principal).check(f"{action} on {grant.on}", "allowed", found)
