"""Remove the lock that a killed command left on a state: `make unlock`."""

import sys
from datetime import UTC, datetime

from check_report.errors import InvalidInputError
from config.request import Request
from ops import terraform
from ops.command import acting
from ops.deployment import approval
from ops.errors import CommandError
from ops.lock import LOCK_SUFFIX, Lock, held_lock
from ops.workspace import Workspace, emulator_runs, features_of, on_aws, open_workspace, synthesize
from stacks.feature import state_key
from stacks.features import STATE_BACKEND


def unlock(request: Request) -> None:
    """Show who holds the state's lock and, if somebody agrees, remove that lock and no other."""
    features = features_of(request)
    if not emulator_runs(request):
        environment = request.environment_or_dev
        print(f"{environment}: no emulator is running, so nothing is locked on one{on_aws(request, 'unlock')}")
        return
    found: list[str] = []
    removed = False
    # The state bucket's own state can be locked as well.
    for feature in (*features, STATE_BACKEND):
        with open_workspace(request, feature, command="unlock", keep_emulator=True) as workspace:
            lock = held_lock(workspace.client("s3"), workspace.settings, workspace.stack)
            if lock is None:
                continue
            found.append(lock.id)
            print(f"{workspace.stack} on {workspace.where}: {lock.sentence(datetime.now(UTC))}", flush=True)
            if request.lock_id in {"", lock.id}:
                _remove(request, workspace, lock)
                removed = True
    if not found and not request.lock_id:
        print(f"{request.environment_or_dev}: nothing is locked")
    elif not removed:
        message = f"LOCK_ID = {request.lock_id}: no such lock, nothing was removed; there: {', '.join(found) or 'none'}"
        raise InvalidInputError([message])


def _remove(request: Request, workspace: Workspace, lock: Lock) -> None:
    if not lock.is_terraforms:
        key = f"{state_key(workspace.stack)}{LOCK_SUFFIX}"
        endpoint = f" --endpoint-url {workspace.emulator.endpoint}" if workspace.emulator else ""
        message = (
            f"{workspace.stack}: its lock has no id of Terraform's, so Terraform did not make it, and it stays; once "
            "nobody works on that state, this removes it: "
            f"aws s3api delete-object --bucket {workspace.settings.state_bucket} --key {key}{endpoint}"
        )
        raise CommandError(message)
    if not request.lock_id:
        if not sys.stdin.isatty():
            message = (
                "there is no terminal to ask on; if that command is dead, "
                f"{workspace.make('unlock')} LOCK_ID={lock.id} removes its lock"
            )
            raise InvalidInputError([message])
        approval.require_yes("If that command still runs, this damages its state. Remove its lock?")
    synthesize(workspace)
    terraform.init(workspace)
    # Terraform removes the lock of this id alone: another one, taken meanwhile, stays.
    terraform.run(workspace, "force-unlock", "-force", lock.id)
    print(f"{workspace.stack}: unlocked; {workspace.plan_anew} shows what is left to do")


COMMANDS = (acting(unlock),)
