"""What the command line knows of a command; each module that has some lists them as COMMANDS."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass

from config.request import Request

Run = Callable[[Request, argparse.Namespace], int]
"""A command's work, given its own options; it returns the exit status."""


def _no_options(_: argparse.ArgumentParser) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command of the command line."""

    name: str
    summary: str
    """One sentence, for the help."""
    run: Run
    add_options: Callable[[argparse.ArgumentParser], None] = _no_options
    """Adds the command's own options to its parser."""
    answers: bool = False
    """True if status 1 is an answer, so that whatever keeps the command from one is 2; otherwise a failure is 1."""


def acting(act: Callable[[Request], None]) -> Run:
    """Return the run of a command that has no options and no answer: it does its work, or raises."""

    def run(request: Request, _: argparse.Namespace) -> int:
        act(request)
        return 0

    return run
