"""The bucket that holds the state of every stack of an environment, its own included."""

from typing import Any

from stacks.feature import Feature
from stacks.settings import Settings


def _requirement(settings: Settings) -> Any:
    from stacks.state_backend.requirement import requirement  # noqa: PLC0415

    return requirement(settings)


def _stack_class() -> Any:
    from stacks.state_backend.stack import StateBackendStack  # noqa: PLC0415

    return StateBackendStack


FEATURE = Feature(
    key="state_backend",
    stack="state-backend",
    requirement=_requirement,
    stack_class=_stack_class,
    holds_state=True,
)
