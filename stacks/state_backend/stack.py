"""The stack of the state bucket."""

from constructs import Construct

from constructs_lib.bucket import Bucket
from constructs_lib.lifecycle import ExpireOldVersions
from stacks.environment import EnvironmentStack
from stacks.settings import Settings


class StateBackendStack(EnvironmentStack):
    """One environment's state bucket; `make bootstrap` deploys it, before there is a bucket to hold its state."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        """Compose the stack `name`."""
        super().__init__(scope, name, settings=settings, feature="terraform-state")
        # Each state lock that is released leaves a deletion marker, which this rule deletes too.
        Bucket(
            self,
            "State",
            name=settings.state_bucket,
            account=self.account,
            rules=[ExpireOldVersions(days=90)],
            versioned=True,
        )
