"""The command clean."""

import shutil
from contextlib import suppress

from config.environments import environments
from config.request import PROJECT_ROOT, Request
from ops import emulators, unsaved_state
from ops.command import acting
from ops.synthesis import CDKTF_OUT
from ops.workspace import STACKS

MADE = (
    *(".cache/bootstrap", ".cache/cdktf", ".cache/stacks", ".cache/synthesis", ".cache/terraform", ".cache/tests"),
    *(".hypothesis", ".pytest_cache", ".ruff_cache", "cdktf.out", "plans", "sbom"),
)
"""What `make clean` removes. Not in it: `unsaved-state`, which holds the only copy of what it has."""


def clean(_: Request) -> None:
    """Remove what the commands made, and end the emulators; what set-up installed stays, and any state and kept data.

    Kept data are those of emulators: only `make down KEEP=no` deletes them.
    """
    for environment in environments():
        emulators.stop(environment)
    # A state that is in no bucket may still lie where a killed Terraform left it.
    for folder in (*STACKS.glob("*/*"), *CDKTF_OUT.glob("stacks/*")):
        target = folder.parent.name if folder.is_relative_to(STACKS) else "by-hand"
        if kept := unsaved_state.keep(folder, target, folder.name):
            print(f"kept: {kept.relative_to(PROJECT_ROOT)}, a state that is in no bucket")
    for file in emulators.FOLDER.glob("*"):
        if file.suffix == ".state":
            shown = file.relative_to(emulators.FOLDER.parent)
            print(f"kept: {shown}, what an emulator held; make down ENV={file.stem} KEEP=no deletes it")
        else:
            file.unlink()
    with suppress(OSError):
        emulators.FOLDER.rmdir()
    for name in MADE:
        shutil.rmtree(PROJECT_ROOT / name, ignore_errors=True)


COMMANDS = (acting(clean),)
