"""Sessions and clients of boto3: on an emulator the emulator alone, on AWS the caller's credentials."""

from typing import Any

import pytest

from ops.clients import Credentials, Place

EMULATOR = Place(region="eu-west-1", endpoint="http://127.0.0.1:9")
AWS = Place(region="eu-west-1")


def test_a_client_of_an_emulator_asks_that_emulator_whatever_the_shell_says_of_proxies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    made = EMULATOR.client("sqs")
    assert made.meta.endpoint_url == "http://127.0.0.1:9"
    assert made.meta.region_name == "eu-west-1"
    assert made.meta.config.proxies == {}


def test_a_client_of_aws_asks_aws_and_leaves_proxies_to_botocore(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    made = AWS.client("sqs")
    assert made.meta.endpoint_url == "https://sqs.eu-west-1.amazonaws.com"
    assert made.meta.config.proxies is None


def keys(session: Any) -> tuple[str, str, str | None]:
    found = session.get_credentials()
    return found.access_key, found.secret_key, found.token


def test_on_an_emulator_no_profile_and_no_key_of_the_users_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile may name a role, which would be assumed on AWS."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    session = EMULATOR.session()
    assert session.profile_name == "default"
    assert keys(session) == ("emulator", "emulator", None)
    given = Credentials(key_id="given", secret="hidden", token="token")  # noqa: S106 - nobody's
    assert keys(EMULATOR.session(given)) == ("given", "hidden", "token")


def test_on_aws_the_callers_credentials_count_unless_others_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "own")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert keys(AWS.session()) == ("own", "secret", None)
    assert keys(AWS.session(Credentials(key_id="given", secret="hidden"))) == ("given", "hidden", None)  # noqa: S106 - nobody's
