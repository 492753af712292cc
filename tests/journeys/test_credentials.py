"""Whose credentials they are, asked of an AWS: the emulator, in place of the real one."""

from collections.abc import Generator
from pathlib import Path

import pytest

from aws_emulator import Emulator, temporary
from check_report.errors import InvalidInputError
from config.environments import Environment
from ops import aws
from ops.errors import CommandError
from stacks.features import load_settings
from stacks.settings import Settings
from tests.clients import client

SETTINGS = """\
account_id = "{account}"
region = "eu-west-1"
state_bucket = "some-state"
data_protection = "destroy"
[vpr_async.worker]
timeout_seconds = 300
"""


@pytest.fixture(scope="module")
def other_account() -> Generator[Emulator]:
    with temporary("999999999999") as emulator:
        yield emulator


def settings(account: str, directory: Path) -> Settings:
    (directory / "dev.toml").write_text(SETTINGS.format(account=account))
    return load_settings(Environment("dev"), directory=directory)


@pytest.fixture
def reached(other_account: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """Point this process, as a user's credentials would, at the account 999999999999."""
    for name, value in other_account.environment("eu-west-1").items():
        monkeypatch.setenv(name, value)
    return other_account


@pytest.mark.usefixtures("reached")
def test_the_environments_own_account_is_accepted(tmp_path: Path) -> None:
    assert aws.require_account(settings("999999999999", tmp_path)) is None


@pytest.mark.usefixtures("reached")
def test_another_account_is_refused_with_both_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        aws.require_account(settings("111111111111", tmp_path))
    (fault,) = caught.value.faults
    assert fault.startswith("TARGET=aws: the credentials are account 999999999999's (arn:aws:sts::999999999999:")
    assert "allowed: account 111111111111, as environments/dev.toml says" in fault


def test_an_aws_that_does_not_answer_is_said_not_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary("999999999999") as emulator:
        variables = emulator.environment("eu-west-1")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CommandError, match="AWS cannot be asked whose credentials these are"):
        aws.require_account(settings("999999999999", tmp_path))


def test_the_state_bucket_is_made_once_and_found(reached: Emulator, tmp_path: Path) -> None:
    """Outside us-east-1, where a bucket must name its place."""
    found = settings("999999999999", tmp_path)
    s3 = client("s3", reached.endpoint, region="eu-west-1")
    assert aws.state_bucket_exists(s3, found) is False
    for _ in range(2):
        aws.make_emulated_state_bucket(s3, found)
    assert aws.state_bucket_exists(s3, found) is True
    assert aws.state_object(s3, found, "vpr-async-dev") is None
