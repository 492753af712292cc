"""The commands behind `make`: plan, up, down, status, synth, deploy, destroy."""

import json
import shlex
import sys
from pathlib import Path
from typing import Any

from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Environment, Request, Target
from config.settings import load_settings
from ops import emulator, plan_summary, process, terraform
from ops.errors import CommandError
from ops.progress import say
from ops.workspace import (
    EMULATORS,
    Workspace,
    offline_workspace,
    open_workspace,
    requested_environment,
    synthesize,
)

MISLEADING = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}
"""Variables of a user's shell that `export` lines cannot undo."""
CDKTF = str(PROJECT_ROOT / "node_modules" / ".bin" / "cdktf")


def plan(request: Request) -> None:
    """Synthesize and plan; leave the plan and its JSON, print the counts and a line a resource."""
    with open_workspace(request) as workspace:
        synthesize(workspace)
        terraform.init(workspace)
        workspace.plan_directory.mkdir(parents=True, exist_ok=True)
        saved, as_json = workspace.plan_directory / "tfplan", workspace.plan_directory / "plan.json"
        # An older plan must not be taken for this one, should this one fail.
        saved.unlink(missing_ok=True)
        as_json.unlink(missing_ok=True)
        terraform.plan(workspace, saved)
        content = terraform.plan_json(workspace, saved)
        as_json.write_text(content)
        _print_plan(workspace, json.loads(content), saved, as_json)


def _print_plan(workspace: Workspace, content: dict[str, Any], saved: Path, as_json: Path) -> None:
    counts, *lines = plan_summary.summary_lines(content)
    print(f"{workspace.stack} on {workspace.where}: {counts}")
    print("\n".join(lines), end="\n" if lines else "")
    if plan_summary.silent_alarms(content):
        file = f"environments/{workspace.settings.environment}.toml"
        print(f"note: the alarms notify nobody; set topic_arn or email under [alarms] in {file}")
    print(f"plan: {saved.relative_to(PROJECT_ROOT)}, {as_json.relative_to(PROJECT_ROOT)}")


def up(request: Request) -> None:
    """Deploy to an emulator that goes on running, and print what a handler needs as `export` lines."""
    if request.target is Target.AWS:
        message = "TARGET=aws: make up is the emulator's alone; make deploy TARGET=aws deploys to AWS"
        raise InvalidInputError([message])
    with open_workspace(request, keep_emulator=True) as workspace:
        synthesize(workspace)
        terraform.init(workspace)
        terraform.apply(workspace)
        for name, value in _exports(workspace).items():
            print(f"export {name}={shlex.quote(value)}")
        say(f"{workspace.stack} runs on {workspace.where}; make down ENV={workspace.settings.environment} ends it")
        misleading = sorted(MISLEADING & request.variables.keys())
        if misleading:
            say(f"this shell has AWS settings that would interfere with the lines above: unset {' '.join(misleading)}")


def _exports(workspace: Workspace) -> dict[str, str]:
    assert workspace.emulator
    outputs = terraform.outputs(workspace)
    handler_environment: dict[str, str] = outputs.pop("handler_environment")
    reach = workspace.emulator.environment(workspace.settings.region)
    return {
        # As the commands' own child processes have them: what the user exempts from a proxy stays exempt.
        **{name: workspace.variables[name] for name in reach},
        **{name.upper(): str(value) for name, value in sorted(outputs.items())},
        **handler_environment,
    }


def down(request: Request) -> None:
    """End the environment's emulator, with all that was deployed to it."""
    environment = requested_environment(request)
    ended = emulator.stop_background(environment, EMULATORS)
    print(f"{environment}: {'ended' if ended else 'no emulator was running'}")


def status(_: Request) -> None:
    """Print what runs, a line an environment."""
    for environment in Environment:
        running = emulator.find_background(environment, EMULATORS)
        shown = f"{running.endpoint} (account {running.account_id}, pid {running.pid})" if running else "not running"
        print(f"{environment}: {shown}")


def synth(request: Request) -> None:
    """Synthesize through cdktf's CLI; nothing is reached, on either target."""
    _cdktf(offline_workspace(request), "synth")


def deploy(request: Request) -> None:
    """Deploy through cdktf's CLI, which plans afresh and asks, unless the target is an emulator or AUTO_APPROVE=yes."""
    _require_approver(request, "deploy")
    with open_workspace(request, keep_emulator=True) as workspace:
        _cdktf(workspace, "deploy", workspace.stack, *_approval(request))


def destroy(request: Request) -> None:
    """Destroy through cdktf's CLI, unless the settings retain data.

    Terraform would refuse that too, but cdktf's CLI often ends before it has shown why.
    """
    _require_approver(request, "destroy")
    environment = requested_environment(request)
    settings = load_settings(environment)
    if settings.retains_data:
        message = (
            f"{settings.names.stack} retains data: refused to destroy {settings.names.jobs_table} and "
            f"{settings.names.results_bucket}; nothing was changed. "
            f'It is data_protection = "retain" in environments/{environment}.toml that says so'
        )
        raise CommandError(message)
    if request.target is Target.EMULATOR and emulator.find_background(environment, EMULATORS) is None:
        print(f"{environment}: no emulator is running, so nothing is deployed")
        return
    with open_workspace(request, keep_emulator=True) as workspace:
        _cdktf(workspace, "destroy", workspace.stack, *_approval(request))


def _approval(request: Request) -> tuple[str, ...]:
    return ("--auto-approve",) if request.target is Target.EMULATOR or request.auto_approve else ()


def _require_approver(request: Request, command: str) -> None:
    if not _approval(request) and not sys.stdin.isatty():
        message = (
            f"TARGET=aws: make {command} asks before it changes anything, and there is no terminal to ask on; "
            "AUTO_APPROVE=yes goes on without asking"
        )
        raise InvalidInputError([message])


def _cdktf(workspace: Workspace, *arguments: str) -> None:
    """Run cdktf's CLI on all environments that are valid, after this one has been found to be.

    The CLI deletes the folder of every stack that it did not synthesize; another command may be at work in it.
    """
    synthesize(workspace)
    everything = {key: value for key, value in workspace.variables.items() if key != "ENV"}
    done = process.run((CDKTF, *arguments), everything, PROJECT_ROOT)
    if done.returncode:
        message = f"cdktf {arguments[0]} failed with status {done.returncode}; if it does not say why, make plan does"
        raise CommandError(message)
