"""Physical names: pure functions that know each service's length and alphabet, and refuse what does not fit."""

import hashlib
import re
from dataclasses import dataclass
from enum import Enum

from config.errors import InvalidInputError

PROJECT = "careervp"
FEATURE = "vpr"
SUFFIX_DIGITS = 6


@dataclass(frozen=True)
class Rule:
    """A service's rule for names, from its API reference."""

    label: str
    min_length: int
    max_length: int
    pattern: str
    alphabet: str


class Service(Enum):
    """The services whose resources are named here."""

    SQS_QUEUE = Rule("SQS queue", 1, 80, r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores")
    DYNAMODB_TABLE = Rule(
        "DynamoDB table", 3, 255, r"[A-Za-z0-9_.-]+", "letters, digits, hyphens, underscores and dots"
    )
    # Dots are legal in a bucket's name, but break TLS to its virtual host; so they are refused here.
    S3_BUCKET = Rule(
        "S3 bucket",
        3,
        63,
        r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]*[a-z0-9](?<!-s3alias)(?<!--ol-s3)(?<!--x-s3)(?<!--table-s3)",
        "lower-case letters, digits and hyphens, with a letter or digit at both ends "
        "and none of the prefixes and suffixes that S3 reserves",
    )
    CLOUDWATCH_ALARM = Rule(
        "CloudWatch alarm", 1, 255, r"[A-Za-z0-9_.-]+", "letters, digits, hyphens, underscores and dots"
    )
    SNS_TOPIC = Rule("SNS topic", 1, 256, r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores")
    IAM_POLICY = Rule("IAM policy", 1, 128, r"[A-Za-z0-9_+=,.@-]+", "letters, digits and + = , . @ _ -")
    LAMBDA_FUNCTION = Rule("Lambda function", 1, 64, r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores")


def resource_name(service: Service, *, project: str, feature: str, type: str, environment: str) -> str:  # noqa: A002 - the convention's own word
    """Return `{project}-{feature}-{type}-{environment}`, or raise InvalidInputError if the service refuses it."""
    return _fitting(service, f"{project}-{feature}-{type}-{environment}")


def bucket_name(  # noqa: PLR0913 - each is a part of the name
    *,
    project: str,
    feature: str,
    type: str,  # noqa: A002 - the convention's own word
    environment: str,
    region: str,
    suffix: str,
) -> str:
    """Return `{project}-{environment}-{feature}-{type}-{region}-{suffix}`, the form that bucket names have.

    A bucket's name is unique in the world, which is what region and suffix are for.
    Raises InvalidInputError if S3 refuses the name.
    """
    return _fitting(Service.S3_BUCKET, f"{project}-{environment}-{feature}-{type}-{region}-{suffix}")


def derived_suffix(*, account_id: str, region: str, environment: str) -> str:
    """Return six hexadecimal digits that are always the same for this account, region and environment."""
    return hashlib.sha256(f"{account_id}/{region}/{environment}".encode()).hexdigest()[:SUFFIX_DIGITS]


def stack_names(environment: str) -> tuple[str, str]:
    """Return the names of all stacks of an environment: VPR's, and the state bucket's."""
    return f"vpr-async-{environment}", f"state-backend-{environment}"


def state_key(stack: str) -> str:
    """Return the key of a stack's state in the environment's state bucket."""
    return f"{stack}/terraform.tfstate"


def name_fault(service: Service, name: str) -> str | None:
    """Say what the service would refuse about the name, or return None."""
    rule = service.value
    if not rule.min_length <= len(name) <= rule.max_length:
        return f"is {len(name)} characters long; {rule.label} names have {rule.min_length} to {rule.max_length}"
    if not re.fullmatch(rule.pattern, name):
        return f"is no {rule.label} name; allowed: {rule.alphabet}"
    return None


def _fitting(service: Service, name: str) -> str:
    fault = name_fault(service, name)
    if fault:
        message = f'"{name}" {fault}; shorten or change a part of it, names are never cut'
        raise InvalidInputError([message])
    return name


@dataclass(frozen=True, kw_only=True)
class Names:
    """Every name of one environment's stacks."""

    stack: str
    state_backend_stack: str
    jobs_queue: str
    jobs_dlq: str
    jobs_table: str
    results_bucket: str
    dlq_alarm: str
    worker_errors_alarm: str
    queue_depth_alarm: str
    alarm_topic: str
    worker_function: str
    submit_policy: str
    worker_policy: str
    status_policy: str


def vpr_names(
    *,
    environment: str,
    account_id: str,
    region: str,
    suffix: str | None = None,
    worker_function: str | None = None,
) -> Names:
    """Return the names of one environment's stacks.

    suffix: the bucket's; derived from account, region and environment when None.
    worker_function: the worker's name; its conventional one when None.
    Raises InvalidInputError for a name that its service would refuse.
    """

    def named(service: Service, type_: str, feature: str = FEATURE) -> str:
        return resource_name(service, project=PROJECT, feature=feature, type=type_, environment=environment)

    stack, state_backend_stack = stack_names(environment)
    return Names(
        stack=stack,
        state_backend_stack=state_backend_stack,
        jobs_queue=named(Service.SQS_QUEUE, "jobs-queue"),
        jobs_dlq=named(Service.SQS_QUEUE, "jobs-dlq"),
        # The jobs table serves more than one feature: its name has no `vpr`.
        jobs_table=named(Service.DYNAMODB_TABLE, "table", feature="jobs"),
        results_bucket=bucket_name(
            project=PROJECT,
            feature=FEATURE,
            type="results",
            environment=environment,
            region=region,
            suffix=suffix or derived_suffix(account_id=account_id, region=region, environment=environment),
        ),
        dlq_alarm=named(Service.CLOUDWATCH_ALARM, "dlq-alarm"),
        worker_errors_alarm=named(Service.CLOUDWATCH_ALARM, "worker-errors-alarm"),
        queue_depth_alarm=named(Service.CLOUDWATCH_ALARM, "queue-depth-alarm"),
        alarm_topic=named(Service.SNS_TOPIC, "alarm-topic"),
        worker_function=worker_function or named(Service.LAMBDA_FUNCTION, "worker-lambda"),
        submit_policy=named(Service.IAM_POLICY, "submit-policy"),
        worker_policy=named(Service.IAM_POLICY, "worker-policy"),
        status_policy=named(Service.IAM_POLICY, "status-policy"),
    )
