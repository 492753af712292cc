"""The base of every stack of an environment: its state, its account and its tags."""

from cdktf import S3Backend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from constructs import Construct

from constructs_lib.account import Account
from stacks.feature import PROJECT, state_key
from stacks.settings import Settings


class EnvironmentStack(TerraformStack):
    """A stack in the environment's account and region, with its state in the environment's state bucket."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings, feature: str) -> None:
        """Begin the stack `name`, whose constructs are made in its `account`.

        feature: the value of the tag Feature.
        """
        super().__init__(scope, name)
        self.account = Account(id=settings.account_id, region=settings.region)
        S3Backend(
            self,
            bucket=settings.state_bucket,
            key=state_key(name),
            region=settings.region,
            encrypt=True,
        )
        # cdktf 0.21 does not know these two: the lock is Terraform's own, and a foreign account's state is refused.
        self.add_override("terraform.backend.s3.use_lockfile", True)  # noqa: FBT003 - jsii takes it by position
        self.add_override("terraform.backend.s3.allowed_account_ids", [settings.account_id])
        tags = {
            **settings.tags,
            "Project": PROJECT,
            "Feature": feature,
            "Environment": settings.environment,
            "ManagedBy": "terraform",
        }
        AwsProvider(
            self,
            "Aws",
            region=settings.region,
            allowed_account_ids=[settings.account_id],
            default_tags=[AwsProviderDefaultTags(tags=tags)],
        )
