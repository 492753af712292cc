"""A sample of `make mutate`, and that it says so when a fault survives or nothing can be said."""

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from config.request import PROJECT_ROOT
from tests.checkout import Checkout, make_checkout
from tests.mutation import __main__ as command
from tests.mutation import harness
from tests.mutation.faults import FAULTS, Fault
from tests.mutation.harness import NoVerdictError, prove, stale_faults
from tests.surroundings import HANG_SECONDS

NAMES = ("tests/stacks/vpr_async/test_names.py",)
HARMLESS = Fault("harmless", "constructs_lib/names.py", "Rules of AWS's services", "The rules", "Nothing.")


def known(id_: str) -> Fault:
    (fault,) = (fault for fault in FAULTS if fault.id == id_)
    return fault


def test_every_fault_is_in_the_present_source_once_and_every_kind_of_file_has_some() -> None:
    assert stale_faults(FAULTS) == []
    assert len(FAULTS) >= 25
    assert {fault.file for fault in FAULTS} == {
        "cdktf.json",
        "config/request.py",
        "config/tables.py",
        "constructs_lib/access.py",
        "constructs_lib/alarms.py",
        "constructs_lib/bucket.py",
        "constructs_lib/names.py",
        "constructs_lib/policies.py",
        "constructs_lib/queue.py",
        "constructs_lib/table.py",
        "constructs_lib/validation.py",
        "environments/dev.toml",
        "environments/prod.toml",
        "environments/staging.toml",
        "main.py",
        "stacks/environment.py",
        "stacks/feature.py",
        "stacks/settings.py",
        "stacks/state_backend/stack.py",
        "stacks/vpr_async/__init__.py",
        "stacks/vpr_async/names.py",
        "stacks/vpr_async/settings.py",
        "stacks/vpr_async/stack.py",
    }


def test_a_fault_of_a_construct_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove([known("queue-redrives-to-itself")], ["tests/constructs_lib/test_constructs.py"]) == 0
    verdict, summary = capsys.readouterr().out.splitlines()
    assert verdict.startswith("queue-redrives-to-itself: caught in ")
    assert verdict.endswith(
        " by tests/constructs_lib/test_constructs.py"
        "::test_a_queue_of_another_feature_is_one_statement_and_secure_by_default"
    )
    assert summary.startswith("1 of 1 faults caught in ")


def test_a_harmless_change_survives_and_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove([known("one-state-for-all"), HARMLESS], NAMES) == 1
    out = capsys.readouterr().out
    assert "one-state-for-all: caught in " in out
    assert "harmless: SURVIVED in " in out
    assert "1 of 2 faults caught in " in out


def test_a_change_that_keeps_the_tests_from_being_collected_is_not_caught() -> None:
    unreadable = Fault(
        "unreadable", "constructs_lib/names.py", "import hashlib\n", "import hashlib?\n", "Nothing would start."
    )
    with pytest.raises(
        NoVerdictError, match=r"(?s)^unreadable: pytest ended with status \d and no failed test:.*invalid syntax"
    ):
        prove([unreadable], NAMES)


def test_tests_that_fail_without_any_fault_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = known("one-state-for-all")

    def spoiled(path: Path) -> Checkout:
        copy = make_checkout(path)
        file = copy.path / fault.file
        file.write_text(file.read_text().replace(fault.text, fault.replacement))
        return copy

    monkeypatch.setattr(harness, "make_checkout", spoiled)
    with pytest.raises(
        NoVerdictError, match=r"^tests/stacks/vpr_async/test_names\.py::\w+ fails without any fault; mend that first"
    ):
        prove([HARMLESS], NAMES)


def test_a_table_that_is_not_up_to_date_ends_with_status_2_and_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    absent = Fault("absent", "main.py", "no such text", "", "Nothing.")
    twice = Fault("twice", "environments/dev.toml", "function_name", "", "Nothing.")
    often = Fault("often", "environments/dev.toml", "careervp", "", "Nothing.")
    monkeypatch.setattr(command, "FAULTS", (absent, often, often, HARMLESS, twice))
    assert command.main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "often: 2 faults have this id; give each its own",
        "absent: its text is in main.py 0 times, not once; bring the table up to date",
        "often: its text is in environments/dev.toml 3 times, not once; bring the table up to date",
        "often: its text is in environments/dev.toml 3 times, not once; bring the table up to date",
    ]


def test_an_unknown_id_ends_with_status_2_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["seventy-days", "seventy\x1bdays"])
    assert ended.value.code == 2
    assert r'"seventy\u001bdays": no such fault' in capsys.readouterr().err


def working_in(directory: Path) -> list[str]:
    """Return the processes whose working folder is below the directory."""
    found: list[str] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append(process.name)
    return found


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_neither_process_nor_copy(
    number: signal.Signals, status: int, tmp_path: Path
) -> None:
    project = Checkout(PROJECT_ROOT, os.environ)
    process = project.start(sys.executable, "-m", "tests.mutation", "seventy-days", TMPDIR=str(tmp_path))
    while not working_in(tmp_path):
        assert process.poll() is None
    assert len(list(tmp_path.iterdir())) == 1
    process.send_signal(number)
    assert process.communicate()[0] == ""
    assert process.returncode == status
    # What was killed takes a moment to be gone.
    deadline = monotonic() + HANG_SECONDS
    while left := working_in(tmp_path):
        assert monotonic() < deadline, left
    assert list(tmp_path.iterdir()) == []
