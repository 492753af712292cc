"""Why a command ends without having done its work."""

from config.printable import printable_lines


class CommandError(Exception):
    """A tool or a service failed; the message is what the user reads, printable. The command exits with status 1."""

    def __init__(self, message: str) -> None:
        super().__init__(printable_lines(message))
