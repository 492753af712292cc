"""Private S3 buckets: one whose objects expire, and one that holds Terraform's state."""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from constructs_lib.account import Account
from constructs_lib.grants import Grant
from constructs_lib.policies import deny_insecure_transport, policy
from constructs_lib.validation import Checks

_MAX_DAYS = 2_147_483_647
INCOMPLETE_UPLOAD_DAYS = 1


class PrivateBucket(Construct):
    """A bucket that is encrypted with S3's own keys, private, TLS-only and without access lists."""

    def __init__(self, scope: Construct, id_: str, *, name: str, account: Account, retain_data: bool) -> None:
        """Make the bucket.

        retain_data: Terraform refuses every plan that would delete the bucket; without it a destroy takes the bucket
        with all that it holds.
        """
        super().__init__(scope, id_)
        self.name = name
        self.arn = account.bucket_arn(name)
        self.bucket = S3Bucket(
            self,
            "Bucket",
            bucket=name,
            force_destroy=not retain_data,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if retain_data else None,
        )
        # The attribute `bucket`, unlike `id`, is known when planning, and still says that the bucket comes first.
        bucket = self.bucket.bucket
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "Encryption",
            bucket=bucket,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=(
                        S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                            sse_algorithm="AES256"
                        )
                    )
                )
            ],
        )
        public_access = S3BucketPublicAccessBlock(
            self,
            "PublicAccess",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketOwnershipControls(
            self,
            "Ownership",
            bucket=bucket,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        S3BucketPolicy(
            self,
            "Policy",
            bucket=bucket,
            policy=policy(deny_insecure_transport(action="s3:*", resources=[self.arn, f"{self.arn}/*"])),
            # S3 refuses two changes of a bucket's access at the same time.
            depends_on=[public_access],
        )

    def read(self, prefix: str = "") -> Grant:
        """Return the grant to read objects: those under a prefix that ends in a slash, or all."""
        return self._objects(prefix, "s3:GetObject")

    def write(self, prefix: str = "") -> Grant:
        """Return the grant to write objects: those under a prefix that ends in a slash, or all."""
        return self._objects(prefix, "s3:PutObject")

    def _objects(self, prefix: str, *actions: str) -> Grant:
        return Grant(actions=actions, resource=f"{self.arn}/{prefix}*")


class ExpiringBucket(PrivateBucket):
    """A private bucket, without versions, whose objects expire."""

    def __init__(  # noqa: PLR0913 - each is a property of the bucket
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        account: Account,
        retain_data: bool,
        expiration_rule: str,
        expiration_days: int,
    ) -> None:
        """Make the bucket; name, account and retain_data are PrivateBucket's.

        expiration_rule: the id of the lifecycle rule that deletes objects.
        expiration_days: the age at which every object of the bucket goes, in days; at least 1.

        Uploads that were never completed are dropped after a day, for nobody sees or resumes them.
        Raises InvalidConstructError for a number of days that S3 refuses.
        """
        super().__init__(scope, id_, name=name, account=account, retain_data=retain_data)
        checks = Checks()
        checks.within("expiration_days", expiration_days, 1, _MAX_DAYS)
        checks.that(1 <= len(expiration_rule) <= 255, f'expiration_rule = "{expiration_rule}": 1 to 255 characters')  # noqa: PLR2004 - S3's limit
        checks.raise_faults(self)

        S3BucketLifecycleConfiguration(
            self,
            "Lifecycle",
            bucket=self.bucket.bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id=expiration_rule,
                    status="Enabled",
                    filter=_everything(),
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=expiration_days)],
                ),
                _abort_incomplete_uploads(),
            ],
        )


class StateBucket(PrivateBucket):
    """A private bucket for Terraform's state: every version is kept for a while, and no plan may delete it."""

    def __init__(self, scope: Construct, id_: str, *, name: str, account: Account, old_version_days: int) -> None:
        """Make the bucket; name and account are PrivateBucket's.

        old_version_days: how long a version of the state that was replaced or deleted can be had back; at least 1.

        Each state lock that is released leaves a marker of its deletion; those go too, when nothing is behind them.
        Raises InvalidConstructError for a number of days that S3 refuses.
        """
        super().__init__(scope, id_, name=name, account=account, retain_data=True)
        checks = Checks()
        checks.within("old_version_days", old_version_days, 1, _MAX_DAYS)
        checks.raise_faults(self)

        versioning = S3BucketVersioningA(
            self,
            "Versioning",
            bucket=self.bucket.bucket,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketLifecycleConfiguration(
            self,
            "Lifecycle",
            bucket=self.bucket.bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="ExpireOldVersions",
                    status="Enabled",
                    filter=_everything(),
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(noncurrent_days=old_version_days)
                    ],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(expired_object_delete_marker=True)],
                ),
                _abort_incomplete_uploads(),
            ],
            # Rules on versions mean nothing before there are any.
            depends_on=[versioning],
        )


def _everything() -> list[S3BucketLifecycleConfigurationRuleFilter]:
    return [S3BucketLifecycleConfigurationRuleFilter(prefix="")]


def _abort_incomplete_uploads() -> S3BucketLifecycleConfigurationRule:
    return S3BucketLifecycleConfigurationRule(
        id="AbortIncompleteUploads",
        status="Enabled",
        filter=_everything(),
        abort_incomplete_multipart_upload=[
            S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                days_after_initiation=INCOMPLETE_UPLOAD_DAYS
            )
        ],
    )
