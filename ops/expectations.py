"""What the requirement says of every resource, as literals written by hand, in the words of AWS's own answers.

Identity (names, account, region, whom the alarms notify, the user's own tags) comes from the settings. No value
does, nor does any come from the code that makes the resources.
"""

from typing import Any

from config.request import Environment
from stacks.settings import HandlerPolicies, Settings
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import own

DELETION_PROTECTION = {Environment.DEV: False, Environment.STAGING: True, Environment.PROD: True}
POINT_IN_TIME_RECOVERY = {Environment.DEV: "DISABLED", Environment.STAGING: "ENABLED", Environment.PROD: "ENABLED"}
RECOVERY_DAYS = 35
"""Where point-in-time recovery is on."""


def declared(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the names of the resources that must be there, by Terraform's type."""
    names = names_of(settings)
    policies = (names.submit_policy, names.worker_policy, names.status_policy)
    # Where others make the policies, those of the same names are theirs.
    managed = {"aws_iam_policy": policies} if own(settings).handlers.policies is HandlerPolicies.MANAGED else {}
    return {
        **managed,
        "aws_sqs_queue": (names.jobs_queue, names.jobs_dlq),
        "aws_dynamodb_table": (names.jobs_table,),
        "aws_s3_bucket": (names.results_bucket,),
        "aws_cloudwatch_metric_alarm": (names.dlq_alarm, names.worker_errors_alarm, names.queue_depth_alarm),
        "aws_sns_topic": (names.alarm_topic,) if own(settings).alarms.email else (),
    }


def relied_on(settings: Settings) -> dict[str, tuple[str, ...]]:
    """Return the names of this account's resources that the stack only refers to, by Terraform's type."""
    topic = own(settings).alarms.topic_arn
    is_own = topic is not None and topic.split(":")[4] == settings.account_id
    return {"aws_sns_topic": (topic.rsplit(":", 1)[1],)} if topic and is_own else {}


def prefixes(settings: Settings) -> dict[str, str]:
    """Return how the names begin that are this feature's alone, by Terraform's type."""
    return {
        "aws_sqs_queue": "careervp-vpr-",
        "aws_dynamodb_table": "careervp-jobs-",
        "aws_s3_bucket": f"careervp-{settings.environment}-vpr-",
        "aws_cloudwatch_metric_alarm": "careervp-vpr-",
        "aws_sns_topic": "careervp-vpr-",
        "aws_iam_policy": "careervp-vpr-",
    }


def tags(settings: Settings) -> dict[str, str]:
    """Return the tags of every resource."""
    return {
        **settings.tags,
        "Project": "careervp",
        "Feature": "vpr",
        "Environment": settings.environment,
        "ManagedBy": "terraform",
    }


def deny_insecure_transport(action: str, *resources: str) -> dict[str, Any]:
    """Return the statement that refuses everyone without TLS."""
    return {
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def arn(settings: Settings, service: str, name: str) -> str:
    """Return the ARN of a resource in the environment's account and region; S3's hold neither, IAM's no region."""
    partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(settings.region.rsplit("-", 2)[0], "aws")
    place = {"s3": ":", "iam": f":{settings.account_id}"}.get(service, f"{settings.region}:{settings.account_id}")
    return f"arn:{partition}:{service}:{place}:{name}"


def queue_attributes(settings: Settings, name: str) -> dict[str, Any]:
    """Return the attributes of one of the two queues that are plain values."""
    is_dead_letter_queue = name == names_of(settings).jobs_dlq
    return {
        "VisibilityTimeout": "30" if is_dead_letter_queue else "660",
        "MessageRetentionPeriod": "1209600" if is_dead_letter_queue else "14400",
        "ReceiveMessageWaitTimeSeconds": "20",
        # The most that the provider accepts (5.100.0), not a number of the requirement; SQS's default is 1,048,576.
        "MaximumMessageSize": "262144",
        "DelaySeconds": "0",
        "SqsManagedSseEnabled": "true",
        "KmsMasterKeyId": None,
    }


def redrive(settings: Settings, name: str) -> dict[str, Any]:
    """Return the two redrive documents of one of the two queues."""
    queue, dlq = (arn(settings, "sqs", each) for each in (names_of(settings).jobs_queue, names_of(settings).jobs_dlq))
    if name == names_of(settings).jobs_dlq:
        allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [queue]}
        return {"RedrivePolicy": None, "RedriveAllowPolicy": allowed}
    return {"RedrivePolicy": {"deadLetterTargetArn": dlq, "maxReceiveCount": 3}, "RedriveAllowPolicy": None}


def table(settings: Settings) -> dict[str, Any]:
    """Return the description of the jobs table."""
    return {
        "TableStatus": "ACTIVE",
        "Key": {"job_id": "HASH S"},
        "BillingMode": "PAY_PER_REQUEST",
        "DeletionProtectionEnabled": DELETION_PROTECTION[settings.environment],
        "TableClass": "STANDARD",
        "OnDemandThroughput": None,
        "SSEDescription": None,
        "StreamSpecification": None,
        "Replicas": None,
    }


TABLE_INDEXES = {
    "idempotency-key-index": {
        "IndexStatus": "ACTIVE",
        "Key": {"idempotency_key": "HASH S"},
        "Projection": "ALL",
        "OnDemandThroughput": None,
    },
}
TIME_TO_LIVE = {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
ENCRYPTION = [{"SSEAlgorithm": "AES256"}]
PUBLIC_ACCESS_BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
OWNERSHIP_CONTROLS = [{"ObjectOwnership": "BucketOwnerEnforced"}]
REQUEST_PAYER = "BucketOwner"
_ABORTED_UPLOADS = {
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}
LIFECYCLE_RULES = {
    "DeleteOldResults": {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}},
    "AbortIncompleteUploads": _ABORTED_UPLOADS,
}
STATE_LIFECYCLE_RULES = {
    "ExpireOldVersions": {
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
        "Expiration": {"ExpiredObjectDeleteMarker": True},
    },
    "AbortIncompleteUploads": _ABORTED_UPLOADS,
}
"""Of the state bucket: a state that was replaced can be had back for 90 days."""
STATE_VERSIONING = "Enabled"


def alarm(settings: Settings, name: str) -> dict[str, Any]:
    """Return the description of one of the three alarms, but for the metrics that it computes with."""
    names, alarms = names_of(settings), own(settings).alarms
    actions = [arn(settings, "sns", names.alarm_topic)] if alarms.email else [alarms.topic_arn]
    actions = actions if any(actions) else []
    every_alarm = {
        "ActionsEnabled": True,
        "AlarmActions": actions,
        "OKActions": actions,
        "InsufficientDataActions": [],
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
        **dict.fromkeys(("ExtendedStatistic", "Unit", "EvaluateLowSampleCountPercentile", "ThresholdMetricId")),
    }
    if name == names.worker_errors_alarm:
        of_metric = dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period"))
        limit = {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 5}
        return {**every_alarm, **of_metric, "Dimensions": {}, **limit}
    queue, comparison, threshold = {
        names.dlq_alarm: (names.jobs_dlq, "GreaterThanOrEqualToThreshold", 1),
        names.queue_depth_alarm: (names.jobs_queue, "GreaterThanThreshold", 50),
    }[name]
    return {
        **every_alarm,
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": {"QueueName": queue},
        "Statistic": "Maximum",
        "Period": 300,
        "ComparisonOperator": comparison,
        "Threshold": threshold,
    }


def alarm_description(settings: Settings, name: str) -> str:
    """Return the words of one of the three alarms, which its message brings."""
    names = names_of(settings)
    return {
        names.dlq_alarm: "A VPR job failed for good: its message is in the dead-letter queue.",
        names.worker_errors_alarm: "More than 5 % of the VPR worker's invocations failed within five minutes.",
        names.queue_depth_alarm: "More than 50 VPR jobs wait: the worker does not keep up.",
    }[name]


def alarm_metrics(settings: Settings, name: str) -> dict[str, Any]:
    """Return the metrics that an alarm computes with, by their ids; only the worker's errors are computed."""
    if name != names_of(settings).worker_errors_alarm:
        return {}
    of_worker = {
        "Namespace": "AWS/Lambda",
        "Dimensions": {"FunctionName": names_of(settings).worker_function},
        "Stat": "Sum",
        "Period": 300,
        "ReturnData": False,
    }
    return {
        "errors": {"MetricName": "Errors", **of_worker},
        "invocations": {"MetricName": "Invocations", **of_worker},
        "error_rate": {"Expression": "100 * errors / invocations", "ReturnData": True},
    }


def topic_statements(settings: Settings) -> list[dict[str, Any]]:
    """Return the policy of the stack's own topic: this account's alarms may publish, and nobody without TLS."""
    topic = arn(settings, "sns", names_of(settings).alarm_topic)
    return [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": topic,
            "Condition": {"StringEquals": {"aws:SourceAccount": settings.account_id}},
        },
        deny_insecure_transport("sns:Publish", topic),
    ]


def handler_statements(settings: Settings, name: str) -> list[dict[str, Any]]:
    """Return what one of the handlers' policies allows."""
    names = names_of(settings)
    queue, table = arn(settings, "sqs", names.jobs_queue), arn(settings, "dynamodb", f"table/{names.jobs_table}")
    results = f"{arn(settings, 's3', names.results_bucket)}/results/*"
    granted = {
        names.submit_policy: {
            table: ["dynamodb:PutItem", "dynamodb:UpdateItem"],
            f"{table}/index/idempotency-key-index": ["dynamodb:Query"],
            queue: ["sqs:SendMessage"],
        },
        names.worker_policy: {
            queue: [
                "sqs:ReceiveMessage",
                "sqs:DeleteMessage",
                "sqs:ChangeMessageVisibility",
                "sqs:GetQueueAttributes",
            ],
            table: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
            results: ["s3:PutObject"],
        },
        names.status_policy: {table: ["dynamodb:GetItem"], results: ["s3:GetObject"]},
    }[name]
    return [{"Effect": "Allow", "Action": actions, "Resource": resource} for resource, actions in granted.items()]
