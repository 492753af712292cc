"""The feature's requirement: every expected value, by hand, in the words of AWS's answers."""

from collections.abc import Mapping
from typing import Any

from stacks.requirement import (
    ABORTED_UPLOADS,
    Document,
    Expected,
    Members,
    Requirement,
    Statements,
    arn,
    deny_insecure_transport,
    private_bucket,
    tags,
)
from stacks.settings import Settings

INDEX = "customer-index"


def requirement(settings: Settings) -> Requirement:
    """Return what is required of one environment."""
    environment = settings.environment
    names = {
        each: f"careervp-orders-{each}-{environment}"
        for each in ("queue", "dlq", "table", "worker-lambda", "alarm-topic", "alarm-key", "dashboard")
    }
    bucket = f"careervp-{environment}-orders-archive-{settings.region}-0a1b2c"
    alias, mapping = f"alias/{names['alarm-key']}", f"{names['queue']}/{names['worker-lambda']}"
    resources: dict[str, Mapping[str, Expected]] = {
        "aws_sqs_queue": _queues(settings, names),
        "aws_dynamodb_table": {names["table"]: _table(settings)},
        "aws_s3_bucket": {bucket: _bucket(settings, bucket)},
        "aws_cloudwatch_metric_alarm": _alarms(settings, names),
        "aws_cloudwatch_composite_alarm": {
            f"careervp-orders-unhealthy-alarm-{environment}": {
                "description": {
                    "AlarmRule": " OR ".join(f'ALARM("{each}")' for each in _alarms(settings, names)),
                    "ActionsEnabled": True,
                    "AlarmActions": [arn(settings, "sns", names["alarm-topic"])],
                    "OKActions": [arn(settings, "sns", names["alarm-topic"])],
                    "StateValue": "not ALARM",
                }
            }
        },
        "aws_sns_topic": {names["alarm-topic"]: _topic(settings, names)},
        "aws_kms_key": {names["alarm-key"]: _key(settings)},
        "aws_lambda_event_source_mapping": {
            mapping: {
                "description": {
                    "State": "Enabled",
                    "BatchSize": 1,
                    "MaximumConcurrency": 5,
                    "FunctionResponseTypes": ["ReportBatchItemFailures"],
                    "FilterCriteria": None,
                }
            }
        },
        "aws_cloudwatch_log_group": {
            f"/aws/lambda/{names['worker-lambda']}": {
                "description": {"RetentionInDays": 30, "KmsKeyId": None, "LogGroupClass": "STANDARD"},
                "subscriptions": {"subscriptions": Members("subscription", {})},
            }
        },
    }
    shared = tags(settings, "orders")
    untagged: dict[str, Mapping[str, Expected]] = {
        "aws_cloudwatch_dashboard": {names["dashboard"]: {"titles": {"Titles": _titles(names)}}},
        "aws_iam_policy": _policies(settings, names, bucket),
        "aws_kms_alias": {alias: {"target": {"TargetKey": names["alarm-key"], "KeyState": "Enabled"}}},
    }
    return Requirement(
        resources={
            **{
                type_: {name: {**looks, "tags": shared} for name, looks in each.items()}
                for type_, each in resources.items()
            },
            **untagged,
        },
        prefixes={
            **dict.fromkeys((*resources, *untagged), "careervp-orders-"),
            "aws_s3_bucket": f"careervp-{environment}-orders-",
            "aws_cloudwatch_log_group": "/aws/lambda/careervp-orders-",
            "aws_kms_alias": "alias/careervp-orders-",
        },
        guards={"aws_cloudwatch_metric_alarm": {f"careervp-orders-errors-alarm-{environment}": names["queue"]}},
    )


def _queues(settings: Settings, names: Mapping[str, str]) -> Mapping[str, Expected]:
    queue, dlq = names["queue"], names["dlq"]

    def every(name: str) -> dict[str, Any]:
        policy = Statements((deny_insecure_transport("sqs:*", arn(settings, "sqs", name)),))
        return {"SqsManagedSseEnabled": "true", "ReceiveMessageWaitTimeSeconds": "20", "policy": policy}

    return {
        queue: {
            "attributes": {
                **every(queue),
                "VisibilityTimeout": "180",
                "MessageRetentionPeriod": "345600",
                "RedrivePolicy": Document({"deadLetterTargetArn": arn(settings, "sqs", dlq), "maxReceiveCount": 3}),
            },
            "consumers": {"consumers": Members("consumer", {names["worker-lambda"]: "consumes messages"})},
        },
        dlq: {
            "attributes": {
                **every(dlq),
                "MessageRetentionPeriod": "1209600",
                "RedriveAllowPolicy": Document(
                    {"redrivePermission": "byQueue", "sourceQueueArns": [arn(settings, "sqs", queue)]}
                ),
            }
        },
    }


def _table(settings: Settings) -> Expected:
    keeps = settings.retains_data
    indexes = {
        INDEX: {
            "IndexStatus": "ACTIVE",
            "Key": {"customer_id": "HASH S", "created_at": "RANGE N"},
            "Projection": "INCLUDE",
            "NonKeyAttributes": ["status", "total"],
            "OnDemandThroughput": {"MaxReadRequestUnits": 100},
        },
        "time-index": {
            "IndexStatus": "ACTIVE",
            "Key": {"order_id": "HASH S", "created_at": "RANGE N"},
            "Projection": "KEYS_ONLY",
            "OnDemandThroughput": None,
        },
    }
    return {
        "description": {
            "TableStatus": "ACTIVE",
            "Key": {"order_id": "HASH S", "line": "RANGE N"},
            "BillingMode": "PAY_PER_REQUEST",
            "TableClass": "STANDARD",
            "DeletionProtectionEnabled": keeps,
            "SSEDescription": None,
            "OnDemandThroughput": {"MaxWriteRequestUnits": 1000},
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            "Replicas": None,
            "indexes": Members("index", indexes),
        },
        "TimeToLive": {"TimeToLive": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}},
        "PointInTimeRecovery": {
            "PointInTimeRecovery": {
                "Status": "ENABLED" if keeps else "DISABLED",
                "RecoveryPeriodInDays": 7 if keeps else None,
            }
        },
    }


def _bucket(settings: Settings, name: str) -> Expected:
    rules = {
        "Expire-exports/": {"Status": "Enabled", "Filter": {"Prefix": "exports/"}, "Expiration": {"Days": 7}},
        "Expire-raw/": {"Status": "Enabled", "Filter": {"Prefix": "raw/"}, "Expiration": {"Days": 365}},
        "TransitionTo-GLACIER_IR-raw/": {
            "Status": "Enabled",
            "Filter": {"Prefix": "raw/"},
            "Transitions": [{"Days": 30, "StorageClass": "GLACIER_IR"}],
        },
        "AbortIncompleteUploads": ABORTED_UPLOADS,
    }
    cors = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://app.example.com"], "MaxAgeSeconds": 0}
    return {**private_bucket(settings, name, rules=rules, versioning=None), "CORS": {"CORS": [cors]}}


# --- alarms, their topic and its key, and the dashboard -----------------------------------------------------------


def _metric(names: Mapping[str, str], metric: str) -> tuple[str, dict[str, str]]:
    """Return a metric's namespace and dimensions."""
    if metric in {"Errors", "Invocations", "Throttles", "Duration"}:
        return "AWS/Lambda", {"FunctionName": names["worker-lambda"]}
    if metric.startswith("Approximate"):
        return "AWS/SQS", {"QueueName": names["queue"]}
    return "AWS/DynamoDB", {"TableName": names["table"]}


def _alarms(settings: Settings, names: Mapping[str, str]) -> dict[str, Expected]:
    topic = arn(settings, "sns", names["alarm-topic"])

    def alarm(comparison: str, threshold: float, **what: Any) -> Expected:
        return {
            "description": {
                "ActionsEnabled": True,
                "AlarmActions": [topic],
                "OKActions": [topic],
                "EvaluationPeriods": 1,
                "DatapointsToAlarm": 1,
                "TreatMissingData": "notBreaching",
                "ComparisonOperator": comparison,
                "Threshold": threshold,
                "StateValue": "not ALARM",
                **what,
            }
        }

    def single(metric: str, **what: Any) -> dict[str, Any]:
        namespace, dimensions = _metric(names, metric)
        plain = {"MetricName": metric, "Namespace": namespace, "Dimensions": dimensions, "Period": 300}
        return {**plain, "metrics": Members("metric", {}), **what}

    def computed(expression: str, id_: str, **metrics: tuple[str, dict[str, str]]) -> dict[str, Any]:
        each = {
            key: {
                "MetricName": metric,
                "Namespace": _metric(names, metric)[0],
                "Dimensions": {**_metric(names, metric)[1], **more},
                "Stat": "Sum",
                "Period": 300,
                "ReturnData": False,
            }
            for key, (metric, more) in metrics.items()
        }
        return {"metrics": Members("metric", {id_: {"Expression": expression, "ReturnData": True}, **each})}

    above, at_least = "GreaterThanThreshold", "GreaterThanOrEqualToThreshold"
    visible, on_index = "ApproximateNumberOfMessagesVisible", {"GlobalSecondaryIndexName": INDEX}
    dlq = single(visible, Statistic="Maximum", Dimensions={"QueueName": names["dlq"]})
    throttles = computed(
        "FILL(reads, 0) + FILL(writes, 0) + FILL(reads1, 0) + FILL(writes1, 0)",
        "throttles",
        reads=("ReadThrottleEvents", {}),
        writes=("WriteThrottleEvents", {}),
        reads1=("ReadThrottleEvents", on_index),
        writes1=("WriteThrottleEvents", on_index),
    )
    errors = computed(
        "100 * errors / invocations", "error_rate", errors=("Errors", {}), invocations=("Invocations", {})
    )
    made = {
        "dlq": alarm(at_least, 1, **dlq),
        "depth": alarm(above, 100, **single(visible, Statistic="Maximum")),
        "age": alarm(above, 900, **single("ApproximateAgeOfOldestMessage", Statistic="Maximum")),
        "errors": alarm(above, 5, **errors),
        "throttles": alarm(at_least, 1, **single("Throttles", Statistic="Sum")),
        "duration": alarm(above, 24000, **single("Duration", ExtendedStatistic="p99")),
        "table": alarm(at_least, 1, **throttles),
    }
    return {f"careervp-orders-{each}-alarm-{settings.environment}": looks for each, looks in made.items()}


def _topic(settings: Settings, names: Mapping[str, str]) -> Expected:
    topic = arn(settings, "sns", names["alarm-topic"])
    publish = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"StringEquals": {"aws:SourceAccount": settings.account_id}},
    }
    return {
        "attributes": {"policy": Statements((publish, deny_insecure_transport("sns:Publish", topic)))},
        "key": {"Key": names["alarm-key"]},
        "subscriptions": {"subscriptions": Members("subscription", {"orders@example.com": "email"})},
    }


def _key(settings: Settings) -> Expected:
    owner = {"AWS": arn(settings, "iam", "root")}
    alarms = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceAccount": settings.account_id}},
    }
    account = {"Effect": "Allow", "Principal": owner, "Action": "kms:*", "Resource": "*"}
    return {
        "description": {"KeyState": "Enabled", "KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT"},
        "rotation": {"KeyRotationEnabled": True, "RotationPeriodInDays": 365},
        "policy": {"policy": Statements((account, alarms))},
        "grants": {"grants": Members("grant", {})},
    }


def _titles(names: Mapping[str, str]) -> list[str]:
    queue, dlq, worker, table = (names[each] for each in ("queue", "dlq", "worker-lambda", "table"))
    return [
        "text 1",
        f"Waiting messages of {queue}",
        f"Age of the oldest message (s) of {queue}",
        f"Waiting messages of {dlq}",
        f"Failed invocations (%) of {worker}",
        f"Duration, p99 (ms) of {worker}",
        f"Throttled invocations of {worker}",
        f"Throttled reads and writes of {table}",
        f"System errors of {table}",
    ]


# --- the handlers' access -----------------------------------------------------------------------------------------


def _policies(settings: Settings, names: Mapping[str, str], bucket: str) -> Mapping[str, Expected]:
    queue, table = arn(settings, "sqs", names["queue"]), arn(settings, "dynamodb", f"table/{names['table']}")
    index, exports = f"{table}/index/{INDEX}", f"{arn(settings, 's3', bucket)}/exports/*"
    logs = arn(settings, "logs", f"log-group:/aws/lambda/{names['worker-lambda']}:*")
    granted: Mapping[str, Mapping[str, list[str]]] = {
        "submit": {
            table: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            index: ["dynamodb:Query"],
            queue: ["sqs:SendMessage"],
        },
        "worker": {
            queue: [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
            ],
            table: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
            exports: ["s3:PutObject"],
            logs: ["logs:CreateLogStream", "logs:PutLogEvents"],
        },
        "status": {table: ["dynamodb:GetItem"], index: ["dynamodb:Query"], exports: ["s3:GetObject"]},
    }

    def policy(actions: Mapping[str, list[str]]) -> Expected:
        each = ({"Effect": "Allow", "Action": actions, "Resource": resource} for resource, actions in actions.items())
        return {"policy": {"policy": Statements(tuple(each))}}

    return {
        f"careervp-orders-{handler}-policy-{settings.environment}": policy(actions)
        for handler, actions in granted.items()
    }
