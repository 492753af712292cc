"""The bucket that holds the state of every stack of an environment, its own included."""

from typing import Any

from stacks.feature import Feature
from stacks.settings import Settings
from stacks.state_backend.requirement import requirement


def _add_stack(scope: Any, settings: Settings) -> Any:
    # The tools ask for all else, and are to start without cdktf.
    from stacks.state_backend.stack import StateBackendStack  # noqa: PLC0415

    return StateBackendStack(scope, FEATURE.stack_name(settings.environment), settings=settings)


FEATURE = Feature(
    key="state_backend",
    stack="state-backend",
    requirement=requirement,
    add_stack=_add_stack,
    holds_state=True,
)
