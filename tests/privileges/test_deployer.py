"""The deployer's policies: a deployment's whole life succeeds under them, and none of their actions is for nothing."""

import json
from pathlib import Path

import pytest

from config.environments import Environment, environments
from ops.access.deployer import POLICIES, policy_document
from ops.setup import PROVIDER_VERSION
from stacks.features import load_settings
from tests.privileges.deployment import (
    ACCOUNT,
    FOR_PROVIDER_6,
    RESULTS_BUCKET,
    STATE_BUCKET,
    Deployment,
    covers,
    deployment,
)
from tests.privileges.life import APPLY, PLAN, recorded, redriven, succeeded


def granted() -> set[tuple[str, str]]:
    settings = load_settings(Environment("dev"))
    return {
        (action, resource)
        for policy in POLICIES
        for statement in policy_document(settings, policy)["Statement"]
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def test_every_call_that_was_recorded_is_covered() -> None:
    """By its action and its resource; who one is everybody may ask."""
    calls = recorded()
    assert len(calls) > 140
    covering = granted()
    assert [call for call in calls if call[0] != "sts:GetCallerIdentity" and not covers(covering, *call)] == []


def test_no_action_is_granted_that_was_never_used() -> None:
    """On the resources of its statement, one of them at least."""
    settings, calls = load_settings(Environment("dev")), recorded()
    grants = [
        (policy, statement["Sid"], action, statement["Resource"])
        for policy in POLICIES
        for statement in policy_document(settings, policy)["Statement"]
        for action in statement["Action"]
        if action not in FOR_PROVIDER_6
    ]
    assert len(grants) > 120
    never = [
        (policy, sid, action)
        for policy, sid, action, resources in grants
        if not any(covers([(action, resource)], *call) for resource in resources for call in calls)
    ]
    assert never == []


def test_what_waits_for_provider_6_is_taken_by_none_before() -> None:
    """It is granted, on each bucket, and in no record: with provider 6, what was recorded is to be proved as well."""
    assert PROVIDER_VERSION.startswith("5.")
    assert {action for action, _ in recorded()} & set(FOR_PROVIDER_6) == set()
    buckets = {f"arn:aws:s3:::{STATE_BUCKET}", f"arn:aws:s3:::{RESULTS_BUCKET}"}
    for action in FOR_PROVIDER_6:
        assert {resource for each, resource in granted() if each == action} == buckets


@pytest.mark.xdist_group("deployer")
def test_plan_apply_and_destroy_succeed_under_the_policies(tmp_path: Path) -> None:
    """And are denied what their policies lack, in one line: a sample of `make privileges`."""
    with deployment(tmp_path) as dev:
        assert dev.command("plan").returncode == 0
        succeeded(dev.run(PLAN, "plan"))
        refused = dev.run(PLAN, "apply")
        assert refused.returncode == 1
        assert "the credentials lack a permission" in refused.stderr
        assert "sqs:CreateQueue" in "".join(dev.denied())
        before = dev.denied()
        # The state could not be written either: whoever may, writes it with the next plan.
        succeeded(dev.run(APPLY, "plan"))
        succeeded(dev.run(APPLY, "apply"))
        planned_with_an_interrupted_creation(dev)
        planned_with_a_topic_of_others(dev)
        refused_while_a_role_has_a_policy(dev)
        redriven(dev)
        succeeded(dev.run(APPLY, "destroy"))
        assert dev.denied() == before | {STATE_WRITE}
        taken = {call for call in dev.taken() - {TOPIC_READ} if call[0] != "sts:GetCallerIdentity"}
        assert not [call for call in taken if not covers(granted(), *call)]


TOPIC = "arn:aws:sns:us-east-1:111111111111:operations"
TOPIC_READ = ("sns:GetTopicAttributes", TOPIC)
STATE_WRITE = f"s3:PutObject on arn:aws:s3:::{STATE_BUCKET}/vpr-async-dev/terraform.tfstate"


def planned_with_an_interrupted_creation(dev: Deployment) -> None:
    """Interrupt the creation of a table that no plan may destroy; who may only read plans it, and says who may act."""
    table, retained = (
        "aws_dynamodb_table.JobsTable_031BD38C",
        ('data_protection = "destroy"', 'data_protection = "retain"'),
    )
    succeeded(dev.terraform("taint", table))
    dev.edit("environments/dev.toml", *retained)
    refused = dev.run(PLAN, "plan")
    assert refused.returncode == 1
    assert f"{table}: its creation was interrupted, and it stays tainted" in refused.stderr
    assert "make plan ENV=dev with credentials that may apply untaints it" in refused.stderr
    assert "careervp-jobs-table-dev: would be replaced" in refused.stdout
    succeeded(dev.run(APPLY, "plan"))
    succeeded(dev.run(PLAN, "plan"))
    dev.edit("environments/dev.toml", *reversed(retained))


def planned_with_a_topic_of_others(dev: Deployment) -> None:
    """Send alarms to a topic that nobody made: who may only plan is shown that it does not exist."""
    notifying = ("environments/dev.toml", "# topic_arns = ", "topic_arns = ")
    dev.edit(*notifying)
    planned = dev.run(PLAN, "plan")
    succeeded(planned)
    assert f"note: {TOPIC}: does not exist" in planned.stdout
    assert TOPIC_READ in dev.taken()
    dev.edit(*(notifying[0], *reversed(notifying[1:])))


def refused_while_a_role_has_a_policy(dev: Deployment) -> None:
    """Try to destroy; nothing goes while a handler's role has its policy, which AWS would not delete."""
    policy = f"arn:aws:iam::{ACCOUNT}:policy/careervp-vpr-worker-policy-dev"
    iam, named = dev.administrator.client("iam"), {"RoleName": "somebodys-worker", "PolicyArn": policy}
    dev.administrator.make_role("somebodys-worker", ACCOUNT, [policy])
    refused = dev.run(APPLY, "destroy")
    assert refused.returncode == 1
    assert "role somebodys-worker has it; detach it in the stack that attached it" in refused.stderr
    assert f"aws iam detach-role-policy --role-name somebodys-worker --policy-arn {policy}" in refused.stderr
    assert dev.terraform("plan", "-detailed-exitcode").returncode == 0
    iam.detach_role_policy(**named)


@pytest.mark.parametrize("environment", environments())
@pytest.mark.parametrize("policy", POLICIES)
def test_a_policy_is_one_that_iam_takes(environment: Environment, policy: str) -> None:
    """Within the 6,144 characters of a managed policy, white space apart, and each Sid once."""
    document = policy_document(load_settings(environment), policy)
    assert len(json.dumps(document, separators=(",", ":"))) <= 6144
    sids = [statement["Sid"] for statement in document["Statement"]]
    assert len(sids) == len(set(sids)) > 2
