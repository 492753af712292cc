"""Requirements with what was decided against them: the one place from which every command has them."""

from collections import defaultdict
from collections.abc import Iterator

from check_report.errors import InvalidInputError
from config.environments import environments
from ops import decisions
from ops.planned_properties import planned_properties
from plan_review.decisions import Decided
from plan_review.requirement import RequiredResource
from stacks.feature import Feature
from stacks.features import FEATURES, STATE_BACKEND, load_settings
from stacks.requirement import DecidedPart, DecidedValue, Requirement
from stacks.settings import Settings


def requirement_of(feature: Feature, settings: Settings) -> Requirement:
    """Return a feature's requirement in one environment, as `decisions.toml` has it.

    Raises InvalidInputError with every error of the file.
    """
    stated = feature.requirement(settings)
    if decided := decisions.load():
        others, are_all = _stated_anywhere(settings)
        decisions.require_known(decided, [stated, *others], are_all=are_all)
        return decisions.applied(stated, decided)
    return stated


def _stated_anywhere(settings: Settings) -> tuple[list[Requirement], bool]:
    """Return what every feature requires in every environment whose settings can be read; False if one's cannot."""
    every = [settings]
    are_all = True
    for environment in environments():
        try:
            every.append(load_settings(environment))
        except InvalidInputError:
            # The command on that environment names the errors.
            are_all = False
    return [requirement for each in every for requirement in stated_requirements(each)], are_all


def stated_requirements(settings: Settings) -> list[Requirement]:
    """Return what every feature requires of an environment, without decisions: none of them changes a name."""
    return [feature.requirement(settings) for feature in (*FEATURES, STATE_BACKEND)]


def required_resources(feature: Feature, settings: Settings) -> Iterator[RequiredResource]:
    """Yield each resource that the feature's stack must have, with its properties."""
    requirement = requirement_of(feature, settings)
    for type_, resources in requirement.resources.items():
        for name in resources:
            decided: dict[str, list[Decided]] = defaultdict(list)
            for each in requirement.decided:
                if (each.type, each.name) == (type_, name):
                    for part in each.planned:
                        decided[part.property].append(as_decided(each, part))
            yield RequiredResource(
                type=type_, name=name, properties=planned_properties(requirement, type_, name), decided=dict(decided)
            )


def as_decided(decided: DecidedValue, part: DecidedPart) -> Decided:
    """Return one part of a decision as those compare it who have its words."""
    return Decided(
        path=part.path,
        value=part.value,
        required=part.required,
        reason=decided.reason,
        until=decided.until,
        is_expired=decided.is_expired,
    )
