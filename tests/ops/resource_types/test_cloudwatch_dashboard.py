"""Dashboards: found by their whole name, and seen by what their widgets show."""

import json

from ops.resource_types.cloudwatch_dashboard import TYPE
from stacks.requirement import Members
from tests.ops.resource_types.answers import DEV, found, listed, seen

NAME = "careervp-orders-dashboard-dev"
METRICS = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "careervp-orders-queue-dev"]]
BODY = {
    "widgets": [
        {"type": "metric", "x": 0, "y": 0, "properties": {"title": "Depth", "period": 60, "metrics": METRICS}},
        {"type": "text", "x": 0, "y": 6, "properties": {"markdown": "# Orders"}},
    ]
}


def test_it_is_listed_and_found_by_its_whole_name() -> None:
    """Also on a second page; one whose name only begins so is another."""
    entries = {"DashboardEntries": [{"DashboardName": f"{NAME}-2"}, {"DashboardName": NAME}]}
    assert listed(TYPE, "careervp-orders-", cloudwatch__list_dashboards=entries) == {f"{NAME}-2": None, NAME: None}
    first = {"DashboardEntries": [{"DashboardName": f"{NAME}-2"}], "NextToken": "more"}
    second = {"DashboardEntries": [{"DashboardName": NAME}]}
    values = {"dashboard_name": NAME}
    answers = ("list_dashboards", first), ("list_dashboards", second)
    assert found(TYPE, values, "cloudwatch", *answers) == NAME
    only = {"DashboardEntries": [{"DashboardName": f"{NAME}-2"}]}
    assert found(TYPE, values, "cloudwatch", ("list_dashboards", only)) is None
    assert TYPE.find_first


def test_it_is_seen_by_what_its_widgets_show() -> None:
    answer = {"DashboardBody": json.dumps(BODY)}
    assert seen(TYPE, "widgets", NAME, None, cloudwatch__get_dashboard=answer) == {
        "widgets": {
            "Depth": {"type": "metric", "metrics": METRICS},
            "text 2": {"type": "text", "markdown": "# Orders"},
        }
    }


def test_a_plan_is_checked_widget_by_widget() -> None:
    assert TYPE.in_plan
    depth = {"type": "metric", "metrics": METRICS}
    assert TYPE.in_plan({"widgets": {"widgets": Members("widget", {"Depth": depth})}}) == {"widget Depth": depth}


def test_permissions_are_on_the_dashboard_which_is_in_no_region() -> None:
    (permissions,) = TYPE.permissions
    assert permissions.arns(DEV, NAME, {}) == (f"arn:aws:cloudwatch::111111111111:dashboard/{NAME}",)
    assert (permissions.plan, permissions.apply) == (
        "cloudwatch:GetDashboard",
        "cloudwatch:DeleteDashboards cloudwatch:PutDashboard",
    )
    assert TYPE.is_global
