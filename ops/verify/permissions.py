"""The IAM actions that planning, deploying and verifying take, as a table written by hand."""

from config.names import state_key
from config.settings import Settings
from ops.expectations import arn

_QUEUE = "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue UntagQueue"
_TABLE = (
    "CreateTable DeleteTable DescribeContinuousBackups DescribeTable DescribeTimeToLive GetResourcePolicy "
    "ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable UpdateTimeToLive"
)
_BUCKET = (
    "CreateBucket DeleteBucket DeleteBucketPolicy GetAccelerateConfiguration GetBucketAcl GetBucketCORS "
    "GetBucketLogging GetBucketNotification GetBucketObjectLockConfiguration GetBucketOwnershipControls "
    "GetBucketPolicy GetBucketPublicAccessBlock GetBucketRequestPayment GetBucketTagging GetBucketVersioning "
    "GetBucketWebsite GetEncryptionConfiguration GetLifecycleConfiguration GetReplicationConfiguration ListBucket "
    "PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging "
    "PutEncryptionConfiguration PutLifecycleConfiguration"
)
_ALARM = "DeleteAlarms ListTagsForResource PutMetricAlarm TagResource UntagResource"
_TOPIC = (
    "CreateTopic DeleteTopic GetTopicAttributes ListSubscriptionsByTopic ListTagsForResource SetTopicAttributes "
    "Subscribe TagResource UntagResource"
)


def needed(settings: Settings) -> list[tuple[str, list[str], list[str]]]:
    """Return the permissions needed: on what, in words; its ARNs; and the actions."""
    names = settings.names
    queues = [arn(settings, "sqs", name) for name in (names.jobs_queue, names.jobs_dlq)]
    alarms = [
        arn(settings, "cloudwatch", f"alarm:{name}")
        for name in (names.dlq_alarm, names.worker_errors_alarm, names.queue_depth_alarm)
    ]
    state, bucket = (arn(settings, "s3", name) for name in (settings.state_bucket, names.results_bucket))
    state_objects = [f"{state}/{state_key(names.stack)}{suffix}" for suffix in ("", ".tflock")]
    worker = arn(settings, "lambda", f"function:{names.worker_function}")
    others = "sqs:ListQueues dynamodb:ListTables s3:ListAllMyBuckets cloudwatch:DescribeAlarms sns:ListTopics"
    return [
        ("the queues", queues, _actions("sqs", _QUEUE)),
        ("the jobs table", [arn(settings, "dynamodb", f"table/{names.jobs_table}")], _actions("dynamodb", _TABLE)),
        ("the results bucket", [bucket], _actions("s3", _BUCKET)),
        ("the alarms", alarms, _actions("cloudwatch", _ALARM)),
        *_of_topic(settings),
        ("the worker", [worker], _actions("lambda", "GetFunctionConfiguration")),
        ("the state bucket", [state], _actions("s3", "ListBucket")),
        ("the state", state_objects, _actions("s3", "DeleteObject GetObject PutObject")),
        ("everything", ["*"], [str(action) for action in others.split()]),
    ]


def _of_topic(settings: Settings) -> list[tuple[str, list[str], list[str]]]:
    if not settings.alarms.email:
        return []
    return [("the alarm topic", [arn(settings, "sns", settings.names.alarm_topic)], _actions("sns", _TOPIC))]


def _actions(service: str, names: str) -> list[str]:
    return [f"{service}:{name}" for name in names.split()]
