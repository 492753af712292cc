"""The regions that settings may name, held against the Terraform that is installed."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from stacks.regions import UNKNOWN_TO_TERRAFORM, partitions_by_region

TESTED_VERSION = "1.11"
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "CHECKPOINT_DISABLE": "1",
    "TF_CLI_CONFIG_FILE": os.devnull,
}


class Refusing(BaseHTTPRequestHandler):
    """An AWS that gives nobody an answer."""

    def do_POST(self) -> None:
        """Refuse a call."""
        self.send_response(403)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
        """Write nothing."""


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool]:
    """Return, by region, True if Terraform's S3 backend does not know it; where it does, it is refused an identity."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Refusing)
    Thread(target=server.serve_forever, daemon=True).start()

    def ask(region: str) -> bool:
        folder = tmp_path_factory.mktemp(region)
        backend = {"bucket": "a-state", "key": "k", "region": region}
        (folder / "backend.tf.json").write_text(json.dumps({"terraform": {"backend": {"s3": backend}}}))
        done = subprocess.run(
            ("terraform", "init", "-input=false", "-no-color"),
            cwd=folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(folder),
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
                **VARIABLES,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ("Invalid region value" in done.stderr) != ("StatusCode: 403" in done.stderr), done
        return "Invalid region value" in done.stderr

    regions = [*partitions_by_region(), *UNKNOWN_TO_TERRAFORM]
    with server, ThreadPoolExecutor(2) as pool:
        found = dict(zip(regions, pool.map(ask, regions), strict=True))
        server.shutdown()
    return found


def test_terraform_knows_every_region_that_settings_may_name(refused: dict[str, bool]) -> None:
    assert [region for region in partitions_by_region() if refused[region]] == []
    assert len(partitions_by_region()) >= 34


def test_settings_refuse_only_what_this_terraform_refuses(refused: dict[str, bool], tmp_path: Path) -> None:
    """A newer one knows more: then the list of exceptions is to shrink."""
    version = subprocess.run(("terraform", "version"), cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    known = {region for region in UNKNOWN_TO_TERRAFORM if not refused[region]}
    assert known == set() or not re.match(rf"Terraform v{re.escape(TESTED_VERSION)}\.", version)


def test_each_region_is_in_the_partition_of_its_name() -> None:
    found = partitions_by_region()
    assert {found[region] for region in ("us-east-1", "eu-central-2", "il-central-1", "mx-central-1")} == {"aws"}
    assert {found[region] for region in ("cn-north-1", "cn-northwest-1")} == {"aws-cn"}
    assert {found[region] for region in ("us-gov-east-1", "us-gov-west-1")} == {"aws-us-gov"}
