"""The feature "orders" of dev on this project's constructs, without the project's other stacks."""

import cdktf_lean  # noqa: F401 # pyright: ignore[reportUnusedImport] - first: what comes after it loads faster

# isort: split

import attrs
from cdktf import App

from config.environments import Environment
from stacks.features import load_settings
from stacks.settings import DataProtection, FunctionTimeoutSeconds
from tests.journeys.orders.settings import OrdersSettings
from tests.journeys.orders.stack import OrdersStack

settings = attrs.evolve(
    load_settings(Environment("dev")),
    # Recovery and deletion protection, as every peer's program has them.
    data_protection=DataProtection.RETAIN,
    features={"orders": OrdersSettings(worker_timeout_seconds=FunctionTimeoutSeconds(30))},
)
app = App()
OrdersStack(app, "orders-dev", settings=settings)
app.synth()
