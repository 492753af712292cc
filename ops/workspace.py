"""What every command on one environment needs: settings, folders, and the environment of the child processes."""

import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.request import PROJECT_ROOT, Request, Target
from config.settings import Settings, load_settings
from ops import aws, emulator, synthesis
from ops.emulator import Emulator
from ops.errors import CommandError
from ops.progress import say, step
from ops.setup import terraform_variables
from ops.synthesis import QUIET, SYNTHESIZED

EMULATORS = PROJECT_ROOT / ".emulator"
PLANS = PROJECT_ROOT / "plans"
LOCKING_COMMANDS = ("plan", "apply", "destroy", "untaint", "state_push")


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One stack of one environment on one target."""

    settings: Settings
    target: Target
    variables: Mapping[str, str]
    """The child processes' environment: it alone says which AWS they reach."""
    emulator: Emulator | None
    stack: str
    """The stack's name."""
    stack_directory: Path
    """The folder of the synthesized stack, in which Terraform runs."""
    local_state_file: Path | None = None
    """The state's file, where it is not in the state bucket."""
    lock_timeout: str = ""
    """How long Terraform waits for a state that is locked, like 5m; empty means not at all."""

    @property
    def imports_file(self) -> Path:
        """What the next plan imports, beside the synthesized stack; absent unless something is being adopted."""
        return self.stack_directory / "imports.tf.json"

    @property
    def unsaved_state_file(self) -> Path:
        """Where Terraform leaves a state that it could not write, as when credentials expired; absent otherwise."""
        return self.stack_directory / "errored.tfstate"

    @property
    def plan_directory(self) -> Path:
        """Where plans of this stack on this target are left."""
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
        """What the saved plan was made from; written last, so that a plan without it is none."""
        return self.plan_directory / "plan-record.json"

    @property
    def where(self) -> str:
        """The target, account and region, in words."""
        place = f"the emulator at {self.emulator.endpoint}" if self.emulator else "AWS"
        return f"{place} (account {self.settings.account_id}, {self.settings.region})"

    def make(self, command: str) -> str:
        """Return what a user types to run another command on the same environment and target."""
        target = "" if self.target is Target.EMULATOR else f" TARGET={self.target}"
        return f"make {command} ENV={self.settings.environment}{target}"

    @property
    def plan_anew(self) -> str:
        """What a user types to have the stack planned afresh."""
        return self.make("plan" if self.stack == self.settings.names.stack else "bootstrap")

    def client(self, service: str) -> Any:
        """Return a boto3 client of the AWS that the workspace is on, and of no other."""
        reach = (
            {
                "endpoint_url": self.emulator.endpoint,
                "aws_access_key_id": self.variables["AWS_ACCESS_KEY_ID"],
                "aws_secret_access_key": self.variables["AWS_SECRET_ACCESS_KEY"],
            }
            if self.emulator
            else {}
        )
        return aws.client(service, region=self.settings.region, **reach)


def emulator_runs(request: Request) -> bool:
    """Whether the environment's emulator runs in the background; true of AWS."""
    running = emulator.find_background
    return request.target is Target.AWS or running(request.environment_or_dev, EMULATORS) is not None


@contextmanager
def open_workspace(
    request: Request, *, keep_emulator: bool = False, state_backend: bool = False
) -> Generator[Workspace]:
    """Make the target ready for one environment, or say why it is not, before anything else starts.

    keep_emulator: whether an emulator that has to be started goes on running in the background; otherwise it ends
    with the block, however that ends.
    state_backend: work on the stack of the state bucket, which need not be there yet; otherwise on the VPR stack.
    """
    settings = load_settings(request.environment_or_dev)
    stack = settings.names.state_backend_stack if state_backend else settings.names.stack
    if request.target is Target.AWS:
        aws.require_no_endpoint(request.variables)
        aws.require_account(settings)
        workspace = _workspace(request, settings, None, stack)
        if not state_backend and not aws.state_bucket_exists(workspace.client("s3"), settings):
            message = (
                f"state bucket {settings.state_bucket}: not in account {settings.account_id}; "
                f"{workspace.make('bootstrap')} makes it"
            )
            raise CommandError(message)
        yield workspace
        return
    with ExitStack() as until_the_end:
        running = emulator.find_background(settings.environment, EMULATORS)
        if running is None:
            with step("start the emulator"):
                if keep_emulator:
                    running = emulator.start_background(settings.environment, settings.account_id, EMULATORS)
                else:
                    running = until_the_end.enter_context(emulator.temporary(settings.account_id))
        elif running.account_id != settings.account_id:
            message = (
                f"the running emulator is account {running.account_id}, the settings now say {settings.account_id}; "
                f"make down ENV={settings.environment} ends it"
            )
            raise CommandError(message)
        workspace = _workspace(request, settings, running, stack)
        if not state_backend:
            aws.make_emulated_state_bucket(workspace.client("s3"), settings)
        yield workspace


def offline_workspace(request: Request) -> Workspace:
    """Return a workspace that reaches neither target, for what needs none."""
    settings = load_settings(request.environment_or_dev)
    return _workspace(request, settings, None, settings.names.stack)


def _workspace(request: Request, settings: Settings, running: Emulator | None, stack: str) -> Workspace:
    variables = terraform_variables(request.variables)
    if running:
        variables = running.child_environment(variables, settings.region)
    if request.lock_timeout:
        # As Terraform's own variables, so that it also holds for a Terraform that cdktf's CLI runs.
        for command in LOCKING_COMMANDS:
            given = variables.get(f"TF_CLI_ARGS_{command}", "")
            variables[f"TF_CLI_ARGS_{command}"] = f"{given} -lock-timeout={request.lock_timeout}".strip()
    variables |= {
        "ENV": settings.environment,
        "TF_DATA_DIR": str(PROJECT_ROOT / ".cache" / "terraform" / request.target / stack),
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
        stack=stack,
        stack_directory=SYNTHESIZED / "stacks" / stack,
        lock_timeout=request.lock_timeout,
    )


def synthesize(workspace: Workspace) -> None:
    """Synthesize the environment's stack afresh. A fault in the settings ends the command with its own status."""
    with step(f"synthesize {workspace.stack}{', begun before' if synthesis.is_begun() else ''}"):
        done = synthesis.run(workspace.variables)
    if done.returncode:
        say(done.stderr.strip())
        sys.exit(done.returncode)
