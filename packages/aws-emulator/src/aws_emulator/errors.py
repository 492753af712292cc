"""Errors that a user can do something about; each message is complete."""


class EmulatorError(Exception):
    """The emulator could not be started, asked or stopped."""


class SilentEmulatorError(EmulatorError):
    """An emulator runs and does not answer: it is busy, or stopped. It stays as it is, with all that it holds."""


class PatchError(EmulatorError):
    """The installed moto lacks what a patch replaces."""
