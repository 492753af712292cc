"""The composition root: environment and settings in, Terraform JSON out. Needs neither network nor credentials."""

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from cdktf import App
from jsii.errors import JavaScriptError

from check_report.errors import InvalidInputError
from config.environments import Environment
from config.products import LOCK_BESIDE_A_STACK, Product
from config.request import PROJECT_ROOT, Request, read_request
from constructs_lib.validation import InvalidConstructError
from stacks.environment import EnvironmentStack
from stacks.features import FEATURES, STATE_BACKEND, load_settings, stack_names
from stacks.settings import Settings

BESIDE_A_STACK = "terraform.d"
"""The folder in which Terraform and OpenTofu look for providers."""


def main() -> int:
    """Synthesize the environment that ENV names, or every one whose settings are valid; return the exit status."""
    try:
        return _synthesize(read_request())
    except InvalidInputError as error:
        print(error, file=sys.stderr)
    except RuntimeError as error:
        if not isinstance(error.__cause__, JavaScriptError):
            raise
        # What cdktf could not do: write its folder, read CDKTF_CONTEXT_JSON.
        print(f"cdktf could not synthesize: {error}", file=sys.stderr)
    return 2


def _synthesize(request: Request) -> int:
    if request.note:
        print(request.note, file=sys.stderr)
    settings, faults = _read_settings(request.environments)
    # An app waits for Node, which loads cdktf while this goes on.
    for feature in (*FEATURES, STATE_BACKEND):
        feature.stack_class()
    app = App()
    synthesized = Path(app.outdir, "stacks")
    if message := _unsaved_states(synthesized, request.product):
        print(message, file=sys.stderr)
        return 2
    stacks = _add_stacks(app, settings, faults)
    for environment in (each for each in request.environments if each in faults):
        print(*faults[environment], f"{environment}: not synthesized", sep="\n", file=sys.stderr)
        # What an earlier run left is not what the settings say now. The folder is cdktf's CLI's to delete.
        for folder in (synthesized / name for name in stack_names(environment)):
            if folder.is_dir():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(exist_ok=True)
    if request.environment in faults or not stacks:
        # cdktf makes its folders at once; empty ones would look like a synthesis.
        with suppress(OSError):
            synthesized.rmdir()
            Path(app.outdir).rmdir()
        return 2
    app.synth()
    for stack in stacks:
        _add_provider_files(synthesized / stack.node.id, request.product)
    return 0


def _unsaved_states(synthesized: Path, product: Product) -> str:
    """Return a refusal if Terraform left a state that it could not write: cdktf's CLI would delete it."""
    found = sorted(synthesized.glob("*/errored.tfstate"))
    return "\n".join(
        f"{file}: a state that Terraform could not write to the state bucket, and that is nowhere else; nothing was "
        f"synthesized; write it with {product.binary} -chdir={file.parent} state push {file.name}, and remove the file"
        for file in found
    )


def _read_settings(environments: Iterable[Environment]) -> tuple[list[Settings], dict[Environment, Sequence[str]]]:
    """Return the settings of each environment that has no faults, and the faults of the others."""
    settings: list[Settings] = []
    faults: dict[Environment, Sequence[str]] = {}
    for environment in environments:
        try:
            settings.append(load_settings(environment))
        except InvalidInputError as error:
            faults[environment] = error.faults
    return settings, faults


def _add_stacks(
    app: App, settings: Iterable[Settings], faults: dict[Environment, Sequence[str]]
) -> list[EnvironmentStack]:
    """Add the stacks of each environment; one that has faults gets none, and does not stop the others."""
    stacks: list[EnvironmentStack] = []
    for each in settings:
        try:
            made = [feature.add_stack(app, each) for feature in (*FEATURES, STATE_BACKEND)]
        except InvalidConstructError as error:
            # All of them: one that is half made would be deployed as such, which destroys the rest of it.
            for name in stack_names(each.environment):
                app.node.try_remove_child(name)
            faults[each.environment] = [f"environments/{each.environment}.toml: {fault}" for fault in error.faults]
        else:
            stacks += made
    return stacks


def _add_provider_files(stack_directory: Path, product: Product) -> None:
    """Give Terraform, run by whomever in the stack's folder, the provider's checksums and, if any, its mirror.

    The checksums are those of the project's lock, and as set-up left it that of what is unpacked on this platform.
    They also spare `cdktf deploy` its own `terraform providers lock`, which no mirror can serve.
    """
    made = PROJECT_ROOT / ".cache" / product.installed / LOCK_BESIDE_A_STACK
    lock = made if made.is_file() else PROJECT_ROOT / product.lock
    shutil.copyfile(lock, stack_directory / LOCK_BESIDE_A_STACK)
    mirror = PROJECT_ROOT / product.plugins
    link = stack_directory / BESIDE_A_STACK
    # The synthesis before may have been for the other product.
    if link.is_symlink() and link.resolve() != mirror.resolve():
        link.unlink()
    if mirror.is_dir() and not link.is_symlink():
        link.symlink_to(os.path.relpath(mirror, stack_directory), target_is_directory=True)


if __name__ == "__main__":
    sys.exit(main())
