"""Notes on resources of others that the settings name and that do not exist."""

from typing import Any

import pytest
from attrs import evolve
from botocore.exceptions import ClientError, EndpointConnectionError

from aws_emulator import temporary
from config.environments import Environment
from config.request import Target
from ops.deployment import given
from ops.workspace import Workspace
from stacks.features import load_settings
from stacks.settings import Settings
from stacks.vpr_async.settings import own
from tests.clients import client
from tests.workspaces import workspace_of

PROD = load_settings(Environment("prod"))
OURS = "arn:aws:sns:us-east-1:333333333333:operations"
FOREIGN = "arn:aws:sns:us-east-1:999999999999:operations"
ABSENT = ClientError({"Error": {"Code": "NotFound"}}, "GetTopicAttributes")
REFUSED = ClientError({"Error": {"Code": "AuthorizationError"}}, "GetTopicAttributes")
NO_ANSWER = EndpointConnectionError(endpoint_url="https://sns")


def notifying(*topics: str) -> Settings:
    """Return the settings of prod whose alarms notify these topics."""
    vpr = own(PROD)
    return evolve(PROD, features={"vpr_async": evolve(vpr, alarms=evolve(vpr.alarms, topic_arns=list(topics)))})


def missing(monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any]) -> list[str]:
    """Return the lines where SNS answers so for each topic that the settings name, each asked for once."""
    asked: list[str] = []

    class Sns:
        def get_topic_attributes(self, *, TopicArn: str) -> Any:  # noqa: N803 - as boto3 has it
            asked.append(TopicArn)
            if isinstance(answers[TopicArn], Exception):
                raise answers[TopicArn]
            return answers[TopicArn]

    def made(_: Workspace, service: str) -> Any:
        assert service == "sns"
        return Sns()

    monkeypatch.setattr(Workspace, "client", made)
    found = given.missing(workspace_of(settings=notifying(*answers)))
    assert asked == list(answers)
    return found


def test_a_topic_that_does_not_exist_is_named_with_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing(monkeypatch, {FOREIGN: {"Attributes": {}}, OURS: ABSENT}) == [
        (
            f"{OURS}: does not exist, but environments/prod.toml refers to it; create it, or correct "
            "environments/prod.toml and type make plan ENV=prod TARGET=aws again"
        )
    ]


@pytest.mark.parametrize("answer", [REFUSED, NO_ANSWER])
def test_a_topic_that_cannot_be_asked_for_is_left_out_and_hides_no_other(
    monkeypatch: pytest.MonkeyPatch, answer: Exception
) -> None:
    """A role that plans need not have a permission on another account's topic."""
    assert missing(monkeypatch, {FOREIGN: answer}) == []
    (line,) = missing(monkeypatch, {FOREIGN: answer, OURS: ABSENT})
    assert line.startswith(OURS)


def test_without_a_topic_in_the_settings_aws_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing(monkeypatch, {}) == []


def test_on_an_emulator_a_topic_is_missing_until_somebody_makes_it() -> None:
    with temporary(PROD.account_id) as emulator:
        workspace = workspace_of(settings=notifying(OURS), target=Target.EMULATOR, emulator=emulator)
        (line,) = given.missing(workspace)
        assert line.startswith(f"{OURS}: does not exist, ")
        client("sns", emulator.endpoint).create_topic(Name="operations")
        assert given.missing(workspace) == []
