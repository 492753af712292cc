"""Two commands at once on one emulator: the second waits for the first."""

import re

import pytest

from tests.checkout import Checkout
from tests.surroundings import HANG_SECONDS

pytestmark = pytest.mark.xdist_group("deployed")


def test_of_two_ups_at_once_both_print_what_a_handler_needs(deployed_dev: Checkout) -> None:
    """The second names the one that it waits for in one line."""
    first = deployed_dev.start("python", "-m", "ops", "up")
    assert first.stderr
    # Whatever it prints, it has the lock.
    first.stderr.readline()
    second = deployed_dev.run("python", "-m", "ops", "up")
    output, errors = first.communicate(timeout=HANG_SECONDS)
    assert (first.returncode, second.returncode) == (0, 0), errors + second.stderr
    assert second.stdout == output
    assert "export SQS_QUEUE_URL=" in output
    waits = [line for line in second.stderr.splitlines() if "waiting" in line]
    who = rf"make up ENV=dev \(process {first.pid}, since \d\d:\d\d:\d\d UTC\)"
    line = f"dev on emulator: {who} is at work on it in this checkout; waiting for it, 120 s at most"
    assert [bool(re.fullmatch(line, each)) for each in waits] == [True]
