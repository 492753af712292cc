"""States that Terraform could not write to their bucket: kept per target and stack until they are written.

Terraform leaves such a state in the folder that it ran in, as `errored.tfstate`. It alone knows what was made. So it is
moved to a folder that no command cleans, and every change of its stack waits for it.
"""

from itertools import chain, count
from pathlib import Path

from config.request import PROJECT_ROOT
from ops.errors import CommandError
from ops.synthesis import CDKTF_OUT

UNSAVED_STATES = PROJECT_ROOT / "unsaved-state"
LEFT_BY_TERRAFORM = "errored.tfstate"
BY_HAND = "by-hand"
"""In place of the target, for the states of runs in cdktf's folder: which AWS those reached is unknown."""


class UnsavedStateError(CommandError):
    """A state that is in no bucket could not be moved to safety."""


def keep(folder: Path, target: str, stack: str) -> Path | None:
    """Move the state that Terraform left in a folder to where it is kept; return its file, None if there is none.

    An earlier one that is still kept stays beside it. Raises UnsavedStateError.
    """
    left = folder / LEFT_BY_TERRAFORM
    if not left.exists():
        return None
    folder_kept = UNSAVED_STATES / target / stack
    names = chain((LEFT_BY_TERRAFORM,), (f"errored-{number}.tfstate" for number in count(1)))
    kept = next(file for file in map(folder_kept.joinpath, names) if not file.exists())
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        left.rename(kept)
    except OSError as error:
        message = (
            f"{left.relative_to(PROJECT_ROOT)}: a state that is in no bucket, and cannot be moved to "
            f"{kept.relative_to(PROJECT_ROOT)}: {error.strerror}; move it there by hand"
        )
        raise UnsavedStateError(message) from None
    return kept


def find(target: str, stack: str) -> list[Path]:
    """Return the files of a stack's states that are kept, the first that was left first."""
    files = (UNSAVED_STATES / target / stack).glob("*.tfstate")
    return sorted(files, key=lambda file: (len(file.name), file.name))


def find_by_hand(stack: str) -> list[Path]:
    """Return the files of a stack's states that runs in cdktf's folder left, kept or where they were left."""
    left = CDKTF_OUT / "stacks" / stack / LEFT_BY_TERRAFORM
    return find(BY_HAND, stack) + ([left] if left.exists() else [])


def is_waiting(target: str, stack: str) -> bool:
    """Return True if a state of a stack waits to be written, on a target or by hand."""
    return bool(find(target, stack) or find_by_hand(stack))
