"""The commands that plan, and change nothing: plan and adopt."""

from functools import partial

from config.request import Request
from ops import terraform
from ops.command import acting
from ops.deployment import adoption, given, saved_plan
from ops.progress import say
from ops.review import require_valid_files
from ops.workspace import Workspace, each, emulator_runs, make_command, open_workspaces, require_emulator
from stacks.features import load_settings


def plan(request: Request) -> None:
    """Synthesize and plan; print the review, and leave it beside the plan. Ends with 1 if a rule stops the plan."""
    require_valid_files(load_settings(request.environment_or_dev))
    stays = emulator_runs(request)
    with open_workspaces(request, command="plan") as workspaces:
        each(workspaces, partial(_plan, is_preview=not stays))
    if not stays:
        up = make_command("up", request.environment_or_dev, request.target, request.product)
        say(f"this was a preview: its emulator has ended, so it cannot be applied; {up} deploys")


def _plan(workspace: Workspace, *, is_preview: bool) -> None:
    terraform.prepare(workspace)
    made = saved_plan.make(workspace)
    # On an emulator that begins with the plan, nothing of others' exists.
    if not is_preview:
        adoption.print_notes(given.missing(workspace))
    adoption.print_notes(adoption.already_there(made.json, workspace))
    adoption.print_notes(adoption.look_alikes(made.json, workspace))
    saved_plan.require_allowed(workspace, made, is_shown=True)


def adopt(request: Request) -> None:
    """Plan to bring under Terraform what exists already; the plan is reviewed and applied like any other."""
    require_valid_files(load_settings(request.environment_or_dev))
    require_emulator(request)
    with open_workspaces(request, command="adopt") as workspaces:
        each(workspaces, _adopt)


def _adopt(workspace: Workspace) -> None:
    terraform.prepare(workspace)
    made = adoption.adopt(workspace)
    if made is not None:
        saved_plan.require_allowed(workspace, made, is_shown=True)


COMMANDS = (acting(plan), acting(adopt))
