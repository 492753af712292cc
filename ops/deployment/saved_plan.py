"""Plans that are kept to be reviewed, and bound to all that they were made from, so that no other is ever applied."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Thread
from typing import Any

from check_report.counts import plural
from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from config.request import PROJECT_ROOT
from ops import aws, review_context, terraform
from ops.decisions import DECISIONS
from ops.deployment import retention
from ops.deployment.deployed_facts import DeployedFacts
from ops.deployment.refreshed_state import NOTHING, Refreshed, refreshed
from ops.errors import CommandError, NoAnswerError
from ops.progress import say
from ops.review import RULES, judge
from ops.review_context import Context
from ops.workspace import Workspace
from plan_review.changes import is_applyable
from plan_review.cli import show
from plan_review.facts import RecordedFacts
from plan_review.forms.files import discard as discard_review
from plan_review.forms.files import load as load_forms
from plan_review.forms.files import write_files
from plan_review.forms.wording import shown, spoken_of
from plan_review.model import Block, Finding, Review


@dataclass(frozen=True, kw_only=True)
class PlanJson:
    """A plan as Terraform shows it."""

    content: dict[str, Any]
    sha256: str
    """Of the JSON as it was written."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan as JSON, and its review, which is made once."""

    json: dict[str, Any]
    review: Review
    context: Context
    refreshed: Refreshed = NOTHING

    @property
    def applyable(self) -> bool:
        """True if the plan changes anything, be it that its refresh found what is to be written into the state."""
        return is_applyable(self.json) or self.refreshed.is_to_write


@dataclass(frozen=True, kw_only=True)
class Record:
    """The origin of a plan; each value is compared before the plan is applied."""

    stack: str
    environment: str
    target: str
    account: str
    region: str
    emulator: str
    """Its address and process id; empty on AWS."""
    product: str
    """The program that made it, by the value of TERRAFORM: no other one applies it."""
    terraform: str
    """Its version."""
    configuration: dict[str, str]
    """SHA-256 of each file in the folder of the synthesized stack, by its name."""
    plan: dict[str, str]
    """SHA-256 of Terraform's plan file and of its JSON, by their names."""


def make(workspace: Workspace, imports: Sequence[Mapping[str, str]] = ()) -> Planned:
    """Plan the stack, which `terraform.prepare` has made ready; keep the plan for `make apply`, and return it.

    imports: Terraform's import blocks, of this plan alone.

    Its review is printed, and left beside it. A resource that no plan may destroy, and whose creation was interrupted,
    is untainted before: it would be refused for ever, and the plan mends what it lacks. Raises CommandError if it fails
    or the plan would lose data that the settings retain: what Terraform planned can then be reviewed, and not applied.
    """
    discard(workspace)
    discard_review(workspace.plan_directory)
    for address in tainted_and_protected(terraform.state(workspace), synthesized(workspace)):
        untaint(workspace, address)
    workspace.plan_directory.mkdir(parents=True, exist_ok=True)
    if imports:
        _write(_imports_file(workspace), {"import": list(imports)})
        lay_out_imports(workspace)
    try:
        # Of what Terraform is about to read, and not of what may lie there when it has.
        configuration = _configuration(workspace)
        # The review is written when Terraform has planned; what that needs is loaded meanwhile.
        Thread(target=load_forms).start()
        try:
            terraform.plan(workspace, workspace.plan_file)
        except CommandError:
            # Terraform leaves the plan that failed, and it says more of a loss than Terraform does.
            if workspace.plan_file.exists():
                require_no_loss(_shown_review(workspace))
            raise
        plan = _shown_review(workspace)
        require_no_loss(plan)
        _require_unchanged(workspace, configuration)
    except (CommandError, InvalidInputError):
        refuse(workspace)
        raise
    _write(workspace.plan_record_file, asdict(_present(workspace, workspace.plan_file)))
    return plan


def untaint(workspace: Workspace, address: str) -> None:
    """Untaint a resource; with credentials that may not write the state, leave it tainted and print who may act."""
    try:
        terraform.run(workspace, "untaint", address)
    except CommandError as error:
        if aws.reason(str(error)) != aws.NO_PERMISSION:
            raise
        say(
            f"{address}: its creation was interrupted, and it stays tainted, for these credentials may not write the "
            f"state; {workspace.plan_anew} with credentials that may apply untaints it"
        )
    else:
        say(f"{address}: its creation was interrupted; kept, and what it lacks is planned")


def require(workspace: Workspace) -> None:
    """Require that there is a saved plan. Raises NoAnswerError."""
    if not workspace.plan_record_file.exists():
        message = f"{workspace.stack}: no plan to apply; {workspace.plan_anew} makes one, to be looked at first"
        raise NoAnswerError(message)


@contextmanager
def opened(workspace: Workspace) -> Generator[tuple[Path, PlanJson]]:
    """Give, for a block, a private copy of the saved plan's file, and its JSON as Terraform shows that very copy.

    The stack has been synthesized. Raises CommandError that names everything that differs from what the plan was made
    from, or from what was shown of it.
    """
    require(workspace)
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, workspace.plan_file.name)
        found = _differences_from_record(workspace, file)
        content = ""
        if not found:
            terraform.init(workspace)
            content = terraform.plan_json(workspace, file)
            if content != workspace.plan_json_file.read_text():
                found = [f"{file.name}: not the plan that {workspace.plan_json_file.name} shows"]
        if found:
            message = (
                f"{workspace.stack}: the saved plan is not applied and nothing was changed; {workspace.plan_anew}, "
                "look at it, and apply that"
            )
            raise CommandError("\n".join([message, *(f"  {difference}" for difference in found)]))
        yield file, _read(content)


def _differences_from_record(workspace: Workspace, file: Path) -> list[str]:
    """Copy the saved plan's file, and return, in words, what differs from the plan's record. Raises NoAnswerError."""
    try:
        file.write_bytes(workspace.plan_file.read_bytes())
        made = _recorded(json.loads(workspace.plan_record_file.read_text()))
        return list(differences(made, _present(workspace, file)))
    except (OSError, ValueError, TypeError, RecursionError):
        message = f"{workspace.stack}: the saved plan's record cannot be read; {workspace.plan_anew} plans anew"
        raise NoAnswerError(message) from None


def _require_unchanged(workspace: Workspace, configuration: dict[str, str]) -> None:
    """Require that the stack's folder holds what it held before Terraform read it. Raises CommandError."""
    changed = list(_changed_files(configuration, _configuration(workspace), "changed while Terraform planned"))
    if changed:
        message = f"{workspace.stack}: no plan is left; {workspace.plan_anew}"
        raise CommandError("\n".join([message, *(f"  {each}" for each in changed)]))


def _read(content: str) -> PlanJson:
    return PlanJson(content=json.loads(content), sha256=hashlib.sha256(content.encode()).hexdigest())


def reviewed(workspace: Workspace, plan: PlanJson) -> Planned:
    """Review a plan of the stack, by the rules as they are today and what is in AWS."""
    found = refreshed(plan.content, lambda: terraform.state(workspace))
    context = Context(
        title=workspace.stack,
        environment=workspace.settings.environment,
        where=workspace.where,
        retention=retention.retention(workspace.settings, workspace.make),
        facts=RecordedFacts(DeployedFacts(workspace.client)),
        configuration=synthesized(workspace),
        writes_refresh=found.is_to_write,
        notes=found.notes,
    )
    review = judge(plan.content, context=context, settings=workspace.settings, plan_sha256=plan.sha256)
    return Planned(json=plan.content, review=review, context=context, refreshed=found)


def require_no_loss(plan: Planned) -> None:
    """Require that the plan loses no data that the settings retain. Raises CommandError that names each loss."""
    if plan.review.refusals:
        raise CommandError("\n".join(plan.review.refusals))


def require_allowed(workspace: Workspace, plan: Planned, *, is_shown: bool = False) -> None:
    """Require that no rule stops the plan. Raises CommandError that names each, or their number.

    is_shown: this command has printed the review, so that the reader has each finding, and its exception, above.
    """
    stopping = [block for block in plan.review.blocks if not block.exception]
    if not stopping:
        return
    refused = f"{workspace.stack}: not to be applied, and nothing was changed"
    if is_shown:
        found = plural(len(spoken_of(plan.review)[0]), "finding")
        lines = [f"{refused}: {found} above; undo what they are about, or {_entries(stopping)}"]
    else:
        remedy = f"undo this, or {_entries(stopping)}"
        lines = [f"{refused}; {remedy}", *(f"  {block.rule}: {_line(block.finding)}" for block in stopping)]
    raise CommandError("\n".join(lines))


def _entries(stopping: Sequence[Block]) -> str:
    """Return the words for the entries that let a plan pass: decisions on the requirement, exceptions from the rest."""
    departing = [block for block in stopping if block.finding.to_paste]
    decision = [f"a decision into {DECISIONS.name}"] * bool(departing)
    exception = [f"an exception into {RULES.name}"] * (len(departing) < len(stopping))
    return f"put {' and '.join([*exception, *decision])}, with a reason and a date"


@contextmanager
def unsaved(workspace: Workspace, *options: str) -> Generator[tuple[Path, PlanJson]]:
    """Plan into a file that goes with the block; give it, and the plan's JSON. Raises CommandError."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "tfplan")
        terraform.plan(workspace, file, *options)
        yield file, _read(terraform.plan_json(workspace, file))


def discard(workspace: Workspace) -> None:
    """Remove the saved plan, its record first; the review of it stays."""
    refuse(workspace)
    for file in (workspace.plan_json_file, workspace.plan_directory / review_context.FILE):
        file.unlink(missing_ok=True)


def refuse(workspace: Workspace) -> None:
    """Remove what `make apply` needs of the saved plan; its JSON stays beside the review, for who reviews it again."""
    for file in (workspace.plan_record_file, workspace.plan_file, _imports_file(workspace)):
        file.unlink(missing_ok=True)


def differences(made: Record, present: Record) -> Iterator[str]:
    """Yield, in words, each value in which the plan's record is not the present one.

    Of another program's plan that alone: its version and its checksums of the provider differ for no other reason.
    """
    if made.product != present.product:
        made_by = _shown(made.product)
        yield f"made by {made_by}, now it is {present.product}; the same command with TERRAFORM={made_by} applies it"
        return
    for key, was in asdict(made).items():
        now = asdict(present)[key]
        if not isinstance(was, dict) and was != now:
            yield f"{key}: the plan was made for {_shown(was)}, now it is {_shown(now)}"
    yield from _changed_files(made.configuration, present.configuration, "settings or code have changed since the plan")
    yield from _changed_files(made.plan, present.plan, "not as make plan left it")


def silent_alarms(plan: Mapping[str, Any]) -> list[str]:
    """Return the names of the alarms that would notify nobody, changed or not."""
    return [
        after["alarm_name"]
        for change in plan.get("resource_changes", [])
        if change["type"] == "aws_cloudwatch_metric_alarm"
        and (after := change["change"]["after"])
        and not after.get("alarm_actions")
    ]


def tainted_and_protected(state: dict[str, Any], synthesized: dict[str, Any]) -> list[str]:
    """Return the addresses that Terraform would replace, but for the `prevent_destroy` that they are declared with."""
    declared: dict[str, dict[str, Any]] = synthesized.get("resource", {})
    return [
        f"{found['type']}.{found['name']}"
        for found in state.get("resources", [])
        if any(instance.get("status") == "tainted" for instance in found["instances"])
        and declared.get(found["type"], {}).get(found["name"], {}).get("lifecycle", {}).get("prevent_destroy")
    ]


def _shown_review(workspace: Workspace) -> Planned:
    """Review what Terraform planned, and print that; write its JSON, and what a later review of it needs."""
    content = terraform.plan_json(workspace, workspace.plan_file)
    plan = reviewed(workspace, _read(content))
    workspace.plan_json_file.write_text(content)
    review_context.keep(plan.context, workspace.plan_directory, plan.review.plan_sha256)
    _show(workspace, plan)
    return plan


def _show(workspace: Workspace, plan: Planned) -> None:
    """Print the plan's review, write it, and print which alarms notify nobody and where the files are."""
    files = write_files(plan.review, workspace.plan_directory)
    show(plan.review, workspace.variables)
    print()
    recipients = workspace.feature.alarm_recipients
    if recipients and silent_alarms(plan.json):
        file = f"environments/{workspace.settings.environment}.toml"
        print(f"note: the alarms notify nobody; set {recipients} in {file}")
    directory = workspace.plan_directory.relative_to(PROJECT_ROOT)
    print(f"review: {directory}: {', '.join(file.name for file in files)}", flush=True)


def _line(finding: Finding) -> str:
    return f"{shown(finding.name)}: {shown(finding.sentence)}"


def _recorded(told: dict[str, Any]) -> Record:
    """Return the record in a JSON value. Raises TypeError if there is none in it."""
    made = Record(**told)
    hashes = {**made.configuration, **made.plan}
    values = {**told, "configuration": "", "plan": ""}
    if not all(isinstance(each, str) for each in (*values.values(), *hashes.values())):
        raise TypeError
    return made


def lay_out_imports(workspace: Workspace) -> None:
    """Put the import blocks of the saved plan, if it has some, beside the synthesized stack."""
    file = _imports_file(workspace)
    if file.exists():
        shutil.copyfile(file, workspace.stack_directory / file.name)


def _imports_file(workspace: Workspace) -> Path:
    return workspace.plan_directory / "imports.tf.json"


def _present(workspace: Workspace, plan_file: Path) -> Record:
    settings, emulator = workspace.settings, workspace.emulator
    return Record(
        stack=workspace.stack,
        environment=settings.environment,
        target=workspace.target,
        account=settings.account_id,
        region=settings.region,
        emulator=f"{emulator.endpoint} (pid {emulator.pid})" if emulator else "",
        product=workspace.product.binary,
        terraform=terraform.version(workspace),
        configuration=_configuration(workspace),
        plan={file.name: _sha256(file) for file in (workspace.plan_json_file, plan_file)},
    )


def _configuration(workspace: Workspace) -> dict[str, str]:
    """Return the hashes of all files in the stack's folder: Terraform reads some by their ending, and may read any."""
    folder = workspace.stack_directory
    # An asset is in a folder of its own. The provider's folder is a link, which is not followed.
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): _sha256(file) for file in files}


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _changed_files(was: dict[str, str], now: dict[str, str], why: str) -> Iterator[str]:
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield f"{_shown(name)}: {why}"


def _shown(value: str) -> str:
    return shown_value(value)[1:-1] or "none"


def synthesized(workspace: Workspace) -> dict[str, Any]:
    """Return the stack's JSON as it was synthesized."""
    return json.loads((workspace.stack_directory / "cdk.tf.json").read_text())


def _write(path: Path, record: dict[str, Any]) -> None:
    """Write the record whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(record, indent=2) + "\n")
    partial.replace(path)
