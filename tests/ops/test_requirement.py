"""The requirement held against plans of this project's stack: what agrees, what does not, and what is not known."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from config.environments import Environment
from ops.requirement import required_resources
from plan_review.forms.wording import against
from plan_review.model import Intent, Known
from plan_review.review import review
from plan_review.rules import Rules
from stacks.features import load_settings
from stacks.settings import DataProtection
from stacks.vpr_async import FEATURE as VPR_ASYNC
from stacks.vpr_async.settings import own
from tests.required import RECEIVES, RESULTS_DAYS, RETENTION, VISIBILITY, WAIT

from plan_builder import TODAY, entry, plan

PROD = load_settings(Environment("prod"))
QUEUE, DLQ = "careervp-vpr-jobs-queue-prod", "careervp-vpr-jobs-dlq-prod"
BUCKET = "careervp-prod-vpr-results-us-east-1-2d9368"
ARN = "arn:aws:sqs:us-east-1:333333333333:"


def tls(name: str) -> str:
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["SQS:*"],
        "Resource": f"{ARN}{name}",
        "Condition": {"Bool": {"aws:SecureTransport": False}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": statement})


def queue(**more: Any) -> dict[str, Any]:
    return {
        "name": QUEUE,
        "visibility_timeout_seconds": int(VISIBILITY),
        "message_retention_seconds": int(RETENTION),
        "receive_wait_time_seconds": int(WAIT),
        "max_message_size": 262144,
        "delay_seconds": 0,
        "sqs_managed_sse_enabled": True,
        "kms_master_key_id": None,
        "policy": tls(QUEUE),
        "redrive_policy": json.dumps({"deadLetterTargetArn": f"{ARN}{DLQ}", "maxReceiveCount": RECEIVES}),
        **more,
    }


def table(**more: Any) -> dict[str, Any]:
    return {
        "name": "careervp-jobs-table-prod",
        "hash_key": "job_id",
        "attribute": [{"name": "idempotency_key", "type": "S"}, {"name": "job_id", "type": "S"}],
        "global_secondary_index": [
            {"name": "idempotency-key-index", "hash_key": "idempotency_key", "projection_type": "ALL", "range_key": ""}
        ],
        "billing_mode": "PAY_PER_REQUEST",
        "deletion_protection_enabled": True,
        "point_in_time_recovery": [{"enabled": True}],
        "ttl": [{"attribute_name": "ttl", "enabled": True}],
        **more,
    }


def lifecycle(days: int) -> dict[str, Any]:
    rule = {"id": "DeleteOldResults", "status": "Enabled", "filter": [{"prefix": ""}], "expiration": [{"days": days}]}
    return {"bucket": BUCKET, "rule": [rule]}


def intents(*entries: dict[str, Any]) -> dict[tuple[str, str], Intent]:
    required = list(required_resources(VPR_ASYNC, PROD))
    found = review(plan(*entries), title="t", requirement=required, rules=Rules(), today=TODAY)
    return {(each.resource, each.property): each for each in found.intent}


def created(type_: str, after: dict[str, Any], **more: Any) -> dict[str, Any]:
    return entry(type_, "create", None, after, **more)


@pytest.mark.parametrize(
    ("attribute", "value", "property_"),
    [
        ("visibility_timeout_seconds", 30, "VisibilityTimeout"),
        ("message_retention_seconds", 60, "MessageRetentionPeriod"),
        ("receive_wait_time_seconds", 0, "ReceiveMessageWaitTimeSeconds"),
        ("max_message_size", 1024, "MaximumMessageSize"),
        ("delay_seconds", 5, "DelaySeconds"),
        ("sqs_managed_sse_enabled", False, "SqsManagedSseEnabled"),
        ("kms_master_key_id", "alias/own", "KmsMasterKeyId"),
        ("policy", None, "Policy"),
        ("redrive_policy", json.dumps({"deadLetterTargetArn": f"{ARN}{DLQ}", "maxReceiveCount": 999}), "RedrivePolicy"),
    ],
)
def test_each_property_of_a_queue_agrees_only_as_it_is_required(attribute: str, value: Any, property_: str) -> None:
    good, bad = (
        intents(created("aws_sqs_queue", queue())),
        intents(created("aws_sqs_queue", queue(**{attribute: value}))),
    )
    assert good[QUEUE, property_].agrees is True
    assert bad[QUEUE, property_].agrees is False
    assert [name for name, each in bad.items() if good[name].agrees and not each.agrees] == [(QUEUE, property_)]


@pytest.mark.parametrize(
    ("more", "property_"),
    [
        ({"hash_key": "user_id"}, "Key"),
        ({"attribute": [{"name": "job_id", "type": "N"}, {"name": "idempotency_key", "type": "S"}]}, "Key"),
        ({"global_secondary_index": []}, "index idempotency-key-index"),
        ({"billing_mode": "PROVISIONED"}, "BillingMode"),
        ({"on_demand_throughput": [{"max_read_request_units": 1}]}, "OnDemandThroughput"),
        ({"point_in_time_recovery": [{"enabled": True, "recovery_period_in_days": 1}]}, "RecoveryPeriodInDays"),
        ({"table_class": "STANDARD_INFREQUENT_ACCESS"}, "TableClass"),
        ({"deletion_protection_enabled": None}, "DeletionProtectionEnabled"),
        ({"point_in_time_recovery": []}, "PointInTimeRecovery"),
        ({"ttl": [{"attribute_name": "ttl", "enabled": False}]}, "TimeToLive"),
        ({"stream_enabled": True}, "StreamSpecification"),
        ({"server_side_encryption": [{"enabled": True}]}, "SSEDescription"),
    ],
)
def test_each_property_of_the_table_agrees_only_as_it_is_required(more: dict[str, Any], property_: str) -> None:
    name = "careervp-jobs-table-prod"
    assert intents(created("aws_dynamodb_table", table()))[name, property_].agrees is True
    assert intents(created("aws_dynamodb_table", table(**more)))[name, property_].agrees is False


def test_the_buckets_expiry_is_held_against_the_requirement() -> None:
    def found(days: int) -> Intent:
        bucket = created("aws_s3_bucket", {"bucket": BUCKET, "force_destroy": False})
        expiry = created("aws_s3_bucket_lifecycle_configuration", lifecycle(days))
        return intents(bucket, expiry)[BUCKET, "lifecycle rule DeleteOldResults"]

    assert [found(RESULTS_DAYS).agrees, found(1).agrees] == [True, False]
    assert found(1).planned.value == {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}


def test_an_index_that_is_not_required_does_not_agree() -> None:
    index = {"name": "by-user", "hash_key": "job_id", "projection_type": "ALL"}
    more = table(global_secondary_index=[*table()["global_secondary_index"], index])
    found = intents(created("aws_dynamodb_table", more))
    name = "careervp-jobs-table-prod"
    assert [key for key, each in found.items() if key[0] == name and "index" in key[1] and each.agrees is False] == [
        (name, "index by-user")
    ]


@pytest.mark.parametrize(
    "more",
    [
        {"transition": [{"days": 1, "storage_class": "GLACIER"}]},
        {"filter": [{"prefix": "", "object_size_greater_than": 1073741824}]},
        {"expiration": [{"date": "2099-01-01T00:00:00Z"}]},
        {"noncurrent_version_expiration": [{"noncurrent_days": 1}]},
    ],
)
def test_a_rule_of_the_bucket_that_does_more_or_is_for_less_does_not_agree(more: dict[str, Any]) -> None:
    """Verify finds the same of a deployed bucket."""
    bucket = created("aws_s3_bucket", {"bucket": BUCKET, "force_destroy": False})
    (rule,) = lifecycle(RESULTS_DAYS)["rule"]
    expiry = created("aws_s3_bucket_lifecycle_configuration", {"bucket": BUCKET, "rule": [{**rule, **more}]})
    assert intents(bucket, expiry)[BUCKET, "lifecycle rule DeleteOldResults"].agrees is False


def test_versioning_that_is_not_required_does_not_agree() -> None:
    bucket = created("aws_s3_bucket", {"bucket": BUCKET, "force_destroy": False})
    on = {"bucket": BUCKET, "versioning_configuration": [{"status": "Enabled"}]}
    assert intents(bucket)[BUCKET, "Versioning"].agrees is True
    assert intents(bucket, created("aws_s3_bucket_versioning", on))[BUCKET, "Versioning"].agrees is False


@pytest.mark.parametrize(
    ("type_", "attributes", "property_"),
    [
        ("aws_s3_bucket_cors_configuration", {"cors_rule": [{"allowed_origins": ["*"]}]}, "CORS"),
        ("aws_s3_bucket_logging", {"target_bucket": "elsewhere", "target_prefix": ""}, "Logging"),
        ("aws_s3_bucket_notification", {"eventbridge": True}, "Notifications"),
        ("aws_s3_bucket_request_payment_configuration", {"payer": "Requester"}, "RequestPayment"),
        ("aws_s3_bucket_accelerate_configuration", {"status": "Enabled"}, "Acceleration"),
    ],
)
def test_what_a_bucket_gets_that_is_not_required_does_not_agree(
    type_: str, attributes: dict[str, Any], property_: str
) -> None:
    bucket = created("aws_s3_bucket", {"bucket": BUCKET, "force_destroy": False})
    assert intents(bucket)[BUCKET, property_].agrees is True
    assert intents(bucket, created(type_, {"bucket": BUCKET, **attributes}))[BUCKET, property_].agrees is False


def test_a_policy_on_the_table_that_is_not_required_does_not_agree() -> None:
    name = "careervp-jobs-table-prod"
    allow = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:Scan", "Resource": "*"}})
    given = {"resource_arn": f"arn:aws:dynamodb:us-east-1:333333333333:table/{name}", "policy": allow}
    made = created("aws_dynamodb_table", table())
    assert intents(made)[name, "Policy"].agrees is True
    assert intents(made, created("aws_dynamodb_resource_policy", given))[name, "Policy"].agrees is False


NOT_IN_A_PLAN = {
    ("aws_sqs_queue", "messages"): "what is in it, and not what it is",
    ("aws_sqs_queue", "consumers"): "made by the handlers' project",
    ("aws_dynamodb_table", "TableStatus"): "what it is at the moment",
    ("aws_cloudwatch_metric_alarm", "StateValue"): "what it is at the moment",
    ("aws_cloudwatch_metric_alarm", "function"): "made by the handlers' project",
    ("aws_sns_topic", "subscriptions"): "named by the topic's ARN, which is known only after the apply",
    ("aws_sns_topic", "filter of ops@example.com"): "of such a subscription",
    ("aws_iam_policy", "attached to users"): "done by the handlers' project",
    ("aws_iam_policy", "attached to groups"): "done by the handlers' project",
}
IN_OTHER_WORDS = {
    ("aws_sqs_queue", "policy"): {"Policy"},
    ("aws_sqs_queue", "tags"): {"Tags"},
    ("aws_dynamodb_table", "indexes"): {"index idempotency-key-index"},
    ("aws_dynamodb_table", "PointInTimeRecovery"): {"PointInTimeRecovery", "RecoveryPeriodInDays"},
    ("aws_dynamodb_table", "policy"): {"Policy"},
    ("aws_dynamodb_table", "tags"): {"Tags"},
    ("aws_s3_bucket", "PublicAccessBlock"): {
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    },
    ("aws_s3_bucket", "OwnershipControls"): {"ObjectOwnership"},
    ("aws_s3_bucket", "lifecycle rules"): {"lifecycle rule DeleteOldResults", "lifecycle rule AbortIncompleteUploads"},
    ("aws_s3_bucket", "policy"): {"Policy"},
    ("aws_s3_bucket", "tags"): {"Tags"},
    ("aws_cloudwatch_metric_alarm", "metrics"): {"metric errors", "metric invocations", "metric error_rate"},
    ("aws_cloudwatch_metric_alarm", "tags"): {"Tags"},
    ("aws_sns_topic", "policy"): {"Policy"},
    ("aws_sns_topic", "tags"): {"Tags"},
    ("aws_iam_policy", "policy"): {"Policy"},
}


def test_whatever_verify_checks_of_a_deployed_stack_a_review_checks_of_a_plan() -> None:
    """But for what no plan says, for the reasons above; every reason and other word is needed."""
    alarms = evolve(own(PROD).alarms, topic_arns=[], emails=["ops@example.com"])
    settings = evolve(PROD, features={**PROD.features, VPR_ASYNC.key: evolve(own(PROD), alarms=alarms)})
    reviewed = {(each.type, each.name): each.properties.keys() for each in required_resources(VPR_ASYNC, settings)}
    used: set[tuple[str, str]] = set()
    seen = 0
    for type_, resources in VPR_ASYNC.requirement(settings).resources.items():
        for name, looks in resources.items():
            for property_ in {property_ for look in looks.values() for property_ in look}:
                seen += 1
                key = (type_, property_)
                words = IN_OTHER_WORDS.get(key, {property_})
                used |= {key} & (NOT_IN_A_PLAN.keys() | IN_OTHER_WORDS.keys())
                is_optional = key == ("aws_cloudwatch_metric_alarm", "metrics")
                assert key in NOT_IN_A_PLAN or is_optional or words <= reviewed[type_, name], (key, name)
    assert seen > 100
    assert used == NOT_IN_A_PLAN.keys() | IN_OTHER_WORDS.keys()


@pytest.mark.parametrize(
    ("environment", "protection", "expected"),
    [
        ("dev", DataProtection.DESTROY, (False, "DISABLED", True)),
        ("dev", DataProtection.RETAIN, (True, "ENABLED", False)),
        ("prod", DataProtection.RETAIN, (True, "ENABLED", False)),
        ("prod", DataProtection.DESTROY, (True, "ENABLED", False)),
    ],
)
def test_data_that_is_kept_is_required_to_be_protected(
    environment: str, protection: DataProtection, expected: tuple[bool, str, bool]
) -> None:
    """Where the settings say so, and wherever customers' data is."""
    settings = evolve(load_settings(Environment(environment)), data_protection=protection)
    required = {each.type: each.properties for each in required_resources(VPR_ASYNC, settings)}
    of_table, of_bucket = required["aws_dynamodb_table"], required["aws_s3_bucket"]
    found = of_table["DeletionProtectionEnabled"], of_table["PointInTimeRecovery"], of_bucket["force_destroy"]
    assert found == expected


def test_a_resource_that_the_plan_does_not_leave_is_missing() -> None:
    found = intents(created("aws_sqs_queue", queue()))
    missing = found[DLQ, "exists"]
    assert (missing.required, missing.planned.value, missing.agrees) == (True, False, False)


def test_of_a_policy_and_of_tags_what_is_not_as_required_can_be_seen_at_once() -> None:
    """However the rest is written; in the plan this policy is a text, and its tags have another order."""
    statements = [
        json.loads(tls(QUEUE))["Statement"],
        {"Sid": "A", "Effect": "Allow", "Principal": "*", "Action": ["a:B"]},
    ]
    tags = {"Project": "careervp", "Feature": "vpr", "Environment": "prod", "ManagedBy": "terraform", "Owner": "me"}
    policy = json.dumps({"Statement": statements})
    found = intents(created("aws_sqs_queue", queue(policy=policy, tags_all=tags)))
    assert against(found[QUEUE, "Policy"]) == [
        ("Policy[1]", "(not set)", '{"Effect": "Allow", "Principal": "*", "Action": "a:B"}')
    ]
    assert against(found[QUEUE, "Tags"]) == [("Tags.Owner", '"careervp-platform"', '"me"')]
    assert list(found[QUEUE, "Tags"].planned.value) == ["Owner", "Project", "Feature", "Environment", "ManagedBy"]
    assert against(found[QUEUE, "VisibilityTimeout"]) == [("VisibilityTimeout", *[VISIBILITY] * 2)]


def test_a_value_that_is_not_known_or_is_sensitive_neither_agrees_nor_disagrees() -> None:
    unknown = created("aws_sqs_queue", {"name": QUEUE}, after_unknown={"policy": True, "delay_seconds": True})
    secret = created("aws_sqs_queue", queue(), after_sensitive={"policy": True})
    assert [intents(each)[QUEUE, "Policy"].agrees for each in (unknown, secret)] == [None, None]
    assert intents(unknown)[QUEUE, "DelaySeconds"].planned.known is Known.UNKNOWN


def test_other_plans_and_a_destroy_have_no_intent() -> None:
    assert intents(created("aws_sqs_queue", queue(name="somebody-elses"))) == {}
    assert intents(entry("aws_sqs_queue", "delete", queue())) == {}


SET_BY_THE_PROVIDER = {
    ("jobs-queue", "MaximumMessageSize"),
    ("jobs-queue", "DelaySeconds"),
    ("jobs-dlq", "VisibilityTimeout"),
    ("jobs-dlq", "MaximumMessageSize"),
    ("jobs-dlq", "DelaySeconds"),
    ("dlq-alarm", "ActionsEnabled"),
    ("worker-errors-alarm", "ActionsEnabled"),
    ("queue-depth-alarm", "ActionsEnabled"),
}
"""What the stack leaves to the provider's defaults."""


def in_blocks(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return attributes with an alarm's metrics as a plan has them: each block in a list, a flag with its default."""
    queries = [
        {"return_data": False, **each, "metric": [each["metric"]] if "metric" in each else []}
        for each in attributes.get("metric_query", [])
    ]
    return {**attributes, "metric_query": queries} if queries else attributes


def as_plan(stack: dict[str, Any]) -> dict[str, Any]:
    """Return the plan of a synthesized stack's creation, as far as the stack itself says what is made."""
    made = stack["resource"]
    text = json.dumps(made)
    for type_, of_type in made.items():
        for name, attributes in of_type.items():
            for key in ("name", "bucket"):
                text = text.replace(f"${{{type_}.{name}.{key}}}", str(attributes.get(key)))
    tags = stack["provider"]["aws"][0]["default_tags"][0]["tags"]
    entries = (
        {**created(type_, {**in_blocks(attributes), "tags_all": tags}), "address": f"{type_}.{name}"}
        for type_, of_type in json.loads(text).items()
        for name, attributes in of_type.items()
    )
    return plan(*entries)


def test_the_stack_is_as_required_in_all_that_it_says(synthesized: Path) -> None:
    """Both are written by hand: whoever changes one of them changes the other."""
    stack = json.loads((synthesized / "stacks" / "vpr-async-prod" / "cdk.tf.json").read_text())
    required = list(required_resources(VPR_ASYNC, PROD))
    found = review(as_plan(stack), title="t", requirement=required, rules=Rules(), today=TODAY).intent
    assert len(found) > 100
    differing = {(each.resource, each.property) for each in found if each.agrees is not True}
    assert differing == {(f"careervp-vpr-{name}-prod", property_) for name, property_ in SET_BY_THE_PROVIDER}
