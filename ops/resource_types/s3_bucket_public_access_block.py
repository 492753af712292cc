"""Public access blocks of S3 buckets."""

from ops.resource_types import s3_bucket
from ops.resource_types.interface import ResourceType

TYPE = ResourceType(
    name="aws_s3_bucket_public_access_block",
    find=s3_bucket.part("get_public_access_block"),
    part_of=("aws_s3_bucket", "publicaccessblock"),
)
