"""The reference names each key of the JSON that the commands print."""

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from check_report.forms import rendered
from config.request import PROJECT_ROOT
from naming_validator.command import main as validate_naming
from ops.drift.output import report_of as drift_report
from ops.drift.report import Comparison, Condition, Fact
from ops.supply_chain import audit, harden
from ops.verify.report import Check, Outcome, Verification
from ops.workspace import Workspace

REFERENCE = (PROJECT_ROOT / "docs" / "reference.md").read_text()


def keys(value: Any) -> Iterator[str]:
    """Yield the keys of a JSON document, but for those of the values in it."""
    if isinstance(value, dict):
        for key, inner in cast("dict[str, Any]", value).items():
            yield key
            if key not in {"expected", "found"}:
                yield from keys(inner)
    elif isinstance(value, list):
        for each in cast("list[Any]", value):
            yield from keys(each)


def unnamed(document: Any, section: str) -> set[str]:
    """Return the keys that a section of the reference does not name."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", REFERENCE, re.MULTILINE | re.DOTALL)
    return set(keys(document)) - set(re.findall(r"`([a-z_]+)`", text))


def test_drift() -> None:
    condition = Condition("aws_sqs_queue", "orders", "messages: 1")
    fact = Fact("aws_sqs_queue", "orders", "tags", {"a": 1}, None, "sets it back", "both")
    found = Comparison((fact,), (condition,), (condition,), (condition,), ("aws_sqs_queue orders",))
    workspace = cast("Workspace", SimpleNamespace(stack="shop-dev", where="AWS"))
    document = json.loads(rendered(drift_report(workspace, found), "json"))
    assert {"drift", "seen_by", "what"} <= set(keys(document))
    assert unnamed(document, "Drift") == set()


def test_verification() -> None:
    check = Check("aws_sqs_queue", "orders", "tags", Outcome.DIFFERS, {"a": 1}, None)
    verification = Verification("deployed", "shop-dev", "dev", "AWS", (check,), 1, 0.1)
    document = json.loads(rendered(verification.report, "json"))
    assert {"api_calls", "outcome"} <= set(keys(document))
    assert unnamed(document, "Verification") == set()


def test_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cdk.tf.json").write_text('{"resource": {"aws_sqs_queue": {"Q": {"name": "Shop_Queue"}}}}')
    (tmp_path / "other.tf.json").write_text("{")
    validate_naming(["--format", "json", f"--path={tmp_path}", f"--convention={PROJECT_ROOT / 'naming.toml'}"])
    document = json.loads(capsys.readouterr().out)
    assert document["findings"] != []
    assert document["unreadable"] != []
    assert unnamed(document, "Names") == set()


def test_hardening_and_advisories() -> None:
    result = harden.Result(check="CKV_1", title="Ensure it", where="shop-dev/aws_sqs_queue.Q", failed=True)
    hardened = json.loads(rendered(harden.report_of([result], [], ["shop-prod"]), "json"))
    advisory = audit.Advisory(lock="Pipfile.lock", package="tmp", version="1.0", ids=("GHSA-1",), title="Bad")
    audited = [each.data for each in audit.findings([advisory], [], today=date(2027, 1, 31))]
    assert {"passed", "subject"} <= set(keys(hardened))
    assert unnamed([hardened, audited], "Hardening, advisories and SBOM") == set()
