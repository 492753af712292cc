"""The requirement's resources on AWS CDK, with the outputs that it asks for."""

import sys

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class Pipeline(Construct):
    """Queue, dead-letter queue, table, bucket and two alarms."""

    def __init__(self, scope: Construct, id_: str, *, suffix: str, retain_data: bool) -> None:
        """Make a pipeline; its names end in the suffix."""
        super().__init__(scope, id_)
        removal = RemovalPolicy.RETAIN if retain_data else RemovalPolicy.DESTROY
        dead_letters = sqs.Queue(
            self, "JobsDlq", queue_name=f"careervp-vpr-jobs-dlq-{suffix}", retention_period=Duration.days(14)
        )
        self.queue = sqs.Queue(
            self,
            "JobsQueue",
            queue_name=f"careervp-vpr-jobs-queue-{suffix}",
            visibility_timeout=Duration.seconds(660),
            receive_message_wait_time=Duration.seconds(20),
            retention_period=Duration.hours(4),
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=3, queue=dead_letters),
        )
        self.table = dynamodb.Table(
            self,
            "JobsTable",
            table_name=f"careervp-jobs-table-{suffix}",
            partition_key=dynamodb.Attribute(name="job_id", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="ttl",
            removal_policy=removal,
        )
        self.table.add_global_secondary_index(
            index_name="idempotency-key-index",
            partition_key=dynamodb.Attribute(name="idempotency_key", type=dynamodb.AttributeType.STRING),
            projection_type=dynamodb.ProjectionType.ALL,
        )
        self.bucket = s3.Bucket(
            self,
            "Results",
            bucket_name=f"careervp-{suffix}-vpr-results-us-east-1-0a1b2c",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=False,
            lifecycle_rules=[s3.LifecycleRule(id="DeleteOldResults", enabled=True, expiration=Duration.days(7))],
            removal_policy=removal,
            auto_delete_objects=not retain_data,
        )
        cloudwatch.Alarm(
            self,
            "DlqAlarm",
            alarm_name=f"careervp-vpr-dlq-alarm-{suffix}",
            metric=dead_letters.metric_approximate_number_of_messages_visible(),
            threshold=1,
            evaluation_periods=1,
            datapoints_to_alarm=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        worker = {"FunctionName": f"careervp-vpr-worker-lambda-{suffix}"}
        counts = {
            name: cloudwatch.Metric(
                namespace="AWS/Lambda", metric_name=name.capitalize(), dimensions_map=worker, statistic="Sum"
            )
            for name in ("errors", "invocations")
        }
        cloudwatch.Alarm(
            self,
            "WorkerErrorsAlarm",
            alarm_name=f"careervp-vpr-worker-errors-alarm-{suffix}",
            metric=cloudwatch.MathExpression(expression="100 * errors / invocations", using_metrics=counts),
            threshold=5,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


# CDK stops at 500 resources in a stack, as CloudFormation does, unless told otherwise.
app = App(context={"@aws-cdk/core:stackResourceLimit": 0})
if sys.argv[1].isdigit():
    growth = Stack(app, "growth")
    for number in range(int(sys.argv[1])):
        Pipeline(growth, f"Pipeline{number}", suffix=str(number), retain_data=True)
else:
    for environment in sys.argv[1:]:
        stack = Stack(app, f"vpr-async-{environment}")
        pipeline = Pipeline(stack, "Jobs", suffix=environment, retain_data=environment != "dev")
        CfnOutput(stack, "JobsQueueUrl", value=pipeline.queue.queue_url)
        CfnOutput(stack, "JobsTableName", value=pipeline.table.table_name)
        CfnOutput(stack, "ResultsBucketName", value=pipeline.bucket.bucket_name)
app.synth()
