"""An AWS on the loopback interface, to deploy to and to test against offline.

``with aws_emulator.temporary("123456789012") as emulator:`` runs one for the length of a block;
`aws_emulator.background` starts, finds and stops those that outlive the program.
"""

from aws_emulator.emulator import Emulator
from aws_emulator.errors import EmulatorError, SavedStateError, SilentEmulatorError
from aws_emulator.process import temporary

__all__ = ["Emulator", "EmulatorError", "SavedStateError", "SilentEmulatorError", "temporary"]
