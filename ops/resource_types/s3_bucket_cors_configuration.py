"""CORS configurations of S3 buckets."""

from ops.resource_types import s3_bucket
from ops.resource_types.interface import ResourceType

TYPE = ResourceType(
    name="aws_s3_bucket_cors_configuration",
    find=s3_bucket.part("get_bucket_cors"),
    part_of=("aws_s3_bucket", "cors"),
)
