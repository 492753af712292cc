"""The little that commands ask AWS themselves: whose credentials these are, and whether the state bucket is there."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound

from aws_emulator.environment import ADMINISTRATOR_KEY, LOOPBACK
from check_report.errors import InvalidInputError
from config.shell import leading_elsewhere
from ops.clients import Place
from ops.errors import NoAnswerError
from stacks.feature import state_key
from stacks.settings import Settings

THROTTLED = "AWS throttles this account's requests; nothing is wrong, try again in a minute"
NO_PERMISSION = "the credentials lack a permission"
_REASONS: Mapping[str, frozenset[str]] = {
    "the credentials are expired or not AWS's; sign in again (aws sso login, AWS_PROFILE, ...)": frozenset(
        {
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        }
    ),
    THROTTLED: frozenset(
        {
            "RequestLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
        }
    ),
    NO_PERMISSION: frozenset(
        {
            "403",
            "AccessDenied",
            "AccessDeniedException",
            "AuthorizationError",
            "Forbidden",
            "UnauthorizedOperation",
        }
    ),
}
"""The error codes that have a reason; a number is botocore's code of an answer without a body."""
_CODES_IN_TEXT = re.compile(r"(?:^|[,:]\s+|\bapi error\s+)([A-Za-z]\w*)(?=:(?!\S))", re.MULTILINE)
"""An error code as Terraform's AWS SDK writes it: `api error CODE: text`, or `CODE: text` where its model has the code.

A resource's name and a line's number stand elsewhere, as in `on cdk.tf.json line 403:`.
"""
_FORBIDDEN = re.compile(r"\bStatusCode:\s+403\b")
_ABSENT = {"404", "NoSuchBucket", "NoSuchKey", "NotFound"}


def reason(said: str) -> str | None:
    """Return the reason of AWS's refusal, in one line, if Terraform's text gives expiry, throttling or permission."""
    refused = ["403"] if _FORBIDDEN.search(said) else []
    return _reason_of([*_CODES_IN_TEXT.findall(said), *refused])


def _reason_of(codes: Iterable[str]) -> str | None:
    """Return the reason that AWS's error codes have; the first of the table, if several have one."""
    given = set(codes)
    return next((meant for meant, known in _REASONS.items() if known & given), None)


def require_account(settings: Settings) -> None:
    """Require credentials of the environment's own account, as the process environment gives them.

    Raises InvalidInputError for missing, expired or foreign credentials, in one line; NoAnswerError when AWS cannot
    say whose they are.
    """
    hint = "sign in (aws sso login, AWS_PROFILE, ...), or leave TARGET out to use the emulator"
    try:
        identity = Place(region=settings.region).client("sts").get_caller_identity()
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        message = f"TARGET=aws: no usable AWS credentials ({error}); {hint}"
        raise InvalidInputError([message]) from None
    except ClientError as error:
        if _reason_of([_code(error)]) == THROTTLED:
            message = f"TARGET=aws: {THROTTLED} ({_code(error)})"
            raise NoAnswerError(message) from None
        message = f"TARGET=aws: AWS refuses the credentials ({_code(error)}); {hint}"
        raise InvalidInputError([message]) from None
    except BotoCoreError as error:
        message = f"TARGET=aws: AWS cannot be asked whose credentials these are ({error})"
        raise NoAnswerError(message) from None
    if identity["Account"] != settings.account_id:
        message = (
            f"TARGET=aws: the credentials are account {identity['Account']}'s ({identity['Arn']}); "
            f"allowed: account {settings.account_id}, as environments/{settings.environment}.toml says; {hint}"
        )
        raise InvalidInputError([message])


def require_no_endpoint(variables: Mapping[str, str]) -> None:
    """Refuse to speak to AWS while the caller's shell leads elsewhere, or has the lines of `make up` or `make env`.

    Their key is no key of AWS's, and their endpoint is not all: they also hide the user's files of credentials.
    """
    leading = leading_elsewhere(variables)
    if variables.get("AWS_ACCESS_KEY_ID") == ADMINISTRATOR_KEY:
        message = "TARGET=aws: this shell has the emulator's variables from make up: open a new shell"
        raise InvalidInputError([message])
    if leading:
        value = variables[leading[0]]
        hint = f"unset {' '.join(leading)}"
        if leading[0] == "AWS_ENDPOINT_URL" and urlsplit(value).hostname == LOOPBACK:
            hint = f"if it is from make up, open a new shell; otherwise {hint}"
        message = f"TARGET=aws: {leading[0]} = {value} leads elsewhere; {hint}"
        raise InvalidInputError([message])


def state_bucket_exists(s3: Any, settings: Settings) -> bool:
    """Return True if the state bucket is there, in this account and region.

    Raises InvalidInputError if it is in another region, NoAnswerError if it is another account's or cannot be seen.
    """
    try:
        found = s3.head_bucket(Bucket=settings.state_bucket, ExpectedBucketOwner=settings.account_id)
    except (ClientError, BotoCoreError) as error:
        if _absent(error):
            return False
        raise _unreachable(settings, error) from None
    region = found["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", settings.region)
    if region != settings.region:
        message = (
            f"state bucket {settings.state_bucket}: is in {region}; allowed: {settings.region}, as "
            f"environments/{settings.environment}.toml says"
        )
        raise InvalidInputError([message])
    return True


def state_object(s3: Any, settings: Settings, stack: str, *, suffix: str = "") -> bytes | None:
    """Return a stack's state, or its lock (suffix), from the state bucket; None if it has none.

    Raises NoAnswerError if that cannot be told.
    """
    try:
        found = s3.get_object(Bucket=settings.state_bucket, Key=state_key(stack) + suffix)
        return found["Body"].read()
    except (ClientError, BotoCoreError) as error:
        if _absent(error):
            return None
        raise _unreachable(settings, error) from None


def make_emulated_state_bucket(s3: Any, settings: Settings) -> None:
    """Make a plain state bucket on an emulator, unless there is one; on AWS nothing is made behind the user's back."""
    if state_bucket_exists(s3, settings):
        return
    # S3's one exception: us-east-1 is where a bucket goes that names no place, and must not be named.
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": settings.region}}
    s3.create_bucket(Bucket=settings.state_bucket, **({} if settings.region == "us-east-1" else elsewhere))


def _unreachable(settings: Settings, error: ClientError | BotoCoreError) -> NoAnswerError:
    bucket = f"state bucket {settings.state_bucket}"
    if not isinstance(error, ClientError):
        return NoAnswerError(f"{bucket}: {error}")
    code = _code(error)
    if code in {"403", "AccessDenied"}:
        return NoAnswerError(f"{bucket}: another account's, or the credentials lack a permission ({code})")
    return NoAnswerError(f"{bucket}: {_reason_of([code]) or error} ({code})")


def _absent(error: ClientError | BotoCoreError) -> bool:
    return isinstance(error, ClientError) and _code(error) in _ABSENT


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
