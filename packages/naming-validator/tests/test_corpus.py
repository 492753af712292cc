"""The corpus of names: each is judged alone, in a stack's synthesized JSON, in every format."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from naming_run import main, sarif_run

CORPUS: dict[str, list[dict[str, Any]]] = tomllib.loads(Path(__file__).with_name("corpus.toml").read_text())
NAME_ATTRIBUTES = {
    "s3_bucket": "bucket",
    "cloudwatch_metric_alarm": "alarm_name",
    "cloudwatch_composite_alarm": "alarm_name",
    "cloudwatch_dashboard": "dashboard_name",
    "lambda_function": "function_name",
}
REFUSED_BY_AWS = {"name-token", "name-length", "name-alphabet", "name-reserved", "name-duplicate"}


def stack_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON that cdktf would write for a stack with this one name."""
    type_, body = f"aws_{entry['type']}", dict(entry.get("set", {}))
    if not entry.get("unnamed"):
        body[NAME_ATTRIBUTES.get(entry["type"], "name")] = entry["name"]
    table, _, index = type_.partition("_table_")
    if index:
        type_, body = f"{table}_table", {"name": "acmecorp-jobs-table-dev", index: [body]}
    provider = {
        "region": entry.get("region", "us-east-1"),
        "allowed_account_ids": [entry.get("account", "111111111111")],
    }
    return {
        "//": {"metadata": {"stackName": f"corpus-{entry.get('environment', 'dev')}"}},
        "provider": {"aws": [provider]},
        # The service has a name without rules, so that there always is one to look at.
        "resource": {"aws_ecs_service": {"Beside": {"name": "x"}}, type_: {"NamedInTest_0A1B2C3D": body}},
    }


def run(entry: dict[str, Any], folder: Path, *options: str) -> int:
    (folder / "cdk.tf.json").write_text(json.dumps(stack_of(entry)))
    return main(["--path", str(folder), *options])


def identity(entry: dict[str, Any]) -> str:
    return re.sub(r"[^\w.-]", "_", f"{entry['type']}-{entry.get('name', 'unnamed')}")


def test_the_corpus_is_large_and_says_nothing_twice() -> None:
    entries = [json.dumps(entry, sort_keys=True) for kind in ("good", "bad") for entry in CORPUS[kind]]
    assert len(CORPUS["good"]) == 95
    assert len(CORPUS["bad"]) == 123
    assert len(set(entries)) == len(entries)


@pytest.mark.parametrize("entry", CORPUS["good"], ids=identity)
def test_a_good_name_is_clean(entry: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(entry, tmp_path, "--strict") == 0
    assert capsys.readouterr().out.endswith(" checked: 0 errors, 0 warnings\n")
    assert run(entry, tmp_path, "--strict", "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["findings"] == []
    assert run(entry, tmp_path, "--strict", "--format", "sarif") == 0
    assert sarif_run(capsys.readouterr().out)["results"] == []


@pytest.mark.parametrize("entry", CORPUS["bad"], ids=identity)
def test_a_bad_name_is_reported_with_its_reasons(
    entry: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(entry, tmp_path, "--strict") == 1
    *lines, summary = capsys.readouterr().out.splitlines()
    assert sorted(re.findall(r": error \[([a-z-]+)\] ", "\n".join(lines))) == entry["rules"]
    assert len(lines) == len(entry["rules"])
    assert all(line.isascii() and line.isprintable() for line in lines)
    assert f": {len(lines)} error" in summary

    assert run(entry, tmp_path, "--strict", "--format", "json") == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert sorted(finding["rule"] for finding in findings) == entry["rules"]
    if "right" in entry:
        assert {finding["suggestion"] for finding in findings} == {entry["right"] or None}

    assert run(entry, tmp_path, "--strict", "--format", "sarif") == 1
    results = sarif_run(capsys.readouterr().out)["results"]
    assert sorted(result["ruleId"] for result in results) == entry["rules"]
    assert {result["level"] for result in results} == {"error"}

    assert run(entry, tmp_path) == int(bool(REFUSED_BY_AWS & set(entry["rules"])))
