"""The stack of the state bucket."""

from constructs import Construct

from constructs_lib.bucket import StateBucket
from stacks.environment import EnvironmentStack
from stacks.settings import Settings


class StateBackendStack(EnvironmentStack):
    """One environment's state bucket; `make bootstrap` deploys it, before there is a bucket to hold its state."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        """Compose the stack `name`."""
        super().__init__(scope, name, settings=settings, feature="terraform-state")
        StateBucket(self, "State", name=settings.state_bucket, account=self.account, old_version_days=90)
