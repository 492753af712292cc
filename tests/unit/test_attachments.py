"""A policy that somebody has is not deleted: a plan that would is refused, with what detaches it."""

from typing import Any

import pytest
from botocore.stub import Stubber

from ops.attachments import require_detached
from ops.errors import CommandError
from tests.unit.test_aws import stubbed

ARN = "arn:aws-cn:iam::333333333333:policy/careervp-vpr-worker-policy-prod"
ASKED = {"PolicyArn": ARN}


def plan(*actions: str, type_: str = "aws_iam_policy") -> dict[str, Any]:
    before = {"name": "careervp-vpr-worker-policy-prod", "arn": ARN}
    change = {"address": f"{type_}.Worker", "mode": "managed", "type": type_}
    return {"resource_changes": [{**change, "change": {"actions": list(actions), "before": before, "after": None}}]}


def asked(answer: Stubber | None, plan: dict[str, Any]) -> list[str]:
    """Require that nobody has what the plan deletes; return the services that are asked, of which IAM answers so."""
    services: list[str] = []

    def client(service: str) -> Any:
        services.append(service)
        return answer.client if answer else None

    require_detached(plan, client)
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
    would = "careervp-vpr-worker-policy-prod (aws_iam_policy.Worker): would be deleted, and"
    how = "has it; detach it in the stack that attached it, or: aws iam"
    assert str(refused.value).splitlines() == [
        f"{would} role worker-role {how} detach-role-policy --role-name worker-role --policy-arn {ARN}",
        f"{would} user tester {how} detach-user-policy --user-name tester --policy-arn {ARN}",
        f"{would} group testers {how} detach-group-policy --group-name testers --policy-arn {ARN}",
        "AWS deletes no policy that is attached; nothing was changed",
    ]


def test_a_policy_that_nobody_has_may_be_deleted() -> None:
    _, iam = stubbed("iam")
    iam.add_response("list_entities_for_policy", {"PolicyRoles": [], "PolicyUsers": []}, ASKED)
    assert asked(iam, plan("delete")) == ["iam"]


@pytest.mark.parametrize(
    "changed", [plan("update"), plan("no-op"), plan("create"), plan("delete", type_="aws_sqs_queue"), {}]
)
def test_a_plan_that_deletes_no_policy_asks_nothing(changed: dict[str, Any]) -> None:
    assert asked(None, changed) == []


def test_a_refusal_to_say_who_has_it_stops_the_command() -> None:
    """It is not taken for nobody."""
    _, iam = stubbed("iam")
    iam.add_client_error("list_entities_for_policy", service_error_code="AccessDenied", expected_params=ASKED)
    with pytest.raises(CommandError, match=r"who has it cannot be read, so nothing was changed: .*AccessDenied"):
        asked(iam, plan("delete"))
