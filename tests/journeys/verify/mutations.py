"""Single changes of what is deployed, each with the one finding that it must lead to, and the way back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.functions import RECEIVING, make_worker_with
from tests.journeys.verify import deployed
from tests.journeys.verify.deployed import (
    ABORT_UPLOADS,
    BUCKET,
    BUCKET_STATEMENT,
    DELETE_OLD_RESULTS,
    DEPTH_ALARM,
    DLQ,
    DLQ_ALARM,
    DLQ_ARN,
    DLQ_ATTRIBUTES,
    ERRORS_ALARM,
    INDEX,
    KEY_TYPES,
    PUBLIC_ACCESS_BLOCK,
    QUEUE,
    QUEUE_ARN,
    QUEUE_ATTRIBUTES,
    STATUS_POLICY,
    SUBMIT_POLICY,
    TABLE,
    TABLE_ARN,
    TAG_LIST,
    TAGS,
    WORKER_POLICY,
    allow,
    deny,
    make_alarm,
    make_bucket,
    make_handler_policy,
    make_queue,
    make_table,
    policy,
    policy_arn,
    put_lifecycle,
)

QUEUE_TYPE, TABLE_TYPE, BUCKET_TYPE = "aws_sqs_queue", "aws_dynamodb_table", "aws_s3_bucket"
ALARM_TYPE, TOPIC_TYPE, POLICY_TYPE = "aws_cloudwatch_metric_alarm", "aws_sns_topic", "aws_iam_policy"
Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Mutation:
    """One change, its undoing, and the finding: Terraform's type, the name, the property and the outcome."""

    id: str
    do: Change
    undo: Change
    finding: tuple[str, str, str, str]


def url(aws: Any, name: str) -> str:
    return aws["sqs"].get_queue_url(QueueName=name)["QueueUrl"]


# --- queues -------------------------------------------------------------------------------------------------------


def set_attribute(name: str, key: str, value: str) -> Change:
    return lambda aws: aws["sqs"].set_queue_attributes(QueueUrl=url(aws, name), Attributes={key: value})


ALLOW_ALL = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE_ARN}
NOT_DENIED = {key: value for key, value in deny("sqs:*", DLQ_ARN).items() if key != "Condition"}
QUEUE_CHANGES = [
    (QUEUE, "VisibilityTimeout", "600", "differs"),
    (QUEUE, "MessageRetentionPeriod", "345600", "differs"),
    (QUEUE, "ReceiveMessageWaitTimeSeconds", "0", "differs"),
    (QUEUE, "MaximumMessageSize", "1024", "differs"),
    (QUEUE, "DelaySeconds", "5", "differs"),
    (QUEUE, "SqsManagedSseEnabled", "false", "differs"),
    (QUEUE, "RedrivePolicy", json.dumps({"deadLetterTargetArn": DLQ_ARN, "maxReceiveCount": 5}), "differs"),
    (QUEUE, "RedrivePolicy", "", "missing"),
    (QUEUE, "RedriveAllowPolicy", json.dumps({"redrivePermission": "denyAll"}), "unexpected"),
    (QUEUE, "Policy", "", "missing"),
    (QUEUE, "Policy", policy(deny("sqs:*", QUEUE_ARN), ALLOW_ALL), "unexpected"),
    (QUEUE, "Policy", policy(deny("sqs:SendMessage", QUEUE_ARN)), "differs"),
    (DLQ, "VisibilityTimeout", "31", "differs"),
    (DLQ, "MessageRetentionPeriod", "60", "differs"),
    (DLQ, "ReceiveMessageWaitTimeSeconds", "0", "differs"),
    (DLQ, "SqsManagedSseEnabled", "false", "differs"),
    (DLQ, "RedriveAllowPolicy", "", "missing"),
    (DLQ, "RedriveAllowPolicy", json.dumps({"redrivePermission": "allowAll"}), "differs"),
    (DLQ, "RedriveAllowPolicy", DLQ_ATTRIBUTES["RedriveAllowPolicy"].replace(QUEUE, "another"), "differs"),
    (DLQ, "Policy", policy(NOT_DENIED), "differs"),
]


OTHER_WORKER = "careervp-vpr-worker-lambda-old"


def consume(queue: str, aws: Any, function: str = OTHER_WORKER) -> None:
    """Have a function take the queue's messages."""
    arn = QUEUE_ARN if queue == QUEUE else DLQ_ARN
    make_worker_with(aws, function, queue_arn=arn)
    aws["lambda"].create_event_source_mapping(FunctionName=function, EventSourceArn=arn)


def stop_consuming(aws: Any, function: str = OTHER_WORKER) -> None:
    """Take the function away, with its role."""
    for mapping in aws["lambda"].list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
        aws["lambda"].delete_event_source_mapping(UUID=mapping["UUID"])
    aws["lambda"].delete_function(FunctionName=function)
    aws["iam"].delete_role_policy(RoleName=function, PolicyName=RECEIVING)
    aws["iam"].delete_role(RoleName=function)


def make_queue_again(aws: Any, name: str) -> None:
    """Make a queue that was deleted; moto redrives to the dead-letter queue that was there when the policy was set."""
    make_queue(aws, name)
    redrive = {"RedrivePolicy": QUEUE_ATTRIBUTES["RedrivePolicy"]}
    aws["sqs"].set_queue_attributes(QueueUrl=url(aws, QUEUE), Attributes=redrive)


def of_queues() -> Iterator[Mutation]:
    for name, key, value, outcome in QUEUE_CHANGES:
        right = (QUEUE_ATTRIBUTES if name == QUEUE else DLQ_ATTRIBUTES).get(key, "")
        yield Mutation(
            f"{name}-{key}-{outcome}-{value[:40]}",
            set_attribute(name, key, value),
            set_attribute(name, key, right),
            (QUEUE_TYPE, name, "policy" if key == "Policy" else key, outcome),
        )
    for name in (QUEUE, DLQ):
        yield Mutation(
            f"{name}-deleted",
            lambda aws, name=name: aws["sqs"].delete_queue(QueueUrl=url(aws, name)),
            lambda aws, name=name: make_queue_again(aws, name),
            (QUEUE_TYPE, name, "", "missing"),
        )
    yield Mutation(
        "dlq-holds-a-message",
        lambda aws: aws["sqs"].send_message(QueueUrl=url(aws, DLQ), MessageBody="{}"),
        lambda aws: aws["sqs"].purge_queue(QueueUrl=url(aws, DLQ)),
        (QUEUE_TYPE, DLQ, "messages", "differs"),
    )
    for name in (QUEUE, DLQ):
        yield Mutation(
            f"{name}-consumed-by-another",
            partial(consume, name),
            stop_consuming,
            (QUEUE_TYPE, name, "consumer careervp-vpr-worker-lambda-old", "unexpected"),
        )
    yield Mutation(
        "undeclared-queue",
        lambda aws: aws["sqs"].create_queue(QueueName="careervp-vpr-other-queue-dev"),
        lambda aws: aws["sqs"].delete_queue(QueueUrl=url(aws, "careervp-vpr-other-queue-dev")),
        (QUEUE_TYPE, "careervp-vpr-other-queue-dev", "", "unexpected"),
    )


# --- the table ----------------------------------------------------------------------------------------------------


def update_table(**changed: Any) -> Change:
    return lambda aws: aws["dynamodb"].update_table(TableName=TABLE, **changed)


def expire(attribute: str, *, enabled: bool) -> Change:
    specification = {"Enabled": enabled, "AttributeName": attribute}
    return lambda aws: aws["dynamodb"].update_time_to_live(TableName=TABLE, TimeToLiveSpecification=specification)


def recover(*, enabled: bool) -> Change:
    specification = {"PointInTimeRecoveryEnabled": enabled}
    return lambda aws: aws["dynamodb"].update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification=specification
    )


def delete_table(aws: Any) -> None:
    aws["dynamodb"].delete_table(TableName=TABLE)


def remake_table(**changed: Any) -> Change:
    def remake(aws: Any) -> None:
        delete_table(aws)
        make_table(aws, **changed)

    return remake


OTHER_KEY: dict[str, Any] = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}, KEY_TYPES[1]],
}
RANGE_KEY: dict[str, Any] = {
    "KeySchema": [*deployed.TABLE_DEFINITION["KeySchema"], {"AttributeName": "created_at", "KeyType": "RANGE"}],
    "AttributeDefinitions": [*KEY_TYPES, {"AttributeName": "created_at", "AttributeType": "S"}],
}
NUMBER_KEY = {"AttributeDefinitions": [{"AttributeName": "job_id", "AttributeType": "N"}, KEY_TYPES[1]]}
KEYS_ONLY = {"GlobalSecondaryIndexes": [{**INDEX, "Projection": {"ProjectionType": "KEYS_ONLY"}}]}
OTHER_INDEX: dict[str, Any] = {
    "GlobalSecondaryIndexes": [{**INDEX, "KeySchema": [{"AttributeName": "user_id", "KeyType": "HASH"}]}],
    "AttributeDefinitions": [KEY_TYPES[0], {"AttributeName": "user_id", "AttributeType": "S"}],
}
SECOND_INDEX = {**INDEX, "IndexName": "user-id-index", "KeySchema": [{"AttributeName": "job_id", "KeyType": "HASH"}]}
PROVISIONED = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
FOREIGN = {
    "Effect": "Allow",
    "Principal": {"AWS": "999999999999"},
    "Action": "dynamodb:GetItem",
    "Resource": TABLE_ARN,
}
ONE_REQUEST = {"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 1}
INDEX_NAME = {"IndexName": "idempotency-key-index"}
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}}
# Property, outcome, change and way back; None makes the table anew.
TABLE_CHANGES: list[tuple[str, str, str, Change, Change | None]] = [
    ("table-deleted", "", "missing", delete_table, make_table),
    ("ttl-off", "TimeToLive", "missing", expire("ttl", enabled=False), expire("ttl", enabled=True)),
    ("ttl-on-another-attribute", "TimeToLive", "differs", expire("expires", enabled=True), None),
    ("recovery-on", "PointInTimeRecovery", "differs", recover(enabled=True), recover(enabled=False)),
    (
        "protected",
        "DeletionProtectionEnabled",
        "differs",
        update_table(DeletionProtectionEnabled=True),
        update_table(DeletionProtectionEnabled=False),
    ),
    (
        "provisioned",
        "BillingMode",
        "differs",
        update_table(BillingMode="PROVISIONED", ProvisionedThroughput=PROVISIONED),
        None,
    ),
    ("class", "TableClass", "differs", update_table(TableClass="STANDARD_INFREQUENT_ACCESS"), None),
    ("throttled", "OnDemandThroughput", "unexpected", update_table(OnDemandThroughput=ONE_REQUEST), None),
    (
        "index-throttled",
        "index idempotency-key-index",
        "differs",
        update_table(GlobalSecondaryIndexUpdates=[{"Update": {**INDEX_NAME, "OnDemandThroughput": ONE_REQUEST}}]),
        None,
    ),
    ("streams", "StreamSpecification", "unexpected", update_table(**STREAM), None),
    ("own-key", "SSEDescription", "unexpected", remake_table(SSESpecification={"Enabled": True}), None),
    ("another-key", "Key", "differs", remake_table(**OTHER_KEY), None),
    ("range-key", "Key", "differs", remake_table(**RANGE_KEY), None),
    ("number-as-key", "Key", "differs", remake_table(**NUMBER_KEY), None),
    (
        "index-deleted",
        "index idempotency-key-index",
        "missing",
        update_table(GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": "idempotency-key-index"}}]),
        None,
    ),
    ("index-of-keys", "index idempotency-key-index", "differs", remake_table(**KEYS_ONLY), None),
    (
        "index-on-another-key",
        "index idempotency-key-index",
        "differs",
        remake_table(**OTHER_INDEX),
        None,
    ),
    (
        "second-index",
        "index user-id-index",
        "unexpected",
        remake_table(GlobalSecondaryIndexes=[INDEX, SECOND_INDEX]),
        None,
    ),
    (
        "table-open-to-another-account",
        "policy",
        "unexpected",
        lambda aws: aws["dynamodb"].put_resource_policy(ResourceArn=TABLE_ARN, Policy=policy(FOREIGN)),
        lambda aws: aws["dynamodb"].delete_resource_policy(ResourceArn=TABLE_ARN),
    ),
]


def of_table() -> Iterator[Mutation]:
    for id_, property_, outcome, do, undo in TABLE_CHANGES:
        yield Mutation(id_, do, undo or remake_table(), (TABLE_TYPE, TABLE, property_, outcome))
    other = {**deployed.TABLE_DEFINITION, "TableName": "careervp-jobs-archive-dev"}
    yield Mutation(
        "undeclared-table",
        lambda aws: aws["dynamodb"].create_table(**other),
        lambda aws: aws["dynamodb"].delete_table(TableName="careervp-jobs-archive-dev"),
        (TABLE_TYPE, "careervp-jobs-archive-dev", "", "unexpected"),
    )


# --- the bucket ---------------------------------------------------------------------------------------------------


def delete_bucket(aws: Any) -> None:
    aws["s3"].delete_bucket(Bucket=BUCKET)


def remake_bucket(aws: Any) -> None:
    delete_bucket(aws)
    make_bucket(aws)


def of_s3(operation: str, **arguments: Any) -> Change:
    return lambda aws: getattr(aws["s3"], operation)(Bucket=BUCKET, **arguments)


def lifecycle(*rules: dict[str, Any]) -> Change:
    return lambda aws: put_lifecycle(aws, *rules)


def block(**changed: bool) -> Change:
    return of_s3("put_public_access_block", PublicAccessBlockConfiguration={**PUBLIC_ACCESS_BLOCK, **changed})


BY_KMS = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]}
PUBLIC_READ = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
ONLY_THE_BUCKET = {**BUCKET_STATEMENT, "Resource": [f"arn:aws:s3:::{BUCKET}"]}
PREFERRED = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
LOGS = "somebodys-logs"
LOGGED = {"LoggingEnabled": {"TargetBucket": LOGS, "TargetPrefix": "results/"}}
DELIVERED = {
    "Effect": "Allow",
    "Principal": {"Service": "logging.s3.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::{LOGS}/*",
}
ANY_SITE = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
ABOVE_A_GIGABYTE = {"ObjectSizeGreaterThan": 1073741824}
EVENTS = {"QueueConfigurations": [{"QueueArn": QUEUE_ARN, "Events": ["s3:ObjectCreated:*"]}]}
EXTRA_RULE = {"ID": "Extra", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 2}}
TO_GLACIER = {"Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}
RULE = "lifecycle rule DeleteOldResults"
BUCKET_CHANGES: list[tuple[str, str, str, Change]] = [
    ("bucket-deleted", "", "missing", delete_bucket),
    ("kms", "Encryption", "differs", of_s3("put_bucket_encryption", ServerSideEncryptionConfiguration=BY_KMS)),
    ("not-encrypted", "Encryption", "missing", of_s3("delete_bucket_encryption")),
    *(
        (f"public-{key}", "PublicAccessBlock", "differs", block(**{key: False}))
        for key in ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    ),
    ("public-bucket", "PublicAccessBlock", "missing", of_s3("delete_public_access_block")),
    ("owners", "OwnershipControls", "differs", of_s3("put_bucket_ownership_controls", OwnershipControls=PREFERRED)),
    ("no-owner", "OwnershipControls", "missing", of_s3("delete_bucket_ownership_controls")),
    ("no-policy", "policy", "missing", of_s3("delete_bucket_policy")),
    ("narrow-policy", "policy", "differs", of_s3("put_bucket_policy", Policy=policy(ONLY_THE_BUCKET))),
    (
        "widened-policy",
        "policy",
        "unexpected",
        of_s3("put_bucket_policy", Policy=policy(BUCKET_STATEMENT, PUBLIC_READ)),
    ),
    ("30-days", RULE, "differs", lifecycle({**DELETE_OLD_RESULTS, "Expiration": {"Days": 30}}, ABORT_UPLOADS)),
    ("rule-disabled", RULE, "differs", lifecycle({**DELETE_OLD_RESULTS, "Status": "Disabled"}, ABORT_UPLOADS)),
    (
        "only-a-prefix",
        RULE,
        "differs",
        lifecycle({**DELETE_OLD_RESULTS, "Filter": {"Prefix": "results/"}}, ABORT_UPLOADS),
    ),
    ("only-large-ones", RULE, "differs", lifecycle({**DELETE_OLD_RESULTS, "Filter": ABOVE_A_GIGABYTE}, ABORT_UPLOADS)),
    ("rule-with-more", RULE, "differs", lifecycle({**DELETE_OLD_RESULTS, **TO_GLACIER}, ABORT_UPLOADS)),
    ("rule-deleted", RULE, "missing", lifecycle(ABORT_UPLOADS)),
    ("abort-rule-deleted", "lifecycle rule AbortIncompleteUploads", "missing", lifecycle(DELETE_OLD_RESULTS)),
    (
        "extra-rule",
        "lifecycle rule Extra",
        "unexpected",
        lifecycle(DELETE_OLD_RESULTS, ABORT_UPLOADS, EXTRA_RULE),
    ),
    (
        "versioned",
        "Versioning",
        "unexpected",
        of_s3("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"}),
    ),
    (
        "notifies",
        "Notifications",
        "unexpected",
        of_s3("put_bucket_notification_configuration", NotificationConfiguration=EVENTS),
    ),
    ("read-by-any-site", "CORS", "unexpected", of_s3("put_bucket_cors", CORSConfiguration=ANY_SITE)),
    (
        "requester-pays",
        "RequestPayment",
        "differs",
        of_s3("put_bucket_request_payment", RequestPaymentConfiguration={"Payer": "Requester"}),
    ),
    (
        "accelerated",
        "Acceleration",
        "unexpected",
        of_s3("put_bucket_accelerate_configuration", AccelerateConfiguration={"Status": "Enabled"}),
    ),
]


def log_elsewhere(aws: Any) -> None:
    aws["s3"].create_bucket(Bucket=LOGS)
    aws["s3"].put_bucket_policy(Bucket=LOGS, Policy=policy(DELIVERED))
    aws["s3"].put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus=LOGGED)


def stop_logging(aws: Any) -> None:
    aws["s3"].put_bucket_logging(Bucket=BUCKET, BucketLoggingStatus={})
    for written in aws["s3"].list_objects_v2(Bucket=LOGS).get("Contents", []):
        aws["s3"].delete_object(Bucket=LOGS, Key=written["Key"])
    aws["s3"].delete_bucket(Bucket=LOGS)


def of_bucket() -> Iterator[Mutation]:
    for id_, property_, outcome, do in BUCKET_CHANGES:
        undo = make_bucket if id_ == "bucket-deleted" else remake_bucket
        yield Mutation(id_, do, undo, (BUCKET_TYPE, BUCKET, property_, outcome))
    yield Mutation("logged", log_elsewhere, stop_logging, (BUCKET_TYPE, BUCKET, "Logging", "unexpected"))
    yield Mutation(
        "undeclared-bucket",
        lambda aws: aws["s3"].create_bucket(Bucket="careervp-dev-vpr-results-old"),
        lambda aws: aws["s3"].delete_bucket(Bucket="careervp-dev-vpr-results-old"),
        (BUCKET_TYPE, "careervp-dev-vpr-results-old", "", "unexpected"),
    )


# --- alarms and topics --------------------------------------------------------------------------------------------

ELSEWHERE = ["arn:aws:sns:us-east-1:111111111111:elsewhere"]
RATE, ERRORS, INVOCATIONS = deployed.ALARMS[ERRORS_ALARM]["Metrics"]
OTHER_FUNCTION = json.loads(json.dumps(ERRORS).replace("worker-lambda-dev", "worker-lambda-old"))
AVERAGED = {**INVOCATIONS, "MetricStat": {**INVOCATIONS["MetricStat"], "Stat": "Average"}}
ALARM_CHANGES: list[tuple[str, str, str, dict[str, Any]]] = [
    (DLQ_ALARM, "Threshold", "differs", {"Threshold": 2}),
    (DLQ_ALARM, "ComparisonOperator", "differs", {"ComparisonOperator": "GreaterThanThreshold"}),
    (DLQ_ALARM, "Period", "differs", {"Period": 60}),
    (DLQ_ALARM, "EvaluationPeriods", "differs", {"EvaluationPeriods": 2}),
    (DLQ_ALARM, "DatapointsToAlarm", "missing", {"DatapointsToAlarm": None}),
    (DLQ_ALARM, "Statistic", "differs", {"Statistic": "Average"}),
    (DLQ_ALARM, "Namespace", "differs", {"Namespace": "AWS/SNS"}),
    (DLQ_ALARM, "MetricName", "differs", {"MetricName": "ApproximateAgeOfOldestMessage"}),
    (DLQ_ALARM, "Dimensions", "differs", {"Dimensions": [{"Name": "QueueName", "Value": QUEUE}]}),
    (DLQ_ALARM, "TreatMissingData", "differs", {"TreatMissingData": "missing"}),
    (DLQ_ALARM, "ActionsEnabled", "differs", {"ActionsEnabled": False}),
    (DLQ_ALARM, "AlarmActions", "differs", {"AlarmActions": ELSEWHERE}),
    (DLQ_ALARM, "OKActions", "differs", {"OKActions": ELSEWHERE}),
    (DLQ_ALARM, "InsufficientDataActions", "differs", {"InsufficientDataActions": ELSEWHERE}),
    (DLQ_ALARM, "AlarmDescription", "missing", {"AlarmDescription": None}),
    (ERRORS_ALARM, "AlarmDescription", "differs", {"AlarmDescription": "Ignore this."}),
    (DLQ_ALARM, "Unit", "unexpected", {"Unit": "Count"}),
    (DEPTH_ALARM, "Threshold", "differs", {"Threshold": 500}),
    (DEPTH_ALARM, "TreatMissingData", "differs", {"TreatMissingData": "breaching"}),
    (ERRORS_ALARM, "Threshold", "differs", {"Threshold": 99}),
    (
        ERRORS_ALARM,
        "metric error_rate",
        "differs",
        {"Metrics": [{**RATE, "Expression": "errors"}, ERRORS, INVOCATIONS]},
    ),
    (ERRORS_ALARM, "metric errors", "differs", {"Metrics": [RATE, OTHER_FUNCTION, INVOCATIONS]}),
    (ERRORS_ALARM, "metric invocations", "differs", {"Metrics": [RATE, ERRORS, AVERAGED]}),
]


def raise_alarm(state: str) -> Change:
    return lambda aws: aws["cloudwatch"].set_alarm_state(AlarmName=DEPTH_ALARM, StateValue=state, StateReason="test")


def of_alarms() -> Iterator[Mutation]:
    for name, property_, outcome, changed in ALARM_CHANGES:
        yield Mutation(
            f"{name}-{property_}",
            lambda aws, name=name, changed=changed: make_alarm(aws, name, **changed),
            lambda aws, name=name: make_alarm(aws, name),
            (ALARM_TYPE, name, property_, outcome),
        )
    for name in (DLQ_ALARM, DEPTH_ALARM, ERRORS_ALARM):
        yield Mutation(
            f"{name}-deleted",
            lambda aws, name=name: aws["cloudwatch"].delete_alarms(AlarmNames=[name]),
            lambda aws, name=name: make_alarm(aws, name),
            (ALARM_TYPE, name, "", "missing"),
        )
    yield Mutation(
        "alarm-in-alarm", raise_alarm("ALARM"), raise_alarm("OK"), (ALARM_TYPE, DEPTH_ALARM, "StateValue", "differs")
    )
    other = "careervp-vpr-other-alarm"
    yield Mutation(
        "undeclared-alarm",
        lambda aws: make_alarm(aws, ERRORS_ALARM, AlarmName=other),
        lambda aws: aws["cloudwatch"].delete_alarms(AlarmNames=[other]),
        (ALARM_TYPE, other, "", "unexpected"),
    )
    yield Mutation(
        "undeclared-topic",
        lambda aws: aws["sns"].create_topic(Name="careervp-vpr-alarm-topic-dev"),
        lambda aws: aws["sns"].delete_topic(TopicArn="arn:aws:sns:us-east-1:111111111111:careervp-vpr-alarm-topic-dev"),
        (TOPIC_TYPE, "careervp-vpr-alarm-topic-dev", "", "unexpected"),
    )


# --- the handlers' policies ---------------------------------------------------------------------------------------


def of_handlers() -> Iterator[Mutation]:
    statements = deployed.HANDLER_POLICIES
    put, query, send = statements[SUBMIT_POLICY]
    everything = {**send, "Resource": "*"}
    changes: list[tuple[str, str, list[dict[str, Any]], str]] = [
        ("action-added", SUBMIT_POLICY, [put, query, {**send, "Action": ["sqs:*"]}], "differs"),
        ("resource-widened", SUBMIT_POLICY, [put, query, everything], "differs"),
        ("statement-added", SUBMIT_POLICY, [put, query, send, everything], "unexpected"),
        ("statement-lost", SUBMIT_POLICY, [put, send], "missing"),
        (
            "action-lost",
            WORKER_POLICY,
            [*statements[WORKER_POLICY][1:], allow(QUEUE_ARN, "sqs:ReceiveMessage")],
            "differs",
        ),
        (
            "whole-bucket",
            STATUS_POLICY,
            [statements[STATUS_POLICY][0], allow(f"arn:aws:s3:::{BUCKET}/*", "s3:GetObject")],
            "differs",
        ),
    ]
    for id_, name, changed, outcome in changes:
        yield Mutation(
            f"{name}-{id_}",
            partial(change_policy, name, changed),
            partial(change_policy, name, statements[name]),
            (POLICY_TYPE, name, "policy", outcome),
        )
    yield Mutation(
        "policy-of-a-user",
        attach_to_user,
        detach_from_user,
        (POLICY_TYPE, WORKER_POLICY, "attached to users", "unexpected"),
    )
    yield Mutation(
        "policy-of-a-group",
        attach_to_group,
        detach_from_group,
        (POLICY_TYPE, STATUS_POLICY, "attached to groups", "unexpected"),
    )
    yield Mutation(
        "deleted-policy",
        lambda aws: aws["iam"].delete_policy(PolicyArn=policy_arn(STATUS_POLICY)),
        lambda aws: make_handler_policy(aws, STATUS_POLICY),
        (POLICY_TYPE, STATUS_POLICY, "", "missing"),
    )
    other = "careervp-vpr-admin-policy-dev"
    yield Mutation(
        "undeclared-policy",
        lambda aws: aws["iam"].create_policy(PolicyName=other, PolicyDocument=policy(everything)),
        lambda aws: aws["iam"].delete_policy(PolicyArn=policy_arn(other)),
        (POLICY_TYPE, other, "", "unexpected"),
    )


def attach_to_user(aws: Any) -> None:
    aws["iam"].create_user(UserName="somebody")
    aws["iam"].attach_user_policy(UserName="somebody", PolicyArn=policy_arn(WORKER_POLICY))


def detach_from_user(aws: Any) -> None:
    aws["iam"].detach_user_policy(UserName="somebody", PolicyArn=policy_arn(WORKER_POLICY))
    aws["iam"].delete_user(UserName="somebody")


def attach_to_group(aws: Any) -> None:
    aws["iam"].create_group(GroupName="everybody")
    aws["iam"].attach_group_policy(GroupName="everybody", PolicyArn=policy_arn(STATUS_POLICY))


def detach_from_group(aws: Any) -> None:
    aws["iam"].detach_group_policy(GroupName="everybody", PolicyArn=policy_arn(STATUS_POLICY))
    aws["iam"].delete_group(GroupName="everybody")


def change_policy(name: str, changed: list[dict[str, Any]], aws: Any) -> None:
    deployed.change_handler_policy(aws, name, *changed)


# --- tags ---------------------------------------------------------------------------------------------------------


def alarm_arn(name: str) -> str:
    return f"arn:aws:cloudwatch:us-east-1:111111111111:alarm:{name}"


def tag(type_: str, name: str, tags: dict[str, str]) -> Change:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]

    def change(aws: Any) -> None:
        if type_ == QUEUE_TYPE:
            aws["sqs"].tag_queue(QueueUrl=url(aws, name), Tags=tags)
        elif type_ == TABLE_TYPE:
            aws["dynamodb"].tag_resource(ResourceArn=TABLE_ARN, Tags=listed)
        elif type_ == BUCKET_TYPE:
            kept = [each for each in TAG_LIST if each["Key"] not in tags]
            aws["s3"].put_bucket_tagging(Bucket=name, Tagging={"TagSet": kept + listed})
        else:
            aws["cloudwatch"].tag_resource(ResourceARN=alarm_arn(name), Tags=listed)

    return change


def untag(type_: str, name: str, key: str) -> Change:
    def change(aws: Any) -> None:
        if type_ == QUEUE_TYPE:
            aws["sqs"].untag_queue(QueueUrl=url(aws, name), TagKeys=[key])
        elif type_ == TABLE_TYPE:
            aws["dynamodb"].untag_resource(ResourceArn=TABLE_ARN, TagKeys=[key])
        elif type_ == BUCKET_TYPE:
            kept = [each for each in TAG_LIST if each["Key"] != key]
            aws["s3"].put_bucket_tagging(Bucket=name, Tagging={"TagSet": kept})
        else:
            aws["cloudwatch"].untag_resource(ResourceARN=alarm_arn(name), TagKeys=[key])

    return change


def of_tags() -> Iterator[Mutation]:
    for type_, name in (
        (QUEUE_TYPE, QUEUE),
        (QUEUE_TYPE, DLQ),
        (TABLE_TYPE, TABLE),
        (BUCKET_TYPE, BUCKET),
        (ALARM_TYPE, ERRORS_ALARM),
    ):
        right = tag(type_, name, TAGS)
        yield Mutation(f"{name}-untagged", untag(type_, name, "Owner"), right, (type_, name, "tag Owner", "missing"))
        yield Mutation(
            f"{name}-tag-changed",
            tag(type_, name, {"Environment": "prod"}),
            right,
            (type_, name, "tag Environment", "differs"),
        )
        yield Mutation(
            f"{name}-tag-added",
            tag(type_, name, {"Cost": "1"}),
            untag(type_, name, "Cost"),
            (type_, name, "tag Cost", "unexpected"),
        )


MUTATIONS = [*of_queues(), *of_table(), *of_bucket(), *of_alarms(), *of_handlers(), *of_tags()]
