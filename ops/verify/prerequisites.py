"""What the stack relies on: tables of other projects, the state bucket, and the caller's permissions."""

import re
from collections.abc import Callable, Iterator

from ops.iam.deployer import POLICIES, grants
from ops.verify import given_topic
from ops.verify.compare import Resource
from ops.verify.looking import Scene, take
from ops.verify.report import Check, Outcome
from ops.verify.state_bucket import state_bucket

_CALLER = "caller"


def looks(scene: Scene) -> list[Callable[[], list[Check]]]:
    """Return the looks at everything that has to be there before the stack."""
    environment = scene.settings.environment
    tables = [f"careervp-users-table-{environment}", f"careervp-idempotency-table-{environment}"]
    return [
        *(_look(scene, Resource("aws_dynamodb_table", name), _table) for name in tables),
        lambda: state_bucket(scene),
        *given_topic.looks(scene),
        _look(scene, Resource("aws_iam_policy", _CALLER), _permissions),
    ]


def _look(
    scene: Scene, resource: Resource, checks: Callable[[Scene, Resource], Iterator[Check]]
) -> Callable[[], list[Check]]:
    return lambda: take(resource, "", lambda: checks(scene, resource))


def _table(scene: Scene, resource: Resource) -> Iterator[Check]:
    absent = "ResourceNotFoundException"
    answer = scene.ask("dynamodb", "describe_table", absent=absent, TableName=resource.name)
    yield resource.check("", "ACTIVE", answer.get("Table", {}).get("TableStatus"))


def _permissions(scene: Scene, resource: Resource) -> Iterator[Check]:
    if scene.clients.is_emulated:
        note = "permissions are not checked: an emulator cannot simulate policies"
        yield Check(resource.type, resource.name, "", Outcome.OK, note=note)
        return
    caller = scene.ask("sts", "get_caller_identity")["Arn"]
    if caller.endswith(":root"):
        note = "permissions are not checked: the caller is the account's root, which may do everything"
        yield Check(resource.type, caller, "", Outcome.OK, note=note)
        return
    # A session's name does not tell the path of its role, which the role's ARN holds.
    role = re.fullmatch(r"arn:[^:]+:sts::\d+:assumed-role/([^/]+)/.*", caller)
    principal = scene.ask("iam", "get_role", RoleName=role[1])["Role"]["Arn"] if role else caller
    retains_data = scene.settings.retains_data
    for grant in grants(scene.settings):
        actions = sorted({each for policy in POLICIES for each in grant.actions(policy, retains_data=retains_data)})
        if not actions:
            continue
        answer = scene.ask(
            "iam",
            "simulate_principal_policy",
            PolicySourceArn=principal,
            ActionNames=actions,
            ResourceArns=list(grant.resources),
        )
        decisions = {action: set[str]() for action in actions}
        for result in answer["EvaluationResults"]:
            decisions[result["EvalActionName"]].add(result["EvalDecision"])
        for action, decided in decisions.items():
            found = "allowed" if decided == {"allowed"} else None
            yield Resource(resource.type, principal).check(f"{action} on {grant.on}", "allowed", found)
