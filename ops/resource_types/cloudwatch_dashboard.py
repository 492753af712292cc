"""CloudWatch dashboards."""

from collections.abc import Mapping
from typing import Any

from ops.resource_types.interface import Account, Client, Look, Permissions, ResourceType, in_account
from plan_review.dashboards import widgets
from stacks.requirement import Expected, Members
from stacks.settings import Settings


def _listing(account: Account, prefix: str) -> Mapping[str, None]:
    answer = account.ask("cloudwatch", "list_dashboards", DashboardNamePrefix=prefix)
    return dict.fromkeys(each["DashboardName"] for each in answer.get("DashboardEntries", []))


def _find(values: Mapping[str, Any], _: Settings, client: Client) -> str | None:
    name = values["dashboard_name"]
    pages = client("cloudwatch").get_paginator("list_dashboards").paginate(DashboardNamePrefix=name)
    names = (each["DashboardName"] for page in pages for each in page["DashboardEntries"])
    return next((each for each in names if each == name), None)


def _widgets(account: Account, name: str, _: Any) -> Mapping[str, Any]:
    """Return what each widget shows: its metrics, alarms or text, and not how or where."""
    return {"widgets": widgets(account.ask("cloudwatch", "get_dashboard", DashboardName=name)["DashboardBody"])}


def _in_plan(expected: Expected) -> Mapping[str, Any]:
    shown: Members = expected["widgets"]["widgets"]
    return {f"widget {title}": content for title, content in shown.members.items()}


TYPE = ResourceType(
    name="aws_cloudwatch_dashboard",
    find=_find,
    # PutDashboard replaces one that exists, and says nothing.
    find_first=True,
    in_plan=_in_plan,
    listing=_listing,
    list_needs="cloudwatch:ListDashboards",
    looks={"widgets": Look(read=_widgets, needs="cloudwatch:GetDashboard")},
    permissions=(
        Permissions(
            sid="Dashboards",
            on="the dashboards",
            arns=in_account("cloudwatch", "dashboard/{}"),
            plan="cloudwatch:GetDashboard",
            apply="cloudwatch:DeleteDashboards cloudwatch:PutDashboard",
        ),
    ),
    plan_everywhere="cloudwatch:ListDashboards",
    # A dashboard is in no region: those of all regions of an account share their names.
    is_global=True,
    aspects={"dashboard_body": "widget"},
    members=("widget",),
)
