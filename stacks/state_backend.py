"""The bucket that holds the state of every stack of an environment, its own included."""

from constructs import Construct

from config.settings import Settings
from constructs_lib.bucket import StateBucket
from stacks.environment import EnvironmentStack


class StateBackendStack(EnvironmentStack):
    """One environment's state bucket; `make bootstrap` deploys it, before there is a bucket to hold its state."""

    def __init__(self, scope: Construct, *, settings: Settings) -> None:
        """Compose the stack `state-backend-<environment>`."""
        super().__init__(scope, settings.names.state_backend_stack, settings=settings, feature="terraform-state")
        StateBucket(self, "State", name=settings.state_bucket, region=settings.region, old_version_days=90)
