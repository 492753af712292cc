"""A required value changes in the stack, in the requirement and in one literal of a test: nothing else has it."""

import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import make_checkout
from tests.required import (
    DEPTH_ALARM,
    DLQ_RETENTION,
    ERRORS_ALARM,
    RECEIVES,
    RESULTS_DAYS,
    RETENTION,
    VISIBILITY,
    WAIT,
)
from tests.surroundings import HANG_SECONDS

STACK, REQUIREMENT = "stacks/vpr_async/stack.py", "stacks/vpr_async/requirement.py"
LITERAL = "tests/stacks/vpr_async/test_stack.py"
DAYS, SECONDS, JOBS = RESULTS_DAYS, int(VISIBILITY), int(DEPTH_ALARM["Threshold"])
CHANGES: dict[str, dict[str, tuple[str, str]]] = {
    "results expire": {
        STACK: (f"RESULTS_DAYS = {DAYS}\n", f"RESULTS_DAYS = {2 * DAYS}\n"),
        REQUIREMENT: (f'"Expiration": {{"Days": {DAYS}}}', f'"Expiration": {{"Days": {2 * DAYS}}}'),
        LITERAL: (f"RESULTS_DAYS = {DAYS}\n", f"RESULTS_DAYS = {2 * DAYS}\n"),
    },
    "visibility timeout": {
        STACK: (f"VISIBILITY_SECONDS = {SECONDS}\n", f"VISIBILITY_SECONDS = {2 * SECONDS}\n"),
        REQUIREMENT: (f'"VisibilityTimeout": "{SECONDS}"', f'"VisibilityTimeout": "{2 * SECONDS}"'),
        LITERAL: (f"VISIBILITY_SECONDS = {SECONDS}\n", f"VISIBILITY_SECONDS = {2 * SECONDS}\n"),
    },
    "waiting jobs": dict.fromkeys(
        (STACK, REQUIREMENT, LITERAL), (f"WAITING_JOBS = {JOBS}\n", f"WAITING_JOBS = {2 * JOBS}\n")
    ),
}
"""By file, what is replaced and by what: the number alone."""
# The tests that say something of what the feature requires, plans or finds, and need no emulator. Those of constructs,
# of packages and of the tools use resources of their own; what deploys takes the values from tests/required.py, which
# the last test here holds them to. Of the mutation harness, that every text that it edits is there.
FAST = (
    "tests/stacks/vpr_async",
    "tests/ops/test_requirement.py",
    "tests/ops/verify/test_told.py",
    "tests/ops/deployment/test_retention.py",
    "tests/review/test_golden.py",
    "tests/mutation/test_mutation.py::test_every_fault_can_be_applied_to_the_present_source",
)
NEEDING = ("tests/stacks/vpr_async/test_stack.py", "tests/ops/test_requirement.py")
"""Those that compare the stack with the requirement, and with literals."""


def changed(
    folder: Path, edits: Mapping[str, tuple[str, str]], tests: Sequence[str] = FAST
) -> subprocess.CompletedProcess[str]:
    """Make the edits in a copy of the project, and run tests there."""
    checkout = make_checkout(folder)
    for file, (old, new) in edits.items():
        path = checkout.path / file
        text = path.read_text()
        assert text.count(old) == 1, (file, old)
        path.write_text(text.replace(old, new))
    process = checkout.start("python", "-m", "pytest", "-q", "-n0", "-x", "-m", "not slow", *tests)
    output, errors = process.communicate(timeout=HANG_SECONDS)
    return subprocess.CompletedProcess((), process.returncode, output, errors)


@pytest.mark.slow
@pytest.mark.parametrize("value", CHANGES)
def test_a_value_changes_in_two_places_and_one_literal_of_a_test(value: str, tmp_path: Path) -> None:
    done = changed(tmp_path, CHANGES[value])
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert " passed" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("left_out", [STACK, REQUIREMENT, LITERAL])
def test_each_of_the_three_is_needed(left_out: str, tmp_path: Path) -> None:
    edits = {file: edit for file, edit in CHANGES["results expire"].items() if file != left_out}
    assert changed(tmp_path, edits, NEEDING).returncode == 1


NUMBERS = (
    rf"\bDays\"?: ?{DAYS}\b|\bdays ?= ?{DAYS}\b|\b({DAYS}|seven)[ -]days\b",
    rf"\b(VisibilityTimeout|visibility_timeout_seconds|VISIBILITY_SECONDS)\W{{1,5}}{VISIBILITY}\b",
    rf"\b(MessageRetentionPeriod|RETENTION_SECONDS)\W{{1,5}}({RETENTION}|{DLQ_RETENTION})\b",
    rf"\bReceiveMessageWaitTimeSeconds\W{{1,5}}{WAIT}\b",
    rf"\bmaxReceiveCount\W{{1,5}}{RECEIVES}\b",
    rf"\bThreshold\W{{1,5}}({JOBS}|{ERRORS_ALARM['Threshold']})\b|More than ({JOBS}|{ERRORS_ALARM['Threshold']}) ",
)
"""The values of the requirement, as tests and texts would write them."""
FOLDERS = ("tests/journeys", "tests/stacks", "tests/review", "docs", "stacks", "environments")
ELSEWHERE = {
    "docs/runbooks/alarm-queue-depth.md",
    "tests/journeys/test_bucket_construct.py",
    "tests/journeys/test_table_construct.py",
    "tests/repository/test_change_a_value.py",
    "tests/review/test_project_rules.py",
    "tests/review/test_golden.py",
    "tests/review/test_attributes.py",
    "tests/stacks/vpr_async/test_stack.py",
}
"""Numbers of other features; plans as they were recorded; the one literal; and a command that is pasted at night."""


def test_no_test_and_no_text_has_a_value_of_the_requirement_again() -> None:
    """The journeys, which take minutes, and what users read; other features have values of their own."""
    found: dict[str, list[str]] = {}
    for folder in FOLDERS:
        for path in (PROJECT_ROOT / folder).rglob("*"):
            name = str(path.relative_to(PROJECT_ROOT))
            if path.suffix not in {".py", ".md", ".toml"} or re.search("/orders/|/performance|^docs/constructs", name):
                continue
            hits = [hit[0] for number in NUMBERS for hit in re.finditer(number, path.read_text())]
            if hits and name not in ELSEWHERE:
                found[name] = hits
    assert found.keys() <= {STACK, REQUIREMENT}, found
