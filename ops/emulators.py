"""The environments' emulators: one each, called as the environment is, in `.emulator`."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager

from aws_emulator import Emulator, EmulatorError, SilentEmulatorError, background, process
from config.environments import Environment
from config.request import PROJECT_ROOT
from ops.errors import NoAnswerError

FOLDER = PROJECT_ROOT / ".emulator"


class NoEmulatorError(NoAnswerError):
    """An emulator could not be started, asked or stopped."""


class BusyEmulatorError(NoEmulatorError):
    """An emulator runs and does not answer: it is busy, or stopped. It stays as it is, with all that it holds."""


def start(environment: Environment, account_id: str) -> Emulator:
    """Start the environment's emulator in the background, or return it if it runs already."""
    with _explained(environment):
        return background.start(environment, FOLDER, account_id=account_id)


def find(environment: Environment) -> Emulator | None:
    """Return the environment's emulator, or None if none runs. Raises BusyEmulatorError if it does not answer."""
    with _explained(environment):
        return background.find(environment, FOLDER)


def stop(environment: Environment) -> bool:
    """Stop the environment's emulator, with all that it holds; False if none ran."""
    with _explained(environment):
        return background.stop(environment, FOLDER)


@contextmanager
def temporary(environment: Environment, account_id: str) -> Generator[Emulator]:
    """Run an emulator for the length of a block, which the environment's other commands do not find."""
    with ExitStack() as until_the_end:
        with _explained(environment):
            running = until_the_end.enter_context(process.temporary(account_id))
        yield running


@contextmanager
def _explained(environment: Environment) -> Generator[None]:
    """Let what the emulator raises end a command with status 2, and with what to type next."""
    try:
        yield
    except SilentEmulatorError as error:
        message = f"{error}; try again, or end it, with all that it holds: make down ENV={environment}"
        raise BusyEmulatorError(message) from None
    except EmulatorError as error:
        raise NoEmulatorError(str(error)) from None
