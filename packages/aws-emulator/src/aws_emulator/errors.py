"""Errors that a user can do something about; each message is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class EmulatorError(Exception):
    """The emulator could not be started, asked or stopped."""


class SilentEmulatorError(EmulatorError):
    """An emulator runs and does not answer: it is busy, or stopped. It stays as it is, with all that it holds."""


class PatchError(EmulatorError):
    """The installed moto lacks what a patch replaces."""


class SavedStateError(EmulatorError):
    """A saved state cannot be restored. The file stays as it is: who reads this may want what is in it."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file}: {reason}; the file stays as it is")
        self.reason = reason
