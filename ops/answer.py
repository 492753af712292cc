"""Exit status of a command that answers a question.

0 is yes, 1 is no, and 2 says that the question could not be asked.
"""

from collections.abc import Callable

from botocore.exceptions import BotoCoreError

from config.errors import InvalidInputError
from ops.errors import CommandError
from ops.progress import say

NOT_ASKED = 2


def answer(command: str, ask: Callable[[], int]) -> int:
    """Return the status of the answer, or 2, with one line, for whatever kept the question from being asked.

    Raises InvalidInputError, which has that status as well, and BrokenPipeError.
    """
    try:
        return ask()
    except (InvalidInputError, BrokenPipeError):
        raise
    except (CommandError, BotoCoreError) as error:
        say(str(error))
    except SystemExit:
        # The synthesis ends a command with its own status, and has shown why.
        pass
    except Exception as error:  # noqa: BLE001 - a fault of the command is no answer either
        words = " ".join(f"{type(error).__name__}: {error}".split())
        say(f"{command}: an error in the command itself, which answers nothing: {words}")
    return NOT_ASKED
