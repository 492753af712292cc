"""Roles that stand for the handlers on an emulator, each with its handler's policy and nothing else.

A role has a copy of the policy, and not the managed policy itself: AWS deletes no policy that a role has, so an
attached one would stop every destroy, and every change that replaces the policy (DeletePolicy in IAM's API reference).
"""

import json
from collections.abc import Mapping
from typing import Any

from aws_emulator import Emulator
from aws_emulator.identities import Identity
from ops.workspace import Workspace
from stacks.requirement import arn

_POLICY = "handler"
"""The name of the copy in each role."""


def make(workspace: Workspace, outputs: Mapping[str, Any]) -> dict[str, str]:
    """Make the roles of a deployed stack's handlers, or bring them up to date; return their ARNs by handler.

    outputs: those of the stack. A handler whose policy is not deployed has no role.
    """
    iam = _iam(workspace)
    documents = {handler: _document(iam, outputs, handler) for handler in _names(workspace)}
    return {
        handler: _make_role(workspace, iam, _names(workspace)[handler], document)
        for handler, document in documents.items()
        if document
    }


def remove(workspace: Workspace) -> None:
    """Remove the roles of a stack's handlers; a role that somebody gave another policy stays, without the copy."""
    iam = _iam(workspace)
    for name in _names(workspace).values():
        try:
            iam.delete_role_policy(RoleName=name, PolicyName=_POLICY)
            iam.delete_role(RoleName=name)
        except (iam.exceptions.NoSuchEntityException, iam.exceptions.DeleteConflictException):
            continue


def _names(workspace: Workspace) -> Mapping[str, str]:
    return workspace.feature.handler_roles(workspace.settings)


def _iam(workspace: Workspace) -> Any:
    """Return IAM as the account's administrator has it, whoever the commands act as on the emulator."""
    emulator: Emulator | None = workspace.emulator
    assert emulator
    return Identity(emulator.endpoint, region=workspace.settings.region).client("iam")


def _document(iam: Any, outputs: Mapping[str, Any], handler: str) -> str | None:
    """Return the document of a handler's policy, as JSON; None if there is none."""
    policy = outputs.get(f"{handler}_policy_arn")
    if policy is None:
        return outputs.get("handler_policy_documents", {}).get(handler)
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    return json.dumps(iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]["Document"])


def _make_role(workspace: Workspace, iam: Any, name: str, document: str) -> str:
    """Make a role with this policy, which the account's identities may assume; return its ARN."""
    account = {"AWS": arn(workspace.settings, "iam", "root")}
    statement = {"Effect": "Allow", "Principal": account, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    iam.put_role_policy(RoleName=name, PolicyName=_POLICY, PolicyDocument=document)
    return arn(workspace.settings, "iam", f"role/{name}")
