"""A state's lock: what Terraform writes and says of it, in one sentence; and the variables about it."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.response import StreamingBody

from check_report.errors import InvalidInputError
from config.environments import Environment
from config.request import read_request
from ops.lock import held_lock, reported_lock
from stacks.features import load_settings
from tests.ops.test_aws import stubbed

NOON = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
# As Terraform 1.11.4 says it, with -no-color.
SAID = """
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error
StatusCode: 412, RequestID: x, HostID: , api error PreconditionFailed: At
least one of the pre-conditions you specified did not hold
Lock Info:
  ID:        22a98e7e-a93a-9c82-71e8-9af4a63a41c1
  Path:      careervp-terraform-state-dev-111111111111/vpr-async-dev/terraform.tfstate
  Operation: OperationTypeApply
  Who:       ada@build-7
  Version:   1.11.4
  Created:   2026-01-31 11:57:55.123456789 +0000 UTC
  Info:
"""
STORED = (
    b'{"ID":"22a98e7e-a93a-9c82-71e8-9af4a63a41c1","Operation":"OperationTypeApply","Info":"","Who":"ada@build-7",'
    b'"Version":"1.11.4","Created":"2026-01-31T11:57:55.123456789Z","Path":"careervp/vpr-async-dev/terraform.tfstate"}'
)
SENTENCE = (
    "locked by ada@build-7, for apply, since 2026-01-31 11:57:55 UTC (2 min 5 s); "
    "lock id 22a98e7e-a93a-9c82-71e8-9af4a63a41c1"
)


def stored(content: bytes) -> Any:
    s3, stubber = stubbed("s3")
    stubber.add_response(
        "get_object",
        {"Body": StreamingBody(io.BytesIO(content), len(content))},
        {"Bucket": "careervp-terraform-state-dev-111111111111", "Key": "vpr-async-dev/terraform.tfstate.tflock"},
    )
    return s3


def test_the_lock_that_terraform_reports_is_said_in_one_sentence() -> None:
    lock = reported_lock(SAID)
    assert lock
    assert lock.sentence(NOON) == SENTENCE


REFUSED = """
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error
StatusCode: 403, RequestID: x, HostID: , api error AccessDenied: Access Denied

Terraform acquires a state lock to protect the state from being written by multiple users at the same time.
"""


def test_an_attempt_at_the_lock_that_failed_otherwise_is_no_lock() -> None:
    """Nobody holds it, so nothing is there to be waited for or removed: a refusal, a full disk."""
    assert reported_lock(REFUSED) is None
    assert reported_lock(REFUSED.replace("StatusCode: 403", "no space left on device")) is None


def test_a_lock_whose_holder_has_just_left_is_still_a_lock() -> None:
    lock = reported_lock(SAID.split("Lock Info", maxsplit=1)[0])
    assert lock
    assert lock.sentence(NOON).startswith("locked by unknown, for unknown, since an unknown time")


def test_the_lock_that_is_stored_is_the_same_sentence() -> None:
    lock = held_lock(stored(STORED), load_settings(Environment("dev")), "vpr-async-dev")
    assert lock
    assert lock.sentence(NOON) == SENTENCE


def test_another_failure_is_no_lock() -> None:
    assert reported_lock("Error: Invalid provider configuration\n  ID: 1") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"ID": "\\u001b[31m", "Created": "yesterday"}',
        b'{"ID": ["a"], "Who": {"a": 1}, "Operation": 7, "Created": "2026-13-41T25:61:61Z"}',
        b'{"Created": "0000-00-00T00:00:00Z"}',
        b"[" * 100_000 + b"]" * 100_000,
    ],
)
def test_a_lock_that_cannot_be_read_is_said_without_its_bytes(content: bytes) -> None:
    lock = held_lock(stored(content), load_settings(Environment("dev")), "vpr-async-dev")
    assert lock
    sentence = lock.sentence(NOON)
    assert sentence.isascii()
    assert sentence.isprintable()
    assert "locked by unknown, for unknown, since an unknown time" in sentence


def test_only_an_id_of_terraforms_is_handed_on() -> None:
    """It becomes an argument of a command, and part of one that a user may copy."""
    lock = reported_lock(SAID)
    assert lock
    assert lock.is_terraforms
    for id_ in ("-help", "22a98e7e; rm -rf ~", "$(id)", "unknown", lock.id + "\n", lock.id.upper()):
        assert not replace(lock, id=id_).is_terraforms


@pytest.mark.parametrize(
    ("created", "age"),
    [
        ("2026-01-31T12:00:00Z", "(0 s)"),
        ("2026-01-31T12:00:09Z", "(0 s)"),
        ("2026-01-31T11:59:01Z", "(59 s)"),
        ("2026-01-31T11:00:00Z", "(1 h 0 min)"),
        ("2026-01-29T10:59:00Z", "(49 h 1 min)"),
    ],
)
def test_the_age_of_a_lock_is_said_in_its_two_largest_units(created: str, age: str) -> None:
    content = STORED.replace(b"2026-01-31T11:57:55.123456789Z", created.encode())
    lock = held_lock(stored(content), load_settings(Environment("dev")), "vpr-async-dev")
    assert lock
    assert age in lock.sentence(NOON)


@pytest.mark.parametrize("value", ["0s", "30s", "5m", "2h"])
def test_a_lock_timeout_is_a_duration(value: str) -> None:
    assert read_request({"LOCK_TIMEOUT": value}).lock_timeout == value


@pytest.mark.parametrize("value", ["5", "m", "5 m", "-5m", "5m -auto-approve", "1d", "12345s"])
def test_any_other_lock_timeout_is_refused_with_what_is_allowed(value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_request({"LOCK_TIMEOUT": value, "LOCK_ID": "; rm"})
    assert caught.value.faults == (
        f'LOCK_TIMEOUT = "{value}": not allowed; allowed: seconds, minutes or hours, like 5m',
        'LOCK_ID = "; rm": not allowed; allowed: the id that make unlock shows',
    )
