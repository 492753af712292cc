"""What is expected of a resource in a plan, in the words of the plan review."""

from collections.abc import Mapping
from typing import Any

from ops.resource_types import TYPES
from stacks.requirement import Requirement


def planned_properties(requirement: Requirement, type_: str, name: str) -> Mapping[str, Any]:
    """Return what a requirement expects of one of its resources in a plan."""
    expected = requirement.resources[type_][name]
    in_plan = TYPES[type_].in_plan
    assert in_plan, type_
    properties = {**requirement.in_plans.get(type_, {}).get(name, {}), **in_plan(expected)}
    if "tags" in expected:
        properties["Tags"] = dict(expected["tags"]["tags"].members)
    return properties
