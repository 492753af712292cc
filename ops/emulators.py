"""The environments' emulators: one each, called as the environment is, in `.emulator`."""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aws_emulator import Emulator, EmulatorError, SavedStateError, SilentEmulatorError, background, process
from aws_emulator.persistence.state_file import in_words
from config.environments import Environment
from config.request import PROJECT_ROOT
from ops import progress
from ops.errors import NoAnswerError

FOLDER = PROJECT_ROOT / ".emulator"
_ANSWER_SECONDS = 5.0


class NoEmulatorError(NoAnswerError):
    """An emulator could not be started, asked or stopped."""


class BusyEmulatorError(NoEmulatorError):
    """An emulator runs and does not answer: it is busy, or stopped. It stays as it is, with all that it holds."""


def start(environment: Environment, account_id: str, *, keep: bool = False) -> Emulator:
    """Start the environment's emulator in the background, or return it if it runs already.

    keep: let its data outlive it. What was saved of the one before is restored, and kept further.
    """
    with _explained(environment):
        return background.start(environment, FOLDER, account_id=account_id, keep=keep, say=_say)


def start_from_snapshot(environment: Environment, account_id: str, *, keep: bool = False) -> Emulator:
    """Start the environment's emulator with what its snapshot holds. Raises NoEmulatorError, whose message is one line.

    keep: as `start` has it. The snapshot stays as it is.
    """
    try:
        return background.start(environment, FOLDER, account_id=account_id, keep=keep, from_snapshot=True, say=_say)
    except SavedStateError as error:
        raise NoEmulatorError(error.reason) from None
    except EmulatorError as error:
        raise NoEmulatorError(str(error).splitlines()[-1]) from None


def write_snapshot(environment: Environment) -> None:
    """Write what the environment's emulator holds into its snapshot. Raises NoEmulatorError."""
    with _explained(environment):
        background.write_snapshot(environment, FOLDER)


def snapshot(environment: Environment) -> Path:
    """Return the file for the snapshot of the environment's emulator."""
    return background.snapshot(environment, FOLDER)


def find(environment: Environment) -> Emulator | None:
    """Return the environment's emulator, or None if none runs. Raises BusyEmulatorError if it does not answer."""
    with _explained(environment):
        return background.find(environment, FOLDER, say=_say)


def stop(environment: Environment, *, discard: bool = False) -> bool:
    """Stop the environment's emulator; False if none ran. discard: delete what was saved of it."""
    with _explained(environment):
        return background.stop(environment, FOLDER, discard=discard, say=_say)


def has_saved(environment: Environment) -> bool:
    """Return True if there is a file for data that the next start restores, whatever is in it."""
    return background.state(environment, FOLDER).exists()


def saved(environment: Environment) -> str:
    """Return the words for data that the next start restores; empty if none are saved."""
    with _explained(environment):
        known = background.saved(environment, FOLDER)
    return f"what its emulator held at {in_words(known.saved_at)} is saved" if known else ""


def keeping(running: Emulator) -> str:
    """Return the words for how a running emulator keeps its data; empty if it keeps none."""
    try:
        found = running.keeping(_ANSWER_SECONDS)
    except EmulatorError as error:
        return str(error)
    return str(found) if found.is_on else ""


@contextmanager
def temporary(environment: Environment, account_id: str) -> Generator[Emulator]:
    """Run an emulator for the length of a block, which the environment's other commands do not find."""
    with ExitStack() as until_the_end:
        with _explained(environment):
            running = until_the_end.enter_context(process.temporary(account_id))
        yield running


def _say(line: str) -> None:
    progress.say(line.replace(f"{PROJECT_ROOT}/", ""))


@contextmanager
def _explained(environment: Environment) -> Generator[None]:
    """Let what the emulator raises end a command with status 2, and with what to type next."""
    try:
        yield
    except SilentEmulatorError as error:
        message = f"{error}; try again, or end it, with all that it holds: make down ENV={environment}"
        raise BusyEmulatorError(message) from None
    except SavedStateError as error:
        message = f"{error}; to delete it: make down ENV={environment} KEEP=no"
        raise NoEmulatorError(message.replace(f"{PROJECT_ROOT}/", "")) from None
    except EmulatorError as error:
        raise NoEmulatorError(str(error)) from None
