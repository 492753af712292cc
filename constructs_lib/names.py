"""Rules of AWS's services for names, and the forms of names that keep them."""

import hashlib
import re
from dataclasses import dataclass
from enum import Enum

SUFFIX_DIGITS = 6


class InvalidNameError(ValueError):
    """A name that its service would refuse; the message has the name and what is allowed."""


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
    SQS_FIFO_QUEUE = Rule(
        "SQS FIFO queue",
        6,
        80,
        r"[A-Za-z0-9_-]+\.fifo",
        "letters, digits, hyphens and underscores, and .fifo at the end",
    )
    DYNAMODB_TABLE = Rule(
        "DynamoDB table", 3, 255, r"[A-Za-z0-9_.-]+", "letters, digits, hyphens, underscores and dots"
    )
    DYNAMODB_INDEX = Rule(
        "DynamoDB index", 3, 255, r"[A-Za-z0-9_.-]+", "letters, digits, hyphens, underscores and dots"
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
    CLOUDWATCH_DASHBOARD = Rule(
        "CloudWatch dashboard", 1, 255, r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores"
    )
    KMS_ALIAS = Rule(
        "KMS alias",
        7,
        256,
        r"alias/(?!aws/)[A-Za-z0-9/_-]+",
        "letters, digits, slashes, hyphens and underscores after alias/, but not alias/aws/",
    )
    SNS_TOPIC = Rule("SNS topic", 1, 256, r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores")
    IAM_POLICY = Rule("IAM policy", 1, 128, r"[A-Za-z0-9_+=,.@-]+", "letters, digits and + = , . @ _ -")
    IAM_ROLE = Rule("IAM role", 1, 64, r"[A-Za-z0-9_+=,.@-]+", "letters, digits and + = , . @ _ -")
    LAMBDA_FUNCTION = Rule("Lambda function", 1, 64, r"[A-Za-z0-9_-]+", "letters, digits, hyphens and underscores")


def resource_name(service: Service, *, project: str, feature: str, type: str, environment: str) -> str:  # noqa: A002 - the convention's own word
    """Return `{project}-{feature}-{type}-{environment}`, or raise InvalidNameError if the service refuses it."""
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
    Raises InvalidNameError if S3 refuses the name.
    """
    return _fitting(Service.S3_BUCKET, f"{project}-{environment}-{feature}-{type}-{region}-{suffix}")


def derived_suffix(*, account_id: str, region: str, environment: str) -> str:
    """Return six hexadecimal digits that are always the same for this account, region and environment."""
    return hashlib.sha256(f"{account_id}/{region}/{environment}".encode()).hexdigest()[:SUFFIX_DIGITS]


def name_fault(service: Service, name: str) -> str | None:
    """Return the service's objection to a name, or None."""
    rule = service.value
    if not rule.min_length <= len(name) <= rule.max_length:
        return f"is {len(name)} characters long; {rule.label} names have {rule.min_length} to {rule.max_length}"
    if not re.fullmatch(rule.pattern, name):
        return f"is no {rule.label} name; allowed: {rule.alphabet}"
    return None


def name_faults(key: str, service: Service, name: str) -> list[str]:
    """Return the service's objection to the name that a key gives, in words; empty if there is none."""
    fault = name_fault(service, name)
    return [f'{key} = "{name}" {fault}'] if fault else []


def _fitting(service: Service, name: str) -> str:
    fault = name_fault(service, name)
    if fault:
        message = f'"{name}" {fault}; shorten or change a part of it, names are never cut'
        raise InvalidNameError(message)
    return name
