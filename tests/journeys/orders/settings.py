"""The feature's table in a settings file."""

import attrs

from stacks.settings import FunctionTimeoutSeconds


@attrs.frozen(kw_only=True)
class OrdersSettings:
    """The feature's settings in one environment."""

    worker_timeout_seconds: FunctionTimeoutSeconds
