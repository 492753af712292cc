"""The little that commands ask AWS themselves: whose credentials these are, and whether the state bucket is there."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError, ProfileNotFound

from config.errors import InvalidInputError
from config.settings import Settings
from ops.errors import CommandError


def client(service: str, *, region: str, **arguments: str) -> Any:
    """Return a boto3 client that gives up within seconds."""
    once = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 2})
    make: Any = boto3.client  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - stubs: by service
    return make(service, region_name=region, config=once, **arguments)


def require_account(settings: Settings) -> None:
    """Require credentials of the environment's own account, as the process environment gives them.

    Raises InvalidInputError for missing, expired or foreign credentials, in one line.
    """
    hint = "sign in (aws sso login, AWS_PROFILE, ...), or leave TARGET out to use the emulator"
    try:
        identity = client("sts", region=settings.region).get_caller_identity()
    except (NoCredentialsError, PartialCredentialsError, ProfileNotFound) as error:
        message = f"TARGET=aws: no usable AWS credentials ({error}); {hint}"
        raise InvalidInputError([message]) from None
    except ClientError as error:
        message = f"TARGET=aws: AWS refuses the credentials ({_code(error)}); {hint}"
        raise InvalidInputError([message]) from None
    except BotoCoreError as error:
        message = f"TARGET=aws: AWS cannot be asked whose credentials these are ({error})"
        raise CommandError(message) from None
    if identity["Account"] != settings.account_id:
        message = (
            f"TARGET=aws: the credentials are account {identity['Account']}'s ({identity['Arn']}); "
            f"allowed: account {settings.account_id}, as environments/{settings.environment}.toml says; {hint}"
        )
        raise InvalidInputError([message])


def require_no_endpoint(variables: Mapping[str, str]) -> None:
    """Refuse to speak to AWS while the environment leads elsewhere, as the lines of `make up` do."""
    leading = sorted(key for key in variables if key.startswith("AWS_ENDPOINT_URL") and variables[key])
    if leading:
        message = f"TARGET=aws: {leading[0]} = {variables[leading[0]]} leads elsewhere; unset {' '.join(leading)}"
        raise InvalidInputError([message])


def state_bucket_exists(settings: Settings) -> bool:
    """Whether the state bucket is there, in this account. Raises CommandError if that cannot be told."""
    try:
        client("s3", region=settings.region).head_bucket(
            Bucket=settings.state_bucket, ExpectedBucketOwner=settings.account_id
        )
    except ClientError as error:
        if _code(error) in {"404", "NoSuchBucket"}:
            return False
        message = f"state bucket {settings.state_bucket}: {error}"
        raise CommandError(message) from None
    except BotoCoreError as error:
        message = f"state bucket {settings.state_bucket}: {error}"
        raise CommandError(message) from None
    return True


def make_emulated_state_bucket(settings: Settings, *, endpoint: str, variables: Mapping[str, str]) -> None:
    """Make the state bucket on an emulator, unless it is there; on AWS nothing is made behind the user's back."""
    s3 = client(
        "s3",
        region=settings.region,
        endpoint_url=endpoint,
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
    )
    if settings.state_bucket in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        return
    # S3's one exception: us-east-1 is where a bucket goes that names no place, and must not be named.
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": settings.region}}
    s3.create_bucket(Bucket=settings.state_bucket, **({} if settings.region == "us-east-1" else elsewhere))


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
