"""The requirement's resources on CDK Terrain, with the outputs that it asks for."""

import json
import sys

from cdktn import App, TerraformOutput, TerraformResourceLifecycle, TerraformStack
from cdktn_provider_aws.cloudwatch_metric_alarm import (
    CloudwatchMetricAlarm,
    CloudwatchMetricAlarmMetricQuery,
    CloudwatchMetricAlarmMetricQueryMetric,
)
from cdktn_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTableGlobalSecondaryIndex,
    DynamodbTableTtl,
)
from cdktn_provider_aws.provider import AwsProvider
from cdktn_provider_aws.s3_bucket import S3Bucket
from cdktn_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
)
from cdktn_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktn_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktn_provider_aws.sqs_queue import SqsQueue
from constructs import Construct


class Pipeline(Construct):
    """Queue, dead-letter queue, table, bucket and two alarms."""

    def __init__(self, scope: Construct, id_: str, *, suffix: str, retain_data: bool) -> None:
        """Make a pipeline; its names end in the suffix."""
        super().__init__(scope, id_)
        lifecycle = TerraformResourceLifecycle(prevent_destroy=True) if retain_data else None
        dead_letters = SqsQueue(
            self, "JobsDlq", name=f"careervp-vpr-jobs-dlq-{suffix}", message_retention_seconds=14 * 24 * 60 * 60
        )
        self.queue = SqsQueue(
            self,
            "JobsQueue",
            name=f"careervp-vpr-jobs-queue-{suffix}",
            visibility_timeout_seconds=660,
            receive_wait_time_seconds=20,
            message_retention_seconds=4 * 60 * 60,
            redrive_policy=json.dumps({"deadLetterTargetArn": dead_letters.arn, "maxReceiveCount": 3}),
        )
        self.table = DynamodbTable(
            self,
            "JobsTable",
            name=f"careervp-jobs-table-{suffix}",
            billing_mode="PAY_PER_REQUEST",
            hash_key="job_id",
            attribute=[DynamodbTableAttribute(name=name, type="S") for name in ("job_id", "idempotency_key")],
            global_secondary_index=[
                DynamodbTableGlobalSecondaryIndex(
                    name="idempotency-key-index", hash_key="idempotency_key", projection_type="ALL"
                )
            ],
            ttl=DynamodbTableTtl(attribute_name="ttl", enabled=True),
            lifecycle=lifecycle,
        )
        self.bucket = S3Bucket(
            self,
            "Results",
            bucket=f"careervp-{suffix}-vpr-results-us-east-1-0a1b2c",
            force_destroy=not retain_data,
            lifecycle=lifecycle,
        )
        bucket = self.bucket.bucket
        by_default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="AES256"
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "Encryption",
            bucket=bucket,
            rule=[S3BucketServerSideEncryptionConfigurationRuleA(apply_server_side_encryption_by_default=by_default)],
        )
        S3BucketPublicAccessBlock(
            self,
            "PublicAccess",
            bucket=bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        S3BucketLifecycleConfiguration(
            self,
            "Lifecycle",
            bucket=bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="DeleteOldResults",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter()],
                    expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=7)],
                )
            ],
        )
        CloudwatchMetricAlarm(
            self,
            "DlqAlarm",
            alarm_name=f"careervp-vpr-dlq-alarm-{suffix}",
            namespace="AWS/SQS",
            metric_name="ApproximateNumberOfMessagesVisible",
            dimensions={"QueueName": dead_letters.name},
            statistic="Maximum",
            period=300,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            threshold=1,
            treat_missing_data="notBreaching",
        )
        worker = {"FunctionName": f"careervp-vpr-worker-lambda-{suffix}"}
        CloudwatchMetricAlarm(
            self,
            "WorkerErrorsAlarm",
            alarm_name=f"careervp-vpr-worker-errors-alarm-{suffix}",
            metric_query=[
                CloudwatchMetricAlarmMetricQuery(
                    id="error_rate", expression="100 * errors / invocations", return_data=True
                ),
                *(
                    CloudwatchMetricAlarmMetricQuery(
                        id=name,
                        metric=CloudwatchMetricAlarmMetricQueryMetric(
                            namespace="AWS/Lambda",
                            metric_name=name.capitalize(),
                            dimensions=worker,
                            stat="Sum",
                            period=300,
                        ),
                    )
                    for name in ("errors", "invocations")
                ),
            ],
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=5,
            treat_missing_data="notBreaching",
        )


app = App()
if sys.argv[1].isdigit():
    growth = TerraformStack(app, "growth")
    AwsProvider(growth, "Aws", region="us-east-1")
    for number in range(int(sys.argv[1])):
        Pipeline(growth, f"Pipeline{number}", suffix=str(number), retain_data=True)
else:
    for environment in sys.argv[1:]:
        stack = TerraformStack(app, f"vpr-async-{environment}")
        AwsProvider(stack, "Aws", region="us-east-1")
        pipeline = Pipeline(stack, "Jobs", suffix=environment, retain_data=environment != "dev")
        TerraformOutput(stack, "jobs_queue_url", value=pipeline.queue.url)
        TerraformOutput(stack, "jobs_table_name", value=pipeline.table.name)
        TerraformOutput(stack, "results_bucket_name", value=pipeline.bucket.bucket)
app.synth()
