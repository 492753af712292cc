"""The command clean."""

import shutil

from config.environments import environments
from config.request import PROJECT_ROOT, Request
from ops import emulators, unsaved_state
from ops.command import acting
from ops.synthesis import CDKTF_OUT
from ops.workspace import STACKS

MADE = (
    *(".cache/bootstrap", ".cache/cdktf", ".cache/stacks", ".cache/synthesis", ".cache/terraform", ".emulator"),
    *(".hypothesis", ".pytest_cache", ".ruff_cache", "cdktf.out", "plans", "sbom"),
)
"""What `make clean` removes. Not in it: `unsaved-state`, which holds the only copy of what it has."""


def clean(_: Request) -> None:
    """Remove what the commands made, and end the emulators; what set-up installed stays, and any unsaved state."""
    for environment in environments():
        emulators.stop(environment)
    # A state that is in no bucket may still lie where a killed Terraform left it.
    for folder in (*STACKS.glob("*/*"), *CDKTF_OUT.glob("stacks/*")):
        target = folder.parent.name if folder.is_relative_to(STACKS) else "by-hand"
        if kept := unsaved_state.keep(folder, target, folder.name):
            print(f"kept: {kept.relative_to(PROJECT_ROOT)}, a state that is in no bucket")
    for name in MADE:
        shutil.rmtree(PROJECT_ROOT / name, ignore_errors=True)


COMMANDS = (acting(clean),)
