"""The caller's shell: which of its variables reach libraries and child processes, and which are refused."""

import os
import subprocess
import sys

import pytest

from check_report.errors import InvalidInputError
from config.request import PROJECT_ROOT, confined_process, read_request
from config.shell import for_aws, for_emulator, leading_elsewhere
from ops.deployment import cdktf_cli, emulated, plan
from ops.deployment.bootstrap import bootstrap

PLAIN = {"HOME": "/etc/ada", "PATH": "/usr/bin", "LANG": "C", "GOGC": "100", "SSL_CERT_FILE": "/etc/ssl/own.pem"}
LOGGING = {"TF_LOG": "debug", "TF_LOG_PATH": "log", "CDKTF_LOG_LEVEL": "debug"}
PROXIES = {"HTTP_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "All_Proxy": "x", "NO_PROXY": "a"}
CREDENTIALS = {
    "AWS_PROFILE": "prod",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_CONFIG_FILE": "/etc/ada/config",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/token",
    "AWS_ROLE_ARN": "arn:aws:iam::333333333333:role/plan",
    "AWS_CA_BUNDLE": "/etc/ssl/own.pem",
}
ENDPOINTS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:9",
    "AWS_S3_ENDPOINT": "http://127.0.0.1:9",
    "AWS_STS_ENDPOINT": "http://127.0.0.1:9",
    "AWS_IAM_ENDPOINT": "http://127.0.0.1:9",
    "AWS_DYNAMODB_ENDPOINT": "http://127.0.0.1:9",
    "TF_AWS_SQS_ENDPOINT": "http://127.0.0.1:9",
    "TF_AWS_DYNAMODB_ENDPOINT": "http://127.0.0.1:9",
}
STEERING = {
    "TF_CLI_CONFIG_FILE": "/etc/ada/dev_overrides.tfrc",
    "TERRAFORM_CONFIG": "/etc/ada/dev_overrides.tfrc",
    "TF_REATTACH_PROVIDERS": "{}",
    "TF_WORKSPACE": "other",
    "TF_DATA_DIR": "other",
    "TF_VAR_x": "1",
    "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1",
    "TERRAFORM_BINARY_NAME": "tofu",
    "CDKTF_CONTEXT_JSON": "{}",
    "CDKTF_OUTDIR": "other",
    "MOTO_ACCOUNT_ID": "999999999999",
    "AWS_A_VARIABLE_OF_NEXT_YEAR": "1",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:9",
}
EVERYTHING = {**PLAIN, **LOGGING, **PROXIES, **CREDENTIALS, **ENDPOINTS, **STEERING}


def test_on_an_emulator_nothing_of_aws_and_no_proxy_is_handed_on() -> None:
    assert for_emulator(EVERYTHING) == {**PLAIN, **LOGGING, "NO_PROXY": "a"}


def test_on_aws_credentials_and_proxies_are_handed_on_and_no_other_endpoint() -> None:
    """A profile may have an endpoint_url as well: the SDKs are told to ignore it."""
    ignored = {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}
    assert for_aws(EVERYTHING) == {**PLAIN, **LOGGING, **PROXIES, **CREDENTIALS, **ignored}


def test_an_empty_variable_of_aws_counts_as_not_set() -> None:
    assert for_aws({"AWS_PROFILE": "", "EMPTY": ""}) == {"EMPTY": "", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}


def test_every_variable_that_leads_elsewhere_is_named() -> None:
    assert leading_elsewhere({**EVERYTHING, "AWS_ENDPOINT_URL_SQS": ""}) == sorted(ENDPOINTS)


def test_this_process_loses_them_for_a_block_and_has_them_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nosuch")
    with confined_process(read_request({"PATH": os.environ["PATH"], "AWS_PROFILE": "nosuch"})):
        assert set(os.environ) == {"PATH"}
    assert os.environ["AWS_PROFILE"] == "nosuch"


@pytest.mark.parametrize(
    "command",
    [
        *(emulated.up, cdktf_cli.synth, cdktf_cli.deploy),
        *(plan.plan, bootstrap),
    ],
)
@pytest.mark.parametrize("name", ["TF_CLI_ARGS", "TF_CLI_ARGS_plan", "TF_CLI_ARGS_init", "TF_CLI_ARGS_apply"])
def test_options_that_would_be_added_to_terraforms_are_refused_before_anything_starts(
    command: object, name: str
) -> None:
    """They would plan, lock and apply what no review shows, and read another state."""
    assert callable(command)
    with pytest.raises(InvalidInputError) as refused:
        command(read_request({name: "-target=aws_sqs_queue.Jobs\x1b[2J"}))
    assert refused.value.faults == (
        (
            f'{name} = "-target=aws_sqs_queue.Jobs\\u001b[2J": not allowed: it changes what Terraform plans, applies '
            f"or locks, and no review shows it; unset {name}"
        ),
    )


HOSTILE = {
    "AWS_PROFILE": "nosuch",
    "AWS_CONFIG_FILE": "/dev/full",
    "AWS_SHARED_CREDENTIALS_FILE": "/",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "many",
    "AWS_RETRY_MODE": "forever",
    "AWS_DEFAULTS_MODE": "nosuch",
    "AWS_STS_REGIONAL_ENDPOINTS": "nosuch",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:9",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "http_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
}
QUESTION = """
from config.request import confined_process, read_request
from aws_emulator import temporary
from ops.clients import Place
with confined_process(read_request()), temporary("111111111111") as running:
    place = Place(region="eu-west-1", endpoint=running.endpoint)
    print(place.client("sts").get_caller_identity()["Account"], place.client("sqs").list_queues().get("QueueUrls"))
"""


def test_an_emulator_is_asked_whatever_the_shell_says_of_aws_and_of_proxies() -> None:
    done = subprocess.run(
        (sys.executable, "-c", QUESTION),
        cwd=PROJECT_ROOT,
        env={**os.environ, **HOSTILE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "111111111111 None\n"), done.stderr
