"""Names that the settings of all environments declare."""

from collections.abc import Mapping

from check_report.errors import InvalidInputError
from config.environments import Environment, environments
from ops.requirement import stated_requirements
from stacks.features import load_settings
from stacks.settings import Settings

Others = Mapping[Environment, Settings | None]
"""The settings of the other environments; None for those that cannot be read."""


def other_environments(settings: Settings) -> Others:
    """Return the settings of every environment but one."""
    found: dict[Environment, Settings | None] = {}
    for environment in environments():
        if environment != settings.environment:
            try:
                found[environment] = load_settings(environment)
            except InvalidInputError:
                found[environment] = None
    return found


def declared_names(settings: Settings, type_: str) -> frozenset[str]:
    """Return the names of a type's resources that an environment's features make, refer to or presuppose."""
    return frozenset(
        name.rpartition(":")[2]
        for requirement in stated_requirements(settings)
        for resources in (requirement.resources, requirement.used, requirement.prerequisites)
        for name in resources.get(type_, ())
    )
