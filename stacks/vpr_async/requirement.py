"""The feature's requirement, as literals written by hand from its text."""

from collections.abc import Mapping
from typing import Any

from stacks.requirement import (
    ABORTED_UPLOADS,
    AtMost,
    Document,
    Expected,
    Members,
    Noted,
    Requirement,
    Statements,
    arn,
    deny_insecure_transport,
    private_bucket,
    tags,
)
from stacks.settings import HandlerPolicies, Settings
from stacks.vpr_async.names import FEATURE, Names, names_of
from stacks.vpr_async.settings import own


def requirement(settings: Settings) -> Requirement:
    """Return the requirement in one environment."""
    names, alarms = names_of(settings), own(settings).alarms
    shared = tags(settings, FEATURE)
    # Where others make the policies, those of the same names are theirs.
    managed = own(settings).handlers.policies is HandlerPolicies.MANAGED
    return Requirement(
        resources={
            **({"aws_iam_policy": _handler_policies(settings, names)} if managed else {}),
            "aws_sqs_queue": {
                names.jobs_queue: {
                    **_jobs_queue(settings, names),
                    "tags": shared,
                    "consumers": _consumers(names.worker_function),
                },
                names.jobs_dlq: {**_dead_letter_queue(settings, names), "tags": shared, "consumers": _consumers()},
            },
            "aws_dynamodb_table": {names.jobs_table: {**_table(settings), "tags": shared}},
            "aws_s3_bucket": {names.results_bucket: {**_bucket(settings, names), "tags": shared}},
            "aws_cloudwatch_metric_alarm": {
                name: {**looks, "tags": shared} for name, looks in _alarms(settings, names).items()
            },
            "aws_sns_topic": {names.alarm_topic: {**_topic(settings, names), "tags": shared}} if alarms.emails else {},
            **(_wiring(names, shared) if own(settings).worker.wire else {}),
            **(
                {"aws_cloudwatch_dashboard": {names.dashboard: {"titles": {"Titles": _titles(names)}}}}
                if own(settings).dashboard
                else {}
            ),
        },
        prefixes={
            "aws_sqs_queue": "careervp-vpr-",
            "aws_dynamodb_table": "careervp-jobs-",
            "aws_s3_bucket": f"careervp-{settings.environment}-vpr-",
            "aws_cloudwatch_metric_alarm": "careervp-vpr-",
            "aws_sns_topic": "careervp-vpr-",
            "aws_iam_policy": "careervp-vpr-",
            "aws_lambda_event_source_mapping": "careervp-vpr-",
            "aws_cloudwatch_dashboard": "careervp-vpr-",
            # Those of the other handlers are their own projects'.
            "aws_cloudwatch_log_group": "/aws/lambda/careervp-vpr-worker-",
        },
        used={"aws_sns_topic": dict.fromkeys(alarms.topic_arns, _GIVEN_TOPIC)} if alarms.topic_arns else {},
        prerequisites={
            "aws_dynamodb_table": {
                f"careervp-{table}-table-{settings.environment}": {"existence": {"": "ACTIVE"}}
                for table in ("users", "idempotency")
            }
        },
        in_plans={"aws_s3_bucket": {names.results_bucket: {"force_destroy": not settings.keeps_data}}},
        at_times={"aws_sns_topic": (names.alarm_topic,)},
        guards={"aws_cloudwatch_metric_alarm": {names.worker_errors_alarm: names.jobs_queue}},
        pinned_by=_pinned_by(settings, names),
    )


def _pinned_by(settings: Settings, names: Names) -> Mapping[str, Mapping[str, str]]:
    whole, suffix = own(settings).names, own(settings).name_suffix
    queues = {
        **({} if whole.jobs_queue else {names.jobs_queue: "vpr_async.names.jobs_queue"}),
        **({} if whole.jobs_dlq else {names.jobs_dlq: "vpr_async.names.jobs_dlq"}),
    }
    is_named = whole.results_bucket or suffix
    bucket = {} if is_named else {names.results_bucket: "vpr_async.names.results_bucket"}
    return {"aws_sqs_queue": queues, "aws_s3_bucket": bucket}


# --- queues -------------------------------------------------------------------------------------------------------

EVERY_QUEUE = {
    "ReceiveMessageWaitTimeSeconds": "20",
    # The most that the provider accepts (5.100.0), not a number of the requirement; SQS's default is 1,048,576.
    "MaximumMessageSize": "262144",
    "DelaySeconds": "0",
    "SqsManagedSseEnabled": "true",
    "KmsMasterKeyId": None,
}


def _jobs_queue(settings: Settings, names: Names) -> Expected:
    redrive = {"deadLetterTargetArn": arn(settings, "sqs", names.jobs_dlq), "maxReceiveCount": 3}
    return {
        "attributes": {
            "VisibilityTimeout": "660",
            "MessageRetentionPeriod": "14400",
            **EVERY_QUEUE,
            "RedrivePolicy": Document(redrive),
            "RedriveAllowPolicy": None,
            "policy": _tls(settings, names.jobs_queue),
        }
    }


def _dead_letter_queue(settings: Settings, names: Names) -> Expected:
    allowed = {"redrivePermission": "byQueue", "sourceQueueArns": [arn(settings, "sqs", names.jobs_queue)]}
    return {
        "attributes": {
            "VisibilityTimeout": "30",
            "MessageRetentionPeriod": "1209600",
            **EVERY_QUEUE,
            "RedrivePolicy": None,
            "RedriveAllowPolicy": Document(allowed),
            "policy": _tls(settings, names.jobs_dlq),
            "messages": Noted(0, "each is a job that failed for good"),
        }
    }


def _tls(settings: Settings, queue: str) -> Statements:
    return Statements((deny_insecure_transport("sqs:*", arn(settings, "sqs", queue)),))


def _consumers(*functions: str) -> Mapping[str, Any]:
    """Return the functions that may take messages, if they are there: the worker is another project's."""
    return {"consumers": AtMost("consumer", frozenset(functions))}


# --- table and bucket ---------------------------------------------------------------------------------------------


def _table(settings: Settings) -> Expected:
    keeps = settings.keeps_data
    index = {
        "IndexStatus": "ACTIVE",
        "Key": {"idempotency_key": "HASH S"},
        "Projection": "ALL",
        "OnDemandThroughput": None,
    }
    return {
        "description": {
            "TableStatus": "ACTIVE",
            "Key": {"job_id": "HASH S"},
            "BillingMode": "PAY_PER_REQUEST",
            "DeletionProtectionEnabled": keeps,
            "TableClass": "STANDARD",
            "OnDemandThroughput": None,
            "SSEDescription": None,
            "StreamSpecification": None,
            "Replicas": None,
            "indexes": Members("index", {"idempotency-key-index": index}),
        },
        "TimeToLive": {"TimeToLive": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}},
        "PointInTimeRecovery": {
            "PointInTimeRecovery": {
                "Status": "ENABLED" if keeps else "DISABLED",
                "RecoveryPeriodInDays": 35 if keeps else None,
            }
        },
        "policy": {"policy": Statements(())},
    }


def _bucket(settings: Settings, names: Names) -> Expected:
    rules = {
        "DeleteOldResults": {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}},
        "AbortIncompleteUploads": ABORTED_UPLOADS,
    }
    return {
        **private_bucket(settings, names.results_bucket, rules=rules, versioning=None),
        "Notifications": {"Notifications": None},
        "CORS": {"CORS": None},
        "Logging": {"Logging": None},
        "RequestPayment": {"RequestPayment": "BucketOwner"},
        "Acceleration": {"Acceleration": None},
    }


# --- alarms and their topic ---------------------------------------------------------------------------------------

FAILED_PERCENT = 5
WAITING_JOBS = 50


def _alarms(settings: Settings, names: Names) -> Mapping[str, Expected]:
    alarms = own(settings).alarms
    actions = [*alarms.topic_arns, *([arn(settings, "sns", names.alarm_topic)] if alarms.emails else [])]
    every = {
        "ActionsEnabled": True,
        "AlarmActions": actions,
        "OKActions": actions,
        "InsufficientDataActions": [],
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "TreatMissingData": "notBreaching",
        **dict.fromkeys(("ExtendedStatistic", "Unit", "EvaluateLowSampleCountPercentile", "ThresholdMetricId")),
    }

    def depth(queue: str, comparison: str, threshold: int, description: str) -> Expected:
        looked_at = {
            **every,
            "Namespace": "AWS/SQS",
            "MetricName": "ApproximateNumberOfMessagesVisible",
            "Dimensions": {"QueueName": queue},
            "Statistic": "Maximum",
            "Period": 300,
            "ComparisonOperator": comparison,
            "Threshold": threshold,
            "metrics": Members("metric", {}),
            "AlarmDescription": description,
            "StateValue": "not ALARM",
        }
        return {"description": looked_at}

    of_worker = {
        "Namespace": "AWS/Lambda",
        "Dimensions": {"FunctionName": names.worker_function},
        "Stat": "Sum",
        "Period": 300,
        "ReturnData": False,
    }
    computed = {
        "errors": {"MetricName": "Errors", **of_worker},
        "invocations": {"MetricName": "Invocations", **of_worker},
        "error_rate": {"Expression": "100 * errors / invocations", "ReturnData": True},
    }
    return {
        names.dlq_alarm: depth(
            names.jobs_dlq,
            "GreaterThanOrEqualToThreshold",
            1,
            "A VPR job failed for good: its message is in the dead-letter queue. Runbook: docs/runbooks/alarm-dlq.md",
        ),
        names.worker_errors_alarm: {
            "description": {
                **every,
                **dict.fromkeys(("Namespace", "MetricName", "Statistic", "Period")),
                "Dimensions": {},
                "ComparisonOperator": "GreaterThanThreshold",
                "Threshold": FAILED_PERCENT,
                "metrics": Members("metric", computed),
                "AlarmDescription": (
                    f"More than {FAILED_PERCENT} % of the VPR worker's invocations failed within five minutes. "
                    "Runbook: docs/runbooks/alarm-worker-errors.md"
                ),
                "StateValue": "not ALARM",
            },
            "function": {"function": names.worker_function},
        },
        names.queue_depth_alarm: depth(
            names.jobs_queue,
            "GreaterThanThreshold",
            WAITING_JOBS,
            f"More than {WAITING_JOBS} VPR jobs wait: the worker does not keep up. "
            "Runbook: docs/runbooks/alarm-queue-depth.md",
        ),
    }


def _topic(settings: Settings, names: Names) -> Expected:
    """Return the looks at the stack's own topic: this account's alarms may publish, and nobody without TLS."""
    topic, emails = arn(settings, "sns", names.alarm_topic), own(settings).alarms.emails
    publish = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {"StringEquals": {"aws:SourceAccount": settings.account_id}},
    }
    return {
        "attributes": {
            "policy": Statements((publish, deny_insecure_transport("sns:Publish", topic))),
            # CloudWatch may not publish through SNS's own key.
            "KmsMasterKeyId": None,
        },
        "subscriptions": {
            "subscriptions": Members("subscription", dict.fromkeys(emails, "email")),
            **{f"filter of {email}": None for email in emails},
        },
    }


_GIVEN_TOPIC: Expected = {
    "publishing": {
        "": "exists",
        "policy": "CloudWatch may publish",
        "KmsMasterKeyId": "no key, or one that CloudWatch may use",
    }
}
"""The look at a topic of others: alarms get through it."""


# --- the worker's wiring, and the dashboard -----------------------------------------------------------------------


def _wiring(names: Names, shared: Mapping[str, Any]) -> dict[str, Mapping[str, Expected]]:
    mapping = {
        "State": "Enabled",
        "BatchSize": 1,
        "MaximumConcurrency": 5,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": None,
    }
    logs: Expected = {
        "description": {"RetentionInDays": 30, "KmsKeyId": None, "LogGroupClass": "STANDARD"},
        "subscriptions": {"subscriptions": Members("subscription", {})},
        "tags": shared,
    }
    return {
        "aws_lambda_event_source_mapping": {
            f"{names.jobs_queue}/{names.worker_function}": {"description": mapping, "tags": shared}
        },
        "aws_cloudwatch_log_group": {f"/aws/lambda/{names.worker_function}": logs},
    }


def _titles(names: Names) -> list[str]:
    return [
        "text 1",
        f"Waiting messages of {names.jobs_queue}",
        f"Age of the oldest message (s) of {names.jobs_queue}",
        f"Waiting messages of {names.jobs_dlq}",
        f"Failed invocations (%) of {names.worker_function}",
        f"Duration, p99 (ms) of {names.worker_function}",
        f"Throttled invocations of {names.worker_function}",
        f"Throttled reads and writes of {names.jobs_table}",
        f"System errors of {names.jobs_table}",
    ]


# --- the handlers' access -----------------------------------------------------------------------------------------


def _handler_policies(settings: Settings, names: Names) -> Mapping[str, Expected]:
    queue, table = arn(settings, "sqs", names.jobs_queue), arn(settings, "dynamodb", f"table/{names.jobs_table}")
    results = f"{arn(settings, 's3', names.results_bucket)}/results/*"
    granted: Mapping[str, Mapping[str, list[str]]] = {
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
    }
    return {name: {**_policy(actions), "attachments": _NOT_ATTACHED} for name, actions in granted.items()}


_NOT_ATTACHED: Mapping[str, Any] = {"attached to users": None, "attached to groups": None}
"""Roles have the policies, and neither users nor groups do; other projects make the roles."""


def _policy(granted: Mapping[str, list[str]]) -> Expected:
    allowed = ({"Effect": "Allow", "Action": actions, "Resource": resource} for resource, actions in granted.items())
    return {"policy": {"policy": Statements(tuple(allowed))}}
