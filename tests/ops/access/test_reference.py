"""Permissions against AWS's Service Authorization Reference: action, resource type, ARN, dependent actions."""

import json
from collections.abc import Iterator
from typing import Any

from attrs import evolve
from cdktf import App, Testing

from aws_emulator.iam.evaluation import listed
from config.environments import Environment, environments
from ops.access.deployer import POLICIES, policy_document, trust_document
from stacks import vpr_async
from stacks.features import load_settings
from stacks.settings import HandlerPolicies, Settings
from stacks.vpr_async.settings import own
from tests.privileges.life import recorded

from service_reference import REFERENCE, problem


def every_settings() -> Iterator[Settings]:
    """Yield the settings of each environment, and of dev whatever makes other resources or policies."""
    dev = load_settings(Environment("dev"))
    yield from map(load_settings, environments())
    vpr = own(dev)
    for changed in (
        evolve(vpr, alarms=evolve(vpr.alarms, emails=["a@example.com"])),
        evolve(vpr, alarms=evolve(vpr.alarms, topic_arns=["arn:aws:sns:us-east-1:111111111111:operations"])),
        evolve(vpr, handlers=evolve(vpr.handlers, policies=HandlerPolicies.DOCUMENTS)),
    ):
        yield evolve(dev, features={**dev.features, "vpr_async": changed})


def documents() -> Iterator[dict[str, Any]]:
    """Yield every policy that deploying and the handlers have."""
    for settings in every_settings():
        yield from (dict(policy_document(settings, policy)) for policy in POLICIES)
        stack = json.loads(Testing.synth(vpr_async.FEATURE.add_stack(App(), settings)))
        made = stack["resource"].get("aws_iam_policy", {}).values()
        yield from (json.loads(each["policy"]) for each in made)
        yield from map(json.loads, stack["output"].get("handler_policy_documents", {}).get("value", {}).values())


def permissions(statement: dict[str, Any]) -> list[tuple[str, str]]:
    return [(action, resource) for action in statement["Action"] for resource in listed(statement["Resource"])]


def test_every_permission_that_is_granted_is_one_of_aws() -> None:
    """Of who deploys and of the handlers: the action is there, and takes a resource of the ARN that is named."""
    allowing = [each for document in documents() for each in document["Statement"] if each["Effect"] == "Allow"]
    granted = {permission for statement in allowing for permission in permissions(statement)}
    assert len(granted) > 400
    assert sorted(filter(None, (problem(*permission) for permission in granted))) == []


def test_every_permission_that_is_denied_is_one_of_aws() -> None:
    """Each action takes one of the statement's resources, and each resource is taken by one of its actions."""
    denying = [each for document in documents() for each in document["Statement"] if each["Effect"] == "Deny"]
    assert len(denying) == 2
    for statement in denying:
        right = [permission for permission in permissions(statement) if problem(*permission) is None]
        assert {action for action, _ in right} == set(statement["Action"])
        assert {resource for _, resource in right} == set(statement["Resource"])


def test_every_permission_that_a_deployment_took_is_one_of_aws() -> None:
    taken = set(recorded())
    assert len(taken) > 130
    assert sorted(filter(None, (problem(*permission) for permission in taken))) == []


def test_what_an_action_depends_on_is_granted_with_it() -> None:
    for settings in every_settings():
        held = [policy_document(settings, policy) for policy in POLICIES]
        granted = {action for document in held for each in document["Statement"] for action in each["Action"]}
        for action in granted:
            details = REFERENCE.actions.get_action_details(*action.split(":"))
            by_type = [each for of_type in details["resourceTypes"] for each in of_type["dependentActions"]]
            assert {*details["dependentActions"], *by_type} <= granted


def test_what_a_role_trusts_by_is_evaluated_by_aws() -> None:
    """The claim of a token's branch; its subject and audience are every provider's."""
    (statement,) = trust_document(load_settings(Environment("prod")), "apply", ["acme@1/reports@2"])["Statement"]
    keys = set(statement["Condition"]["StringEquals"])
    of_every_provider = {f"token.actions.githubusercontent.com:{claim}" for claim in ("aud", "sub")}
    assert keys - of_every_provider == {"token.actions.githubusercontent.com:ref"}
    assert all(REFERENCE.conditions.condition_key_exists("sts", key) for key in keys - of_every_provider)
