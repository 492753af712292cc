"""The command `validate`: the naming validator on every synthesized stack and on the source."""

import argparse

from check_report.forms import add_format
from config.request import PROJECT_ROOT, Request
from naming_validator.command import main as validate_naming
from ops.command import Command
from ops.synthesis import synthesize_everything

SOURCE = ("main.py", "config", "constructs_lib", "stacks")


def run(request: Request, options: argparse.Namespace) -> int:
    """Print the findings; return 0 for none, 1 for some, 2 if a name could not be read or a stack not synthesized."""
    with synthesize_everything(request, "validate") as synthesized:
        paths = (*synthesized.stacks, *(PROJECT_ROOT / name for name in SOURCE))
        shown = (f"--path={path.relative_to(PROJECT_ROOT)}" for path in paths)
        status = validate_naming(["--strict", "--format", options.format, *shown])
    return 2 if synthesized.missing else status


COMMANDS = (
    Command(
        name="validate",
        summary="Check every name, in JSON that is synthesized for it and in the source.",
        run=run,
        add_options=add_format,
        answers=True,
    ),
)
