"""Errors that end a command before its work is done."""

from check_report.printable import printable_lines


class CommandError(Exception):
    """A tool or a service failed; the message is what the user reads, printable."""

    status = 1
    """The exit status of the command that ends with it."""

    def __init__(self, message: str) -> None:
        super().__init__(printable_lines(message))


class NoAnswerError(CommandError):
    """The question could not be asked, or got no answer: nothing is known, and nothing was changed."""

    status = 2
