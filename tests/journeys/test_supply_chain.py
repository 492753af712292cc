"""`make audit` with the real tools, asking advisory services on loopback, and what `make sbom` leaves."""

import argparse
import gzip
import json
import os
import subprocess
import threading
from collections.abc import Generator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from config.request import read_request
from ops.setup import TOOLS
from ops.supply_chain import audit, sbom

pytestmark = pytest.mark.xdist_group("hardening")
TEXT = argparse.Namespace(format="text")

ECDSA = {
    "id": "PYSEC-2024-1",
    "aliases": ["GHSA-wj6h-64fc-37mp"],
    "summary": "Timing\x1b[31m attack",
    "affected": [{"package": {"name": "ecdsa", "ecosystem": "PyPI"}}],
}
TMP = {
    "id": 1,
    "url": "https://github.com/advisories/GHSA-52f5-9888-hmc6",
    "title": "A symbolic link",
    "severity": "low",
    "vulnerable_versions": "<=0.2.3",
}
FLASK = {"id": "PYSEC-1", "summary": "Bad", "affected": [{"package": {"name": "flask", "ecosystem": "PyPI"}}]}


class Services(ThreadingHTTPServer):
    """Stand-ins for OSV and for npm's registry."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.python: dict[str, list[dict[str, Any]]] = {"ecdsa": [ECDSA]}
        self.npm: dict[str, list[dict[str, Any]]] | None = {"tmp": [TMP]}
        """None: it does not answer."""
        self.asked: set[str] = set()

    @property
    def variables(self) -> Mapping[str, str]:
        """The environment of the tools."""
        here = f"http://127.0.0.1:{self.server_address[1]}"
        kept = {key: value for key, value in os.environ.items() if not key.lower().startswith("npm_config_")}
        own = {
            "PIP_AUDIT_OSV_URL": f"{here}/osv",
            "npm_config_registry": f"{here}/npm/",
            "npm_config_fetch_retries": "0",
        }
        return {**kept, **own, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


class Answer(BaseHTTPRequestHandler):
    """Answers about one package (OSV) or all of them (npm)."""

    def do_GET(self) -> None:
        """No package's own page is known."""
        self.send_error(404)

    def do_POST(self) -> None:
        """Answer with the advisories of what is asked about."""
        services = self.server
        assert isinstance(services, Services)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        if self.path == "/osv":
            name = asked["package"]["name"]
            services.asked.add(name)
            self._say({"vulns": services.python.get(name, [])})
        elif services.npm is None:
            self.send_error(405)
        else:
            services.asked |= asked.keys()
            self._say({name: found for name, found in services.npm.items() if name in asked})

    def _say(self, content: Mapping[str, Any]) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base's name
        """Say nothing."""


@pytest.fixture
def services() -> Generator[Services]:
    with Services() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_the_findings_that_are_decided_on_pass_and_every_locked_package_was_asked_about(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.run(read_request(services.variables), TEXT) == 0, capsys.readouterr()
    assert capsys.readouterr().out == "2 findings, 2 decisions\n"
    # Of each lock one: the project's and the tools' Python packages, cdktf's CLI with what it bundles, the browser's.
    assert {"cdktf-cdktf-provider-aws", "checkov", "cdktf-cli", "brace-expansion", "axe-core"} <= services.asked
    assert len(services.asked) > 500


def test_a_finding_that_nobody_decided_on_fails_and_so_does_a_decision_on_nothing(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    services.python["flask"] = [FLASK]
    services.npm = {}
    assert audit.run(read_request(services.variables), TEXT) == 1
    undecided, needless, counts = capsys.readouterr().out.splitlines()
    assert undecided.startswith("Pipfile.lock: error [PYSEC-1] flask ")
    assert undecided.endswith(": Bad; upgrade it, or decide on it in audit.toml")
    assert needless == (
        "audit.toml: error [needless-decision] decision 2 (GHSA-52f5-9888-hmc6 of tmp): "
        "no such finding; remove the decision"
    )
    assert counts == "2 findings, 2 decisions"


def _without_steps(said: str) -> list[str]:
    """Return the lines without that of the step that failed."""
    step, *lines = said.splitlines()
    assert step == "ask OSV and npm's registry failed"
    return lines


def test_a_service_that_does_not_answer_is_said_in_one_line_and_is_no_pass(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    services.npm = None
    assert audit.run(read_request(services.variables), TEXT) == 2
    captured = capsys.readouterr()
    assert captured.out == "not audited\n"
    (line,) = _without_steps(captured.err)
    assert line.startswith("npm audit had no answer for package-lock.json: 405")
    closed = {**services.variables, "PIP_AUDIT_OSV_URL": "http://127.0.0.1:1/osv"}
    assert audit.run(read_request(closed), TEXT) == 2
    (line,) = _without_steps(capsys.readouterr().err)
    assert line.startswith("pip-audit had no answer for Pipfile.lock: ")
    assert line.endswith("; nothing is known of the packages")


def test_a_service_that_does_not_answer_is_in_the_forms_for_programs(
    services: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    services.npm = None
    assert audit.run(read_request(services.variables), argparse.Namespace(format="json")) == 2
    report = json.loads(capsys.readouterr().out)
    assert (report["exit_status"], report["findings"], len(report["unreadable"])) == (2, [], 1)
    assert report["unreadable"][0]["message"].startswith("npm audit had no answer for package-lock.json: 405")


VALIDATE = """
import pathlib, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for name in sys.argv[1:]:
    fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(pathlib.Path(name).read_text())
    assert fault is None, (name, fault)
"""


def test_the_bills_of_materials_are_valid_and_have_what_is_locked() -> None:
    assert sbom.run(read_request(), argparse.Namespace()) == 0
    files = sorted(sbom.SBOM.glob("*.cdx.json"))
    assert [file.name for file in files] == ["npm.cdx.json", "provider.cdx.json", "python.cdx.json"]
    done = subprocess.run(
        (TOOLS / "bin" / "python", "-c", VALIDATE, *files), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    has = [{each["purl"] for each in json.loads(file.read_text())["components"]} for file in files]
    assert {"pkg:npm/cdktf-cli@0.21.0", "pkg:npm/pyright@1.1.414"} <= has[0]
    assert has[1] == {"pkg:terraform/hashicorp/aws@5.100.0"}
    assert {"pkg:pypi/cdktf@0.21.0", "pkg:pypi/jsii@1.142.0", "pkg:pypi/moto@5.2.5", "pkg:pypi/pytest@9.1.1"} <= has[2]
    assert any(purl.startswith("pkg:pypi/uv@") for purl in has[2])
