"""The command clean."""

import shutil
from contextlib import suppress

from config.environments import environments
from config.request import PROJECT_ROOT, Request
from ops import emulators, unsaved_state
from ops.command import acting
from ops.synthesis import CDKTF_OUT
from ops.workspace import BOOTSTRAPS, STACKS, alone_in_the_checkout
from stacks.features import STATE_BACKEND

MADE = (
    *(".cache/cdktf", ".cache/stacks", ".cache/synthesis", ".cache/terraform", ".cache/tests"),
    *(".hypothesis", ".pytest_cache", ".ruff_cache", "cdktf.out", "plans", "sbom"),
)
"""What `make clean` removes. Not in it: `unsaved-state`, which holds the only copy of what it has."""


def clean(_: Request) -> None:
    """Remove what the commands made, and end the emulators; what set-up installed stays, and any state and kept data.

    Kept data are those of emulators: only `make down KEEP=no` deletes them. Refused while another command is at work.
    """
    with alone_in_the_checkout("clean"):
        for environment in environments():
            emulators.stop(environment)
        _keep_unsaved_states()
        _remove_bootstraps()
        _remove_emulators()
        for name in MADE:
            shutil.rmtree(PROJECT_ROOT / name, ignore_errors=True)


def _keep_unsaved_states() -> None:
    """Keep the states that are in no bucket, which may still lie where a killed Terraform left them."""
    of_commands = [(folder, folder.parent.name, folder.name) for folder in STACKS.glob("*/*")]
    of_bootstraps = [(folder / "stack", folder.parent.name, folder.name) for folder in BOOTSTRAPS.glob("*/*")]
    by_hand = [(folder, unsaved_state.BY_HAND, folder.name) for folder in CDKTF_OUT.glob("stacks/*")]
    for folder, target, stack in (*of_commands, *of_bootstraps, *by_hand):
        if kept := unsaved_state.keep(folder, target, stack):
            print(f"kept: {kept.relative_to(PROJECT_ROOT)}, a state that is in no bucket")


def _remove_bootstraps() -> None:
    """Remove the folders of bootstraps; one that was interrupted left the only state of what it made, which stays."""
    for folder in BOOTSTRAPS.glob("*/*"):
        environment = folder.name.removeprefix(f"{STATE_BACKEND.stack}-")
        bootstrap = f"make bootstrap ENV={environment} TARGET={folder.parent.name}"
        states = sorted(folder.glob("*.tfstate"))
        for state in states:
            print(f"kept: {state.relative_to(PROJECT_ROOT)}, a state that is in no bucket; {bootstrap} goes on from it")
        if not states:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_emulators() -> None:
    """Remove what emulators left, but for what they were to keep."""
    for file in emulators.FOLDER.glob("*"):
        if file.suffix == ".state":
            shown = file.relative_to(emulators.FOLDER.parent)
            print(f"kept: {shown}, what an emulator held; make down ENV={file.stem} KEEP=no deletes it")
        else:
            file.unlink()
    with suppress(OSError):
        emulators.FOLDER.rmdir()


COMMANDS = (acting(clean),)
