"""The command `review`."""

import argparse
import gc
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from check_report.printable import shown_value
from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Environment, Request
from ops.review.as_json import as_json
from ops.review.hidden import as_list, as_object
from ops.review.leaving import leave, show
from ops.review.model import Review
from ops.review.read import read_plan
from ops.review.reviewing import review
from ops.review.rules import load_rules
from stacks.features import load_settings
from stacks.settings import Settings
from stacks.vpr_async.names import names_of

RULES = PROJECT_ROOT / "review.toml"


def add_command(added: Any) -> None:
    """Add `review` to the commands."""
    summary = "Review any plan that is JSON: what matters first; leave it as review.md, review.html and review.json."
    parser = added.add_parser("review", help=summary, description=summary)
    parser.add_argument("plan", nargs="?", default="", metavar="PLAN.json", help="what terraform show -json wrote")
    parser.add_argument(
        "--output", default="", metavar="DIR", help="where the files are left; beside the plan if not given"
    )
    parser.add_argument("--json", action="store_true", help="print the JSON instead of the text")
    parser.set_defaults(run=run)


def run(request: Request, options: argparse.Namespace) -> int:
    """Print the review and leave its files; return 0, or 1 if a rule of `review.toml` stops the plan.

    Raises InvalidInputError if the plan cannot be read, or the files cannot be written.
    """
    if not options.plan:
        message = "PLAN: missing; make review PLAN=plan.json, which terraform show -json PLANFILE > plan.json makes"
        raise InvalidInputError([message])
    # In a great plan, looking for garbage, of which there is none, takes a tenth of the time.
    gc.disable()
    path = Path(options.plan)
    plan = read_plan(path)
    reviewed = judge(plan, title=str(path), settings=settings_of(plan, request.environment))
    leave(reviewed, Path(options.output) if options.output else path.parent)
    if options.json:
        print(as_json(reviewed), end="")
    else:
        show(reviewed, request.variables)
    return int(reviewed.blocked)


def judge(
    plan: dict[str, Any],
    *,
    title: str,
    where: str = "",
    settings: Settings | None,
    harmless: Collection[str] = (),
) -> Review:
    """Review a plan by the rules of `review.toml` as they are today.

    harmless: the addresses of what loses nothing, as AWS was asked; a plan alone does not tell.
    Raises InvalidInputError if the rules are faulty.
    """
    today = datetime.now(UTC).date()
    return review(
        plan,
        title=title,
        where=where,
        settings=settings,
        harmless=harmless,
        rules=load_rules(RULES, today),
        today=today,
    )


def settings_of(plan: Mapping[str, Any], environment: Environment | None) -> Settings | None:
    """Return the settings by which a plan is judged: those asked for, or those whose resources are in it.

    None for another project's plan. Of several environments that are in it, the one that has most to lose is taken.
    Raises InvalidInputError for faulty settings, by which a plan that is theirs would not be known, and if another
    environment is asked for than that.
    """
    names = set(_names(plan))
    if environment is None:
        found = (load_settings(candidate) for candidate in reversed(Environment))
        return next((settings for settings in found if names & _own_names(settings)), None)
    asked = load_settings(environment)
    own = [each for each in Environment if names & _names_of_valid(each)]
    if own and environment is not own[-1]:
        message = (
            f"ENV = {shown_value(environment)}: the plan has resources of {' and '.join(own)}; leave ENV out, or give "
            f"ENV={own[-1]}"
        )
        raise InvalidInputError([message])
    return asked


def _own_names(settings: Settings) -> set[str]:
    names = names_of(settings)
    return {settings.state_bucket, names.jobs_queue, names.jobs_dlq, names.jobs_table, names.results_bucket}


def _names_of_valid(environment: Environment) -> set[str]:
    """Return the names of an environment; none if its settings have faults, which matter only if it is asked for."""
    try:
        return _own_names(load_settings(environment))
    except InvalidInputError:
        return set()


def _names(plan: Mapping[str, Any]) -> Iterator[str]:
    for section in ("resource_changes", "resource_drift"):
        for entry in as_list(plan.get(section)):
            sides = (as_object(entry["change"].get(side)) for side in ("before", "after"))
            named = (values.get(key) for values in sides for key in ("name", "bucket"))
            yield from (name for name in named if isinstance(name, str))
