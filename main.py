"""The composition root: environment and settings in, Terraform JSON out. Needs neither network nor credentials."""

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

import os
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from cdktf import App

from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Environment, read_request
from config.settings import load_settings
from constructs_lib.validation import InvalidConstructError
from stacks.environment import EnvironmentStack
from stacks.state_backend import StateBackendStack
from stacks.vpr_async import VprAsyncStack

PROVIDER_LOCK = PROJECT_ROOT / ".cache" / "provider" / ".terraform.lock.hcl"
"""The project's lock as set-up left it: with the checksum, besides, of what is unpacked on this platform."""
PROVIDER_MIRROR = PROJECT_ROOT / "terraform.d"


def main() -> int:
    """Synthesize the environment that ENV names, or every one whose settings are valid; return the exit status."""
    try:
        request = read_request()
    except InvalidInputError as error:
        print(error, file=sys.stderr)
        return 2
    app = App()
    stacks, faults = _add_stacks(app, request.environments)
    for environment, messages in faults.items():
        print(*messages, f"{environment}: not synthesized", sep="\n", file=sys.stderr)
    if request.environment in faults or not stacks:
        # cdktf makes its folders at once; empty ones would look like a synthesis.
        with suppress(OSError):
            Path(app.outdir, "stacks").rmdir()
            Path(app.outdir).rmdir()
        return 2
    app.synth()
    for stack in stacks:
        _add_provider_files(Path(app.outdir, "stacks", stack.node.id))
    return 0


def _add_stacks(
    app: App, environments: Iterable[Environment]
) -> tuple[list[EnvironmentStack], Mapping[Environment, Sequence[str]]]:
    """Add the stacks of each environment; one that has faults does not stop the others."""
    stacks: list[EnvironmentStack] = []
    faults: dict[Environment, Sequence[str]] = {}
    for environment in environments:
        try:
            settings = load_settings(environment)
        except InvalidInputError as error:
            faults[environment] = error.faults
            continue
        try:
            made = [VprAsyncStack(app, settings=settings), StateBackendStack(app, settings=settings)]
        except InvalidConstructError as error:
            app.node.try_remove_child(settings.names.stack)
            faults[environment] = [f"environments/{environment}.toml: {fault}" for fault in error.faults]
        else:
            stacks += made
    return stacks, faults


def _add_provider_files(stack_directory: Path) -> None:
    """Give Terraform, run by whomever in the stack's folder, the provider's checksums and, if any, its mirror.

    The checksums also spare `cdktf deploy` its own `terraform providers lock`, which no mirror can serve.
    """
    lock = PROVIDER_LOCK if PROVIDER_LOCK.is_file() else PROJECT_ROOT / PROVIDER_LOCK.name
    shutil.copyfile(lock, stack_directory / lock.name)
    link = stack_directory / PROVIDER_MIRROR.name
    if PROVIDER_MIRROR.is_dir() and not link.is_symlink():
        link.symlink_to(os.path.relpath(PROVIDER_MIRROR, stack_directory), target_is_directory=True)


if __name__ == "__main__":
    sys.exit(main())
