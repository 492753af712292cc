"""The feature's stack."""

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from constructs import Construct

from constructs_lib.alarms import MetricAlarm
from constructs_lib.bucket import Bucket
from constructs_lib.grants import ManagedPolicy
from constructs_lib.lifecycle import Expire
from constructs_lib.metrics import queue_depth
from constructs_lib.queue import DeadLetters, Queue
from constructs_lib.table import GlobalIndex, Key, LocalIndex, Projection, StreamView, Table
from stacks.environment import EnvironmentStack
from stacks.settings import Settings


class OrdersStack(EnvironmentStack):
    """One environment's orders."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        """Compose the stack `name`."""
        super().__init__(scope, name, settings=settings, feature="orders")
        environment, region = settings.environment, settings.region
        orders = Queue(
            self,
            "Orders",
            name=f"careervp-orders-queue-{environment}",
            account=self.account,
            dead_letters=DeadLetters(name=f"careervp-orders-dlq-{environment}"),
            consumer_timeout_seconds=settings.features["orders"].consumer_timeout_seconds,
            visibility_timeout_seconds=90,
        )
        Table(
            self,
            "Table",
            name=f"careervp-orders-table-{environment}",
            account=self.account,
            partition_key=Key.string("order_id"),
            sort_key=Key.number("line"),
            global_indexes=[
                GlobalIndex(
                    name="customer-index",
                    partition_key=Key.string("customer_id"),
                    sort_key=Key.number("created_at"),
                    projection=Projection.include("status", "total"),
                    max_read_request_units=100,
                )
            ],
            local_indexes=[
                LocalIndex(name="time-index", sort_key=Key.number("created_at"), projection=Projection.keys_only())
            ],
            ttl_attribute="ttl",
            stream=StreamView.NEW_IMAGE,
            max_write_request_units=1000,
            recovery_days=7 if settings.retains_data else None,
            retain_data=settings.retains_data,
        )
        Bucket(
            self,
            "Archive",
            name=f"careervp-{environment}-orders-archive-{region}-0a1b2c",
            account=self.account,
            rules=[Expire(id="DeleteOldOrders", days=30)],
            retain_data=settings.retains_data,
        )
        for id_, queue, threshold in (("DlqAlarm", orders.dead_letter_queue, 1), ("DepthAlarm", orders.queue, 10)):
            MetricAlarm(
                self,
                id_,
                name=f"careervp-orders-{'dlq' if id_ == 'DlqAlarm' else 'depth'}-alarm-{environment}",
                description="Orders wait.",
                condition=queue_depth(queue.name).at_least(threshold),
            )
        CloudwatchLogGroup(
            self, "Logs", name=f"/aws/lambda/careervp-orders-submit-lambda-{environment}", retention_in_days=30
        )
        ManagedPolicy(
            self, "Submit", name=f"careervp-orders-submit-policy-{environment}", grants={"SendOrders": orders.send()}
        )
