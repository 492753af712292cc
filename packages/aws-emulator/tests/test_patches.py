"""Patches as a whole: no caller gets between two steps of another, and another moto is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emulator_helpers import HANG_SECONDS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def met_half_way() -> list[str]:
    """Run two simultaneous calls in each service that would meet half-way; return how they ended."""
    program = (sys.executable, str(Path(__file__).with_name("paused_writers.py")))
    ended = subprocess.run(program, capture_output=True, text=True, check=False, timeout=HANG_SECONDS)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


@pytest.mark.parametrize(
    "outcomes", ["s3 PreconditionFailed done", "dynamodb ConditionalCheckFailedException done", "sqs done done"]
)
def test_no_caller_gets_between_the_look_and_the_write_of_another(met_half_way: list[str], outcomes: str) -> None:
    """Of two conditional writes that would meet half-way one is refused; two receives of a last try both succeed.

    Terraform's lock rests on it in S3, idempotency in DynamoDB, the dead-letter queue in SQS.
    """
    assert outcomes in met_half_way


@pytest.mark.parametrize(
    ("module", "owner", "name"),
    [
        ("moto.sqs.models", "Queue", "_set_attributes"),
        ("moto.dynamodb.responses", "DynamoHandler", "call_action"),
    ],
)
def test_moto_that_cannot_be_patched_is_refused(module: str, owner: str, name: str) -> None:
    """If what a patch replaces is missing, the emulator does not start: one line names it, and the exit status is 2."""
    program = (
        "import os, sys; os.environ['AWS_CONFIG_FILE'] = os.devnull\n"
        f"from {module} import {owner}\n"
        f"del {owner}.{name}\n"
        "from aws_emulator.cli import main\n"
        "sys.exit(main(['run', '--account-id', '123412341234']))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=HANG_SECONDS
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    complaints = [line for line in ended.stderr.splitlines() if not line.startswith("process ")]
    assert len(complaints) == 1
    assert f"{module}.{owner} has no '{name}'" in complaints[0]
