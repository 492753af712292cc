"""Workspaces of commands: settings, folders, and the environment of the child processes."""

import os
import shutil
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_emulator import Emulator
from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from config.environments import Environment, environments
from config.products import TERRAFORM, Product
from config.request import PROJECT_ROOT, Request, Target, confined_process
from config.shell import terraform_arguments
from ops import aws, emulators, synthesis, unsaved_state
from ops.clients import Place
from ops.emulators import BusyEmulatorError
from ops.errors import CommandError, NoAnswerError
from ops.progress import say, step
from ops.setup import terraform_variables
from ops.synthesis import QUIET
from ops.work_lock import CDKTF_FOLDER, at_work
from stacks.feature import Feature
from stacks.features import FEATURES, load_settings
from stacks.settings import Settings

PLANS = PROJECT_ROOT / "plans"
STACKS = PROJECT_ROOT / ".cache" / "stacks"
BOOTSTRAPS = PROJECT_ROOT / ".cache" / "bootstrap"
"""Where a state bucket's own state lies until the bucket can hold it."""
BUSY_SECONDS = 60
"""For so long a busy emulator is waited for, beyond the time that each question has."""
Restored = Callable[[Sequence["Workspace"]], Emulator | None]
"""Starts an emulator that holds something already, for workspaces that have none yet; None if nothing fits them."""
BOOTSTRAPPED = frozenset({"adopt", "apply", "plan"})
"""The commands whose work on the state bucket's own stack is make bootstrap's."""
LOCKING_COMMANDS = ("plan", "apply", "destroy", "untaint", "state_push")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One stack of one environment on one target."""

    settings: Settings
    target: Target
    variables: Mapping[str, str]
    """The child processes' environment: it alone says which AWS they reach."""
    emulator: Emulator | None
    feature: Feature
    """The feature whose stack it is."""
    product: Product = TERRAFORM
    """The program that is run on the stack."""
    stack_directory: Path
    """The folder in which it runs: the stack as a command synthesized it, for this target alone."""
    local_state_file: Path | None = None
    """The state's file, where it is not in the state bucket."""
    lock_timeout: str = ""
    """How long Terraform waits for a state that is locked, like 5m; empty means not at all."""
    lock_timeout_seconds: int = 0
    """The same in seconds."""
    clients: dict[str, Any] = field(default_factory=dict[str, Any], repr=False, compare=False)
    """Clients of `place` that were asked for already, by service: making one takes a tenth of a second."""

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.feature.stack_name(self.settings.environment)

    @property
    def plan_directory(self) -> Path:
        """The folder of this stack's plans on this target."""
        return PLANS / self.target / self.stack

    @property
    def plan_file(self) -> Path:
        """Terraform's own file of the saved plan."""
        return self.plan_directory / "tfplan"

    @property
    def plan_json_file(self) -> Path:
        """The saved plan as JSON."""
        return self.plan_directory / "plan.json"

    @property
    def plan_record_file(self) -> Path:
        """The saved plan's record, written last: a plan without it is not one."""
        return self.plan_directory / "plan-record.json"

    @property
    def where(self) -> str:
        """The target, account and region, in words."""
        return in_words(self.settings, self.emulator)

    def make(self, command: str) -> str:
        """Return the make command of another command on the same environment and target, with the same program.

        For the state bucket's own stack make bootstrap stands for those that plan, apply or adopt a feature's.
        """
        return make_command(_of_stack(command, self.feature), self.settings.environment, self.target, self.product)

    @property
    def plan_anew(self) -> str:
        """The command that plans the stack again."""
        return self.make("plan")

    @property
    def place(self) -> Place:
        """The AWS that the workspace is on."""
        return Place(region=self.settings.region, endpoint=self.emulator.endpoint if self.emulator else None)

    def client(self, service: str) -> Any:
        """Return a boto3 client, made once, of the AWS that the workspace is on, and of no other."""
        if service not in self.clients:
            self.clients[service] = self.place.client(service, session=self._session)
        return self.clients[service]

    @cached_property
    def _session(self) -> Any:
        return self.place.session()


def in_words(settings: Settings, emulator: Emulator | None) -> str:
    """Return the words for a target, its account and region. emulator: None for AWS."""
    place = f"the emulator at {emulator.endpoint}" if emulator else "AWS"
    return f"{place} (account {settings.account_id}, {settings.region})"


def emulator_runs(request: Request) -> bool:
    """Return True if the environment's emulator runs in the background, and for AWS."""
    return request.target is Target.AWS or find_emulator(request.environment_or_dev) is not None


def require_emulator(request: Request) -> None:
    """Require that the emulator runs on which a plan was made. Raises NoAnswerError."""
    if not emulator_runs(request):
        message = (
            f"{request.environment_or_dev}: no emulator is running, and the one that a plan was made on is gone; "
            f"{start_one(request)}, then plan again"
        )
        raise NoAnswerError(message)


def require_deployment(request: Request, on_aws_as: str = "") -> None:
    """Require that the emulator runs to which something can be deployed; ask nothing on AWS.

    on_aws_as: the command to name for who meant AWS; empty for one that is the emulator's alone.
    Raises NoAnswerError, and InvalidInputError for settings that make up would refuse.
    """
    load_settings(request.environment_or_dev)
    if not emulator_runs(request):
        raise nothing_deployed(request, on_aws_as)


def nothing_deployed(request: Request, on_aws_as: str = "") -> NoAnswerError:
    """Return the error that no emulator is running; on_aws_as: as `require_deployment` has it."""
    environment = request.environment_or_dev
    hint = on_aws(request, on_aws_as) if on_aws_as else ""
    return NoAnswerError(
        f"{environment}: no emulator is running, so nothing is deployed; "
        f"{make_command('up', environment, Target.EMULATOR, request.product)} deploys{hint}"
    )


def start_one(request: Request) -> str:
    """Return the words for what starts an emulator that stays."""
    return f"make bootstrap ENV={request.environment_or_dev}{request.product.argument} starts one that stays"


def find_emulator(environment: Environment, *, restores: bool = False) -> Emulator | None:
    """Return the environment's emulator, or None if none runs; wait a minute for one that is busy.

    restores: the caller starts one that has what was saved, so that nobody need be told of that.
    Raises BusyEmulatorError if it does not answer then.
    """
    deadline = time.monotonic() + BUSY_SECONDS
    said = False
    while True:
        try:
            found = emulators.find(environment)
        except BusyEmulatorError:
            if time.monotonic() >= deadline:
                raise
        else:
            if found is None and not restores and (saved := emulators.saved(environment)):
                say(f"{environment}: {saved}; make up ENV={environment} restores it")
            return found
        if not said:
            say(f"{environment}: its emulator does not answer yet; waiting, {BUSY_SECONDS} s at most")
        said = True
        # One that is about to end refuses at once.
        time.sleep(0.5)


def find_own_emulator(settings: Settings, *, restores: bool = False) -> Emulator | None:
    """Return the environment's emulator, or None if none runs; as `find_emulator`.

    Raises InvalidInputError for one of another account than the settings'.
    """
    running = find_emulator(settings.environment, restores=restores)
    if running is not None and running.account_id != settings.account_id:
        message = (
            f"the running emulator is account {running.account_id}, the settings now say {settings.account_id}; "
            f"make down ENV={settings.environment} ends it"
        )
        raise InvalidInputError([message])
    return running


def features_of(request: Request) -> Sequence[Feature]:
    """Return the features that a command works on: the one that STACK names, or all. Raises InvalidInputError."""
    if not request.stack:
        return FEATURES
    found = [feature for feature in FEATURES if feature.stack == request.stack]
    if not found:
        known = ", ".join(feature.stack for feature in FEATURES)
        message = f"STACK = {shown_value(request.stack)}: not known; allowed: {known}; all of them if STACK is left out"
        raise InvalidInputError([message])
    return found


@contextmanager
def open_workspaces(  # noqa: PLR0913 - as `open_workspace`, and where the emulator comes from
    request: Request,
    *,
    command: str = "",
    waits: bool = True,
    keep_emulator: bool = False,
    needs_state_bucket: bool = True,
    restored: Restored | None = None,
) -> Generator[Sequence[Workspace]]:
    """Make the target ready for the features that were asked for, and give a workspace for each.

    needs_state_bucket: False if the command reads no state. restored: starts an emulator that holds something already,
    in place of an empty one. The other arguments are those of `open_workspace`.
    """
    features = features_of(request)

    def start(settings: Settings) -> Emulator | None:
        return (
            restored([_workspace(request, settings, None, feature, clients={}) for feature in features])
            if restored
            else None
        )

    opened = _opened(
        request,
        command=command,
        waits=waits,
        keep_emulator=keep_emulator,
        needs_state_bucket=needs_state_bucket,
        start=start,
    )
    with opened as (settings, running, clients):
        yield [_workspace(request, settings, running, feature, clients=clients) for feature in features]


@contextmanager
def open_workspace(
    request: Request,
    feature: Feature,
    *,
    command: str = "",
    waits: bool = True,
    keep_emulator: bool = False,
) -> Generator[Workspace]:
    """Make the target ready for one environment, or say why it is not, before anything else starts.

    command: the command that works in the folders of the environment's stacks, which it then has for itself; empty for
    one that does not. waits: wait for another command in this checkout, as `Request.checkout_wait_seconds` has it.
    keep_emulator: let an emulator that has to be started go on running in the background; otherwise it ends with the
    block, however that ends. With KEEP=yes, or data of the one before, it always goes on running.
    """
    opened = _opened(
        request,
        command=command,
        waits=waits,
        keep_emulator=keep_emulator,
        needs_state_bucket=not feature.holds_state,
    )
    with opened as (settings, running, clients):
        yield _workspace(request, settings, running, feature, clients=clients)


@contextmanager
def _opened(  # noqa: PLR0913 - as `open_workspaces`
    request: Request,
    *,
    command: str,
    waits: bool,
    keep_emulator: bool,
    needs_state_bucket: bool = True,
    start: Callable[[Settings], Emulator | None] = lambda _: None,
) -> Generator[tuple[Settings, Emulator | None, dict[str, Any]]]:
    """Give the environment's settings, its emulator or None on AWS, and the clients made so far; see `open_workspace`.

    needs_state_bucket: False if the bucket need not be there yet. start: is asked for an emulator where an empty one
    would be started.
    """
    settings = load_settings(request.environment_or_dev)
    with ExitStack() as until_the_end:
        until_the_end.enter_context(confined_process(request))
        if command:
            _require_no_arguments(request)
            until_the_end.enter_context(_alone(request, command, waits=waits))
        if request.target is Target.AWS:
            aws.require_no_endpoint(request.shell)
            aws.require_account(settings)
            clients = {"s3": Place(region=settings.region).client("s3")} if needs_state_bucket else {}
            if clients and not aws.state_bucket_exists(clients["s3"], settings):
                message = (
                    f"state bucket {settings.state_bucket}: not in account {settings.account_id}; "
                    f"{_make(request, 'bootstrap')} makes it"
                )
                raise NoAnswerError(message)
            yield settings, None, clients
            return
        running = find_own_emulator(settings, restores=True)
        saved = emulators.saved(settings.environment)
        if saved and request.keep is False:
            message = f"KEEP=no: {saved}; make down ENV={settings.environment} KEEP=no deletes it"
            raise InvalidInputError([message])
        if running is None:
            running = None if saved else start(settings)
            stays = keep_emulator or bool(request.keep) or bool(saved)
            running = running or _start_emulator(
                request, settings, until_the_end, is_preview=not keep_emulator, stays=stays
            )
        elif request.keep:
            emulators.start(settings.environment, settings.account_id, keep=True)
        place = Place(region=settings.region, endpoint=running.endpoint)
        clients = {"s3": place.client("s3")} if needs_state_bucket else {}
        if clients:
            aws.make_emulated_state_bucket(clients["s3"], settings)
        yield settings, running, clients


def _start_emulator(
    request: Request, settings: Settings, until_the_end: ExitStack, *, is_preview: bool, stays: bool
) -> Emulator:
    """Start the environment's emulator, with what was saved of it or nothing; unless it stays, it ends with a block."""
    environment, account_id = settings.environment, settings.account_id
    if is_preview:
        say(_preview(request))
    with step("start the emulator"):
        if stays:
            return emulators.start(environment, account_id, keep=bool(request.keep))
        return until_the_end.enter_context(emulators.temporary(environment, account_id))


def _preview(request: Request) -> str:
    """Return the line that says what a command on an emulator of its own is, and how to deploy."""
    environment = request.environment_or_dev
    steps = (_make(request, name) for name in ("bootstrap", "plan", "apply"))
    return (
        f"{environment}: a preview, on an emulator that ends with this command, because none is running; "
        f"to deploy: {' && '.join(steps)}, or {_make(request, 'up')}"
    )


def offline_workspace(request: Request) -> Workspace:
    """Return a workspace of the first feature that reaches neither target, for what needs none."""
    _require_no_arguments(request)
    settings = load_settings(request.environment_or_dev)
    return _workspace(request, settings, None, features_of(request)[0], clients={})


def each(workspaces: Sequence[Workspace], work: Callable[[Workspace], None]) -> None:
    """Do a command's work on each stack, also after one of them failed. Raises CommandError, at the end, if any did."""
    failed: list[CommandError] = []
    for workspace in workspaces:
        try:
            work(workspace)
        except CommandError as error:
            if len(workspaces) == 1:
                raise
            say(str(error))
            failed.append(error)
    if failed:
        message = f"{len(failed)} of {len(workspaces)} stacks failed"
        # What could not be asked counts more than an answer of no.
        raise type(max(failed, key=lambda error: error.status))(message)


def alone_with_the_emulator(request: Request, command: str) -> AbstractContextManager[None]:
    """Hold, for a command that ends the environment's emulator, the lock of those that work on it."""
    return _alone(replace(request, target=Target.EMULATOR), command, waits=True)


@contextmanager
def alone_in_the_checkout(command: str) -> Generator[None]:
    """Hold every lock of the checkout, for a command that removes what the others work in. Raises NoAnswerError."""
    places = (_place(environment, target) for environment in environments() for target in Target)
    with ExitStack() as until_the_end:
        for on in (*places, CDKTF_FOLDER):
            # It does not wait with some locks in hand: the command that it would wait for may wait for these.
            until_the_end.enter_context(at_work(on, f"make {command}", wait_seconds=None))
        yield


def _alone(request: Request, command: str, *, waits: bool) -> AbstractContextManager[None]:
    on = _place(request.environment_or_dev, request.target)
    wait_seconds = request.checkout_wait_seconds if waits else None
    return at_work(on, _make(request, command), wait_seconds=wait_seconds)


def _place(environment: Environment, target: Target) -> str:
    """Return the name of the lock of those that work on an environment."""
    return f"{environment} on {target}"


def make_command(command: str, environment: Environment, target: Target, product: Product) -> str:
    """Return the make command of a command on an environment and target, by a program."""
    on = "" if target is Target.EMULATOR else f" TARGET={target}"
    return f"make {command} ENV={environment}{on}{product.argument}"


def planning_command(feature: Feature, environment: Environment, target: Target, product: Product) -> str:
    """Return the make command that plans a feature's stack."""
    return make_command(_of_stack("plan", feature), environment, target, product)


def _of_stack(command: str, feature: Feature) -> str:
    """Return the command that does a command's work on a feature's stack."""
    return "bootstrap" if feature.holds_state and command in BOOTSTRAPPED else command


def _make(request: Request, command: str) -> str:
    """Return the make command of another command on what the request is about."""
    return make_command(command, request.environment_or_dev, request.target, request.product)


def on_aws(request: Request, command: str) -> str:
    """Return a hint for who meant AWS, and left the target out."""
    return f"; on AWS: {make_command(command, request.environment_or_dev, Target.AWS, request.product)}"


def _require_no_arguments(request: Request) -> None:
    """Refuse variables that add options to Terraform's commands: no review shows what they change."""
    faults = [
        f"{name} = {shown_value(request.shell[name])}: not allowed: it changes what Terraform plans, applies or locks, "
        f"and no review shows it; unset {name}"
        for name in terraform_arguments(request.shell)
    ]
    if faults:
        raise InvalidInputError(faults)


def _workspace(
    request: Request,
    settings: Settings,
    running: Emulator | None,
    feature: Feature,
    *,
    clients: dict[str, Any],
) -> Workspace:
    stack = feature.stack_name(settings.environment)
    variables = terraform_variables(request.variables)
    if running:
        variables = running.terraform_environment(variables, settings.region)
    if request.lock_timeout:
        # As Terraform's own variables, so that it also counts for a Terraform that cdktf's CLI runs.
        variables |= {f"TF_CLI_ARGS_{command}": f"-lock-timeout={request.lock_timeout}" for command in LOCKING_COMMANDS}
    variables |= {
        "ENV": settings.environment,
        "TF_DATA_DIR": str(PROJECT_ROOT / ".cache" / "terraform" / request.target / stack),
        # The provider lies beside each stack. A configuration of the user's could put another one in its place.
        "TF_CLI_CONFIG_FILE": os.devnull,
        "TF_WORKSPACE": "default",
        # Of cdktf's CLI.
        "TERRAFORM_BINARY_NAME": request.product.binary,
        "CDKTF_HOME": str(PROJECT_ROOT / ".cache" / "cdktf"),
        "DISABLE_VERSION_CHECK": "1",
        # The provider is linked from this folder already; two commands at once would fight over one cache.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        **QUIET,
    }
    return Workspace(
        settings=settings,
        target=request.target,
        variables=variables,
        emulator=running,
        feature=feature,
        product=request.product,
        stack_directory=STACKS / request.target / stack,
        lock_timeout=request.lock_timeout,
        lock_timeout_seconds=request.lock_timeout_seconds,
        clients=clients,
    )


def synthesize(workspace: Workspace) -> None:
    """Synthesize the environment's stack into its folder. A fault in the settings ends the command with status 2.

    The app makes all stacks of the environment: a command that works on several runs it once.
    """
    made = try_synthesis(workspace)
    for note in made.notes(workspace.stack):
        say(f"note: {note}")
    unsaved_state.keep(workspace.stack_directory, workspace.target, workspace.stack)
    lay_out(made.folder / "stacks" / workspace.stack, workspace.stack_directory)


def try_synthesis(workspace: Workspace) -> synthesis.Synthesis:
    """Synthesize the environment; return the run, whose folder stays until the command ends.

    A fault in the settings ends the command with status 2.
    """
    if (made := synthesis.ended(workspace.variables)) is None:
        with step(f"synthesize {workspace.stack}{', begun before' if synthesis.is_begun() else ''}"):
            made = synthesis.run(workspace.variables)
    if made.done.returncode:
        say(made.done.stderr.strip())
        sys.exit(made.done.returncode)
    return made


def lay_out(source: Path, directory: Path) -> None:
    """Make a folder hold what another one holds, and nothing else: Terraform reads whatever lies beside a stack."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for entry in source.iterdir():
        copy = directory / entry.name
        if entry.is_symlink():
            copy.symlink_to(entry.resolve(), target_is_directory=entry.is_dir())
        elif entry.is_dir():
            # What cdktf's assets are in.
            shutil.copytree(entry, copy)
        else:
            shutil.copyfile(entry, copy)
