"""The feature's stack."""

from constructs import Construct

from constructs_lib.alarms import MetricAlarm
from constructs_lib.bucket import Bucket, Cors
from constructs_lib.composite_alarm import CompositeAlarm
from constructs_lib.dashboard import Dashboard, ShownFunction, ShownQueue, ShownTable
from constructs_lib.function import FunctionLogs, QueueConsumer
from constructs_lib.grants import ManagedPolicy
from constructs_lib.key import AlarmKey
from constructs_lib.lifecycle import Expire, StorageClass, Transition
from constructs_lib.metrics import (
    function_duration,
    function_error_rate,
    function_throttles,
    oldest_message_age,
    queue_depth,
    table_throttles,
)
from constructs_lib.queue import DeadLetters, Queue
from constructs_lib.table import GlobalIndex, Key, LocalIndex, Projection, StreamView, Table
from constructs_lib.topic import AlarmTopic, Subscription
from stacks.environment import EnvironmentStack
from stacks.settings import Settings

BY_CUSTOMER = "customer-index"
CREATED_AT = Key.number("created_at")
TEAM = Subscription.email("orders@example.com")


class OrdersStack(EnvironmentStack):
    """One environment's orders."""

    def __init__(self, scope: Construct, name: str, *, settings: Settings) -> None:
        """Compose the stack `name`."""
        super().__init__(scope, name, settings=settings, feature="orders")
        environment, account, retain_data = settings.environment, self.account, settings.retains_data
        timeout_seconds = settings.features["orders"].worker_timeout_seconds

        def named(type_: str) -> str:
            return f"careervp-orders-{type_}-{environment}"

        queue = Queue(
            self,
            "Queue",
            name=named("queue"),
            account=account,
            dead_letters=DeadLetters(name=named("dlq")),
            consumer_timeout_seconds=timeout_seconds,
        )
        table = Table(
            self,
            "Table",
            name=named("table"),
            account=account,
            partition_key=Key.string("order_id"),
            sort_key=Key.number("line"),
            global_indexes=[
                GlobalIndex(
                    name=BY_CUSTOMER,
                    partition_key=Key.string("customer_id"),
                    sort_key=CREATED_AT,
                    projection=Projection.include("status", "total"),
                    max_read_request_units=100,
                )
            ],
            local_indexes=[LocalIndex(name="time-index", sort_key=CREATED_AT, projection=Projection.keys_only())],
            ttl_attribute="ttl",
            stream=StreamView.NEW_IMAGE,
            max_write_request_units=1000,
            recovery_days=7 if retain_data else None,
            retain_data=retain_data,
        )
        archive = Bucket(
            self,
            "Archive",
            name=f"careervp-{environment}-orders-archive-{account.region}-0a1b2c",
            account=account,
            rules=[
                Expire(prefix="exports/", days=7),
                Transition(prefix="raw/", days=30, storage_class=StorageClass.GLACIER_IR),
                Expire(prefix="raw/", days=365),
            ],
            kept_prefixes=["templates/"],
            cors=[Cors(origins=["https://app.example.com"], methods=["GET"])],
            retain_data=retain_data,
        )
        worker = named("worker-lambda")
        QueueConsumer(self, "Worker", queue=queue, function_name=worker, max_concurrency=5)
        logs = FunctionLogs(self, "WorkerLogs", function_name=worker, account=account)
        key = AlarmKey(self, "AlarmKey", alias=f"alias/{named('alarm-key')}", account=account)
        topic = AlarmTopic(
            self, "AlarmTopic", name=named("alarm-topic"), account=account, subscriptions=[TEAM], key_arn=key.arn
        )
        conditions = {
            "dlq": queue_depth(named("dlq")).at_least(1),
            "depth": queue_depth(queue.name).above(100),
            "age": oldest_message_age(queue.name).above(900),
            "errors": function_error_rate(worker).above(5),
            "throttles": function_throttles(worker).at_least(1),
            "duration": function_duration(worker).near_timeout(seconds=timeout_seconds),
            "table": table_throttles(table.name, indexes=[BY_CUSTOMER]).at_least(1),
        }
        alarms = [
            MetricAlarm(self, each, name=named(f"{each}-alarm"), condition=condition, actions=[topic.arn])
            for each, condition in conditions.items()
        ]
        CompositeAlarm(self, "Unhealthy", name=named("unhealthy-alarm"), any_of=alarms, actions=[topic.arn])
        Dashboard(
            self,
            "Dashboard",
            name=named("dashboard"),
            account=account,
            queues=[ShownQueue(queue.name, named("dlq"))],
            functions=[ShownFunction(worker, timeout_seconds)],
            tables=[ShownTable(table.name, [BY_CUSTOMER])],
            conditions=[*conditions.values()],
        )
        handlers = {
            "submit": {
                "PutOrders": table.put() | table.update(),
                "FindOrders": table.query(BY_CUSTOMER),
                "SendOrders": queue.send(),
            },
            "worker": {
                "TakeOrders": queue.consume(),
                "UpdateOrders": table.get() | table.update(),
                "WriteExports": archive.write("exports/"),
                "WriteLogs": logs.write(),
            },
            "status": {
                "ReadOrders": table.get(),
                "FindOrders": table.query(BY_CUSTOMER),
                "ReadExports": archive.read("exports/"),
            },
        }
        for handler, grants in handlers.items():
            ManagedPolicy(self, f"{handler}Policy", name=named(f"{handler}-policy"), grants=grants)
