"""Which of Terraform's plans the drift is read from."""

import json
from pathlib import Path
from typing import Any

import pytest

from ops import terraform
from ops.drift.command import refresh_and_plan
from ops.drift.plans import has_resources
from tests.workspaces import workspace_of

COMPLETE: dict[str, Any] = {"resource_drift": [{"address": "aws_sqs_queue.jobs"}], "errored": False}
REFUSED: dict[str, Any] = {"resource_drift": [], "errored": True}
REFRESHED: dict[str, Any] = {"resource_drift": [{"address": "aws_cloudwatch_metric_alarm.of_what_is_protected"}]}


@pytest.mark.parametrize(
    ("planned", "refreshed", "asked"),
    [(COMPLETE, COMPLETE, [()]), (REFUSED, REFRESHED, [(), ("-refresh-only",)])],
    ids=["one plan says both", "a refused plan did not refresh what depends on what is protected"],
)
def test_drift_is_read_from_a_refresh_that_looked_at_everything(
    monkeypatch: pytest.MonkeyPatch,
    planned: dict[str, Any],
    refreshed: dict[str, Any],
    asked: list[tuple[str, ...]],
) -> None:
    """Seen with Terraform 1.11.4: of eleven resources that drifted, a refused plan had refreshed eight."""
    calls: list[tuple[str, ...]] = []

    def plan(_workspace: object, _saved_plan: Path, *options: str) -> str:
        calls.append(options)
        return json.dumps(REFRESHED if options else planned)

    monkeypatch.setattr(terraform, "unlocked_plan_json", plan)
    assert refresh_and_plan(workspace_of(), Path("nowhere")) == (refreshed, planned)
    assert calls == asked


@pytest.mark.parametrize(
    ("state", "drift", "is_deployed"),
    [
        ({}, [], False),
        ({"values": {"root_module": {}}}, [], False),
        ({"values": {"outputs": {"jobs_queue_url": {}}, "root_module": {}}}, [], False),
        ({"values": {"root_module": {"resources": [{"mode": "data"}]}}}, [], False),
        ({"values": {"root_module": {"resources": [{"mode": "managed"}]}}}, [], True),
        ({"values": {"root_module": {"child_modules": [{"address": "module.a"}]}}}, [], True),
        # All that was deployed was deleted by hand.
        ({}, [{"address": "aws_sqs_queue.jobs"}], True),
    ],
)
def test_a_state_without_resources_is_no_deployment(
    state: dict[str, Any], drift: list[dict[str, Any]], *, is_deployed: bool
) -> None:
    """As after a destroy: a plan of everything shows values of such a state, which has none."""
    assert has_resources({"prior_state": state, "resource_drift": drift}) is is_deployed
