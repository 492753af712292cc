"""Deletions on which something depends: a plan that has one is refused, with what depends on it and what to do."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.stub import Stubber

from config.request import read_request
from ops import terraform
from ops.deployment import apply, cdktf_cli, saved_plan
from ops.deployment.dependents import require_deletable
from ops.errors import CommandError
from ops.workspace import Workspace
from tests.ops.test_aws import stubbed
from tests.workspaces import workspace_of

ARN = "arn:aws-cn:iam::333333333333:policy/careervp-vpr-worker-policy-prod"
POLICY = {"name": "careervp-vpr-worker-policy-prod", "arn": ARN}
ALARM = {"alarm_name": "careervp-vpr-dlq-alarm-prod"}
ASKED = {"PolicyArn": ARN}
ASKED_OF_ALARMS = {"AlarmTypes": ["CompositeAlarm"]}


def plan(*actions: str, type_: str = "aws_iam_policy", before: dict[str, str] = POLICY) -> dict[str, Any]:
    change = {"address": f"{type_}.It", "mode": "managed", "type": type_}
    return {"resource_changes": [{**change, "change": {"actions": list(actions), "before": before, "after": None}}]}


def alarm_plan(*actions: str) -> dict[str, Any]:
    return plan(*actions, type_="aws_cloudwatch_metric_alarm", before=ALARM)


def asked(answer: Stubber | None, plan: dict[str, Any]) -> list[str]:
    """Require that the plan can be applied; return the services that are asked, of which the one answers so."""
    services: list[str] = []

    def client(service: str) -> Any:
        services.append(service)
        return answer.client if answer else None

    require_deletable(plan, client)
    if answer:
        answer.assert_no_pending_responses()
    return services


@pytest.mark.parametrize("actions", [["delete"], ["delete", "create"], ["create", "delete"]])
def test_whoever_has_the_policy_is_named_with_what_detaches_it(actions: list[str]) -> None:
    """Also on a second page."""
    _, iam = stubbed("iam")
    first = {"PolicyRoles": [{"RoleName": "worker-role"}], "IsTruncated": True, "Marker": "m"}
    iam.add_response("list_entities_for_policy", first, ASKED)
    second = {"PolicyUsers": [{"UserName": "tester"}], "PolicyGroups": [{"GroupName": "testers"}]}
    iam.add_response("list_entities_for_policy", second, {**ASKED, "Marker": "m"})
    with pytest.raises(CommandError) as refused:
        asked(iam, plan(*actions))
    would = "careervp-vpr-worker-policy-prod (aws_iam_policy.It): would be deleted, and"
    how = "has it; detach it in the stack that attached it, or: aws iam"
    assert str(refused.value).splitlines() == [
        f"{would} role worker-role {how} detach-role-policy --role-name worker-role --policy-arn {ARN}",
        f"{would} user tester {how} detach-user-policy --user-name tester --policy-arn {ARN}",
        f"{would} group testers {how} detach-group-policy --group-name testers --policy-arn {ARN}",
        "AWS would refuse that; nothing was changed",
    ]


@pytest.mark.parametrize(
    ("rule", "depends"),
    [
        ('ALARM("careervp-vpr-dlq-alarm-prod") OR ALARM("other")', True),
        ("NOT ALARM(arn:aws:cloudwatch:us-east-1:333333333333:alarm:careervp-vpr-dlq-alarm-prod)", True),
        ("OK(careervp-vpr-dlq-alarm-prod)", True),
        ('ALARM("careervp-vpr-dlq-alarm-prod-2") OR ALARM("my-careervp-vpr-dlq-alarm-prod")', False),
        ("FALSE", False),
    ],
)
def test_a_composite_alarm_that_depends_on_the_alarm_is_named(rule: str, *, depends: bool) -> None:
    _, cloudwatch = stubbed("cloudwatch")
    answer = {"CompositeAlarms": [{"AlarmName": "all-of-vpr", "AlarmRule": rule}]}
    cloudwatch.add_response("describe_alarms", answer, ASKED_OF_ALARMS)
    if not depends:
        assert asked(cloudwatch, alarm_plan("delete")) == ["cloudwatch"]
        return
    with pytest.raises(CommandError) as refused:
        asked(cloudwatch, alarm_plan("delete"))
    would = "careervp-vpr-dlq-alarm-prod (aws_cloudwatch_metric_alarm.It): would be deleted, and"
    assert str(refused.value).splitlines() == [
        f"{would} composite alarm all-of-vpr depends on it; take it out of that alarm's rule first",
        "AWS would refuse that; nothing was changed",
    ]


def test_a_policy_that_nobody_has_may_be_deleted() -> None:
    _, iam = stubbed("iam")
    iam.add_response("list_entities_for_policy", {"PolicyRoles": [], "PolicyUsers": []}, ASKED)
    assert asked(iam, plan("delete")) == ["iam"]


@pytest.mark.parametrize(
    "changed",
    [plan("update"), plan("no-op"), plan("create"), alarm_plan("update"), plan("delete", type_="aws_sqs_queue"), {}],
)
def test_a_plan_that_deletes_nothing_of_the_kind_asks_nothing(changed: dict[str, Any]) -> None:
    assert asked(None, changed) == []


@pytest.mark.parametrize(
    ("service", "operation", "expected", "changed"),
    [
        ("iam", "list_entities_for_policy", ASKED, plan("delete")),
        ("cloudwatch", "describe_alarms", ASKED_OF_ALARMS, alarm_plan("delete")),
    ],
)
def test_a_refusal_to_say_what_depends_on_it_stops_the_command(
    service: str, operation: str, expected: dict[str, Any], changed: dict[str, Any]
) -> None:
    """It is not taken for nothing."""
    _, answer = stubbed(service)
    answer.add_client_error(operation, service_error_code="AccessDenied", expected_params=expected)
    with pytest.raises(
        CommandError, match=r"what depends on it cannot be read, so nothing was changed: .*AccessDenied"
    ):
        asked(answer, changed)


def refusing(monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return prod's workspace on an AWS where a role has the policy; nothing else stops a plan there."""
    _, iam = stubbed("iam")
    iam.add_response("list_entities_for_policy", {"PolicyRoles": [{"RoleName": "worker-role"}]}, ASKED)

    def nothing(*_: object) -> None:
        """Let it pass."""

    def client(_: Workspace, service: str) -> Any:
        assert service == "iam"
        return iam.client

    monkeypatch.setattr(Workspace, "client", client)

    def synthesized(_: Workspace) -> dict[str, Any]:
        return {}

    for name in ("require_no_loss", "require_allowed"):
        monkeypatch.setattr(saved_plan, name, nothing)
    monkeypatch.setattr(saved_plan, "synthesized", synthesized)
    return workspace_of()


@contextmanager
def planned(*_: object) -> Generator[tuple[Path, saved_plan.PlanJson]]:
    yield Path("tfplan"), saved_plan.PlanJson(content={"applyable": True, **plan("delete")}, sha256="")


def test_an_apply_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the settings say that others make the handlers' policies from now on."""
    workspace = refusing(monkeypatch)
    monkeypatch.setattr(terraform, "apply", None)
    monkeypatch.setattr(saved_plan, "opened", planned)
    with pytest.raises(CommandError, match="role worker-role has it; detach it"):
        apply.apply_saved(workspace)


def test_a_deployment_with_cdktf_is_refused_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = refusing(monkeypatch)

    @contextmanager
    def opened(*_: object, **__: object) -> Generator[list[Workspace]]:
        yield [workspace]

    def prepared(_: Workspace) -> None:
        """Find the folder ready."""

    monkeypatch.setattr(cdktf_cli, "open_workspaces", opened)
    monkeypatch.setattr(cdktf_cli, "_cdktf", None)
    monkeypatch.setattr(saved_plan, "unsaved", planned)
    monkeypatch.setattr(terraform, "prepare", prepared)
    with pytest.raises(CommandError, match="role worker-role has it; detach it"):
        cdktf_cli.deploy(read_request({"ENV": "prod", "TARGET": "aws", "AUTO_APPROVE": "yes"}))


def deletions(*composites: tuple[str, list[str]]) -> dict[str, Any]:
    """Return the plan that deletes the alarm, and does this with composite alarms."""
    type_ = "aws_cloudwatch_composite_alarm"
    entries = alarm_plan("delete")["resource_changes"]
    for name, actions in composites:
        entries += plan(*actions, type_=type_, before={"alarm_name": name})["resource_changes"]
    return {"resource_changes": entries}


@pytest.mark.parametrize(
    ("actions", "depends"), [(["delete"], False), (["update"], True), (["delete", "create"], True)]
)
def test_a_composite_alarm_that_the_plan_deletes_itself_is_no_obstacle(actions: list[str], *, depends: bool) -> None:
    """One that it replaces or changes is: Terraform may delete the other alarm first."""
    _, cloudwatch = stubbed("cloudwatch")
    composite = {"AlarmName": "all-of-vpr", "AlarmRule": f'ALARM("{ALARM["alarm_name"]}")'}
    for _ in range(2 if "delete" in actions else 1):
        cloudwatch.add_response("describe_alarms", {"CompositeAlarms": [composite]}, ASKED_OF_ALARMS)
    changed = deletions(("all-of-vpr", actions))
    if not depends:
        assert asked(cloudwatch, changed) == ["cloudwatch", "cloudwatch"]
        return
    with pytest.raises(CommandError, match="composite alarm all-of-vpr depends on it"):
        asked(cloudwatch, changed)


def test_a_composite_alarm_that_another_one_depends_on_is_not_deleted() -> None:
    _, cloudwatch = stubbed("cloudwatch")
    parent = {"AlarmName": "everything", "AlarmRule": 'ALARM("all-of-vpr")'}
    cloudwatch.add_response("describe_alarms", {"CompositeAlarms": [parent]}, ASKED_OF_ALARMS)
    type_ = "aws_cloudwatch_composite_alarm"
    with pytest.raises(CommandError) as refused:
        asked(cloudwatch, plan("delete", type_=type_, before={"alarm_name": "all-of-vpr"}))
    assert str(refused.value).splitlines()[0] == (
        "all-of-vpr (aws_cloudwatch_composite_alarm.It): would be deleted, and composite alarm everything depends on "
        "it; take it out of that alarm's rule first"
    )
