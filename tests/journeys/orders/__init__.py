"""A second feature, as its authors would write it: queue, table, bucket, alarms, dashboard and access."""

from typing import Any

from stacks.feature import Feature
from stacks.settings import Settings

from .settings import OrdersSettings


def _requirement(settings: Settings) -> Any:
    from .requirement import requirement  # noqa: PLC0415

    return requirement(settings)


def _stack_class() -> Any:
    from .stack import OrdersStack  # noqa: PLC0415

    return OrdersStack


FEATURE = Feature(
    key="orders",
    stack="orders",
    settings_tables=(OrdersSettings,),
    requirement=_requirement,
    stack_class=_stack_class,
)
