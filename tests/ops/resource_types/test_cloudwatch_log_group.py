"""CloudWatch log groups: found by their whole name, and empty only without a stream."""

from typing import Any

import pytest

from config.environments import Environment
from ops.resource_types.cloudwatch_log_group import TYPE
from ops.resource_types.interface import Account
from stacks.features import load_settings
from stacks.requirement import Members, Requirement

NAME = "/aws/lambda/careervp-orders-submit-lambda-dev"
SETTINGS = load_settings(Environment("dev"))


class Logs:
    """CloudWatch Logs with these groups and streams, on two pages."""

    def __init__(self, groups: list[dict[str, Any]], streams: list[dict[str, Any]] | None = None) -> None:
        self.groups = groups
        self.streams = streams or []

    def __call__(self, service: str) -> "Logs":  # noqa: D102 - as boto3 has it
        assert service == "logs"
        return self

    def get_paginator(self, operation: str) -> "Logs":  # noqa: D102 - as boto3 has it
        assert operation == "describe_log_groups"
        return self

    def paginate(self, *, logGroupNamePrefix: str) -> list[Any]:  # noqa: D102, N803 - as boto3 has it
        assert logGroupNamePrefix == NAME
        return [{"logGroups": [each]} for each in self.groups]

    def describe_log_streams(self, *, logGroupName: str, limit: int) -> Any:  # noqa: D102, N803 - as boto3 has it
        assert (logGroupName, limit) == (NAME, 1)
        return {"logStreams": self.streams[:limit]}


class Answers:
    """Calls that have one answer each."""

    is_emulated = False

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.made: list[tuple[str, dict[str, Any]]] = []

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer to a call."""
        assert service == "logs"
        self.made.append((operation, arguments))
        return self.answers[operation]


def test_a_log_group_is_found_by_its_whole_name() -> None:
    longer, itself = {"logGroupName": f"{NAME}-2"}, {"logGroupName": NAME}
    assert TYPE.find({"name": NAME}, SETTINGS, Logs([longer, itself])) == NAME
    assert TYPE.find({"name": NAME}, SETTINGS, Logs([longer])) is None


@pytest.mark.parametrize(("streams", "count"), [([], 0), ([{"logStreamName": "one"}], None)])
def test_it_is_empty_only_without_a_stream(streams: list[dict[str, Any]], count: int | None) -> None:
    assert TYPE.count
    assert TYPE.count({"name": NAME}, Logs([], streams)) == count


def test_each_look_has_the_words_of_aws() -> None:
    calls = Answers(
        describe_log_groups={"logGroups": [{"logGroupName": NAME, "retentionInDays": 30}]},
        describe_subscription_filters={"subscriptionFilters": [{"filterName": "copy", "destinationArn": "arn:other"}]},
        list_tags_for_resource={"tags": {"Project": "careervp", "aws:cloudformation:stack-name": "old"}},
    )
    account = Account(SETTINGS, Requirement(resources={}, prefixes={}), calls)
    assert TYPE.listing
    (group,) = TYPE.listing(account, "/aws/lambda/careervp-orders-").values()
    assert {name: look.read(account, NAME, group) for name, look in TYPE.looks.items()} == {
        "description": {"RetentionInDays": 30, "KmsKeyId": None, "LogGroupClass": "STANDARD"},
        "subscriptions": {"subscriptions": {"copy": "arn:other"}},
        "tags": {"tags": {"Project": "careervp"}},
    }
    assert calls.made == [
        ("describe_log_groups", {"logGroupNamePrefix": "/aws/lambda/careervp-orders-"}),
        ("describe_subscription_filters", {"logGroupName": NAME}),
        ("list_tags_for_resource", {"resourceArn": f"arn:aws:logs:us-east-1:111111111111:log-group:{NAME}"}),
    ]


def test_a_plan_is_checked_for_the_time_and_the_key() -> None:
    described = {"RetentionInDays": 30, "KmsKeyId": None, "LogGroupClass": "STANDARD"}
    assert TYPE.in_plan
    found = TYPE.in_plan({"description": described, "subscriptions": {"subscriptions": Members("subscription", {})}})
    assert found == {"retention_in_days": 30, "kms_key_id": None}


def test_permissions_are_on_the_group_in_both_of_its_forms() -> None:
    (permissions,) = TYPE.permissions
    group = f"arn:aws:logs:us-east-1:111111111111:log-group:{NAME}"
    assert permissions.arns(SETTINGS, NAME, {}) == (group, f"{group}:*")
    assert (permissions.erase, permissions.loses) == ("logs:DeleteLogGroup", "logs:DeleteLogGroup")
