"""The command `plan-review`: review a plan's JSON, print what matters first, and write it in three forms."""

import argparse
import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from check_report.errors import InvalidInputError
from plan_review.forms.files import write_files
from plan_review.forms.json_form import as_json
from plan_review.model import Review
from plan_review.plan_file import STANDARD_INPUT, read_plans
from plan_review.review import review
from plan_review.rules import Rules, load_rules
from plan_review.scope import read_scope

NARROWEST, NO_TERMINAL = 60, 160
"""Columns: the fewest that a review is made for, and how many where there is no terminal, as in CI's log."""

Judge = Callable[[dict[str, Any], str, str], Review]
"""Makes the review of a plan, given the plan, its title and the SHA-256 of its file."""


PLAN_HELP = "what terraform show -json PLANFILE writes; - reads it from standard input"


def add_output_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that `run` reads; it reads the argument `plan` as well."""
    parser.add_argument(
        "--output",
        default="",
        metavar="DIR",
        help="the folder for review.md, review.html and review.json; by default that of the plan, and for - none",
    )
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the text")


def run(options: argparse.Namespace, judge: Judge, variables: Mapping[str, str]) -> int:
    """Review the plan that the options name, print and write the review; return 1 if it is blocked, else 0.

    Of several plans in one file each is reviewed, and written into a folder of its own, plan-1, plan-2 and so on.
    Raises InvalidInputError if a plan cannot be read, or the files cannot be written.
    """
    # In a large plan, looking for garbage takes a tenth of the time, and there is hardly any.
    gc.disable()
    read = read_plans(options.plan)
    is_file = options.plan != STANDARD_INPUT
    title = options.plan if is_file else "standard input"
    folder = Path(options.output) if options.output else Path(options.plan).parent if is_file else None
    status = 0
    for number, plan in enumerate(read.plans, 1):
        is_one = len(read.plans) == 1
        reviewed = judge(plan, title if is_one else f"{title}, plan {number} of {len(read.plans)}", read.sha256)
        if folder:
            write_files(reviewed, folder if is_one else folder / f"plan-{number}")
        if options.json:
            print(as_json(reviewed), end="")
        else:
            show(reviewed, variables)
        status = max(status, int(reviewed.blocked))
    # A page's template keeps its review alive in a cycle: to take that apart at the end would cost another tenth.
    gc.freeze()
    return status


def show(reviewed: Review, variables: Mapping[str, str]) -> None:
    """Print a review as wide as the terminal, in colour only on one and if NO_COLOR is not among the variables."""
    # It is needed for a text alone.
    from plan_review.forms.terminal import terminal  # noqa: PLC0415

    width = max(NARROWEST, shutil.get_terminal_size((NO_TERMINAL, 0)).columns)
    print(terminal(reviewed, width=width, colour=sys.stdout.isatty() and not variables.get("NO_COLOR")))


def main(arguments: Sequence[str] | None = None) -> int:
    """Review a plan; return 0, 1 if it is blocked, or 2 if it cannot be reviewed."""
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(prog="plan-review", description=__doc__)
    parser.add_argument("plan", metavar="PLAN.json", help=PLAN_HELP)
    add_output_options(parser)
    parser.add_argument("--rules", type=Path, metavar="FILE", help="the rules that block a plan; by default none do")
    parser.add_argument(
        "--environment", default="", metavar="NAME", help="where the plan is to be applied, for rules that name that"
    )
    parser.add_argument(
        "--retains-data", action="store_true", help='rules for "retaining" environments, which keep their data, apply'
    )
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="PATTERN",
        help="the declared scope: a resource's address or name, * and ? match any text; may be repeated. "
        "What the plan changes outside of it is shown first",
    )
    parser.add_argument(
        "--scope-from",
        type=Path,
        metavar="FILE",
        help="read more patterns from the lines 'plan-review: only PATTERN' of a text, as that of a pull request",
    )
    options = parser.parse_args(arguments)

    def judge(plan: dict[str, Any], title: str, sha256: str) -> Review:
        today = datetime.now(UTC).date()
        return review(
            plan,
            title=title,
            environment=options.environment,
            retains=options.retains_data,
            rules=load_rules(options.rules, today) if options.rules else Rules(),
            only=[*options.only, *(read_scope(options.scope_from) if options.scope_from else ())],
            today=today,
            plan_sha256=sha256,
        )

    try:
        status = run(options, judge, os.environ)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as `head` does. Python would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except (InvalidInputError, OSError) as error:
        with suppress(OSError):
            print(error, file=sys.stderr)
        return 2
    return status
