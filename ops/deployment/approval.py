"""Approval of changes: given on an emulator, asked for on AWS."""

import sys

from check_report.errors import InvalidInputError
from config.request import Request, Target
from ops import aws
from ops.errors import CommandError


def needs_approval(request: Request) -> bool:
    """Return True if somebody has to be asked."""
    return request.target is Target.AWS and not request.auto_approve


def require_approver(request: Request, command: str) -> None:
    """Require that somebody can be asked, if somebody has to be; not before the shell leads to AWS at all.

    Raises InvalidInputError.
    """
    if request.target is Target.AWS:
        aws.require_no_endpoint(request.shell)
    if needs_approval(request) and not sys.stdin.isatty():
        message = (
            f"TARGET=aws: make {command} asks before it changes anything, and there is no terminal to ask on; "
            "AUTO_APPROVE=yes goes on without asking"
        )
        raise InvalidInputError([message])


def require_yes(question: str) -> None:
    """Ask on the terminal. Raises CommandError for any answer but yes."""
    print(f"{question} Only 'yes' goes on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != "yes":
        message = "not approved; nothing was changed"
        raise CommandError(message)
