"""The feature "orders" of dev on AWS CDK's L2, with alarms and dashboard of cdk-monitoring-constructs.

Its grants allow more than the feature needs: a table's include every index, a queue's include sqs:GetQueueUrl, a
bucket's include s3:GetObject*, s3:List* and s3:Abort*. The query of one index is a statement by hand.

Throttled reads and throttled writes of a table have an alarm each, so there are eight. The error rate is the average of
Lambda's Errors instead of metric maths.
"""

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_cloudwatch import TreatMissingData
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from cdk_monitoring_constructs import (
    AlarmFactoryDefaults,
    ErrorCountThreshold,
    ErrorRateThreshold,
    LatencyThreshold,
    MaxMessageAgeThreshold,
    MaxMessageCountThreshold,
    MonitoringFacade,
    SnsAlarmActionStrategy,
    ThrottledEventsThreshold,
)
from constructs import Construct


def name(type_: str) -> str:
    """Return the name of the feature's resource of a type."""
    return f"careervp-orders-{type_}-dev"


class OrdersStack(Stack):
    """The orders of dev."""

    def __init__(self, scope: Construct, id_: str) -> None:
        """Compose the stack."""
        super().__init__(scope, id_)
        dlq = sqs.Queue(
            self,
            "Dlq",
            queue_name=name("dlq"),
            retention_period=Duration.days(14),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # By ARN, because two queues that name each other are a cycle.
            redrive_allow_policy=sqs.RedriveAllowPolicy(
                source_queues=[
                    sqs.Queue.from_queue_arn(self, "Source", self.format_arn(service="sqs", resource=name("queue")))
                ]
            ),
        )
        queue = sqs.Queue(
            self,
            "Queue",
            queue_name=name("queue"),
            visibility_timeout=Duration.seconds(180),
            receive_message_wait_time=Duration.seconds(20),
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            dead_letter_queue=sqs.DeadLetterQueue(max_receive_count=3, queue=dlq),
        )
        created_at = dynamodb.Attribute(name="created_at", type=dynamodb.AttributeType.NUMBER)
        table = dynamodb.TableV2(
            self,
            "Table",
            table_name=name("table"),
            partition_key=dynamodb.Attribute(name="order_id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="line", type=dynamodb.AttributeType.NUMBER),
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name="customer-index",
                    partition_key=dynamodb.Attribute(name="customer_id", type=dynamodb.AttributeType.STRING),
                    sort_key=created_at,
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=["status", "total"],
                    max_read_request_units=100,
                )
            ],
            local_secondary_indexes=[
                dynamodb.LocalSecondaryIndexProps(
                    index_name="time-index", sort_key=created_at, projection_type=dynamodb.ProjectionType.KEYS_ONLY
                )
            ],
            billing=dynamodb.Billing.on_demand(max_write_request_units=1000),
            time_to_live_attribute="ttl",
            dynamo_stream=dynamodb.StreamViewType.NEW_IMAGE,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True, recovery_period_in_days=7
            ),
            deletion_protection=True,
        )
        bucket = s3.Bucket(
            self,
            "Archive",
            bucket_name="careervp-dev-orders-archive-us-east-1-0a1b2c",
            encryption=s3.BucketEncryption.S3_MANAGED,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            lifecycle_rules=[
                s3.LifecycleRule(id="AbortUploads", abort_incomplete_multipart_upload_after=Duration.days(1)),
                s3.LifecycleRule(id="ExpireExports", prefix="exports/", expiration=Duration.days(7)),
                s3.LifecycleRule(
                    id="KeepRawForAYear",
                    prefix="raw/",
                    transitions=[
                        s3.Transition(
                            storage_class=s3.StorageClass.GLACIER_INSTANT_RETRIEVAL, transition_after=Duration.days(30)
                        )
                    ],
                    expiration=Duration.days(365),
                ),
            ],
            cors=[s3.CorsRule(allowed_methods=[s3.HttpMethods.GET], allowed_origins=["https://app.example.com"])],
        )
        worker = lambda_.Function.from_function_name(self, "Worker", name("worker-lambda"))
        worker.add_event_source(SqsEventSource(queue, batch_size=1, max_concurrency=5, report_batch_item_failures=True))
        logs.LogGroup(
            self,
            "WorkerLogs",
            log_group_name=f"/aws/lambda/{name('worker-lambda')}",
            retention=logs.RetentionDays.ONE_MONTH,
        )
        submit = iam.ManagedPolicy(self, "Submit", managed_policy_name=name("submit-policy"))
        table.grant(submit, "dynamodb:PutItem", "dynamodb:UpdateItem")
        queue.grant_send_messages(submit)
        work = iam.ManagedPolicy(self, "Work", managed_policy_name=name("worker-policy"))
        queue.grant_consume_messages(work)
        table.grant(work, "dynamodb:GetItem", "dynamodb:UpdateItem")
        bucket.grant_put(work, "exports/*")
        status = iam.ManagedPolicy(self, "Status", managed_policy_name=name("status-policy"))
        table.grant(status, "dynamodb:GetItem")
        bucket.grant_read(status, "exports/*")
        customers = f"{table.table_arn}/index/customer-index"
        for policy in (submit, status):
            policy.add_statements(iam.PolicyStatement(actions=["dynamodb:Query"], resources=[customers]))

        alarms = iam.ServicePrincipal(
            "cloudwatch.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": self.account}}
        )
        key = kms.Key(self, "AlarmKey", alias=name("alarm-key"), enable_key_rotation=True)
        key.grant(alarms, "kms:Decrypt", "kms:GenerateDataKey*")
        topic = sns.Topic(self, "AlarmTopic", topic_name=name("alarm-topic"), master_key=key, enforce_ssl=True)
        topic.grant_publish(alarms)
        topic.add_subscription(subscriptions.EmailSubscription("operations@example.com"))

        quiet = TreatMissingData.NOT_BREACHING
        monitoring = MonitoringFacade(
            self,
            name("dashboard"),
            alarm_factory_defaults=AlarmFactoryDefaults(
                alarm_name_prefix="careervp-orders",
                actions_enabled=True,
                action=SnsAlarmActionStrategy(on_alarm_topic=topic, on_ok_topic=topic),
                evaluation_periods=1,
                datapoints_to_alarm=1,
            ),
        )
        monitoring.monitor_sqs_queue_with_dlq(
            queue=queue,
            dead_letter_queue=dlq,
            add_queue_max_size_alarm={
                "Warning": MaxMessageCountThreshold(
                    max_message_count=100, alarm_name_override=name("depth-alarm"), treat_missing_data_override=quiet
                )
            },
            add_queue_max_message_age_alarm={
                "Warning": MaxMessageAgeThreshold(
                    max_age_in_seconds=900, alarm_name_override=name("age-alarm"), treat_missing_data_override=quiet
                )
            },
            add_dead_letter_queue_max_size_alarm={
                "Warning": MaxMessageCountThreshold(
                    max_message_count=0, alarm_name_override=name("dlq-alarm"), treat_missing_data_override=quiet
                )
            },
        )
        monitoring.monitor_lambda_function(
            lambda_function=worker,
            add_fault_rate_alarm={
                "Warning": ErrorRateThreshold(max_error_rate=0.05, alarm_name_override=name("worker-errors-alarm"))
            },
            add_throttles_count_alarm={
                "Warning": ErrorCountThreshold(max_error_count=0, alarm_name_override=name("worker-throttles-alarm"))
            },
            add_latency_p99_alarm={
                "Warning": LatencyThreshold(
                    max_latency=Duration.seconds(24), alarm_name_override=name("worker-duration-alarm")
                )
            },
        )
        monitoring.monitor_dynamo_table(
            table=table,
            add_read_throttled_events_count_alarm={
                "Warning": ThrottledEventsThreshold(
                    max_throttled_events_threshold=0, alarm_name_override=name("table-read-throttles-alarm")
                )
            },
            add_write_throttled_events_count_alarm={
                "Warning": ThrottledEventsThreshold(
                    max_throttled_events_threshold=0, alarm_name_override=name("table-write-throttles-alarm")
                )
            },
        )
        monitoring.create_alarm_factory("orders").add_composite_alarm(
            monitoring.created_alarms(), disambiguator="Warning", alarm_name_override=name("unhealthy-alarm")
        )


app = App()
OrdersStack(app, "orders-dev")
app.synth()
