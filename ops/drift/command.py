"""The command `drift`."""

import argparse
import json
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from check_report.forms import add_format, rendered
from config.request import Request, confined_process
from ops import terraform
from ops.command import Command
from ops.deployment.existing import find
from ops.deployment.refreshed_state import refreshed
from ops.drift.output import report_of
from ops.drift.plans import Plan, Planned, has_resources
from ops.drift.report import Comparison, add_state_bucket, merge
from ops.errors import CommandError
from ops.progress import step
from ops.resource_types.interface import MismatchError
from ops.verify import Clients, verify, verify_state_bucket
from ops.verify.command import require_one_document, required_clients
from ops.verify.report import Check
from ops.workspace import Workspace, each, features_of, nothing_deployed, open_workspaces, synthesize
from stacks.features import load_settings


def run(request: Request, options: argparse.Namespace) -> int:
    """Print each stack's report; return 0 for no drift, 1 for drift, 2 when something could not be read.

    Raises NoAnswerError when no emulator runs, so that nothing can be deployed; CommandError, after every stack was
    asked for, if one has no answer.
    """
    settings = load_settings(request.environment_or_dev)
    with confined_process(request):
        clients = required_clients(request, settings, nothing_deployed(request, "drift"))
    features = features_of(request)
    require_one_document(features, options.format)
    statuses: list[int] = []
    with open_workspaces(request, command="drift", keep_emulator=True) as workspaces:
        of_state_bucket = verify_state_bucket(settings, clients)

        def work(workspace: Workspace) -> None:
            report = report_of(workspace, _look(workspace, clients, of_state_bucket))
            print(rendered(report, options.format))
            statuses.append(report.exit_status)

        each(workspaces, work)
    return max(statuses)


def _look(workspace: Workspace, clients: Clients, of_state_bucket: Sequence[Check]) -> Comparison:
    """Ask Terraform and the verifier at the same time. Raises CommandError."""
    synthesize(workspace)
    terraform.init(workspace)
    # Leaving the pool waits for what is under way, so that no Terraform outlives the folder or this process.
    with (
        step("plan and verify"),
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor() as pool,
    ):
        planning = pool.submit(refresh_and_plan, workspace, Path(folder))
        verified = verify(workspace.feature, workspace.settings, clients)
        refresh, plan = planning.result()
    if not has_resources(refresh):
        message = (
            f"{workspace.stack}: nothing is deployed on {workspace.where}, as far as its state says; "
            f"if the state was lost, {workspace.make('adopt')} brings in what is there"
        )
        raise CommandError(message)
    found = refreshed(plan, lambda: terraform.state(workspace))
    written = {(each.address, each.path) for each in found.written} if found.is_to_write else ()
    comparison = merge(refresh, plan, verified.checks, partial(_adoption, workspace), written)
    return add_state_bucket(comparison, of_state_bucket, f"nothing: {workspace.make('bootstrap')} sets it right")


def _adoption(workspace: Workspace, change: Planned) -> str:
    """Return an apply's effect on a resource that it would create although it is there; empty if it is not there."""
    # A subscription's topic is looked for by its name, which is unknown if the topic is not there.
    values = {**change.after, "topic_arn": str(change.after.get("topic_arn", "")).rpartition(":")[2]}
    try:
        if not find(change.type, values, workspace.settings, workspace.client):
            return ""
    except MismatchError as error:
        return f"would create what is there, and cannot adopt it: {error}"
    return f"would create what is there; {workspace.make('adopt')} brings it in"


def refresh_and_plan(workspace: Workspace, folder: Path) -> tuple[Plan, Plan]:
    """Return a plan that says what changed outside Terraform, and one that says what an apply would do about it.

    It is the same one: every plan begins with a refresh. A plan that prevent_destroy refuses has refreshed nothing that
    depends on what is protected, so then Terraform refreshes alone.
    folder: for the saved plans. Raises CommandError.
    """

    def plan(name: str, *options: str) -> Plan:
        return json.loads(terraform.unlocked_plan_json(workspace, folder / name, *options))

    planned = plan("plan")
    return (plan("refresh", "-refresh-only") if planned.get("errored") else planned), planned


COMMANDS = (
    Command(
        name="drift",
        summary="Say what changed outside Terraform, and what an apply would do about it; change nothing.",
        run=run,
        add_options=add_format,
        answers=True,
    ),
)
