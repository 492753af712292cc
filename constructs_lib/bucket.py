"""A private S3 bucket whose objects expire."""

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
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
from constructs import Construct

from constructs_lib.policies import bucket_arn, deny_insecure_transport, policy
from constructs_lib.validation import Checks

_MAX_DAYS = 2_147_483_647
INCOMPLETE_UPLOAD_DAYS = 1


class ExpiringBucket(Construct):
    """A bucket that is encrypted with S3's own keys, private, TLS-only and without access lists or versions."""

    def __init__(  # noqa: PLR0913 - each is a property of the bucket
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        region: str,
        retain_data: bool,
        expiration_rule: str,
        expiration_days: int,
    ) -> None:
        """Make the bucket.

        region: where the provider makes it; only the ARN's partition depends on it.
        retain_data: Terraform refuses every plan that would delete the bucket; without it a destroy takes the bucket
        with all that it holds.
        expiration_rule: the id of the lifecycle rule that deletes objects.
        expiration_days: the age at which every object of the bucket goes, in days; at least 1.

        Uploads that were never completed are dropped after a day, for nobody sees or resumes them.
        Raises InvalidConstructError for a number of days that S3 refuses.
        """
        super().__init__(scope, id_)
        checks = Checks()
        checks.within("expiration_days", expiration_days, 1, _MAX_DAYS)
        checks.that(1 <= len(expiration_rule) <= 255, f'expiration_rule = "{expiration_rule}": 1 to 255 characters')  # noqa: PLR2004 - S3's limit
        checks.raise_faults(self)

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
        arn = bucket_arn(name=name, region=region)
        S3BucketPolicy(
            self,
            "Policy",
            bucket=bucket,
            policy=policy(deny_insecure_transport(action="s3:*", resources=[arn, f"{arn}/*"])),
            # S3 refuses two changes of a bucket's access at the same time.
            depends_on=[public_access],
        )
        everything = [S3BucketLifecycleConfigurationRuleFilter(prefix="")]
        S3BucketLifecycleConfiguration(
            self,
            "Lifecycle",
            bucket=bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id=expiration_rule,
                    status="Enabled",
                    filter=everything,
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=expiration_days)],
                ),
                S3BucketLifecycleConfigurationRule(
                    id="AbortIncompleteUploads",
                    status="Enabled",
                    filter=everything,
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=INCOMPLETE_UPLOAD_DAYS
                        )
                    ],
                ),
            ],
        )
