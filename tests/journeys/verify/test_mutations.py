"""Every single change of what Terraform deployed is reported, and only that one; and what the commands make of it."""

import json
from collections.abc import Generator
from typing import Any
from xml.etree import ElementTree as ET

import attrs
import pytest

from config.environments import Environment
from ops.verify import Clients, Outcome, Verification, verify
from stacks.features import load_settings
from stacks.vpr_async import FEATURE as VPR_ASYNC
from tests.checkout import Checkout
from tests.clients import client
from tests.journeys.verify.deployed import (
    DLQ,
    ERRORS_ALARM,
    HANDLER_POLICIES,
    QUEUE,
    STATUS_POLICY,
    WORKER,
    allow,
    change_handler_policy,
    policy,
    policy_arn,
)
from tests.journeys.verify.mutations import (
    MUTATIONS,
    Change,
    Mutation,
    consume,
    set_attribute,
    stop_consuming,
    update_table,
)
from tests.required import VISIBILITY

pytestmark = pytest.mark.xdist_group("deployed")
SERVICES = ("sqs", "dynamodb", "s3", "cloudwatch", "sns", "iam", "lambda")


@pytest.fixture(scope="module")
def endpoint(deployed_dev: Checkout) -> str:
    endpoint = json.loads((deployed_dev.path / ".emulator" / "dev.json").read_text())["endpoint"]
    assert endpoint.startswith("http://127.0.0.1:")
    return endpoint


@pytest.fixture(scope="module")
def aws(endpoint: str) -> dict[str, Any]:
    return {service: client(service, endpoint) for service in SERVICES}


@pytest.fixture(scope="module")
def clients(endpoint: str) -> Clients:
    return Clients(region="us-east-1", where="the emulator", emulator_endpoint=endpoint)


@pytest.fixture(scope="module", autouse=True)
def left_as_found(deployed_dev: Checkout, clients: Clients) -> Generator[None]:
    """Before and after all the changes there is nothing to report; Terraform sets right what verify does not read."""
    assert verified(clients).faults == ()
    yield
    assert verified(clients).faults == ()
    applied = deployed_dev.run("python", "-m", "ops", "up")
    assert applied.returncode == 0, applied.stderr


def verified(clients: Clients) -> Verification:
    return verify(VPR_ASYNC, load_settings(Environment("dev")), clients)


def test_nothing_is_reported_of_what_was_deployed(clients: Clients) -> None:
    """In at most 40 calls: 164 checks, and one note, on the worker that another project makes."""
    report = verified(clients)
    assert report.faults == ()
    assert report.exit_status == 0
    assert len(report.checks) == 164
    assert report.api_calls == 33
    (noted,) = (check for check in report.checks if check.note)
    assert (noted.resource, noted.property) == (ERRORS_ALARM, "function")
    assert "careervp-vpr-worker-lambda-dev does not exist yet" in noted.note


def test_the_changes_are_many_and_differ() -> None:
    assert len(MUTATIONS) == 128
    assert len({mutation.id for mutation in MUTATIONS}) == 128
    assert len({mutation.finding for mutation in MUTATIONS}) > 80


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.id)
def test_a_change_is_reported_and_only_that(aws: dict[str, Any], clients: Clients, mutation: Mutation) -> None:
    mutation.do(aws)
    try:
        report = verified(clients)
    finally:
        mutation.undo(aws)
    found = [(fault.resource_type, fault.resource, fault.property, fault.outcome) for fault in report.faults]
    assert found == [mutation.finding]
    assert report.exit_status == 1


def noted(clients: Clients, change: Change, undo: Change, aws: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the notes while a change is there that is no fault, without the one that is always there."""
    change(aws)
    try:
        report = verified(clients)
    finally:
        undo(aws)
    assert report.faults == ()
    return [
        (check.resource, check.property, check.note)
        for check in report.checks
        if check.note and check.property != "function"
    ]


def second_version(aws: dict[str, Any], document: str) -> None:
    aws["iam"].create_policy_version(PolicyArn=policy_arn(STATUS_POLICY), PolicyDocument=document, SetAsDefault=False)


def one_version(aws: dict[str, Any]) -> None:
    change_handler_policy(aws, STATUS_POLICY, *HANDLER_POLICIES[STATUS_POLICY])


def test_a_wider_version_that_is_not_in_force_is_noted(aws: dict[str, Any], clients: Clients) -> None:
    """Whoever may set the default version could put it in force; a narrower one, as an update leaves, says nothing."""
    everything, less = policy(allow("*", "s3:*")), policy(HANDLER_POLICIES[STATUS_POLICY][0])
    ((resource, property_, note),) = noted(clients, lambda aws: second_version(aws, everything), one_version, aws)
    assert (resource, property_) == (STATUS_POLICY, "policy")
    assert " is not in force and allows more; if nobody needs it: aws iam delete-policy-version " in note
    assert noted(clients, lambda aws: second_version(aws, less), one_version, aws) == []


def test_the_roles_that_have_a_handlers_policy_are_noted(aws: dict[str, Any], clients: Clients) -> None:
    def attach(aws: dict[str, Any]) -> None:
        aws["iam"].create_role(RoleName="worker-role", AssumeRolePolicyDocument="{}")
        aws["iam"].attach_role_policy(RoleName="worker-role", PolicyArn=policy_arn(STATUS_POLICY))

    def detach(aws: dict[str, Any]) -> None:
        aws["iam"].detach_role_policy(RoleName="worker-role", PolicyArn=policy_arn(STATUS_POLICY))
        aws["iam"].delete_role(RoleName="worker-role")

    assert noted(clients, attach, detach, aws) == [
        (STATUS_POLICY, "attached to roles", "role worker-role has it: see that each is a handler's")
    ]


def test_the_worker_may_consume_the_jobs(aws: dict[str, Any], clients: Clients) -> None:
    def change(aws: dict[str, Any]) -> None:
        consume(QUEUE, aws, WORKER)

    assert noted(clients, change, lambda aws: stop_consuming(aws, WORKER), aws) == []


NAMES = ["careervp-vpr-jobs-queue-prod", "careervp-vpr-jobs-dlq-staging", "careervp-other-queue-dev"]


def test_what_is_another_environments_or_features_is_not_reported(aws: dict[str, Any], clients: Clients) -> None:
    """A queue of prod is, where prod is another account; where it is the same account and region, it is not."""
    dev = load_settings(Environment("dev"))
    here = {each: attrs.evolve(dev, environment=each) for each in (Environment("staging"), Environment("prod"))}
    made = [aws["sqs"].create_queue(QueueName=name)["QueueUrl"] for name in NAMES]
    try:
        assert verify(VPR_ASYNC, dev, clients, others=here).faults == ()
        assert [fault.resource for fault in verified(clients).faults] == sorted(NAMES[:2])
    finally:
        for url in made:
            aws["sqs"].delete_queue(QueueUrl=url)


def test_the_command_prints_what_it_found(deployed_dev: Checkout, aws: dict[str, Any]) -> None:
    """Faults by resource with what was expected and found, within 80 columns; 1 is the exit status."""
    set_attribute(QUEUE, "VisibilityTimeout", "600")(aws)
    try:
        done = deployed_dev.run("python", "scripts/verify_aws_state.py", "--mode", "deployed", "--env", "dev")
        as_json = deployed_dev.run("python", "-m", "ops", "verify", "--format", "json", ENV="dev")
        as_junit = deployed_dev.run("python", "-m", "ops", "verify", "--format", "junit")
    finally:
        set_attribute(QUEUE, "VisibilityTimeout", VISIBILITY)(aws)
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "aws_sqs_queue careervp-vpr-jobs-queue-dev",
        "  differs: VisibilityTimeout",
        f'    expected: "{VISIBILITY}"',
        '    found:    "600"',
    ]
    assert all(len(line) <= 80 for line in lines[:-1])
    assert ": 164 checks: 163 ok, 1 differs; 33 API calls, " in lines[-1]
    assert (done.returncode, as_json.returncode, as_junit.returncode) == (1, 1, 1)
    assert done.stderr == as_json.stderr == as_junit.stderr == ""
    document = json.loads(as_json.stdout)
    assert (document["version"], document["exit_status"]) == (1, 1)
    assert document["counts"] == {"ok": 163, "differs": 1, "missing": 0, "unexpected": 0, "unreadable": 0}
    assert [check["property"] for check in document["checks"] if check["outcome"] != "ok"] == ["VisibilityTimeout"]
    (suite,) = ET.fromstring(as_junit.stdout)  # noqa: S314 - our own
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("164", "1", "0")
    (failed,) = (case for case in suite if case.find("failure") is not None)
    assert failed.get("classname") == f"aws_sqs_queue.{QUEUE}"
    assert failed[0].get("message") == f'differs: VisibilityTimeout; expected: "{VISIBILITY}"; found: "600"'


def test_the_script_works_from_anywhere_and_clean_is_a_proof_of_absence(deployed_dev: Checkout) -> None:
    """All ten resources are unexpected when nothing should be there."""
    script = str(deployed_dev.path / "scripts" / "verify_aws_state.py")
    done = deployed_dev.run("sh", "-c", f"cd / && python '{script}' --mode clean")
    assert done.returncode == 1
    assert done.stdout.count("\n  unexpected\n") == 10
    assert ": 10 checks: 0 ok, 10 unexpected; 6 API calls, " in done.stdout
    asked = deployed_dev.run("python", script)
    assert asked.returncode == 2
    assert "the following arguments are required: --mode" in asked.stderr


def test_prerequisites_are_the_tables_of_others_and_the_state_bucket(
    deployed_dev: Checkout, aws: dict[str, Any]
) -> None:
    """Missing tables are faults; with them there, the status is 0, with a note that permissions were not checked."""
    command = ("python", "-m", "ops", "verify", "--mode", "prerequisites")
    names = ("careervp-users-table-dev", "careervp-idempotency-table-dev")
    without = deployed_dev.run(*command)
    assert without.returncode == 1
    assert without.stdout.count("\n  missing\n") + without.stdout.startswith("aws_dynamodb_table") >= 2
    for name in names:
        aws["dynamodb"].create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        )
    try:
        done = deployed_dev.run(*command)
    finally:
        for name in names:
            aws["dynamodb"].delete_table(TableName=name)
    assert done.returncode == 0
    assert "note: aws_iam_policy caller: permissions are not checked: an emulator" in done.stdout
    assert "a plain bucket, which commands" in " ".join(done.stdout.split())
    assert ": 4 checks: 4 ok; 9 API calls, " in done.stdout


def test_where_nothing_runs_nothing_is_deployed(deployed_dev: Checkout) -> None:
    """Without an emulator `clean` is proven, and the other modes say what starts one; an unknown name is bad input."""
    clean = deployed_dev.run("python", "-m", "ops", "verify", "--mode", "clean", "--env", "staging")
    assert clean.returncode == 0
    assert "no emulator: none is running, so nothing is deployed" in clean.stdout
    for mode, does in {
        "deployed": "make up ENV=staging deploys",
        "prerequisites": "make bootstrap ENV=staging starts",
    }.items():
        refused = deployed_dev.run("python", "-m", "ops", "verify", "--mode", mode, ENV="staging")
        assert refused.returncode == 2
        assert refused.stderr.startswith("staging: no emulator is running, so ")
        assert does in refused.stderr
        assert "; on AWS: make verify ENV=staging TARGET=aws" in refused.stderr
    unknown = deployed_dev.run("python", "-m", "ops", "verify", "--env", "test")
    assert unknown.returncode == 2
    assert "invalid choice: 'test'" in unknown.stderr


def test_without_credentials_aws_is_not_asked(deployed_dev: Checkout) -> None:
    done = deployed_dev.run("python", "-m", "ops", "verify", TARGET="aws")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("TARGET=aws: no usable AWS credentials")
    assert len(done.stderr.splitlines()) == 1


def test_two_changes_are_two_findings(aws: dict[str, Any], clients: Clients) -> None:
    set_attribute(DLQ, "DelaySeconds", "5")(aws)
    update_table(DeletionProtectionEnabled=True)(aws)
    try:
        report = verified(clients)
    finally:
        set_attribute(DLQ, "DelaySeconds", "0")(aws)
        update_table(DeletionProtectionEnabled=False)(aws)
    assert [check.property for check in report.faults] == ["DelaySeconds", "DeletionProtectionEnabled"]
    assert {check.outcome for check in report.faults} == {Outcome.DIFFERS}
