"""Each construct alone, as another project would use it: its defaults, its arguments, and what it refuses."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm
from cdktf_cdktf_provider_aws.iam_policy import IamPolicy
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import S3BucketLifecycleConfiguration
from cdktf_cdktf_provider_aws.sns_topic_subscription import SnsTopicSubscription
from cdktf_cdktf_provider_aws.sqs_queue import SqsQueue

from constructs_lib.access import JobAccess, JobHandlerPolicies
from constructs_lib.alarms import AlarmTopic, Comparison, FunctionErrorRateAlarm, QueueDepthAlarm
from constructs_lib.bucket import ExpiringBucket
from constructs_lib.policies import bucket_arn, partition, queue_arn, topic_arn
from constructs_lib.queue import QueueWithDeadLetterQueue
from constructs_lib.validation import InvalidConstructError
from tests.constructs_lib.synthesized import new_stack, resources, synth

ACCOUNT = "444444444444"


def queues(stack: TerraformStack, **arguments: Any) -> QueueWithDeadLetterQueue:
    given: dict[str, Any] = {
        "name": "orders",
        "dead_letter_name": "orders-dead",
        "account_id": ACCOUNT,
        "region": "eu-west-1",
        "consumer_timeout_seconds": 30,
        "visibility_timeout_seconds": 60,
    }
    return QueueWithDeadLetterQueue(stack, "Orders", **{**given, **arguments})


def test_a_queue_of_another_feature_is_one_statement_and_secure_by_default() -> None:
    stack = new_stack()
    queues(stack)
    synthesized = synth(stack)
    assert Testing.to_have_resource_with_properties(
        synthesized,
        SqsQueue.TF_RESOURCE_TYPE,
        {
            "name": "orders",
            "sqs_managed_sse_enabled": True,
            "receive_wait_time_seconds": 20,
            "message_retention_seconds": 345600,
            "visibility_timeout_seconds": 60,
            "redrive_policy": '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:444444444444:orders-dead",'
            '"maxReceiveCount":3}',
        },
    )
    assert Testing.to_have_resource_with_properties(
        synthesized,
        SqsQueue.TF_RESOURCE_TYPE,
        {
            "name": "orders-dead",
            "sqs_managed_sse_enabled": True,
            "message_retention_seconds": 1209600,
            "redrive_allow_policy": '{"redrivePermission":"byQueue",'
            '"sourceQueueArns":["arn:aws:sqs:eu-west-1:444444444444:orders"]}',
        },
    )
    assert len(resources(synthesized, "aws_sqs_queue")) == 2


BAD_QUEUES = [
    ({"visibility_timeout_seconds": 43201}, "visibility_timeout_seconds = 43201: not allowed; allowed: 0 to 43200"),
    ({"receive_wait_seconds": 21}, "receive_wait_seconds = 21: not allowed; allowed: 0 to 20"),
    ({"receive_wait_seconds": -1}, "receive_wait_seconds = -1: not allowed; allowed: 0 to 20"),
    ({"retention_seconds": 59}, "retention_seconds = 59: not allowed; allowed: 60 to 1209600"),
    ({"dead_letter_retention_seconds": 1209601}, "dead_letter_retention_seconds = 1209601: not allowed"),
    ({"max_receive_count": 0}, "max_receive_count = 0: not allowed; allowed: 1 to 1000"),
    ({"max_receive_count": 1001}, "max_receive_count = 1001: not allowed; allowed: 1 to 1000"),
    ({"consumer_timeout_seconds": 0}, "consumer_timeout_seconds = 0: not allowed; allowed: 1 to 43200"),
    ({"visibility_timeout_seconds": 59}, "shorter than two consumer timeouts of 30 s"),
    ({"retention_seconds": 180}, "would expire before it reaches the dead-letter queue; allowed: more than 180"),
    ({"dead_letter_retention_seconds": 345600}, "not longer than the queue's 345600"),
]


@pytest.mark.parametrize(("arguments", "fault"), BAD_QUEUES)
def test_a_queue_refuses_what_sqs_or_its_invariants_refuse(arguments: dict[str, int], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        queues(new_stack(), **arguments)
    assert any(fault in found and found.startswith("other/Orders: ") for found in caught.value.faults)


def test_a_queue_accepts_the_very_limits_of_its_invariants() -> None:
    """Twice the consumer's timeout, a second more than all receives take, a second more than the queue retains."""
    stack = new_stack()
    queues(stack, visibility_timeout_seconds=60, retention_seconds=181, dead_letter_retention_seconds=182)
    assert len(resources(synth(stack), "aws_sqs_queue")) == 2


def test_all_violated_invariants_are_named_at_once() -> None:
    with pytest.raises(InvalidConstructError) as caught:
        queues(
            new_stack(),
            consumer_timeout_seconds=331,
            visibility_timeout_seconds=660,
            retention_seconds=1980,
            dead_letter_retention_seconds=1980,
        )
    assert [fault.split(" = ")[0] for fault in caught.value.faults] == [
        "other/Orders: visibility_timeout_seconds",
        "other/Orders: retention_seconds",
        "other/Orders: dead_letter_retention_seconds",
    ]


@pytest.mark.parametrize(
    ("region", "expected"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_arns_have_their_regions_partition(region: str, expected: str) -> None:
    assert partition(region) == expected
    assert queue_arn(name="q", account_id=ACCOUNT, region=region) == f"arn:{expected}:sqs:{region}:444444444444:q"
    assert topic_arn(name="t", account_id=ACCOUNT, region=region) == f"arn:{expected}:sns:{region}:444444444444:t"
    assert bucket_arn(name="b", region=region) == f"arn:{expected}:s3:::b"


def bucket(stack: TerraformStack, **arguments: Any) -> ExpiringBucket:
    given: dict[str, Any] = {
        "name": "orders-bucket",
        "region": "eu-west-1",
        "retain_data": True,
        "expiration_rule": "Old",
        "expiration_days": 30,
    }
    return ExpiringBucket(stack, "Orders", **{**given, **arguments})


@pytest.mark.parametrize("retain_data", [True, False])
def test_a_bucket_can_be_destroyed_exactly_when_data_is_not_retained(*, retain_data: bool) -> None:
    stack = new_stack()
    bucket(stack, retain_data=retain_data)
    (found,) = resources(synth(stack), S3Bucket.TF_RESOURCE_TYPE)
    assert found["force_destroy"] is not retain_data
    assert found.get("lifecycle") == ({"prevent_destroy": True} if retain_data else None)


def test_a_buckets_rules_cover_it_whole() -> None:
    stack = new_stack()
    bucket(stack)
    (rules,) = resources(synth(stack), S3BucketLifecycleConfiguration.TF_RESOURCE_TYPE)
    assert [(rule["id"], rule["status"], rule["filter"]) for rule in rules["rule"]] == [
        ("Old", "Enabled", [{"prefix": ""}]),
        ("AbortIncompleteUploads", "Enabled", [{"prefix": ""}]),
    ]
    assert rules["rule"][0]["expiration"] == [{"days": 30}]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"expiration_days": 0}, "expiration_days = 0: not allowed"),
        ({"expiration_rule": ""}, 'expiration_rule = "": 1 to 255 characters'),
        ({"expiration_rule": "r" * 256}, "1 to 255 characters"),
    ],
)
def test_a_bucket_refuses_a_rule_that_s3_refuses(arguments: dict[str, Any], fault: str) -> None:
    with pytest.raises(InvalidConstructError) as caught:
        bucket(new_stack(), **arguments)
    assert len(caught.value.faults) == 1
    assert fault in caught.value.faults[0]


def depth_alarm(stack: TerraformStack, actions: list[str]) -> None:
    QueueDepthAlarm(
        stack,
        "Depth",
        name="depth",
        description="d",
        queue=queues(stack).queue,
        comparison=Comparison.ABOVE,
        threshold_messages=10,
        actions=actions,
    )


def rate_alarm(stack: TerraformStack, actions: list[str]) -> None:
    FunctionErrorRateAlarm(
        stack, "Rate", name="rate", description="d", function_name="f", threshold_percent=1, actions=actions
    )


@pytest.mark.parametrize("make", [depth_alarm, rate_alarm])
@pytest.mark.parametrize("actions", [[], ["arn:aws:sns:eu-west-1:444444444444:ops"]])
def test_an_alarm_tells_its_actions_of_alarm_and_recovery(
    make: Callable[[TerraformStack, list[str]], None], actions: list[str]
) -> None:
    stack = new_stack()
    make(stack, actions)
    (alarm,) = resources(synth(stack), CloudwatchMetricAlarm.TF_RESOURCE_TYPE)
    assert alarm.get("alarm_actions", []) == actions
    assert alarm.get("ok_actions", []) == actions


def test_an_alarm_topic_takes_this_accounts_alarms_alone_and_sends_them_to_the_address() -> None:
    stack = new_stack()
    topic = AlarmTopic(stack, "Ops", name="ops", account_id=ACCOUNT, region="eu-west-1", email="ops@example.com")
    synthesized = synth(stack)
    assert topic.arn == "arn:aws:sns:eu-west-1:444444444444:ops"
    assert Testing.to_have_resource_with_properties(
        synthesized, SnsTopicSubscription.TF_RESOURCE_TYPE, {"protocol": "email", "endpoint": "ops@example.com"}
    )
    (found,) = resources(synthesized, "aws_sns_topic")
    assert json.loads(found["policy"])["Statement"] == [
        {
            "Sid": "AllowAlarms",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:444444444444:ops",
            "Condition": {"StringEquals": {"aws:SourceAccount": "444444444444"}},
        },
        {
            "Sid": "DenyInsecureTransport",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": "arn:aws:sns:eu-west-1:444444444444:ops",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]


def access(**arguments: Any) -> JobAccess:
    given: dict[str, Any] = {
        "account_id": ACCOUNT,
        "region": "cn-north-1",
        "queue_name": "orders",
        "table_name": "orders",
        "idempotency_index": "by-key",
        "bucket_name": "order-results",
    }
    return JobAccess(**{**given, **arguments})


def handler_policies(stack: TerraformStack, job: JobAccess) -> JobHandlerPolicies:
    names = {"submit_name": "orders-submit", "worker_name": "orders-worker", "status_name": "orders-status"}
    return JobHandlerPolicies(stack, "Handlers", access=job, **names)


def test_the_handlers_of_another_feature_get_their_access_with_one_statement() -> None:
    """Each action on the one resource that it needs, in the region's own partition."""
    stack = new_stack()
    handler_policies(stack, access(results_prefix="out/done/"))
    made = {each["name"]: json.loads(each["policy"]) for each in resources(synth(stack), IamPolicy.TF_RESOURCE_TYPE)}
    granted = {
        name: sorted(
            (action, statement["Resource"])
            for statement in document["Statement"]
            for action in statement["Action"]
            if statement["Effect"] == "Allow"
        )
        for name, document in made.items()
    }
    queue, table = (
        f"arn:aws-cn:sqs:cn-north-1:{ACCOUNT}:orders",
        f"arn:aws-cn:dynamodb:cn-north-1:{ACCOUNT}:table/orders",
    )
    results = "arn:aws-cn:s3:::order-results/out/done/*"
    assert granted == {
        "orders-submit": [
            ("dynamodb:PutItem", table),
            ("dynamodb:Query", f"{table}/index/by-key"),
            ("dynamodb:UpdateItem", table),
            ("sqs:SendMessage", queue),
        ],
        "orders-worker": [
            ("dynamodb:GetItem", table),
            ("dynamodb:UpdateItem", table),
            ("s3:PutObject", results),
            ("sqs:ChangeMessageVisibility", queue),
            ("sqs:DeleteMessage", queue),
            ("sqs:GetQueueAttributes", queue),
            ("sqs:ReceiveMessage", queue),
        ],
        "orders-status": [("dynamodb:GetItem", table), ("s3:GetObject", results)],
    }


@pytest.mark.parametrize("prefix", ["", "/", "results", "results*/", "re?ults/", "${aws:username}/"])
def test_a_prefix_that_reaches_other_objects_is_refused(prefix: str) -> None:
    with pytest.raises(
        InvalidConstructError, match=r"results_prefix = .*: not allowed; allowed: the beginning of a key"
    ):
        handler_policies(new_stack(), access(results_prefix=prefix))
