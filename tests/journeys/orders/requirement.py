"""The feature's requirement."""

from stacks.requirement import (
    ABORTED_UPLOADS,
    Document,
    Members,
    Requirement,
    Statements,
    arn,
    deny_insecure_transport,
    private_bucket,
    tags,
)
from stacks.settings import Settings


def requirement(settings: Settings) -> Requirement:
    """Return what is required of one environment."""
    environment, shared = settings.environment, tags(settings, "orders")
    queue, dlq = f"careervp-orders-queue-{environment}", f"careervp-orders-dlq-{environment}"
    bucket = f"careervp-{environment}-orders-archive-{settings.region}-0a1b2c"
    rules = {
        "DeleteOldOrders": {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 30}},
        "AbortIncompleteUploads": ABORTED_UPLOADS,
    }
    send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn(settings, "sqs", queue)}

    def encrypted(name: str) -> dict[str, object]:
        policy = Statements((deny_insecure_transport("sqs:*", arn(settings, "sqs", name)),))
        return {"SqsManagedSseEnabled": "true", "policy": policy}

    indexes = {
        "customer-index": {
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
    return Requirement(
        resources={
            "aws_sqs_queue": {
                queue: {
                    "attributes": {
                        "VisibilityTimeout": "90",
                        "RedrivePolicy": Document(
                            {"deadLetterTargetArn": arn(settings, "sqs", dlq), "maxReceiveCount": 3}
                        ),
                        **encrypted(queue),
                    },
                    "tags": shared,
                },
                dlq: {"attributes": encrypted(dlq), "tags": shared},
            },
            "aws_dynamodb_table": {
                f"careervp-orders-table-{environment}": {
                    "description": {
                        "TableStatus": "ACTIVE",
                        "Key": {"order_id": "HASH S", "line": "RANGE N"},
                        "BillingMode": "PAY_PER_REQUEST",
                        "TableClass": "STANDARD",
                        "DeletionProtectionEnabled": settings.retains_data,
                        "SSEDescription": None,
                        "OnDemandThroughput": {"MaxWriteRequestUnits": 1000},
                        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
                        "Replicas": None,
                        "indexes": Members("index", indexes),
                    },
                    "TimeToLive": {"TimeToLive": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}},
                    "PointInTimeRecovery": {
                        "PointInTimeRecovery": {"Status": "ENABLED", "RecoveryPeriodInDays": 7}
                        if settings.retains_data
                        else "DISABLED"
                    },
                    "tags": shared,
                }
            },
            "aws_s3_bucket": {
                bucket: {**private_bucket(settings, bucket, rules=rules, versioning=None), "tags": shared}
            },
            "aws_cloudwatch_metric_alarm": {
                f"careervp-orders-{each}-alarm-{environment}": {
                    "description": {
                        "Namespace": "AWS/SQS",
                        "Dimensions": {"QueueName": watched},
                        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
                        "Threshold": threshold,
                        "metrics": Members("metric", {}),
                    },
                    "tags": shared,
                }
                for each, watched, threshold in (("dlq", dlq, 1), ("depth", queue, 10))
            },
            "aws_cloudwatch_log_group": {
                f"/aws/lambda/careervp-orders-submit-lambda-{environment}": {
                    "description": {"RetentionInDays": 30, "KmsKeyId": None, "LogGroupClass": "STANDARD"},
                    "subscriptions": {"subscriptions": Members("subscription", {})},
                    "tags": shared,
                }
            },
            "aws_iam_policy": {
                f"careervp-orders-submit-policy-{environment}": {"policy": {"policy": Statements((send,))}}
            },
        },
        prefixes={
            **dict.fromkeys(
                ("aws_sqs_queue", "aws_dynamodb_table", "aws_cloudwatch_metric_alarm", "aws_iam_policy"),
                "careervp-orders-",
            ),
            "aws_s3_bucket": f"careervp-{environment}-orders-",
            "aws_cloudwatch_log_group": "/aws/lambda/careervp-orders-",
        },
    )
