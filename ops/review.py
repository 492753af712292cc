"""The command `review`: any plan's JSON, by this project's rules and requirement."""

import argparse
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from check_report.printable import shown_value
from config.errors import InvalidInputError
from config.request import PROJECT_ROOT, Environment, Request
from ops.command import Command
from ops.deployment.retention import retains
from ops.requirement import required_resources
from ops.resource_types import TYPES
from plan_review import cli
from plan_review.data_loss import Retention
from plan_review.facts import UNKNOWN_FACTS, Facts
from plan_review.masking import as_list, as_object
from plan_review.model import Review
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import load_rules
from stacks.features import FEATURES, load_settings
from stacks.settings import Settings

RULES = PROJECT_ROOT / "review.toml"


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", nargs="?", default="", metavar="PLAN.json", help=cli.PLAN_HELP)
    cli.add_output_options(parser)


def run(request: Request, options: argparse.Namespace) -> int:
    """Print the review and leave its files; return 0, or 1 if a rule of `review.toml` stops the plan.

    Raises InvalidInputError if the plan cannot be read, or the files cannot be written.
    """
    if not options.plan:
        message = "PLAN: missing; make review PLAN=plan.json, which terraform show -json PLANFILE > plan.json makes"
        raise InvalidInputError([message])

    def judged(plan: dict[str, Any], title: str) -> Review:
        return judge(plan, title=title, settings=settings_of(plan, request.environment))

    return cli.run(options, judged, request.variables)


def judge(  # noqa: PLR0913 - as `review` has it
    plan: dict[str, Any],
    *,
    title: str,
    where: str = "",
    settings: Settings | None,
    retention: Retention | None = None,
    facts: Facts = UNKNOWN_FACTS,
) -> Review:
    """Review a plan by the rules of `review.toml` as they are today, and by an environment's requirement.

    settings: None for another project's plan. retention, facts: as `review` has them.
    Raises InvalidInputError if the rules are faulty.
    """
    today = datetime.now(UTC).date()
    return review(
        plan,
        title=title,
        where=where,
        environment=settings.environment if settings else "",
        retains=settings is not None and retains(settings),
        retention=retention,
        requirement=_requirement(plan, settings) if settings else (),
        facts=facts,
        rules=load_rules(RULES, today, list(Environment)),
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


def _requirement(plan: Mapping[str, Any], settings: Settings) -> list[RequiredResource]:
    """Return the requirement of the features that the plan has resources of."""
    names = set(_names(plan))
    required = (list(required_resources(feature, settings)) for feature in FEATURES)
    return [resource for each in required if names & {resource.name for resource in each} for resource in each]


def _own_names(settings: Settings) -> set[str]:
    """Return the names of what holds data in an environment."""
    return {settings.state_bucket} | {
        name
        for feature in FEATURES
        for type_, resources in feature.requirement(settings).resources.items()
        if TYPES[type_].holds
        for name in resources
    }


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


COMMANDS = (
    Command(
        name="review",
        summary="Review any plan that is JSON: what matters first; leave it as review.md, review.html and review.json.",
        run=run,
        add_options=_add_options,
        answers=True,
    ),
)
