"""Conditions of grants: in the policies that are written, and in the question whether the caller has them."""

from typing import Any

import pytest

from aws_emulator.iam.evaluation import is_allowed
from config.environments import Environment
from ops.access import deployer
from ops.access.deployer import Grant, policy_document
from ops.resource_types.interface import Account
from ops.verify import prerequisites
from ops.verify.report import Outcome
from stacks.feature import Feature
from stacks.features import load_settings
from stacks.requirement import Requirement
from stacks.settings import Settings
from tests.ops.verify.told import ToldClients

GRANT = Grant(
    sid="OrdersNewMappings",
    on="new event source mappings",
    resources=("*",),
    condition={"ArnEquals": {"lambda:FunctionArn": ["arn:a", "arn:b"]}},
    apply="lambda:CreateEventSourceMapping",
)


def test_a_statement_has_the_condition_of_its_grant() -> None:
    """One without a condition has none."""
    actions = GRANT.actions("apply", retains_data=True)
    assert GRANT.statement(actions) == {
        "Sid": "OrdersNewMappings",
        "Effect": "Allow",
        "Action": ["lambda:CreateEventSourceMapping"],
        "Resource": ["*"],
        "Condition": {"ArnEquals": {"lambda:FunctionArn": ["arn:a", "arn:b"]}},
    }
    plain = Grant(sid="Queues", on="the queues", resources=("arn:q",), apply="sqs:CreateQueue")
    assert "Condition" not in plain.statement(["sqs:CreateQueue"])


def requirement(settings: Settings) -> Requirement:
    """Return the requirement of a feature that wires two functions and has a key."""
    mapping = {"description": {"State": "Enabled"}}
    names = [f"careervp-orders-queue-{settings.environment}/{function}" for function in ("worker", "auditor")]
    return Requirement(
        resources={
            "aws_lambda_event_source_mapping": dict.fromkeys(names, mapping),
            "aws_kms_key": {"careervp-orders-key": {"rotation": {"KeyRotationEnabled": True}}},
        },
        prefixes={},
    )


@pytest.fixture(autouse=True)
def _orders(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_stack() -> Any:
        """Return nothing that makes a stack."""

    feature = Feature(key="orders", stack="orders", requirement=requirement, stack_class=no_stack)
    monkeypatch.setattr(deployer, "FEATURES", (feature,))


def allowed(environment: str, action: str, resource: str, **context: str) -> bool:
    """Return True if who applies may do it, with these values of condition keys."""
    settings = load_settings(Environment(environment))
    values = {key.replace("__", ":").replace("_of_", "/"): value for key, value in context.items()}
    documents = [policy_document(settings, policy) for policy in ("plan", "apply")]
    return is_allowed(documents, action, resource, values)


def function(name: str, account: str = "111111111111") -> str:
    return f"arn:aws:lambda:us-east-1:{account}:function:{name}"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("lambda:CreateEventSourceMapping", "*"),
        ("lambda:UpdateEventSourceMapping", "arn:aws:lambda:us-east-1:111111111111:event-source-mapping:1"),
        ("lambda:DeleteEventSourceMapping", "arn:aws:lambda:us-east-1:111111111111:event-source-mapping:1"),
    ],
)
def test_who_applies_wires_each_function_of_the_requirement_and_no_other(action: str, resource: str) -> None:
    for name, may in (("worker", True), ("auditor", True), ("other", False)):
        assert allowed("dev", action, resource, lambda__FunctionArn=function(name)) is may
    assert not allowed("dev", action, resource)


def test_a_key_is_deleted_in_its_environment_alone_and_nowhere_where_data_is_retained() -> None:
    key, other = (f"arn:aws:kms:us-east-1:{account}:key/1" for account in ("111111111111", "333333333333"))
    own = {"aws__ResourceTag_of_Project": "careervp", "aws__ResourceTag_of_Environment": "dev"}
    assert allowed("dev", "kms:ScheduleKeyDeletion", key, **own)
    assert not allowed("dev", "kms:ScheduleKeyDeletion", key, **{**own, "aws__ResourceTag_of_Environment": "prod"})
    assert not allowed("dev", "kms:ScheduleKeyDeletion", key)
    prod = {**own, "aws__ResourceTag_of_Environment": "prod"}
    assert not allowed("prod", "kms:ScheduleKeyDeletion", other, **prod)
    assert allowed("dev", "kms:EnableKeyRotation", key)


def test_the_permissions_are_asked_for_under_their_conditions() -> None:
    """IAM's simulation would refuse them otherwise."""
    settings = load_settings(Environment("dev"))
    asked: dict[str, Any] = {}

    def simulate(ActionNames: list[str], **others: Any) -> dict[str, Any]:  # noqa: N803 - AWS's name
        asked.update(dict.fromkeys(ActionNames, others.get("ContextEntries")))
        return {"EvaluationResults": [{"EvalActionName": each, "EvalDecision": "allowed"} for each in ActionNames]}

    answers = {
        "sts.get_caller_identity": {"Arn": "arn:aws:iam::111111111111:user/me"},
        "iam.simulate_principal_policy": simulate,
    }
    calls = ToldClients(answers, is_emulated=False)
    *_, permissions = prerequisites.reads_before(Account(settings, requirement(settings), calls))
    assert all(check.outcome is Outcome.OK for check in permissions())
    assert asked["lambda:CreateEventSourceMapping"] == [
        {"ContextKeyName": "lambda:FunctionArn", "ContextKeyValues": [function("worker")], "ContextKeyType": "string"}
    ]
    assert asked["lambda:ListEventSourceMappings"] is None
