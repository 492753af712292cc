"""Lifecycle configurations of S3 buckets."""

from ops.resource_types import s3_bucket
from ops.resource_types.interface import ProviderWait, ResourceType

TYPE = ResourceType(
    name="aws_s3_bucket_lifecycle_configuration",
    find=s3_bucket.part("get_bucket_lifecycle_configuration"),
    part_of=("aws_s3_bucket", "lifecycle rule"),
    # 10 s, then until it has read the rules ten times, every 5 s: waitLifecycleConfigEquals in the provider's
    # internal/service/s3/bucket_lifecycle_configuration.go, as of 5.100.0.
    wait=ProviderWait(seconds=55, what="bucket's lifecycle rules"),
)
