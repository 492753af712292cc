"""The process environment: what is allowed, and what is said of the rest."""

import pytest

from check_report.errors import InvalidInputError
from config.environments import Environment
from config.products import OPENTOFU, TERRAFORM
from config.request import Target, read_request


def test_nothing_set_means_every_environment_on_the_emulator() -> None:
    request = read_request({})
    assert request.environment is None
    assert request.environments[:3] == ("dev", "staging", "prod")
    assert request.target is Target.EMULATOR
    assert request.auto_approve is False
    assert request.product is TERRAFORM


def test_what_is_set_is_read() -> None:
    request = read_request({"ENV": "prod", "TARGET": "aws", "AUTO_APPROVE": "yes", "TERRAFORM": "tofu"})
    assert request.environments == (Environment("prod"),)
    assert request.target is Target.AWS
    assert request.auto_approve is True
    assert request.product is OPENTOFU


def test_every_unknown_value_is_named_at_once_with_what_is_allowed() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_request({"ENV": "production", "TARGET": "azure\x1b[31m", "AUTO_APPROVE": "1", "TERRAFORM": "/opt/tofu"})
    environment, *others = caught.value.faults
    assert environment.startswith('ENV = "production": not known; allowed: dev, staging, prod')
    assert environment.endswith("; for example ENV=dev; environments/NAME.toml makes another one")
    assert others == [
        'TARGET = "azure?[31m": not known; allowed: emulator, aws; for example TARGET=emulator',
        'AUTO_APPROVE = "1": not known; allowed: yes, no; for example AUTO_APPROVE=yes',
        'TERRAFORM = "/opt/tofu": not known; allowed: terraform, tofu; for example TERRAFORM=terraform',
    ]


@pytest.mark.parametrize("value", ["/etc/shrc", "~/.shrc", "$HOME/.shrc"])
def test_a_path_in_env_is_a_shells_and_counts_as_not_set_with_a_note(value: str) -> None:
    request = read_request({"ENV": value})
    assert request.environment is None
    assert request.note == f'ENV = "{value}": a shell\'s start-up file and not an environment, so it counts as not set'
    assert read_request({"ENV": "dev"}).note == ""


@pytest.mark.parametrize(("given", "seconds"), [("", 0), ("30s", 30), ("5m", 300), ("2h", 7200)])
def test_a_lock_timeout_is_a_number_of_seconds(given: str, seconds: int) -> None:
    assert read_request({"LOCK_TIMEOUT": given}).lock_timeout_seconds == seconds


@pytest.mark.parametrize(
    ("target", "given", "seconds"),
    [("emulator", "", 120), ("emulator", "0s", 0), ("emulator", "5m", 300), ("aws", "", 0), ("aws", "5m", 300)],
)
def test_on_the_emulator_a_command_waits_for_another_one_unless_lock_timeout_says_how_long(
    target: str, given: str, seconds: int
) -> None:
    """Only in this checkout: a lock on the emulator's state that nobody there holds is a killed command's."""
    request = read_request({"TARGET": target, "LOCK_TIMEOUT": given})
    assert request.checkout_wait_seconds == seconds
    assert request.lock_timeout == given


@pytest.mark.parametrize("value", ["DEV", " dev", "dev ", "d", "../prod"])
def test_an_environment_is_taken_to_the_letter(value: str) -> None:
    with pytest.raises(InvalidInputError, match="not known; allowed: dev, staging, prod"):
        read_request({"ENV": value})


def test_keep_is_yes_no_or_not_given_and_the_emulators_alone() -> None:
    assert [read_request({"KEEP": keep}).keep for keep in ("", "yes", "no")] == [None, True, False]
    with pytest.raises(InvalidInputError, match='KEEP = "true": not known; allowed: yes, no'):
        read_request({"KEEP": "true"})
    refused = "KEEP: not allowed with TARGET=aws, which keeps its data itself; leave KEEP out"
    with pytest.raises(InvalidInputError, match=refused):
        read_request({"KEEP": "yes", "TARGET": "aws"})
