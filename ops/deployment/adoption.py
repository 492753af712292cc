"""Bring under Terraform what exists in the account but not in the state: another tool's, or left by a crash.

What the stack declares is looked up in AWS by name, and imported by Terraform's own import blocks, in a plan that is
reviewed and applied like any other. Nothing is taken that would have to be replaced.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from check_report.printable import printable
from ops import terraform
from ops.deployment import retention, saved_plan
from ops.deployment.existing import find
from ops.deployment.look_alikes import Search
from ops.deployment.saved_plan import Planned
from ops.errors import CommandError
from ops.progress import say, step
from ops.resource_types import TYPES
from ops.resource_types.interface import MismatchError
from ops.workspace import Workspace
from plan_review.changes import changes_of
from plan_review.data_loss import fate, remedy
from plan_review.physical_names import physical_name

_LOOKED_FOR = {name for name, type_ in TYPES.items() if type_.find_first}
"""What holds data, or cannot be created where its name is taken: of these a plan says that they are there already."""
_BUCKET = "aws_s3_bucket"
_REFERENCE = re.compile(r"\$\{(\w+)\.(\w+)\.(\w+)\}")


def adopt(workspace: Workspace) -> Planned | None:
    """Leave a plan that imports what is there, and return it; None, and no plan, if there is nothing to adopt.

    The stack has been synthesized, and Terraform made ready. What an interruption left tainted, and is there, is
    untainted at once: the state then says to keep it, and the plan completes it.
    Raises CommandError, and leaves no plan, if something that is there is not what the stack declares, if it may be
    there by another name, or if the plan would do more than import, change in place and create.
    """
    with step("look for what is there already"):
        imports, tainted, notes = _existing(workspace)
    if not imports and not tainted:
        say(f"nothing to adopt: what {workspace.stack} declares is in its state, or not in AWS")
        print_notes(notes)
        return None
    for address in tainted:
        terraform.run(workspace, "untaint", address)
        say(f"untainted {address}: it is there, and is kept")
    try:
        plan = saved_plan.make(workspace, [{"to": address, "id": id_} for address, id_ in imports.items()])
        _require_no_deletion(plan.json, workspace)
    except BaseException:
        saved_plan.refuse(workspace)
        raise
    print_notes(notes)
    return plan


def print_notes(notes: Iterable[str]) -> None:
    """Print notes to a plan, below its review."""
    for note in notes:
        print(f"note: {printable(note)}")


def already_there(plan: Mapping[str, Any], workspace: Workspace) -> list[str]:
    """Return a line for each table, bucket, queue or policy that the plan would create although it exists.

    Raises CommandError if AWS cannot be asked, and if Terraform had one of them in its state, and took it for gone.
    """
    drift: list[dict[str, Any]] = plan.get("resource_drift") or []
    gone = {change["address"] for change in drift if change["change"]["actions"] == ["delete"]}
    found = {
        change["address"]: line
        for change in retention.managed_changes(plan)
        if retention.is_new(change) and change["type"] in _LOOKED_FOR and (line := _found(change, workspace))
    }
    overlooked = [line for address, line in found.items() if address in gone]
    if overlooked:
        # The provider takes the refusal of s3:ListBucket for a bucket's absence.
        reason = (
            "the plan is wrong: it would create again what Terraform has in its state and could not see; do the "
            "credentials lack a permission to read it, as s3:ListBucket?"
        )
        raise CommandError("\n".join((*overlooked, reason)))
    return list(found.values())


def _found(change: Mapping[str, Any], workspace: Workspace) -> str:
    """Say that what is to be created is there already; empty if it is not."""
    try:
        if not find(change["type"], change["change"]["after"], workspace.settings, workspace.client):
            return ""
    except MismatchError as error:
        return str(error)
    name, command = retention.name_of(change), workspace.make("adopt")
    return f"{name}: exists, but is not in Terraform's state; {command} brings it in"


def look_alikes(plan: Mapping[str, Any], workspace: Workspace) -> list[str]:
    """Return a line for each resource that the plan would create beside one that looks like it.

    Raises CommandError if AWS cannot be asked.
    """
    changes = retention.managed_changes(plan)
    after = [(change["type"], values) for change in changes if (values := change["change"]["after"])]
    before = [(change["type"], values) for change in changes if (values := change["change"]["before"])]
    search = Search(workspace, after, before)
    return [
        alike.question if alike.key else alike.note
        for change in changes
        if retention.is_new(change)
        and (alike := search.of(change["type"], change["change"]["after"]))
        and not _found(change, workspace)
    ]


def _existing(workspace: Workspace) -> tuple[dict[str, str], list[str], list[str]]:
    """Return the ids to import, by address, the addresses to untaint, and notes."""
    recorded = {
        f"{resource['type']}.{resource['name']}": instance
        for resource in terraform.state(workspace).get("resources", [])
        if resource["mode"] == "managed"
        for instance in resource["instances"]
    }
    # What is in the state under another address has moved there in the code, and is not to be imported twice.
    known = {(address.split(".")[0], instance["attributes"]["id"]) for address, instance in recorded.items()}
    declared = list(_declared(workspace))
    search = Search(
        workspace,
        ((type_, values) for type_, _, values in declared),
        ((address.split(".")[0], instance["attributes"]) for address, instance in recorded.items()),
    )
    imports: dict[str, str] = {}
    tainted: list[str] = []
    notes: list[str] = []
    faults: list[str] = []
    refused_buckets: set[str] = set()
    for type_, address, values in declared:
        is_tainted = recorded.get(address, {}).get("status") == "tainted"
        if (address in recorded and not is_tainted) or values.get("bucket") in refused_buckets:
            continue
        try:
            found = find(type_, values, workspace.settings, workspace.client)
        except MismatchError as error:
            faults.append(f"{address}: {error}")
            if type_ == _BUCKET:
                refused_buckets.add(values["bucket"])
            continue
        if (type_, found) not in known and (alike := search.of(type_, values)):
            if alike.key and not found:
                faults.append(f"{address}: {alike.question}")
            else:
                notes.append(alike.note)
        if found and is_tainted:
            tainted.append(address)
        elif found and (type_, found) not in known:
            imports[address] = found
    if faults:
        raise CommandError("\n".join((*faults, "nothing was adopted, nothing was changed")))
    return imports, tainted, notes


def _declared(workspace: Workspace) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return type, address and attributes of each resource of the synthesized stack, names in place of references."""
    synthesized = json.loads((workspace.stack_directory / "cdk.tf.json").read_text())
    resources: dict[str, dict[str, dict[str, Any]]] = synthesized["resource"]

    def literal(value: Any) -> Any:
        reference = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
        if reference is None:
            return value
        type_, id_, attribute = reference.groups()
        target = resources[type_][id_]
        # What AWS makes up, as an ARN, is represented by the name.
        return target.get(attribute, target.get("name"))

    for type_, declared in resources.items():
        for id_, values in declared.items():
            yield type_, f"{type_}.{id_}", {key: literal(value) for key, value in values.items()}


def _require_no_deletion(plan: Mapping[str, Any], workspace: Workspace) -> None:
    deletions = [
        f"{physical_name(change.type, change.before) or change.address} ({change.address}): {fate(change)}; "
        f"{remedy(change, adopt=workspace.make('adopt'), runbook=retention.RUNBOOK)}"
        for change in changes_of(plan)
        if "delete" in change.actions
    ]
    if deletions:
        raise CommandError("\n".join((*deletions, "an adoption deletes nothing: no plan was left")))
