"""Settings: the shipped files, and every way in which a file can be wrong."""

import subprocess
import sys
from pathlib import Path

import pytest

from check_report.errors import InvalidInputError
from config.environments import Environment
from config.request import PROJECT_ROOT
from stacks.features import load_settings
from stacks.settings import DataProtection
from stacks.vpr_async.names import names_of
from stacks.vpr_async.settings import own
from tests.checkout import ENVIRONMENTS
from tests.settings_files import written_settings

GOOD = """\
account_id = "111111111111"
region = "us-east-1"
state_bucket = "careervp-terraform-state"
data_protection = "destroy"
[vpr_async.worker]
timeout_seconds = 300
"""


def faults_of(content: str, directory: Path) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        written_settings(content, directory)
    return list(caught.value.faults)


def test_the_shipped_settings_are_valid_and_protect_data_in_staging_and_prod() -> None:
    loaded = {environment: load_settings(environment) for environment in map(Environment, ENVIRONMENTS)}
    assert {name: (found.account_id, found.region, found.retains_data) for name, found in loaded.items()} == {
        "dev": ("111111111111", "us-east-1", False),
        "staging": ("222222222222", "us-east-1", True),
        "prod": ("333333333333", "us-east-1", True),
    }
    traits = {name: (found.holds_customer_data, found.serves_customers) for name, found in loaded.items()}
    assert traits == {"dev": (False, False), "staging": (True, False), "prod": (True, True)}
    assert {own(found).worker.timeout_seconds for found in loaded.values()} == {300}
    assert [own(found).alarms.actions for found in loaded.values()] == [0, 0, 0]


def test_every_key_is_read(tmp_path: Path) -> None:
    settings = written_settings(
        """\
account_id = "333333333333"
region = "eu-central-1"
state_bucket = "some-state"
data_protection = "retain"
[vpr_async]
name_suffix = "0a1b2c"
[vpr_async.names]
jobs_queue = "Legacy_Jobs"
jobs_dlq = "legacy-failures"
jobs_table = "legacy.jobs"
[vpr_async.worker]
timeout_seconds = 30
function_name = "a-worker"
[vpr_async.alarms]
emails = ["ops@example.com", "dev@example.com"]
topic_arns = ["arn:aws:sns:eu-central-1:333333333333:ops"]
[tags]
"cost:centre" = "12 / 3"
""",
        tmp_path,
        "prod",
    )
    assert settings.data_protection is DataProtection.RETAIN
    assert names_of(settings).results_bucket == "careervp-prod-vpr-results-eu-central-1-0a1b2c"
    names = names_of(settings)
    assert (names.jobs_queue, names.jobs_dlq, names.jobs_table) == ("Legacy_Jobs", "legacy-failures", "legacy.jobs")
    assert names_of(settings).worker_function == "a-worker"
    assert own(settings).alarms.emails == ["ops@example.com", "dev@example.com"]
    assert own(settings).alarms.topic_arns == ["arn:aws:sns:eu-central-1:333333333333:ops"]
    assert settings.tags == {"cost:centre": "12 / 3"}


def test_an_environment_is_taken_for_one_of_customers_unless_its_file_says_otherwise(tmp_path: Path) -> None:
    silent = written_settings(GOOD, tmp_path, "qa")
    assert (silent.holds_customer_data, silent.serves_customers) == (True, True)
    plain = written_settings(f"holds_customer_data = false\nserves_customers = false\n{GOOD}", tmp_path, "qa")
    assert (plain.holds_customer_data, plain.serves_customers) == (False, False)


FIVE_TOPICS = [f"arn:aws:sns:us-east-1:111111111111:{name}" for name in "abcde"]
BAD = [
    # What is put in place of a good line, or added; what the fault must name: key, value, and what is allowed.
    ('account_id = "111111111111"', "account_id = 111111111111", "account_id = 111111111111: ", "12 digits in quotes"),
    ('account_id = "111111111111"', 'account_id = "1111"', 'account_id = "1111": ', "12 digits"),
    ('account_id = "111111111111"', 'account_id = "11111111111a"', 'account_id = "11111111111a": ', "12 digits"),
    ('account_id = "111111111111"', "account_id = []", "account_id = []: ", "12 digits"),
    ('account_id = "111111111111"', "", "account_id: missing", "12 digits"),
    ('region = "us-east-1"', 'region = "us-esat-1"', 'region = "us-esat-1": ', 'like "us-east-1"'),
    ('region = "us-east-1"', 'region = "US-EAST-1"', 'region = "US-EAST-1": ', "an AWS region"),
    ('region = "us-east-1"', "region = true", "region = true: ", "an AWS region"),
    ('"careervp-terraform-state"', '"Careervp_State"', 'state_bucket = "Careervp_State": ', "lower-case"),
    ('"careervp-terraform-state"', f'"{"b" * 64}"', 'state_bucket = "bbb', "3 to 63 characters"),
    ('"careervp-terraform-state"', '"careervp-dev-vpr-results-us-east-1-f6121f"', "state_bucket = ", "Terraform state"),
    ('data_protection = "destroy"', 'data_protection = "none"', 'data_protection = "none": ', '"retain", "destroy"'),
    ('data_protection = "destroy"', "data_protection = false", "data_protection = false: ", '"retain", "destroy"'),
    ("[vpr_async.worker]", "serves_customers = 0\n[vpr_async.worker]", "serves_customers = 0: ", "true or false"),
    (
        "[vpr_async.worker]",
        'holds_customer_data = "false"\n[vpr_async.worker]',
        'holds_customer_data = "false": ',
        "true or false, without quotes",
    ),
    ("timeout_seconds = 300", "timeout_seconds = 0", "vpr_async.worker.timeout_seconds = 0: ", "1 to 900"),
    ("timeout_seconds = 300", "timeout_seconds = 901", "vpr_async.worker.timeout_seconds = 901: ", "1 to 900"),
    ("timeout_seconds = 300", "timeout_seconds = -5", "vpr_async.worker.timeout_seconds = -5: ", "1 to 900"),
    ("timeout_seconds = 300", 'timeout_seconds = "300"', 'vpr_async.worker.timeout_seconds = "300": ', "whole number"),
    ("timeout_seconds = 300", "timeout_seconds = 300.0", "vpr_async.worker.timeout_seconds = 300.0: ", "whole number"),
    ("timeout_seconds = 300", "timeout_seconds = true", "vpr_async.worker.timeout_seconds = true: ", "whole number"),
    ("[vpr_async.worker]\ntimeout_seconds = 300", "[vpr_async]\nworker = 300", "vpr_async.worker = 300: ", "a table"),
    ("[vpr_async.worker]\ntimeout_seconds = 300", "", "vpr_async: missing", "a table"),
    ("[vpr_async.worker]\ntimeout_seconds = 300", "[vpr_async]", "vpr_async.worker: missing", "a table"),
    (
        "timeout_seconds = 300",
        'timeout_seconds = 300\nfunction_name = "my worker"',
        "vpr_async.worker.function_name",
        "1 to 64",
    ),
    (
        "timeout_seconds = 300",
        f'timeout_seconds = 300\nfunction_name = "{"f" * 65}"',
        "vpr_async.worker.function_name",
        "1 to 64",
    ),
    (
        "timeout_seconds = 300",
        "timeout_seconds = 300\ntimeout = 5",
        "vpr_async.worker.timeout = 5: unknown key",
        "timeout_seconds",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async]\nname_sufix = "0a1b2c"\n[vpr_async.worker]',
        'vpr_async.name_sufix = "0a1b2c": unknown key',
        "name_suffix",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async]\nname_suffix = "0A1B2C"\n[vpr_async.worker]',
        'vpr_async.name_suffix = "0A1B2C": ',
        "six hexadecimal digits",
    ),
    (
        "[vpr_async.worker]",
        "[vpr_async]\nname_suffix = 123456\n[vpr_async.worker]",
        "vpr_async.name_suffix = 123456: ",
        "six hexadecimal digits",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\nresults_bucket = "Results"\n[vpr_async.worker]',
        'vpr_async.names.results_bucket = "Results": ',
        "3 to 63 characters: lower-case letters, digits and hyphens",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\njobs_queue = "jobs.fifo"\n[vpr_async.worker]',
        'vpr_async.names.jobs_queue = "jobs.fifo": ',
        "1 to 80 characters: letters, digits, hyphens and underscores",
    ),
    (
        "[vpr_async.worker]",
        "[vpr_async.names]\njobs_dlq = 5\n[vpr_async.worker]",
        "vpr_async.names.jobs_dlq = 5: ",
        "1 to 80 characters",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\njobs_table = "ab"\n[vpr_async.worker]',
        'vpr_async.names.jobs_table = "ab": ',
        "3 to 255 characters: letters, digits, hyphens, underscores and dots",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\nalarm = "ab"\n[vpr_async.worker]',
        'vpr_async.names.alarm = "ab": unknown key',
        "results_bucket",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\njobs_queue = "jobs"\njobs_dlq = "jobs"\n[vpr_async.worker]',
        'vpr_async.names: jobs_queue and jobs_dlq are both "jobs", and a queue cannot be its own dead-letter queue',
        "two names",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\njobs_dlq = "careervp-vpr-jobs-queue-dev"\n[vpr_async.worker]',
        'vpr_async.names: jobs_queue and jobs_dlq are both "careervp-vpr-jobs-queue-dev"',
        "two names",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async]\nname_suffix = "0a1b2c"\nnames.results_bucket = "results"\n[vpr_async.worker]',
        'vpr_async: name_suffix = "0a1b2c" and names.results_bucket = "results" exclude each other',
        "one of them, or neither",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.names]\nresults_bucket = "careervp-terraform-state"\n[vpr_async.worker]',
        'state_bucket = "careervp-terraform-state": is the results bucket\'s own name',
        "Terraform state and nothing else",
    ),
    ("[vpr_async.worker]", 'environment = "prod"\n[vpr_async.worker]', "environment: unknown key", "file's name"),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemails = ["a@b.cd", "nobody"]\n[vpr_async.worker]',
        'vpr_async.alarms.emails 2 = "nobody": ',
        "ops@example.com",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\ntopic_arns = ["arn:aws:sqs:x"]\n[vpr_async.worker]',
        'vpr_async.alarms.topic_arns 1 = "arn:aws:sqs:x": ',
        "SNS topic",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\ntopic_arns = ["arn:aws:sns:eu-west-1:111111111111:ops"]\n[vpr_async.worker]',
        'vpr_async.alarms.topic_arns: "arn:aws:sns:eu-west-1:111111111111:ops": in another region',
        "topics in us-east-1",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemails = "a@b.cd"\n[vpr_async.worker]',
        'vpr_async.alarms.emails = "a@b.cd": not allowed',
        "a list, in which each is an e-mail address",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemail = "a@b.cd"\n[vpr_async.worker]',
        'vpr_async.alarms.email = "a@b.cd": unknown key',
        'it is a list now: emails = ["a@b.cd"]',
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemail = ["a@b.cd"]\n[vpr_async.worker]',
        'vpr_async.alarms.email = ["a@b.cd"]: unknown key',
        'it is a list now: emails = ["a@b.cd"]',
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\ntopic_arn = "arn:aws:sns:us-east-1:111111111111:o"\n[vpr_async.worker]',
        'vpr_async.alarms.topic_arn = "arn:aws:sns:us-east-1:111111111111:o": unknown key',
        'it is a list now: topic_arns = ["arn:aws:sns:us-east-1:111111111111:o"]',
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemails = ["a@b.cd", "A@b.cd"]\n[vpr_async.worker]',
        'vpr_async.alarms.emails: "A@b.cd": given more than once',
        "allowed: once",
    ),
    (
        "[vpr_async.worker]",
        f"[vpr_async.alarms]\nemails = ['a@b.cd']\ntopic_arns = {FIVE_TOPICS}\n[vpr_async.worker]",
        "vpr_async.alarms: 6 topics, the one for emails included",
        "at most 5, CloudWatch's limit for an alarm",
    ),
    ('region = "us-east-1"', 'region = "us-east-9"', 'region = "us-east-9": ', "an AWS region"),
    ('region = "us-east-1"', 'region = "ap-east-2"', 'region = "ap-east-2": ', "that Terraform knows"),
    ('region = "us-east-1"', 'region = "aws-global"', 'region = "aws-global": ', "an AWS region"),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemails = ["${path.cwd}@b.cd"]\n[vpr_async.worker]',
        "vpr_async.alarms.emails 1 = ",
        "ops@example.com",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\nemails = ["%{if true}a@b.cd%{endif}"]\n[vpr_async.worker]',
        "vpr_async.alarms.emails 1 = ",
        "ops@example.com",
    ),
    (
        "[vpr_async.worker]",
        '[vpr_async.alarms]\ntopic_arns = ["arn:aws-cn:sns:us-east-1:111111111111:ops"]\n[vpr_async.worker]',
        "vpr_async.alarms.topic_arns 1 = ",
        "SNS topic",
    ),
    (
        "[vpr_async.worker]",
        '[tags]\nTeam = "a"\nteam = "b"\n[vpr_async.worker]',
        'tags: "Team" and "team" differ in case',
        "one of them",
    ),
    ("[vpr_async.worker]", '[tags]\n"aws:x" = "y"\n[vpr_async.worker]', "tags.", "not beginning with aws:"),
    ("[vpr_async.worker]", '[tags]\nproject = "y"\n[vpr_async.worker]', 'tags.project = "y": ', "not Project"),
    ("[vpr_async.worker]", '[tags]\nEnvironment = "y"\n[vpr_async.worker]', 'tags.Environment = "y": ', "not Project"),
    ("[vpr_async.worker]", "[tags]\nOwner = 5\n[vpr_async.worker]", "tags.Owner = 5: ", "text in quotes"),
    ("[vpr_async.worker]", f'[tags]\nOwner = "{"v" * 257}"\n[vpr_async.worker]', "tags.Owner = ", "up to 256"),
    ("[vpr_async.worker]", 'tags = "none"\n[vpr_async.worker]', 'tags = "none": ', "a table"),
    (
        "[vpr_async.worker]",
        "[tags]\n" + "".join(f'k{i} = "v"\n' for i in range(41)) + "[vpr_async.worker]",
        "tags = ",
        "at most 40 keys",
    ),
]


@pytest.mark.parametrize(("good", "bad", "key_and_value", "allowed"), BAD)
def test_a_bad_value_is_named_with_file_key_value_and_what_is_allowed(
    good: str, bad: str, key_and_value: str, allowed: str, tmp_path: Path
) -> None:
    assert good in GOOD
    (fault,) = faults_of(GOOD.replace(good, bad), tmp_path)
    assert fault.startswith(f"{tmp_path.name}/dev.toml: {key_and_value}")
    assert allowed in fault
    assert fault.isascii()
    assert "\n" not in fault
    assert len(fault) < 500


def test_there_are_at_least_thirty_bad_settings_above() -> None:
    assert len(BAD) >= 30


def test_all_faults_of_a_file_are_named_at_once(tmp_path: Path) -> None:
    found = faults_of(
        'account_id = 5\nregion = "x"\ncolour = "red"\n[vpr_async.worker]\ntimeout_seconds = 0\nx = 1\n', tmp_path
    )
    keys = sorted(fault.split(": ", 1)[1].split(" = ")[0].split(":")[0] for fault in found)
    assert keys == [
        "account_id",
        "colour",
        "data_protection",
        "region",
        "state_bucket",
        "vpr_async.worker.timeout_seconds",
        "vpr_async.worker.x",
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"account_id = ", "not valid TOML: Invalid value (at"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"a = " + b"[" * 30_000, "nested too deeply"),
        (b"#" * 70_000, "larger than 65,536 bytes: too large for settings"),
    ],
)
def test_a_file_that_is_no_settings_file_is_said_to_be_none(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "dev.toml").write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        load_settings(Environment("dev"), directory=tmp_path)
    (fault,) = caught.value.faults
    assert fault.startswith(f"{tmp_path.name}/dev.toml: ")
    assert said in fault


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"staging\.toml: no such file"):
        load_settings(Environment("staging"), directory=tmp_path)


def test_a_hostile_key_and_value_reach_the_terminal_as_plain_ascii(tmp_path: Path) -> None:
    (fault,) = faults_of(GOOD + '[tags]\n"\\u001b[31mred" = "\\u0007bell\\u202e"\n', tmp_path)
    assert fault.isprintable()
    assert fault.isascii()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x = " + "9" * 5_000, "not valid TOML: Exceeds the limit"),
        ("x = 0x" + "f" * 5_000, "x = (too large to be shown): unknown key"),
        ("x" + ".a" * 5_000 + " = 1", "nested too deeply"),
        ('"::error::x" = "##[error]y"', r'\x3a:error::x = "\x23#[error]y": unknown key'),
    ],
)
def test_what_cannot_be_written_or_would_be_obeyed_is_a_fault_like_others(line: str, said: str, tmp_path: Path) -> None:
    (fault,) = faults_of(f"{line}\n{GOOD}", tmp_path)
    assert said in fault


def test_reading_settings_loads_neither_cdktf_nor_boto3() -> None:
    """Settings, names and requests stay usable by every tool, at no tool's cost."""
    code = "import sys, stacks.features; print(sorted({'cdktf', 'boto3', 'jsii'} & set(sys.modules)))"
    done = subprocess.run((sys.executable, "-c", code), cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
