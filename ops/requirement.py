"""A feature's requirement as a review checks it against a plan, resource by resource."""

from collections.abc import Iterator

from ops.resource_types import TYPES
from plan_review.requirement import RequiredResource
from stacks.feature import Feature
from stacks.settings import Settings


def required_resources(feature: Feature, settings: Settings) -> Iterator[RequiredResource]:
    """Yield each resource that the feature's stack must have, with its properties."""
    requirement = feature.requirement(settings)
    for type_, resources in requirement.resources.items():
        in_plan = TYPES[type_].in_plan
        assert in_plan, type_
        for name, expected in resources.items():
            properties = {**requirement.in_plans.get(type_, {}).get(name, {}), **in_plan(expected)}
            if "tags" in expected:
                properties["Tags"] = dict(expected["tags"]["tags"].members)
            yield RequiredResource(type=type_, name=name, properties=properties)
