"""Values of the jobs' requirement, for tests that mean what is required and not a number."""

from typing import Any

from config.environments import Environment
from stacks.features import load_settings
from stacks.requirement import Document, Members
from stacks.vpr_async import FEATURE
from stacks.vpr_async.names import names_of

_DEV = load_settings(Environment("dev"))
_NAMES = names_of(_DEV)
_RESOURCES = FEATURE.requirement(_DEV).resources
_QUEUE, _DLQ = (_RESOURCES["aws_sqs_queue"][name]["attributes"] for name in (_NAMES.jobs_queue, _NAMES.jobs_dlq))
_RULES: Members = _RESOURCES["aws_s3_bucket"][_NAMES.results_bucket]["lifecycle rules"]["lifecycle rules"]
_REDRIVE: Document = _QUEUE["RedrivePolicy"]

VISIBILITY: str = _QUEUE["VisibilityTimeout"]
RETENTION: str = _QUEUE["MessageRetentionPeriod"]
DLQ_RETENTION: str = _DLQ["MessageRetentionPeriod"]
WAIT: str = _QUEUE["ReceiveMessageWaitTimeSeconds"]
RECEIVES: int = _REDRIVE.content["maxReceiveCount"]
RESULTS_DAYS: int = _RULES.members["DeleteOldResults"]["Expiration"]["Days"]


def _alarm(name: str) -> dict[str, Any]:
    described = _RESOURCES["aws_cloudwatch_metric_alarm"][name]["description"]
    return {"Threshold": described["Threshold"], "AlarmDescription": described["AlarmDescription"]}


DLQ_ALARM, ERRORS_ALARM, DEPTH_ALARM = map(
    _alarm, (_NAMES.dlq_alarm, _NAMES.worker_errors_alarm, _NAMES.queue_depth_alarm)
)
"""The threshold and the description of each alarm."""
