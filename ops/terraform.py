"""Terraform, or OpenTofu in its place, run on a synthesized stack."""

import hashlib
import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.products import LOCK_BESIDE_A_STACK, OPENTOFU, TERRAFORM
from config.request import PROJECT_ROOT
from ops import aws, process, unsaved_state
from ops.errors import CommandError, NoAnswerError
from ops.lock import held_lock, reported_lock
from ops.progress import say, step
from ops.provider_waits import expectation
from ops.synthesis import CDKTF_OUT
from ops.workspace import Workspace, synthesize
from plan_review.masking import as_list, as_object

MOST_SECONDS = 15 * 60
"""A plan of these stacks takes seconds; a throttled account, minutes."""
WAY_BACK = "docs/runbooks/opentofu.md"
RECOVERY = "docs/runbooks/recover-from-crash.md"
PREVENTED = {"Instance cannot be destroyed", "Resource instance cannot be destroyed"}
"""The error of a plan that `prevent_destroy` refuses, by Terraform, and by newer versions of OpenTofu."""


def prepare(workspace: Workspace) -> None:
    """Synthesize the stack, make its folder ready for Terraform and its state complete. Raises CommandError."""
    synthesize(workspace)
    init(workspace)
    write_unsaved_states(workspace)


def write_unsaved_states(workspace: Workspace) -> None:
    """Write the states that an apply could not write, as when its credentials expired. Raises CommandError."""
    _require_no_state_by_hand(workspace)
    for file in unsaved_state.find(workspace.target, workspace.stack):
        # Terraform refuses it if the state has gone on without it.
        with step("write the state that the last apply could not write"):
            run(workspace, "state", "push", str(file))
        file.unlink()


def require_no_unsaved_state(workspace: Workspace) -> None:
    """Require that no state waits to be written: a saved plan knows nothing of it. Raises CommandError."""
    # A command that was killed has left it where Terraform did.
    unsaved_state.keep(workspace.stack_directory, workspace.target, workspace.stack)
    _require_no_state_by_hand(workspace)
    for file in unsaved_state.find(workspace.target, workspace.stack):
        message = (
            f"{workspace.stack}: the state of an earlier apply is in {file.relative_to(PROJECT_ROOT)} and not in the "
            f"state bucket; {workspace.plan_anew} writes it and plans from it"
        )
        raise CommandError(message)


def _require_no_state_by_hand(workspace: Workspace) -> None:
    """Require that no run by hand left a state: which target it is of is unknown. Raises CommandError."""
    folder = CDKTF_OUT / "stacks" / workspace.stack
    for file in unsaved_state.find_by_hand(workspace.stack):
        message = (
            f"{workspace.stack}: {file.relative_to(PROJECT_ROOT)} is a state that a run by hand could not write, and "
            f"its target is unknown, so nothing was planned or changed; in a shell that reaches that target, "
            f"{workspace.product.binary} -chdir={folder.relative_to(PROJECT_ROOT)} state push "
            f"{os.path.relpath(file, folder)} writes it; then remove the file. {RECOVERY} has the steps"
        )
        raise CommandError(message)


def init(workspace: Workspace) -> None:
    """Make the stack's folder ready, unless it is: state backend and provider. Raises CommandError."""
    data = Path(workspace.variables["TF_DATA_DIR"])
    made_for = data / "made-for.sha256"
    wanted = _initialisation(workspace)
    is_installed = any(data.glob("providers/*/*/*/*/*/terraform-provider-*"))
    if is_installed and made_for.is_file() and made_for.read_text() == wanted and _remembers_backend(workspace, data):
        return
    with step(f"{workspace.product.binary} init"):
        # A backend that was set up for another bucket is set up again; no state is moved.
        run(workspace, "init", "-input=false", "-lockfile=readonly", "-reconfigure")
    made_for.write_text(wanted)


def _remembers_backend(workspace: Workspace, data: Path) -> bool:
    """Return True if Terraform's own record of the backend is what the stack declares, for every plan goes by it."""
    declared: dict[str, Any] = {}
    # A file whose name ends in _override counts last.
    for file in sorted(workspace.stack_directory.glob("*.tf.json"), key=lambda file: ("_override." in file.name, file)):
        declared = json.loads(file.read_text()).get("terraform", {}).get("backend", declared)
    try:
        remembered = json.loads((data / "terraform.tfstate").read_text())["backend"]
        given = {key: value for key, value in remembered["config"].items() if value is not None}
        return declared == {remembered["type"]: given}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return False


def plan(workspace: Workspace, saved_plan: Path, *options: str) -> None:
    """Plan into a file. Raises CommandError."""
    _name_who_is_waited_for(workspace)
    with step(f"{workspace.product.binary} plan"):
        run(workspace, "plan", "-input=false", f"-out={saved_plan}", *options)


def plan_json(workspace: Workspace, saved_plan: Path) -> str:
    """Return the saved plan as the JSON that Terraform documents."""
    with step(f"{workspace.product.binary} show"):
        return run(workspace, "show", "-json", str(saved_plan)).stdout


def unlocked_plan_json(workspace: Workspace, saved_plan: Path, *options: str) -> str:
    """Return a plan that is only looked at: made without the state's lock, so that it never keeps an apply waiting.

    A plan that prevent_destroy refuses is returned too, with `errored` set. Raises CommandError for other errors.
    """
    arguments = ("plan", "-input=false", "-no-color", "-lock=false", *options, f"-out={saved_plan}")
    done = _answered(workspace, arguments)
    errors = set(re.findall(r"^Error: (.*)$", done.stderr, re.MULTILINE))
    if done.returncode and not (saved_plan.exists() and errors and errors <= PREVENTED):
        raise _failure(workspace, arguments, done.stderr)
    return run(workspace, "show", "-json", str(saved_plan)).stdout


def apply(workspace: Workspace, saved_plan: Path, plan: Mapping[str, Any]) -> None:
    """Apply exactly what a saved plan holds, showing Terraform's own progress. Raises CommandError.

    plan: its JSON. How long the provider will wait is said before. A state that cannot be written is kept, also after a
    signal, and where it is kept is said.
    """
    _name_who_is_waited_for(workspace)
    if expected := expectation(plan):
        say(f"{workspace.product.binary} apply: {expected}")
    try:
        done = process.run_shown(
            (
                *(workspace.product.binary, "apply", "-input=false", "-no-color", "-auto-approve", "-compact-warnings"),
                str(saved_plan),
            ),
            workspace.variables,
            workspace.stack_directory,
        )
    except BaseException:
        # However it ended: what lies there is all that is known of what was made.
        if kept := kept_state(workspace, workspace.stack_directory):
            say(kept)
        raise
    kept = kept_state(workspace, workspace.stack_directory)
    if done.returncode:
        failure = _failure(workspace, ("apply",), done.stderr)
        raise CommandError(f"{failure}\n{kept}") if kept else failure


def kept_state(workspace: Workspace, folder: Path) -> str:
    """Keep the state that Terraform could not write and left in a folder; return where it is, in words, or nothing."""
    kept = unsaved_state.keep(folder, workspace.target, workspace.stack)
    if not kept:
        return ""
    where = kept.relative_to(PROJECT_ROOT)
    return f"the state could not be written; it is in {where}, and {workspace.plan_anew} writes it"


def state(workspace: Workspace) -> dict[str, Any]:
    """Return the state as Terraform stores it; empty if there is none. Raises NoAnswerError if it cannot be read.

    It is read where it is: Terraform would hash the provider, which takes half a second, to show it.
    """
    local = workspace.local_state_file
    if local:
        content = local.read_bytes() if local.exists() else None
    else:
        content = aws.state_object(workspace.client("s3"), workspace.settings, workspace.stack)
    try:
        found: Any = json.loads(content or "{}")
    except (ValueError, RecursionError):
        found = None
    if not _is_state(found):
        hint = "" if local else "; the state bucket keeps older versions"
        message = f"{workspace.stack} on {workspace.where}: its state is not one of Terraform's{hint}"
        raise NoAnswerError(message)
    return found


def _is_state(found: Any) -> bool:
    """Return True if a JSON value has the shape of a state, as far as the commands read it."""
    if not isinstance(found, dict):
        return False
    resources = as_object(found).get("resources", [])
    has_resources = isinstance(resources, list) and all(map(_is_resource, as_list(resources)))
    return has_resources and isinstance(as_object(found).get("outputs", {}), dict)


def _is_resource(found: Any) -> bool:
    resource = as_object(found)
    instances = resource.get("instances")
    return (
        all(isinstance(resource.get(key), str) for key in ("mode", "type", "name"))
        and isinstance(instances, list)
        and all(isinstance(as_object(each).get("attributes"), dict) for each in as_list(instances))
    )


def outputs(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state's outputs by name."""
    return {name: output["value"] for name, output in state.get("outputs", {}).items()}


def version(workspace: Workspace) -> str:
    """Return the program's own version, like 1.11.4; OpenTofu gives it under the same name."""
    return json.loads(run(workspace, "version", "-json").stdout)["terraform_version"]


def run(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in the stack's folder and return what it says. Raises CommandError, which says why it failed."""
    done = _answered(workspace, (*arguments, "-no-color"))
    if done.returncode:
        raise _failure(workspace, arguments, done.stderr or done.stdout)
    return done


def _answered(workspace: Workspace, arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command that changes no resource, and end it if it has no answer: the AWS provider would wait for ever."""
    most_seconds = MOST_SECONDS + workspace.lock_timeout_seconds
    command = (workspace.product.binary, *arguments)
    started = process.start(command, workspace.variables, workspace.stack_directory, capture=True)
    try:
        return process.finish(started, most_seconds)
    except subprocess.TimeoutExpired:
        message = (
            f"{' '.join(command[:2])} was ended: it had no answer from {workspace.where} for {most_seconds:.0f} s; "
            "no resource was changed"
        )
        raise NoAnswerError(message) from None


def _name_who_is_waited_for(workspace: Workspace) -> None:
    """Print the holder of the state's lock where Terraform waits without a word."""
    if not workspace.lock_timeout:
        return
    lock = held_lock(workspace.client("s3"), workspace.settings, workspace.stack)
    if lock:
        say(f"{workspace.stack}: {lock.sentence(datetime.now(UTC))}; waiting for it, {workspace.lock_timeout} at most")


def _initialisation(workspace: Workspace) -> str:
    """Return a hash of what Terraform initialises a folder by: the backend, and the provider with its checksums.

    Terraform itself holds both against the folder at every plan.
    """
    read = sorted(workspace.stack_directory.glob("*.tf.json"))
    blocks = [json.loads(file.read_text()).get("terraform") for file in read]
    lock = (workspace.stack_directory / LOCK_BESIDE_A_STACK).read_text()
    return hashlib.sha256(json.dumps([blocks, lock]).encode()).hexdigest()


def _failure(workspace: Workspace, arguments: Sequence[str], said: str) -> CommandError:
    """Return the meaning of Terraform's failure and the remedy, or else its own text."""
    lock = reported_lock(said)
    if lock:
        return NoAnswerError(
            f"{workspace.stack} on {workspace.where}: {lock.sentence(datetime.now(UTC))}\n"
            "nothing was changed; the same command with LOCK_TIMEOUT=5m waits for it; "
            f"if that process is dead, {workspace.make('unlock')}"
        )
    if "cannot import state with" in said or "cannot overwrite existing state" in said:
        return CommandError(
            f"{workspace.stack}: {arguments[-1]} is not written, for the state that is there is newer or another one; "
            f"if nothing in that file is needed, remove it; {workspace.make('adopt')} takes in what it alone knows"
        )
    if "Saved plan is stale" in said:
        return CommandError(
            f"{workspace.stack}: the state has changed since the plan was made, so it is not applied and nothing was "
            f"changed; {workspace.plan_anew}, look at it, and apply that"
        )
    if workspace.product == TERRAFORM and OPENTOFU.provider in said:
        return CommandError(
            f"{workspace.stack}: its state was written by {OPENTOFU.name}, and names the provider of "
            f"{OPENTOFU.registry}; {workspace.plan_anew}{OPENTOFU.argument} goes on with it, "
            f"{WAY_BACK} has the way back"
        )
    reason = aws.reason(said)
    command = f"{workspace.product.binary} {arguments[0]}"
    conclusion = f"\n{command}: {reason}" if reason else ""
    # What AWS refuses before anything is changed is no answer; an apply that it refuses half-way has failed.
    kind = NoAnswerError if reason and arguments[0] != "apply" else CommandError
    return kind(f"{command} failed on {workspace.where}:\n{said.strip()}{conclusion}")
