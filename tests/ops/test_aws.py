"""Answers of AWS before anything is changed: each refusal is one line that says what it means."""

from typing import Any

import attrs
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from check_report.errors import InvalidInputError
from config.environments import Environment
from ops import aws
from ops.clients import Place
from ops.errors import CommandError
from stacks.features import load_settings
from tests.clients import client

DEV = load_settings(Environment("dev"))
BUCKET = "careervp-terraform-state-dev-111111111111"


def stubbed(service: str) -> tuple[Any, Stubber]:
    made = client(service, "http://127.0.0.1:9")
    stubber = Stubber(made)
    stubber.activate()
    return made, stubber


def heading(code: str = "", region: str = "us-east-1") -> Any:
    """Return a client to which S3 answers a HEAD of the bucket so."""
    s3, stubber = stubbed("s3")
    if code:
        stubber.add_client_error("head_bucket", service_error_code=code)
    else:
        metadata = {"HTTPHeaders": {"x-amz-bucket-region": region}}
        expected = {"Bucket": BUCKET, "ExpectedBucketOwner": "111111111111"}
        stubber.add_response("head_bucket", {"ResponseMetadata": metadata}, expected)
    return s3


def test_the_state_bucket_is_there_or_not() -> None:
    assert aws.state_bucket_exists(heading(), DEV) is True
    assert aws.state_bucket_exists(heading("404"), DEV) is False


def test_a_state_bucket_in_another_region_is_refused_with_both_regions() -> None:
    with pytest.raises(InvalidInputError) as caught:
        aws.state_bucket_exists(heading(region="eu-west-1"), DEV)
    assert caught.value.faults == (
        f"state bucket {BUCKET}: is in eu-west-1; allowed: us-east-1, as environments/dev.toml says",
    )
    elsewhere = attrs.evolve(DEV, region="eu-west-1")
    assert aws.state_bucket_exists(heading(region="eu-west-1"), elsewhere) is True
    with pytest.raises(InvalidInputError, match=r": is in us-east-1; allowed: eu-west-1, "):
        aws.state_bucket_exists(heading(), elsewhere)


def test_a_shell_that_leads_elsewhere_is_no_shell_for_aws() -> None:
    aws.require_no_endpoint({"AWS_ENDPOINT_URL": "", "AWS_ACCESS_KEY_ID": "own"})
    with pytest.raises(InvalidInputError) as caught:
        aws.require_no_endpoint({"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "own"})
    assert caught.value.faults == (
        "TARGET=aws: AWS_ENDPOINT_URL_S3 = http://127.0.0.1:9 leads elsewhere; unset AWS_ENDPOINT_URL_S3",
    )
    with pytest.raises(InvalidInputError) as caught:
        aws.require_no_endpoint({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "own"})
    assert caught.value.faults == (
        (
            "TARGET=aws: AWS_ENDPOINT_URL = http://127.0.0.1:9 leads elsewhere; if it is from make up, open a new "
            "shell; otherwise unset AWS_ENDPOINT_URL"
        ),
    )


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9", ""])
def test_a_shell_with_the_emulators_variables_is_told_to_be_left(endpoint: str) -> None:
    """Also after its endpoint was unset: the other variables hide the user's files of credentials."""
    with pytest.raises(InvalidInputError) as caught:
        aws.require_no_endpoint({"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "emulator"})
    assert caught.value.faults == (
        "TARGET=aws: this shell has the emulator's variables from make up: open a new shell",
    )


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("403", "another account's, or the credentials lack a permission (403)"),
        ("SlowDown", "AWS throttles this account's requests; nothing is wrong, try again in a minute (SlowDown)"),
        ("ExpiredToken", "the credentials are expired or not AWS's; sign in again (aws sso login, AWS_PROFILE, ...)"),
    ],
)
def test_a_state_bucket_that_cannot_be_seen_is_said_in_one_line(code: str, said: str) -> None:
    with pytest.raises(CommandError) as caught:
        aws.state_bucket_exists(heading(code), DEV)
    assert str(caught.value).startswith(f"state bucket {BUCKET}: {said}")
    assert len(str(caught.value).splitlines()) == 1


def answering(monkeypatch: pytest.MonkeyPatch, code: str, account: str = "111111111111") -> None:
    sts, stubber = stubbed("sts")
    if code:
        stubber.add_client_error("get_caller_identity", service_error_code=code)
    else:
        stubber.add_response(
            "get_caller_identity", {"Account": account, "Arn": f"arn:aws:iam::{account}:user/ada", "UserId": "ada"}
        )
    monkeypatch.setattr(Place, "client", lambda *_, **__: sts)  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything


def test_credentials_of_the_environments_account_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "")
    assert aws.require_account(DEV) is None  # pyright: ignore[reportGeneralTypeIssues] - that it returns is the property


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_expired_or_unknown_credentials_are_bad_input(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    answering(monkeypatch, code)
    with pytest.raises(InvalidInputError) as caught:
        aws.require_account(DEV)
    assert caught.value.faults[0].startswith(f"TARGET=aws: AWS refuses the credentials ({code}); sign in")


def test_credentials_of_another_account_are_refused_with_both_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "", account="999999999999")
    with pytest.raises(InvalidInputError) as caught:
        aws.require_account(DEV)
    (fault,) = caught.value.faults
    assert "the credentials are account 999999999999's (arn:aws:iam::999999999999:user/ada); allowed: account" in fault
    assert "111111111111" in fault


def test_a_throttled_question_is_no_fault_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "Throttling")
    with pytest.raises(CommandError, match=r"^TARGET=aws: AWS throttles .* try again in a minute \(Throttling\)$"):
        aws.require_account(DEV)


def test_an_endpoint_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def get_caller_identity(self) -> None:
            raise EndpointConnectionError(endpoint_url="https://sts.us-east-1.amazonaws.com/")

    monkeypatch.setattr(Place, "client", lambda *_, **__: Unreachable())  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType] - takes anything
    with pytest.raises(CommandError, match=r"^TARGET=aws: AWS cannot be asked whose credentials these are"):
        aws.require_account(DEV)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("api error AccessDenied: Access Denied", "the credentials lack a permission"),
        ("AccessDeniedException: User: x is not authorized", "the credentials lack a permission"),
        ("StatusCode: 403, api error ExpiredToken: The provided token", "the credentials are expired or not AWS's"),
        ("ThrottlingException: Rate exceeded", "AWS throttles this account's requests"),
        ("operation error Lambda: GetFunction, TooManyRequestsException: Rate exceeded", "AWS throttles this account"),
        ("Error: reading SQS Queue: Throttling: Rate exceeded", "AWS throttles this account"),
        ("https response error StatusCode: 403, RequestID: x, HostID: ,", "the credentials lack a permission"),
        ("https response error StatusCode:\n403, RequestID: x, api error\nUnknownError: x", "the credentials lack"),
        ("Error: Unsupported attribute", None),
        ("id-14037", None),
        ("  on cdk.tf.json line 403, in resource:\n 403:   x", None),
        ("Error: Invalid function argument\n  with aws_cloudwatch_metric_alarm.Throttling,", None),
        ("alarm careervp-Throttling-alarm: not valid", None),
        ('  12:  "alarm_description": "Throttling: see the runbook"', None),
    ],
)
def test_what_terraform_passes_on_of_aws_is_said_in_one_line(said: str, meant: str | None) -> None:
    found = aws.reason(said)
    assert found is None if meant is None else (found or "").startswith(meant)
