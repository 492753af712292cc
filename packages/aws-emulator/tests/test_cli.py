"""The command line: what each command prints, and its exit status."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from emulator_helpers import ACCOUNT_ID, HANG_SECONDS

pytestmark = pytest.mark.slow


def serve(*options: str) -> subprocess.Popen[str]:
    """Run the server program as a user would."""
    return subprocess.Popen(
        [sys.executable, "-m", "aws_emulator", "run", "--account-id", ACCOUNT_ID, *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_program_prints_one_line_and_ends_cleanly_on_a_signal() -> None:
    """Standard output is the URL alone, standard error tells no request, and a signal ends it with exit code 0."""
    for process, ending in [(serve(), signal.SIGTERM), (serve(), signal.SIGINT)]:
        assert process.stdout is not None
        endpoint = process.stdout.readline().strip()
        with urllib.request.urlopen(f"{endpoint}/_emulator") as answer:  # noqa: S310 - the emulator's own
            assert json.load(answer)["pid"] == process.pid
        process.send_signal(ending)
        output, log = process.communicate(timeout=HANG_SECONDS)
        assert process.returncode == 0
        assert output == ""
        assert log == f"process {process.pid} serves account {ACCOUNT_ID}\nlistening on {endpoint}\n"


def test_program_ends_with_its_standard_input_only_if_asked() -> None:
    """`--while-stdin-open` ties it to its standard input; without the option the end of input means nothing."""
    tied, free = serve("--while-stdin-open"), serve()
    for process in (tied, free):
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        assert process.stdin is not None
        process.stdin.close()
    assert tied.wait(HANG_SECONDS) == 0
    assert free.poll() is None
    free.terminate()
    assert free.wait(HANG_SECONDS) == 0
    for process in (tied, free):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stderr.close()


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        (sys.executable, "-m", "aws_emulator", *arguments),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=HANG_SECONDS,
    )


ASK = "import boto3; sqs = boto3.client('sqs'); print(sqs.create_queue(QueueName='jobs')['QueueUrl'])"


def test_a_shell_that_evaluates_the_export_lines_reaches_the_emulator(tmp_path: Path) -> None:
    """From the first start, and from another one that finds it; until it is stopped, which is no error twice."""
    name, folder = ("--name", "jobs"), ("--state-folder", str(tmp_path))
    assert (run("status", *name, *folder).returncode, run("status", *folder).stdout) == (1, "default: not running\n")
    try:
        first = run("start", *name, *folder, "--account-id", ACCOUNT_ID, "--region", "eu-west-3", NO_PROXY="a b")
        assert first.returncode == 0, first.stderr
        exported = dict(line.removeprefix("export ").split("=", 1) for line in first.stdout.splitlines())
        assert exported["AWS_REGION"] == exported["AWS_DEFAULT_REGION"] == "eu-west-3"
        assert exported["NO_PROXY"] == "'a b,127.0.0.1'"
        endpoint = exported["AWS_ENDPOINT_URL"]
        stop = f"aws-emulator stop --name jobs --state-folder {tmp_path}"
        assert first.stderr.startswith(f"jobs: {endpoint} (account {ACCOUNT_ID}, pid ")
        lines = first.stderr.splitlines()
        assert lines[0].endswith(f"); {stop} ends it")
        assert lines[1:] == [f"in a browser, {endpoint}/_emulator/ shows what it holds"]
        again = run("start", *name, *folder, "--account-id", ACCOUNT_ID, "--region", "eu-west-3", NO_PROXY="a b")
        assert (again.returncode, again.stdout) == (0, first.stdout)
        shell = f"{again.stdout}\nexec {shlex.quote(sys.executable)} -c {shlex.quote(ASK)}"
        asked = subprocess.run(("sh", "-c", shell), capture_output=True, text=True, check=False)
        assert (asked.stdout, asked.stderr) == (f"{endpoint}/{ACCOUNT_ID}/jobs\n", "")
        found = run("status", *name, *folder)
        assert (found.returncode, found.stdout) == (0, first.stderr.partition(";")[0] + "\n")
        other = run("start", *name, *folder, "--account-id", "999999999999")
        assert (other.returncode, other.stdout) == (2, "")
        assert other.stderr == (
            f"aws-emulator: emulator 'jobs' runs already, for account {ACCOUNT_ID} instead of 999999999999; "
            "stop it first\n"
        )
    finally:
        stopped = run("stop", *name, *folder)
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "jobs: stopped\n", "")
    stopped = run("stop", *name, *folder)
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (0, "jobs: was not running\n", "")


def test_an_emulator_can_be_told_to_keep_what_it_holds(tmp_path: Path) -> None:
    """Status and stop show it, the next start restores it, and `stop --discard` deletes it."""
    folder = ("--state-folder", str(tmp_path))
    time = r"[0-9]{2}:[0-9]{2}:[0-9]{2} UTC"
    discard = f"aws-emulator stop --name default --state-folder {tmp_path} --discard"
    try:
        assert run("start", "--keep", *folder).returncode == 0
        assert re.search(rf", keeps its data, last saved at {time}\n", run("status", *folder).stdout)
        stopped = run("stop", *folder)
        kept = f"default: stopped; what it held is saved in {tmp_path}/default.state; {discard} deletes it\n"
        assert (stopped.returncode, stopped.stdout) == (0, kept)
        status = run("status", *folder)
        assert status.returncode == 1
        words = rf"default: not running; what it held at {time} is saved, and the next start restores it\n"
        assert re.fullmatch(words, status.stdout)
        other = run("start", *folder, "--account-id", "999999999999")
        assert (other.returncode, other.stdout) == (2, "")
        assert other.stderr == (
            f"aws-emulator: {tmp_path}/default.state: saved for account 123456789012 instead of 999999999999; the file "
            f"stays as it is; to delete it: {discard}\n"
        )
        again = run("start", *folder)
        assert re.match(rf"default: restored from what was saved at {time}\ndefault: http", again.stderr)
    finally:
        discarded = run("stop", "--discard", *folder)
    assert (discarded.returncode, discarded.stdout) == (0, "default: stopped\n")
    assert run("status", *folder).stdout == "default: not running\n"


def test_a_foreground_emulator_keeps_its_state_in_the_file_that_is_named(tmp_path: Path) -> None:
    """Its log shows that it was restored, and saved at its end; a state that cannot be restored is refused."""
    file = tmp_path / "my.state"
    for restored in (False, True):
        process = serve("--keep", str(file))
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.terminate()
        log = process.communicate(timeout=HANG_SECONDS)[1].splitlines()
        assert process.returncode == 0
        assert log[-1] == "ended, with its state saved"
        assert log[2].startswith("restored from what was saved at ") is restored
    file.write_bytes(b"else")
    done = run("run", "--keep", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    refused = f"aws-emulator: {file}: damaged, or not the saved state of an emulator; the file stays as it is"
    assert done.stderr.splitlines()[1:] == [refused]


def test_an_emulator_that_does_not_answer_is_reported_with_what_ends_it(tmp_path: Path) -> None:
    """Its log is locked by a process that does not listen where the log says: status 2, and nothing is ended."""
    with socket.socket() as closed, (tmp_path / "default.log").open("w") as log:
        closed.bind(("127.0.0.1", 0))
        fcntl.flock(log, fcntl.LOCK_EX)
        endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
        log.write(f"process {os.getpid()} serves account {ACCOUNT_ID}\nlistening on {endpoint}\n")
        log.flush()
        done = run("status", "--state-folder", str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"aws-emulator: default: its emulator (process {os.getpid()}) runs but does not answer: it is busy, or "
        "stopped; try again, or end it, with all that it holds: aws-emulator stop --name default --state-folder "
        f"{tmp_path}\n"
    )


def test_settings_of_the_shell_that_would_interfere_are_named(tmp_path: Path) -> None:
    try:
        done = run("start", "--state-folder", str(tmp_path), AWS_PROFILE="own", AWS_SESSION_TOKEN="own")  # noqa: S106
        assert done.returncode == 0
        assert done.stderr.splitlines()[2:] == [
            "this shell has AWS settings that would interfere with the lines above: unset AWS_PROFILE AWS_SESSION_TOKEN"
        ]
    finally:
        assert run("stop", "--state-folder", str(tmp_path)).returncode == 0


def test_state_is_kept_where_the_users_programs_keep_theirs(tmp_path: Path) -> None:
    """In the folder of XDG_STATE_HOME, and else in the user's home."""
    run("status", XDG_STATE_HOME=str(tmp_path / "state"))
    run("status", XDG_STATE_HOME="", HOME=str(tmp_path / "home"))
    assert sorted(path.name for path in (tmp_path / "state" / "aws-emulator").iterdir()) == [
        "default.lock",
        "default.log",
    ]
    assert (tmp_path / "home" / ".local" / "state" / "aws-emulator" / "default.lock").exists()


NAMES = "must be lower-case letters, digits and hyphens, and start with a letter"
FOLDERS = "not a folder that can hold an emulator's files (File exists); move it away"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "--account-id", "123"], "account id '123' is not twelve digits"),
        (["status", "--name", "../a"], f"emulator name '../a' {NAMES}"),
        (["stop", "--state-folder", os.devnull], f"{os.devnull}: {FOLDERS}"),
    ],
)
def test_bad_input_is_refused_in_one_line(arguments: list[str], message: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"aws-emulator: {message}\n")


@pytest.mark.parametrize(
    ("command", "option", "message"),
    [
        ("run", ["--port", "65536"], "argument --port: '65536' is not a port; allowed: 0 to 65535"),
        ("start", ["--port", "-1"], "argument --port: '-1' is not a port; allowed: 0 to 65535"),
        ("start", ["--region", "a; b"], "argument --region: 'a; b' is not a region; for example us-east-1"),
    ],
)
def test_an_option_that_cannot_be_is_refused_with_where_help_is(command: str, option: list[str], message: str) -> None:
    done = run(command, *option)
    program = f"aws-emulator {command}"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{program}: {message}; {program} --help shows the options\n"


def test_without_a_command_it_is_refused() -> None:
    done = run()
    message = "the following arguments are required: COMMAND; aws-emulator --help shows the options"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"aws-emulator: {message}\n")


def test_a_port_that_is_taken_is_refused_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("run", "--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[1:] == [f"aws-emulator: port {port}: Address already in use"]
