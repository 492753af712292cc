"""The requirement as a review checks it against a plan: the verifier's hand-written values, resource by resource."""

from collections.abc import Iterator, Mapping
from typing import Any

from config.request import Environment
from ops import expectations
from plan_review.requirement import RequiredResource
from stacks.settings import Settings

FORCE_DESTROY = {Environment.DEV: True, Environment.STAGING: False, Environment.PROD: False}


def requirement(settings: Settings) -> Iterator[RequiredResource]:
    """Yield each resource that the stack must have, with its properties."""
    properties = {
        "aws_sqs_queue": _queue,
        "aws_dynamodb_table": _table,
        "aws_s3_bucket": _bucket,
        "aws_cloudwatch_metric_alarm": _alarm,
        "aws_sns_topic": _topic,
        "aws_iam_policy": _handler_policy,
    }
    tags = {key: str(value) for key, value in expectations.tags(settings).items()}
    for type_, names in expectations.declared(settings).items():
        for name in names:
            required = {**properties[type_](settings, name), "Tags": tags}
            yield RequiredResource(type=type_, name=name, properties=required)


def _queue(settings: Settings, name: str) -> Mapping[str, Any]:
    required = {**expectations.queue_attributes(settings, name), **expectations.redrive(settings, name)}
    statement = expectations.deny_insecure_transport("sqs:*", expectations.arn(settings, "sqs", name))
    return {**{property_: _as_planned(value) for property_, value in required.items()}, "Policy": [statement]}


def _as_planned(value: Any) -> Any:
    """Return a value that SQS's API has as text in Terraform's type."""
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


def _table(settings: Settings, _: str) -> Mapping[str, Any]:
    required = expectations.table(settings)
    indexes = {
        f"index {index}": {key: wanted[key] for key in ("Key", "Projection")}
        for index, wanted in expectations.TABLE_INDEXES.items()
    }
    return {
        "Key": required["Key"],
        **indexes,
        "BillingMode": required["BillingMode"],
        "TableClass": required["TableClass"],
        "DeletionProtectionEnabled": required["DeletionProtectionEnabled"],
        "PointInTimeRecovery": expectations.POINT_IN_TIME_RECOVERY[settings.environment],
        "TimeToLive": expectations.TIME_TO_LIVE["AttributeName"],
        "SSEDescription": required["SSEDescription"],
        "StreamSpecification": required["StreamSpecification"],
        "Replicas": required["Replicas"],
    }


def _bucket(settings: Settings, name: str) -> Mapping[str, Any]:
    arn = expectations.arn(settings, "s3", name)
    return {
        "force_destroy": FORCE_DESTROY[settings.environment],
        "Encryption": expectations.ENCRYPTION[0]["SSEAlgorithm"],
        **expectations.PUBLIC_ACCESS_BLOCK,
        "ObjectOwnership": expectations.OWNERSHIP_CONTROLS[0]["ObjectOwnership"],
        **{f"lifecycle rule {rule}": required for rule, required in expectations.LIFECYCLE_RULES.items()},
        "Policy": [expectations.deny_insecure_transport("s3:*", arn, f"{arn}/*")],
    }


def _alarm(settings: Settings, name: str) -> Mapping[str, Any]:
    metrics = expectations.alarm_metrics(settings, name)
    return {
        **expectations.alarm(settings, name),
        **{f"metric {id_}": required for id_, required in metrics.items()},
    }


def _topic(settings: Settings, _: str) -> Mapping[str, Any]:
    return {"Policy": expectations.topic_statements(settings)}


def _handler_policy(settings: Settings, name: str) -> Mapping[str, Any]:
    return {"Policy": expectations.handler_statements(settings, name)}
