"""What every command on one environment needs: settings, folders, and the environment of the child processes."""

import sys
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.request import PROJECT_ROOT, Environment, Request, Target
from config.settings import Settings, load_settings
from ops import aws, emulator, process
from ops.emulator import Emulator
from ops.errors import CommandError
from ops.progress import say, step
from ops.setup import terraform_variables

EMULATORS = PROJECT_ROOT / ".emulator"
PLANS = PROJECT_ROOT / "plans"
SYNTHESIZED = PROJECT_ROOT / "cdktf.out"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """One environment on one target."""

    settings: Settings
    target: Target
    variables: Mapping[str, str]
    """The child processes' environment: it alone says which AWS they reach."""
    emulator: Emulator | None

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.settings.names.stack

    @property
    def stack_directory(self) -> Path:
        """The folder of the synthesized stack, in which Terraform runs."""
        return SYNTHESIZED / "stacks" / self.stack

    @property
    def plan_directory(self) -> Path:
        """Where plans of this stack on this target are left."""
        return PLANS / self.target / self.stack

    @property
    def where(self) -> str:
        """The target, account and region, in words."""
        place = f"the emulator at {self.emulator.endpoint}" if self.emulator else "AWS"
        return f"{place} (account {self.settings.account_id}, {self.settings.region})"


def requested_environment(request: Request) -> Environment:
    """Return the environment that the command works on: ENV, or dev."""
    return request.environment or Environment.DEV


@contextmanager
def open_workspace(request: Request, *, keep_emulator: bool = False) -> Generator[Workspace]:
    """Make the target ready for one environment, or say why it is not, before anything else starts.

    keep_emulator: whether an emulator that has to be started goes on running in the background; otherwise it ends
    with the block, however that ends.
    """
    settings = load_settings(requested_environment(request))
    if request.target is Target.AWS:
        aws.require_no_endpoint(request.variables)
        aws.require_account(settings)
        if not aws.state_bucket_exists(settings):
            message = (
                f"state bucket {settings.state_bucket}: not in account {settings.account_id}; "
                "make it first: private, versioned and encrypted"
            )
            raise CommandError(message)
        yield _workspace(request, settings, None)
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
        yield _emulated_workspace(request, settings, running)


def offline_workspace(request: Request) -> Workspace:
    """Return a workspace that reaches neither target, for what needs none."""
    return _workspace(request, load_settings(requested_environment(request)), None)


def _emulated_workspace(request: Request, settings: Settings, running: Emulator) -> Workspace:
    workspace = _workspace(request, settings, running)
    aws.make_emulated_state_bucket(settings, endpoint=running.endpoint, variables=workspace.variables)
    return workspace


def _workspace(request: Request, settings: Settings, running: Emulator | None) -> Workspace:
    variables = terraform_variables(request.variables)
    if running:
        variables = running.child_environment(variables, settings.region)
    data = PROJECT_ROOT / ".cache" / "terraform" / request.target / settings.names.stack
    variables |= {
        "ENV": settings.environment,
        "TF_DATA_DIR": str(data),
        "CDKTF_HOME": str(PROJECT_ROOT / ".cache" / "cdktf"),
        "DISABLE_VERSION_CHECK": "1",
        # The provider is linked from this folder already; two commands at once would fight over one cache.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        # Node 20 works; that jsii no longer supports it is said once, in the README.
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }
    return Workspace(settings=settings, target=request.target, variables=variables, emulator=running)


def synthesize(workspace: Workspace) -> None:
    """Synthesize the environment's stack afresh. A fault in the settings ends the command with its own status."""
    with step(f"synthesize {workspace.stack}"):
        variables = {**workspace.variables, "CDKTF_OUTDIR": str(SYNTHESIZED)}
        done = process.run((sys.executable, "-O", "main.py"), variables, PROJECT_ROOT, capture=True)
    if done.returncode:
        say(done.stderr.strip())
        sys.exit(done.returncode)
