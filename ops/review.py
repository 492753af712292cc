"""The command `review`: any plan's JSON, by this project's rules and requirement."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from check_report.errors import InvalidInputError
from check_report.printable import shown_value
from config.environments import Environment, environments
from config.request import PROJECT_ROOT, Request, Target
from ops.command import Command
from ops.requirement import required_resources, requirement_of
from ops.resource_types import TYPES
from ops.review_context import Context, kept_for
from plan_review import cli
from plan_review.masking import as_list, as_object
from plan_review.model import Review
from plan_review.plan_file import STANDARD_INPUT
from plan_review.requirement import RequiredResource
from plan_review.review import review
from plan_review.rules import load_rules
from stacks.features import FEATURES, STATE_BACKEND, load_settings
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
    _require_own_plan(request, options.plan)

    def judged(plan: dict[str, Any], title: str, sha256: str) -> Review:
        kept = None if options.plan == STANDARD_INPUT else kept_for(Path(options.plan).parent, sha256)
        own = next((each for each in environments() if kept and each == kept.environment), None)
        settings = settings_of(plan, request.environment or own)
        context = kept if kept and settings and settings.environment == kept.environment else Context(title=title)
        return judge(plan, settings=settings, context=context, plan_sha256=sha256)

    return cli.run(options, judged, request.variables)


def _require_own_plan(request: Request, plan: str) -> None:
    """Require a plan's file, if it is one in this project's plans/. Raises InvalidInputError with what makes one."""
    try:
        Path(plan).stat()
    except FileNotFoundError:
        command = "" if plan == STANDARD_INPUT else _making(request, Path(plan).absolute())
        if command:
            message = f"{plan}: no such file; {command} makes a plan, and an apply removes it"
            raise InvalidInputError([message]) from None
    except (OSError, ValueError):
        # Whoever reads it says why it cannot be read.
        return


def _making(request: Request, file: Path) -> str:
    """Return the make command that makes a plan's file in this project's plans/; empty for a file elsewhere."""
    # Only an error needs it.
    from ops.workspace import PLANS, planning_command  # noqa: PLC0415

    if PLANS not in file.parents:
        return ""
    commands = {
        PLANS / target / feature.stack_name(environment): planning_command(
            feature, environment, target, request.product
        )
        for target in Target
        for environment in environments()
        for feature in (*FEATURES, STATE_BACKEND)
    }
    return commands.get(file.parent, "make plan")


def judge(plan: dict[str, Any], *, context: Context, settings: Settings | None, plan_sha256: str = "") -> Review:
    """Review a plan by the rules of `review.toml` as they are today, and by an environment's requirement.

    settings: None for another project's plan. plan_sha256: as `review` has it.
    Raises InvalidInputError if the rules are faulty.
    """
    today = datetime.now(UTC).date()
    found = review(
        plan,
        title=context.title,
        where=context.where,
        environment=settings.environment if settings else "",
        retains=settings is not None and settings.keeps_data,
        retention=context.retention,
        requirement=_requirement(plan, settings) if settings else (),
        facts=context.facts,
        configuration=context.configuration,
        rules=load_rules(RULES, today, environments()),
        today=today,
        plan_sha256=plan_sha256,
        writes_refresh=context.writes_refresh,
    )
    return replace(found, notes=(*found.notes, *context.notes))


def require_valid_files(settings: Settings) -> None:
    """Require that `review.toml` and `decisions.toml` have no error, before a plan is made that they would judge.

    Raises InvalidInputError with every error of the first that has one.
    """
    load_rules(RULES, datetime.now(UTC).date(), environments())
    # Of one feature is enough: the decisions are checked against every requirement.
    requirement_of(FEATURES[0], settings)


def settings_of(plan: Mapping[str, Any], environment: Environment | None) -> Settings | None:
    """Return the settings by which a plan is judged: those asked for, or those whose resources are in it.

    None for another project's plan. Of several environments that are in it, the one that has most to lose is taken.
    Raises InvalidInputError for faulty settings, by which a plan that is theirs would not be known, and if another
    environment is asked for than that.
    """
    asked = load_settings(environment) if environment else None
    own, faults = _settings_in(plan)
    if asked and own and asked.environment != own[-1].environment:
        named = [settings.environment for settings in own]
        message = (
            f"ENV = {shown_value(environment)}: the plan has resources of {' and '.join(named)}; leave ENV out, or "
            f"give ENV={named[-1]}"
        )
        raise InvalidInputError([message])
    if asked:
        return asked
    if faults and not (own and own[-1].serves_customers):
        raise InvalidInputError(faults)
    return own[-1] if own else None


def _settings_in(plan: Mapping[str, Any]) -> tuple[list[Settings], list[str]]:
    """Return the settings whose resources are in a plan, of most to lose last, and the errors of those not valid."""
    names = set(_names(plan))
    own: list[Settings] = []
    faults: list[str] = []
    for environment in environments():
        try:
            settings = load_settings(environment)
        except InvalidInputError as error:
            faults += error.faults
        else:
            own += [settings] if names & _own_names(settings) else []
    return sorted(own, key=lambda each: (each.serves_customers, each.holds_customer_data)), faults


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
        for type_, resources in requirement_of(feature, settings).resources.items()
        if TYPES[type_].holds
        for name in resources
    }


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
