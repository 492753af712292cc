"""The resources of dev as the requirement has them, in boto3's words: to put back what a test took away."""

import json
from typing import Any

ACCOUNT = "111111111111"
QUEUE, DLQ = "careervp-vpr-jobs-queue-dev", "careervp-vpr-jobs-dlq-dev"
TABLE = "careervp-jobs-table-dev"
BUCKET = "careervp-dev-vpr-results-us-east-1-f6121f"
DLQ_ALARM = "careervp-vpr-dlq-alarm-dev"
ERRORS_ALARM = "careervp-vpr-worker-errors-alarm-dev"
DEPTH_ALARM = "careervp-vpr-queue-depth-alarm-dev"
WORKER = "careervp-vpr-worker-lambda-dev"

QUEUE_ARN, DLQ_ARN = (f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}" for name in (QUEUE, DLQ))
TABLE_ARN = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{TABLE}"

TAGS = {
    "Project": "careervp",
    "Feature": "vpr",
    "Environment": "dev",
    "ManagedBy": "terraform",
    "Owner": "careervp-platform",
}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]


def deny(action: str, *resources: str) -> dict[str, Any]:
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


QUEUE_ATTRIBUTES = {
    "VisibilityTimeout": "660",
    "MessageRetentionPeriod": "14400",
    "ReceiveMessageWaitTimeSeconds": "20",
    "MaximumMessageSize": "262144",
    "DelaySeconds": "0",
    "SqsManagedSseEnabled": "true",
    "Policy": policy(deny("sqs:*", QUEUE_ARN)),
    "RedrivePolicy": json.dumps({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 3}),
}
DLQ_ATTRIBUTES = {
    "VisibilityTimeout": "30",
    "MessageRetentionPeriod": "1209600",
    "ReceiveMessageWaitTimeSeconds": "20",
    "MaximumMessageSize": "262144",
    "DelaySeconds": "0",
    "SqsManagedSseEnabled": "true",
    "Policy": policy(deny("sqs:*", DLQ_ARN)),
    "RedriveAllowPolicy": json.dumps({"redrivePermission": "byQueue", "sourceQueueArns": [QUEUE_ARN]}),
}

INDEX = {
    "IndexName": "idempotency-key-index",
    "KeySchema": [{"AttributeName": "idempotency_key", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}
KEY_TYPES = [
    {"AttributeName": "job_id", "AttributeType": "S"},
    {"AttributeName": "idempotency_key", "AttributeType": "S"},
]
TABLE_DEFINITION: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "job_id", "KeyType": "HASH"}],
    "AttributeDefinitions": KEY_TYPES,
    "GlobalSecondaryIndexes": [INDEX],
    "Tags": TAG_LIST,
}

PUBLIC_ACCESS_BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
DELETE_OLD_RESULTS: dict[str, Any] = {
    "ID": "DeleteOldResults",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 7},
}
ABORT_UPLOADS: dict[str, Any] = {
    "ID": "AbortIncompleteUploads",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}
BUCKET_STATEMENT = deny("s3:*", f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*")

_EVERY_ALARM: dict[str, Any] = {
    "EvaluationPeriods": 1,
    "DatapointsToAlarm": 1,
    "TreatMissingData": "notBreaching",
    "Tags": TAG_LIST,
}
_ON_DEPTH = {
    "Namespace": "AWS/SQS",
    "MetricName": "ApproximateNumberOfMessagesVisible",
    "Statistic": "Maximum",
    "Period": 300,
}


def _of_worker(id_: str, metric: str) -> dict[str, Any]:
    measured = {
        "Namespace": "AWS/Lambda",
        "MetricName": metric,
        "Dimensions": [{"Name": "FunctionName", "Value": WORKER}],
    }
    return {"Id": id_, "ReturnData": False, "MetricStat": {"Metric": measured, "Period": 300, "Stat": "Sum"}}


ALARMS: dict[str, dict[str, Any]] = {
    DLQ_ALARM: {
        "AlarmName": DLQ_ALARM,
        "AlarmDescription": (
            "A VPR job failed for good: its message is in the dead-letter queue. Runbook: docs/runbooks/alarm-dlq.md"
        ),
        "Dimensions": [{"Name": "QueueName", "Value": DLQ}],
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "Threshold": 1,
        **_ON_DEPTH,
        **_EVERY_ALARM,
    },
    DEPTH_ALARM: {
        "AlarmName": DEPTH_ALARM,
        "AlarmDescription": (
            "More than 50 VPR jobs wait: the worker does not keep up. Runbook: docs/runbooks/alarm-queue-depth.md"
        ),
        "Dimensions": [{"Name": "QueueName", "Value": QUEUE}],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 50,
        **_ON_DEPTH,
        **_EVERY_ALARM,
    },
    ERRORS_ALARM: {
        "AlarmName": ERRORS_ALARM,
        "AlarmDescription": (
            "More than 5 % of the VPR worker's invocations failed within five minutes. "
            "Runbook: docs/runbooks/alarm-worker-errors.md"
        ),
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 5,
        "Metrics": [
            {
                "Id": "error_rate",
                "Expression": "100 * errors / invocations",
                "Label": "Failed invocations (%)",
                "ReturnData": True,
            },
            _of_worker("errors", "Errors"),
            _of_worker("invocations", "Invocations"),
        ],
        **_EVERY_ALARM,
    },
}


def make_queue(aws: Any, name: str) -> None:
    attributes = QUEUE_ATTRIBUTES if name == QUEUE else DLQ_ATTRIBUTES
    aws["sqs"].create_queue(QueueName=name, Attributes=attributes, tags=TAGS)


def make_table(aws: Any, **changed: Any) -> None:
    """Make the jobs table, with what a test wants to be otherwise."""
    dynamodb = aws["dynamodb"]
    dynamodb.create_table(**{**TABLE_DEFINITION, **changed})
    expire = {"Enabled": True, "AttributeName": "ttl"}
    dynamodb.update_time_to_live(TableName=TABLE, TimeToLiveSpecification=expire)


def make_bucket(aws: Any) -> None:
    s3 = aws["s3"]
    s3.create_bucket(Bucket=BUCKET)
    encrypt = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=encrypt)
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=PUBLIC_ACCESS_BLOCK)
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_bucket_policy(Bucket=BUCKET, Policy=policy(BUCKET_STATEMENT))
    put_lifecycle(aws, DELETE_OLD_RESULTS, ABORT_UPLOADS)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": TAG_LIST})


def put_lifecycle(aws: Any, *rules: dict[str, Any]) -> None:
    aws["s3"].put_bucket_lifecycle_configuration(
        Bucket=BUCKET,
        LifecycleConfiguration={"Rules": list(rules)},
        TransitionDefaultMinimumObjectSize="all_storage_classes_128K",
    )


def make_alarm(aws: Any, name: str, **changed: Any) -> None:
    """Make an alarm, with what a test wants to be otherwise; None leaves a value out."""
    described = {key: value for key, value in {**ALARMS[name], **changed}.items() if value is not None}
    aws["cloudwatch"].put_metric_alarm(**described)


SUBMIT_POLICY, WORKER_POLICY, STATUS_POLICY = (
    f"careervp-vpr-{handler}-policy-dev" for handler in ("submit", "worker", "status")
)


def allow(resource: str, *actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


RESULTS = f"arn:aws:s3:::{BUCKET}/results/*"
HANDLER_POLICIES = {
    SUBMIT_POLICY: [
        allow(TABLE_ARN, "dynamodb:PutItem", "dynamodb:UpdateItem"),
        allow(f"{TABLE_ARN}/index/idempotency-key-index", "dynamodb:Query"),
        allow(QUEUE_ARN, "sqs:SendMessage"),
    ],
    WORKER_POLICY: [
        allow(
            QUEUE_ARN,
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:ChangeMessageVisibility",
            "sqs:GetQueueAttributes",
        ),
        allow(TABLE_ARN, "dynamodb:GetItem", "dynamodb:UpdateItem"),
        allow(RESULTS, "s3:PutObject"),
    ],
    STATUS_POLICY: [allow(TABLE_ARN, "dynamodb:GetItem"), allow(RESULTS, "s3:GetObject")],
}


def policy_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:policy/{name}"


def make_handler_policy(aws: Any, name: str) -> None:
    aws["iam"].create_policy(PolicyName=name, PolicyDocument=policy(*HANDLER_POLICIES[name]), Tags=TAG_LIST)


def change_handler_policy(aws: Any, name: str, *statements: dict[str, Any]) -> None:
    """Make a new version of the policy its only one."""
    iam, arn = aws["iam"], policy_arn(name)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy(*statements), SetAsDefault=True)
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


TOPIC_ARN = f"arn:aws:sns:us-east-1:{ACCOUNT}:careervp-vpr-alarm-topic-dev"
ALLOW_ALARMS = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudwatch.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": TOPIC_ARN,
    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
}
TOPIC_POLICY = policy(ALLOW_ALARMS, deny("sns:Publish", TOPIC_ARN))


def make_everything(aws: Any, *, email: str) -> None:
    """Make dev as it is with an address to notify."""
    make_queue(aws, DLQ)
    make_queue(aws, QUEUE)
    make_table(aws)
    make_bucket(aws)
    aws["sns"].create_topic(Name="careervp-vpr-alarm-topic-dev", Attributes={"Policy": TOPIC_POLICY}, Tags=TAG_LIST)
    subscriber = {"TopicArn": TOPIC_ARN, "Protocol": "email", "Endpoint": email, "ReturnSubscriptionArn": True}
    subscription = aws["sns"].subscribe(**subscriber)["SubscriptionArn"]
    aws["sns"].confirm_subscription(TopicArn=TOPIC_ARN, Token=subscription.rsplit(":", 1)[1])
    for name in ALARMS:
        make_alarm(aws, name, AlarmActions=[TOPIC_ARN], OKActions=[TOPIC_ARN])
    trust = policy({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
    aws["iam"].create_role(RoleName="worker", AssumeRolePolicyDocument=trust)
    for name in HANDLER_POLICIES:
        make_handler_policy(aws, name)
    aws["iam"].attach_role_policy(RoleName="worker", PolicyArn=policy_arn(WORKER_POLICY))
