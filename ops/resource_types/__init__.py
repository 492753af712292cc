"""The AWS resource types that the tools know, one file each; a new one is a file and a name here."""

from collections.abc import Mapping

from ops.resource_types import (
    cloudwatch_composite_alarm,
    cloudwatch_dashboard,
    cloudwatch_log_group,
    cloudwatch_metric_alarm,
    dynamodb_table,
    iam_policy,
    kms_alias,
    kms_key,
    lambda_event_source_mapping,
    s3_bucket,
    s3_bucket_cors_configuration,
    s3_bucket_lifecycle_configuration,
    s3_bucket_ownership_controls,
    s3_bucket_policy,
    s3_bucket_public_access_block,
    s3_bucket_server_side_encryption_configuration,
    s3_bucket_versioning,
    sns_topic,
    sns_topic_subscription,
    sqs_queue,
)
from ops.resource_types.interface import ResourceType

TYPES: Mapping[str, ResourceType] = {
    module.TYPE.name: module.TYPE
    for module in (
        sqs_queue,
        dynamodb_table,
        s3_bucket,
        s3_bucket_cors_configuration,
        s3_bucket_lifecycle_configuration,
        s3_bucket_ownership_controls,
        s3_bucket_policy,
        s3_bucket_public_access_block,
        s3_bucket_server_side_encryption_configuration,
        s3_bucket_versioning,
        cloudwatch_metric_alarm,
        sns_topic,
        sns_topic_subscription,
        iam_policy,
        cloudwatch_log_group,
        cloudwatch_composite_alarm,
        cloudwatch_dashboard,
        lambda_event_source_mapping,
        kms_key,
        kms_alias,
    )
}
"""The types by Terraform's names."""
