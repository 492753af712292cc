"""The emulator, installed alone: started, used through boto3, and stopped."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.packages.installed import Installed

pytestmark = pytest.mark.xdist_group("packages")

MAKE_A_QUEUE = "import boto3; print(boto3.client('sqs').create_queue(QueueName='jobs')['QueueUrl'])"


def test_a_queue_is_made_on_an_emulator_of_an_empty_environment(
    installed: Callable[[str], Installed], tmp_path: Path
) -> None:
    """As its README says, by the commands that it installs, and by no module of the project."""
    emulator = installed("aws-emulator")
    state = ("--state-folder", str(tmp_path))
    try:
        started = emulator.run("aws-emulator", "start", *state, "--account-id", "111111111111")
        assert started.returncode == 0, started.stderr
        shell = tmp_path / "in-a-shell.sh"
        shell.write_text(f"{started.stdout}\npython -c {shlex.quote(MAKE_A_QUEUE)}\n")
        made = emulator.run("python", "-c", f"import os; os.execvp('sh', ['sh', {str(shell)!r}])")
        assert made.returncode == 0, made.stderr
        (first, *_) = started.stdout.splitlines()
        endpoint = first.removeprefix("export AWS_ENDPOINT_URL=")
        assert made.stdout == f"{endpoint}/111111111111/jobs\n"
    finally:
        stopped = emulator.run("aws-emulator", "stop", *state)
    assert (stopped.returncode, stopped.stdout) == (0, "default: stopped\n")
    assert emulator.run("aws-emulator", "status", *state).returncode == 1
