"""A second feature, as its authors would write it: a queue, a table, a bucket, two alarms, a policy and a log group."""

from typing import Any

from stacks.feature import Feature
from stacks.settings import Settings

from .requirement import requirement
from .settings import OrdersSettings


def _add_stack(scope: Any, settings: Settings) -> Any:
    from .stack import OrdersStack  # noqa: PLC0415

    return OrdersStack(scope, FEATURE.stack_name(settings.environment), settings=settings)


FEATURE = Feature(
    key="orders",
    stack="orders",
    settings_tables=(OrdersSettings,),
    requirement=requirement,
    add_stack=_add_stack,
)
