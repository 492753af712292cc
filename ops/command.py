"""The interface of a command to the command line; a module lists its commands as COMMANDS."""

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


def acting(act: Callable[[Request], None], *, answers: bool = False) -> Command:
    """Return the command of a function's name that has no options: it does its work, or raises.

    Its summary is the docstring's first line; PYTHONOPTIMIZE=2 strips that, and the help is then without it.
    """

    def run(request: Request, _: argparse.Namespace) -> int:
        act(request)
        return 0

    summary = (act.__doc__ or "").partition("\n")[0]
    return Command(name=act.__name__, summary=summary, run=run, answers=answers)
