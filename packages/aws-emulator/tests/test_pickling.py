"""The state of every service that moto has can be saved and restored, as far as its own packages are installed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from emulator_helpers import ACCOUNT_ID

pytestmark = pytest.mark.slow

ROUND_TRIP = """
import sys

from aws_emulator import environment

environment.set_account(sys.argv[1])
from moto import backends

from aws_emulator import patches
from aws_emulator.persistence import pickling

patches.apply_all()
made = set()
for service in backends.list_of_moto_modules():
    try:
        held = backends.get_backend(service)
    except (AttributeError, ImportError):
        continue  # It needs packages that are not installed, or is no service.
    account = held[sys.argv[1]] if service != "moto_api" else {}
    for region in ("us-east-1", "aws"):
        if region in account:
            account[region]
            made.add(service)
content, left_out = pickling.dumps()
pickling.loads(content)
print(len(made), *left_out)
"""


def test_every_service_that_holds_nothing_yet_is_saved_and_restored() -> None:
    """In a process of its own: it patches moto, and makes a backend of each service."""
    done = subprocess.run((sys.executable, "-c", ROUND_TRIP, ACCOUNT_ID), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made, *left_out = done.stdout.split()
    assert int(made) > 100
    assert left_out == []
