"""Each format says the same, safely, whatever the names and files are called."""

import json
from pathlib import Path
from typing import Any

import pytest

from naming_run import main, sarif_run, write

STACK: dict[str, Any] = {
    "//": {"metadata": {"stackName": "rpt-async-dev"}},
    "resource": {
        "aws_sqs_queue": {
            "Jobs": {"name": "acmecorp_rpt_jobs_queue_dev"},
            "Bad\n::error::x": {"name": "${toke\u001b[31m\n::warning::%0A"},
        }
    },
}
CONVENTION = (
    '"acmecorp_rpt_jobs_queue_dev" is not kebab-case (lower-case letters and digits, with single hyphens between); '
    'the form is acmecorp-{feature}-{type}-{env}; right would be "acmecorp-rpt-jobs-queue-dev"'
)
REMNANT = (
    'Bad\\n\\x3a:error::x: "${toke\\u001b[31m\\n\\x3a:warning::%0A" holds "${toke\\u001b[31m\\n\\x3a:warning::%0A", '
    "the remnant of a token: its value does not exist when the stack is synthesized; "
    'right would be "acmecorp-{feature}-queue-dev"'
)


@pytest.fixture
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, {"stacks/a b,c/cdk.tf.json": STACK})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def output(capsys: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["--path", ".", *options]) == 1
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out.isascii()
    return shown.out


@pytest.mark.usefixtures("stack")
def test_text_is_a_line_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert output(capsys).splitlines() == [
        f"stacks/a b,c/cdk.tf.json:10: warning [name-convention] aws_sqs_queue.Jobs: {CONVENTION}",
        f"stacks/a b,c/cdk.tf.json:13: error [name-token] aws_sqs_queue.{REMNANT}",
        "2 names in 1 file checked: 1 error, 1 warning",
    ]


@pytest.mark.usefixtures("stack")
def test_json_has_the_pieces(capsys: pytest.CaptureFixture[str]) -> None:
    report = json.loads(output(capsys, "--format", "json"))
    assert {key: report[key] for key in ("summary", "status", "strict", "unreadable")} == {
        "summary": "2 names in 1 file checked: 1 error, 1 warning",
        "status": 1,
        "strict": False,
        "unreadable": [],
    }
    assert report["findings"][0] == {
        "rule": "name-convention",
        "severity": "warning",
        "file": "stacks/a b,c/cdk.tf.json",
        "line": 10,
        "json_path": "$.resource.aws_sqs_queue.Jobs.name",
        "type": "aws_sqs_queue",
        "address": "aws_sqs_queue.Jobs",
        "name": "acmecorp_rpt_jobs_queue_dev",
        "message": "is not kebab-case (lower-case letters and digits, with single hyphens between); "
        "the form is acmecorp-{feature}-{type}-{env}",
        "suggestion": "acmecorp-rpt-jobs-queue-dev",
    }
    assert report["findings"][1]["json_path"] == '$.resource.aws_sqs_queue["Bad\\n::error::x"].name'


@pytest.mark.usefixtures("stack")
def test_sarif_is_valid_and_complete(capsys: pytest.CaptureFixture[str]) -> None:
    run = sarif_run(output(capsys, "--format", "sarif"))
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"]: rule["defaultConfiguration"]["level"] for rule in rules} == {
        "name-token": "error",
        "name-length": "error",
        "name-alphabet": "error",
        "name-reserved": "error",
        "name-duplicate": "error",
        "name-missing": "warning",
        "name-convention": "warning",
        "name-environment": "warning",
        "name-region": "warning",
        "name-account": "warning",
    }
    first, second = run["results"]
    assert (first["ruleId"], first["level"]) == ("name-convention", "warning")
    assert rules[first["ruleIndex"]]["id"] == "name-convention"
    assert first["message"]["text"] == f"aws_sqs_queue.Jobs: {CONVENTION}"
    assert first["locations"][0] == {
        "physicalLocation": {
            "artifactLocation": {"uri": "stacks/a%20b%2Cc/cdk.tf.json"},
            "region": {"startLine": 10},
        },
        "logicalLocations": [
            {
                "name": "aws_sqs_queue.Jobs",
                "fullyQualifiedName": "$.resource.aws_sqs_queue.Jobs.name",
                "kind": "resource",
            }
        ],
    }
    assert second["level"] == "error"
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.usefixtures("stack")
def test_github_commands_cannot_be_injected(capsys: pytest.CaptureFixture[str]) -> None:
    *commands, summary = output(capsys, "--format", "github").splitlines()
    assert commands == [
        f"::warning file=stacks/a b%2Cc/cdk.tf.json,line=10,title=name-convention::aws_sqs_queue.Jobs: {CONVENTION}",
        "::error file=stacks/a b%2Cc/cdk.tf.json,line=13,title=name-token::aws_sqs_queue."
        + REMNANT.replace("%0A", "%250A"),
    ]
    assert summary == "2 names in 1 file checked: 1 error, 1 warning"


def test_what_cannot_be_read_is_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"a.py": "x = 1\ndef f(:\n", "z\u001b.py": b"\xff"})
    monkeypatch.chdir(tmp_path)
    said = "a.py:2: is not valid Python: invalid syntax\nz\\x1b.py: is not UTF-8 text: byte 0 is 0xff\n"
    for format_ in ("text", "json", "sarif", "github"):
        assert main(["--path", ".", "--format", format_]) == 2
        shown = capsys.readouterr()
        assert shown.err == said
        match format_:
            case "json":
                assert [each["line"] for each in json.loads(shown.out)["unreadable"]] == [2, None]
            case "sarif":
                invocation = sarif_run(shown.out)["invocations"][0]
                assert invocation["executionSuccessful"] is False
                assert [
                    each["message"]["text"] for each in invocation["toolExecutionNotifications"]
                ] == said.splitlines()
            case "github":
                assert shown.out.startswith("::error file=a.py,line=2,title=unreadable::a.py:2: is not valid Python")
            case _:
                assert shown.out.endswith("; 2 could not be read\n")


def test_what_a_service_refuses_is_said_with_what_it_allows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queues = {"Long": {"name": f"acmecorp-{'a' * 67}-queue-dev"}, "Dotted": {"name": "acmecorp.rpt-queue-dev"}}
    buckets = {"Alias": {"bucket": "acmecorp-dev-rpt-s3alias"}}
    write(tmp_path, {"cdk.tf.json": {"resource": {"aws_sqs_queue": queues, "aws_s3_bucket": buckets}}})
    assert main(["--path", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert " has 86 characters; SQS queue names have 1 to 80" in shown
    assert ' has "."; SQS queue names have only letters, digits, hyphens and underscores; right would be ' in shown
    assert (
        " ends in what S3 reserves (-s3alias, --ol-s3, .mrap, --x-s3, --table-s3), which S3 bucket names may not"
        in shown
    )


def test_a_long_name_is_shown_in_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "a" * 100_000
    write(tmp_path, {"cdk.tf.json": {"resource": {"aws_sqs_queue": {"q": {"name": name}}}}})
    assert main(["--path", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert '..." (100000 characters)' in lines[0]
    assert max(map(len, lines)) < 1000
