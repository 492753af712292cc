"""The command peek: what the deployed resources hold, without changing it."""

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from aws_emulator import EmulatorError
from check_report.printable import printable
from config.request import Request
from ops.command import Command
from ops.handlers.deployed import Held, counted, deployed_stacks, held
from ops.resource_types.interface import Contents, Viewer
from ops.workspace import Workspace

VERSION = 1
"""The version of the JSON; another one means that a key has gone, or means something else."""
FOLLOW_SECONDS = 1.0
MOST_ENTRIES = 1000
WIDTH = 320
"""The most characters of an entry's line."""


@dataclass(frozen=True)
class Seen:
    """A resource, and what it holds; error: why that could not be read, or empty."""

    resource: Held
    contents: Contents
    error: str = ""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON; with --follow, a document a line")
    parser.add_argument("--follow", action="store_true", help="print again whenever something changes, until Ctrl-C")
    parser.add_argument(
        "--most",
        type=_most,
        default=10,
        metavar="N",
        help=f"the most messages, items and objects to show of each resource, 1 to {MOST_ENTRIES} (%(default)s)",
    )


def _most(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_ENTRIES:
        message = f"{text!r}: not allowed; allowed: 1 to {MOST_ENTRIES}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def run(request: Request, options: argparse.Namespace) -> int:
    """Print what the deployed resources hold; return 0, or 2 if a resource could not be read.

    Raises NoAnswerError if nothing is deployed.
    """
    with deployed_stacks(request, "peek") as stacks:
        resources = [(stack.workspace, held(stack.state)) for stack in stacks]
        before: str | None = None
        while True:
            seen = [(workspace, [_look(workspace, each, options.most) for each in of]) for workspace, of in resources]
            shown = _document(request, seen, in_one_line=options.follow) if options.json else _text(seen)
            if shown != before:
                print(shown, flush=True)
            before = shown
            is_complete = not any(each.error for _, of in seen for each in of)
            if not options.follow or not is_complete:
                return 0 if is_complete else 2
            time.sleep(FOLLOW_SECONDS)


def _look(workspace: Workspace, resource: Held, most: int) -> Seen:
    assert resource.type.peek
    viewer = Viewer(client=workspace.client, emulator=workspace.emulator, most=most)
    try:
        return Seen(resource, resource.type.peek(resource.values, viewer))
    except (ClientError, BotoCoreError, EmulatorError) as error:
        return Seen(resource, Contents(counts={}), error=" ".join(str(error).split()))


def _text(seen: list[tuple[Workspace, list[Seen]]]) -> str:
    lines: list[str] = []
    for workspace, resources in seen:
        lines.append(f"{workspace.stack} on {workspace.where}:")
        for each in resources:
            note = f" ({each.contents.note})" if each.contents.note else ""
            held_now = f"not readable: {each.error}" if each.error else f"{counted(each.contents.counts)}{note}"
            lines.append(printable(f"  {each.resource.name}: {held_now}"))
            lines += (f"    {_short(printable(entry.line))}" for entry in each.contents.entries)
    return "\n".join(lines)


def _short(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[:WIDTH]}... ({len(line)} characters)"


def _document(request: Request, seen: list[tuple[Workspace, list[Seen]]], *, in_one_line: bool) -> str:
    document = {
        "version": VERSION,
        "environment": request.environment_or_dev,
        "target": request.target,
        "stacks": [
            {"stack": workspace.stack, "where": workspace.where, "resources": [_values(each) for each in resources]}
            for workspace, resources in seen
        ],
    }
    return json.dumps(document, indent=None if in_one_line else 2)


def _values(seen: Seen) -> dict[str, Any]:
    return {
        "type": seen.resource.type.name,
        "name": seen.resource.name,
        "counts": seen.contents.counts,
        "entries": [entry.values for entry in seen.contents.entries],
        "note": seen.contents.note,
        "error": seen.error,
    }


COMMANDS = (
    Command(
        name="peek",
        summary="Show the messages, items and objects that the deployed resources hold, without changing them.",
        run=run,
        add_options=_add_options,
        answers=True,
    ),
)
