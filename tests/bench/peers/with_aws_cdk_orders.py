"""The feature "orders" of dev on AWS CDK's L2.

Its grants allow more than the feature needs: a table's include every index, a queue's include sqs:GetQueueUrl, a
bucket's include s3:GetObject*, s3:List* and s3:Abort*. The query of one index is a statement by hand.
"""

from aws_cdk import App, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as cloudwatch_actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
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

        depth = queue.metric_approximate_number_of_messages_visible()
        age = queue.metric_approximate_age_of_oldest_message()
        dead = dlq.metric_approximate_number_of_messages_visible()
        errors = cloudwatch.MathExpression(
            expression="100 * errors / invocations",
            using_metrics={"errors": worker.metric_errors(), "invocations": worker.metric_invocations()},
            label="Failed invocations (%)",
        )
        throttles = worker.metric_throttles()
        duration = worker.metric_duration(statistic="p99")
        events = {
            each: table.metric(f"{each.capitalize()}ThrottleEvents", statistic="Sum") for each in ("read", "write")
        }
        table_throttles = cloudwatch.MathExpression(
            expression="FILL(read, 0) + FILL(write, 0)", using_metrics=events, label="Throttled reads and writes"
        )
        above = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
        at_least = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
        raised = [
            cloudwatch.Alarm(
                self,
                f"Alarm-{type_}",
                alarm_name=name(f"{type_}-alarm"),
                metric=metric,
                threshold=threshold,
                comparison_operator=comparison,
                evaluation_periods=1,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
            for type_, metric, comparison, threshold in (
                ("dlq", dead, at_least, 1),
                ("depth", depth, above, 100),
                ("age", age, above, 900),
                ("worker-errors", errors, above, 5),
                ("worker-throttles", throttles, at_least, 1),
                ("worker-duration", duration, above, 24_000),
                ("table-throttles", table_throttles, at_least, 1),
            )
        ]
        unhealthy = cloudwatch.CompositeAlarm(
            self,
            "Unhealthy",
            composite_alarm_name=name("unhealthy-alarm"),
            alarm_rule=cloudwatch.AlarmRule.any_of(*raised),
        )
        for alarm in (*raised, unhealthy):
            alarm.add_alarm_action(cloudwatch_actions.SnsAction(topic))
            alarm.add_ok_action(cloudwatch_actions.SnsAction(topic))
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=name("dashboard"),
            widgets=[
                [cloudwatch.GraphWidget(left=[metric]) for metric in row]
                for row in ((depth, age, dead), (errors, duration, throttles), (table_throttles,))
            ],
        )


app = App()
OrdersStack(app, "orders-dev")
app.synth()
