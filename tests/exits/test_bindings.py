"""The bindings that are generated for an exit: which types, and of which schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.installed import BenchError, version_of
from tests.exits.bindings import PINS, filtered, modules_in_use
from tests.exits.ways import WAYS

SCHEMA: dict[str, Any] = {
    "format_version": "1.0",
    "provider_schemas": {
        "registry.terraform.io/hashicorp/aws": {
            "provider": {"version": 0},
            "resource_schemas": {"aws_sqs_queue": {"version": 1}, "aws_vpc": {"version": 2}, "aws_region": {}},
            "data_source_schemas": {"aws_region": {"version": 3}, "aws_sqs_queue": {}},
            "functions": {"arn_parse": {}},
        }
    },
}


@pytest.mark.parametrize("package", ["cdktf_cdktf_provider_aws", "cdktn_provider_aws", "imports.aws"])
def test_modules_are_found_however_they_are_imported_before_and_after_a_move(tmp_path: Path, package: str) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "one.py").write_text(f"from {package} import dynamodb_table\nimport {package}.kms_key as keys\n")
    inner = f"import {package}x.eks\ndef f():\n    from {package}.sqs_queue import (\n        SqsQueue,\n    )\n"
    (tmp_path / "inner" / "two.py").write_text(inner)
    assert modules_in_use([tmp_path / "one.py", tmp_path / "inner"]) == {"dynamodb_table", "kms_key", "sqs_queue"}


def test_the_projects_own_modules_are_those_of_every_construct() -> None:
    modules = modules_in_use()
    assert {"provider", "sqs_queue", "dynamodb_table", "s3_bucket_versioning", "lambda_event_source_mapping"} <= modules
    assert "cdktf_cdktf_provider_aws" not in modules


def test_a_schema_keeps_the_types_in_use_and_nothing_else() -> None:
    """A resource and a data source of one name are two modules."""
    kept = filtered(SCHEMA, {"provider", "sqs_queue", "data_aws_region"})
    assert kept == {
        "format_version": "1.0",
        "provider_schemas": {
            "registry.terraform.io/hashicorp/aws": {
                "provider": {"version": 0},
                "resource_schemas": {"aws_sqs_queue": {"version": 1}},
                "data_source_schemas": {"aws_region": {"version": 3}},
            }
        },
    }


def test_a_module_without_a_type_is_named() -> None:
    with pytest.raises(BenchError, match=r"^sqs_cue: imported, but no type of provider 5\.100\.0 makes such a module$"):
        filtered(SCHEMA, {"provider", "sqs_cue"})


def test_the_cli_is_pinned_by_hash_and_runs_on_a_node_of_its_own() -> None:
    """On Node 20 it does not start. Every package has an integrity, and no index is named."""
    text = (PINS / "cdktn-cli" / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    outer = {name: each for name, each in packages.items() if name and not each.get("inBundle")}
    assert len(outer) > 200
    assert all(each["integrity"].startswith("sha512-") for each in outer.values())
    assert "resolved" not in text
    assert packages["node_modules/cdktn-cli"]["version"] == "0.24.0"
    assert packages["node_modules/node"]["version"].startswith("22.")


def test_the_pins_are_what_the_ways_are_named_after() -> None:
    """A way's name is printed as what was proved."""
    for way in WAYS:
        core, version = way.name.split(", ")[0].split()
        assert version_of(way.pins, core) == version
    assert version_of("cdktn", "cdktn-provider-aws") == "25.8.1"
    assert version_of("cdktf", "cdktf-cdktf-provider-aws") == "21.22.1"
