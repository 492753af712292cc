"""What the tests of the emulated AWS share: one emulator for all of them, and clients of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import boto3  # pyright: ignore[reportMissingTypeStubs] - it has none
import pytest
from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs] - it has none

from aws_emulator import Emulator, temporary

from emulator_helpers import ACCOUNT_ID, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One emulator for the whole run; tests keep apart by unique names."""
    with temporary(ACCOUNT_ID) as running:
        yield running


@pytest.fixture(scope="session")
def client(emulator: Emulator) -> Callable[[str], Any]:
    """Make a boto3 client for a service of the emulator, and of nothing else."""
    session: Any = boto3.Session(
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - signs nothing that is checked
        region_name=REGION,
    )
    config = Config(max_pool_connections=32, retries={"total_max_attempts": 1})

    def make(service: str) -> Any:
        return session.client(service, endpoint_url=emulator.endpoint, config=config)

    return make


@pytest.fixture
def unique() -> str:
    """Give a name that no other test uses, valid for queues, tables and buckets."""
    return f"t-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def s3(client: Callable[[str], Any]) -> Any:
    """Make an S3 client."""
    return client("s3")


@pytest.fixture(scope="session")
def sqs(client: Callable[[str], Any]) -> Any:
    """Make an SQS client."""
    return client("sqs")


@pytest.fixture
def bucket(s3: Any, unique: str) -> str:
    """Create an empty bucket."""
    s3.create_bucket(Bucket=unique, CreateBucketConfiguration={"LocationConstraint": REGION})
    return unique
