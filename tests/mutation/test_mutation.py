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
from tests.mutation.fault import Area, Fault
from tests.mutation.faults import AREAS
from tests.mutation.harness import NoVerdictError, prove, stale_faults
from tests.surroundings import HANG_SECONDS

NAMES = ("tests/stacks/vpr_async/test_names.py",)
HARMLESS = Fault("harmless", "constructs_lib.names:name_fault", "the service's objection", "the objection", "Nothing.")


def known(id_: str) -> Fault:
    (fault,) = (fault for area in AREAS for fault in area.faults if fault.id == id_)
    return fault


def of(*faults: Fault, suite: tuple[str, ...] = NAMES) -> list[Area]:
    return [Area("sample", suite, faults)]


def test_every_fault_can_be_applied_to_the_present_source() -> None:
    assert stale_faults(AREAS) == []


def test_every_area_has_faults_and_tests_and_half_of_the_least_number_are_in_commands_and_packages() -> None:
    for area in AREAS:
        assert area.faults, area.name
        assert area.files(PROJECT_ROOT), area.name
    faults = [fault for area in AREAS for fault in area.faults]
    projects = ("main:", "cdktf.json", "config.", "constructs_lib.", "environments/", "stacks.")
    assert len(faults) >= 200
    assert len([fault for fault in faults if not fault.where.startswith(projects)]) >= 100


@pytest.mark.parametrize(
    "package", sorted(path.parent.name for path in PROJECT_ROOT.glob("packages/*/src/*/__init__.py"))
)
def test_every_package_has_faults(package: str) -> None:
    assert [fault.id for area in AREAS for fault in area.faults if fault.where.startswith(f"{package}.")]


def test_a_fault_of_a_construct_is_caught(capsys: pytest.CaptureFixture[str]) -> None:
    suite = ("tests/constructs_lib/test_queue.py",)
    assert prove(of(known("queue-redrives-to-itself"), suite=suite)) == 0
    verdict, summary = capsys.readouterr().out.splitlines()
    assert verdict.startswith("queue-redrives-to-itself: caught in ")
    assert verdict.endswith(
        " by tests/constructs_lib/test_queue.py"
        "::test_a_queue_is_one_statement_encrypted_polled_for_long_and_with_a_dead_letter_queue_of_its_own"
    )
    assert summary.startswith("1 of 1 faults caught in ")


def test_a_fault_of_a_package_is_caught_by_the_packages_own_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(of(known("commands-obeyed"), suite=("packages/check-report/tests",))) == 0
    assert " by packages/check-report/tests/test_printable.py::test_" in capsys.readouterr().out


def test_a_harmless_change_survives_and_fails_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove(of(known("one-state-for-all"), HARMLESS)) == 1
    out = capsys.readouterr().out
    assert "one-state-for-all: caught in " in out
    assert "harmless: SURVIVED in " in out
    assert "1 of 2 faults caught in " in out


def test_a_change_that_keeps_the_tests_from_being_collected_is_not_caught() -> None:
    unreadable = Fault(
        "unreadable", "constructs_lib.names:derived_suffix", "return ", "return ?", "Nothing would start."
    )
    with pytest.raises(
        NoVerdictError, match=r"(?s)^unreadable: pytest ended with status \d and no failed test:.*invalid syntax"
    ):
        prove(of(unreadable))


def test_tests_that_fail_without_any_fault_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = known("one-state-for-all")

    def spoiled(path: Path) -> Checkout:
        copy = make_checkout(path)
        source = fault.find(copy.path)
        source.file.write_text(source.with_text(source.text.replace(fault.text, fault.replacement)))
        return copy

    monkeypatch.setattr(harness, "make_checkout", spoiled)
    with pytest.raises(
        NoVerdictError, match=r"^tests/stacks/vpr_async/test_names\.py::\w+ fails without any fault; fix that first"
    ):
        prove(of(HARMLESS))


def test_a_fault_that_is_not_up_to_date_ends_with_status_2_and_says_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    faults = (
        Fault("absent", "main:_add_stacks", "no such text", "", "Nothing."),
        Fault("often", "environments/dev.toml", "careervp", "", "Nothing."),
        Fault("often", "environments/dev.toml", "careervp", "", "Nothing."),
        HARMLESS,
        Fault("gone", "ops.aws:no", "pass", "", "Nothing."),
        Fault("away", "ops.azure:reason", "pass", "", "Nothing."),
        Fault("table", "environments/dev.toml:no", "timeout", "", "Nothing."),
        Fault("file", "environments/qa.toml", "timeout", "", "Nothing."),
    )
    monkeypatch.setattr(command, "AREAS", of(*faults))
    assert command.main([]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines() == [
        "often: 2 faults have this id; give each its own",
        "absent: main:_add_stacks: its text is there 0 times, not once: 'no such text'; bring the fault up to date",
        "often: environments/dev.toml: its text is there 7 times, not once: 'careervp'; bring the fault up to date",
        "often: environments/dev.toml: its text is there 7 times, not once: 'careervp'; bring the fault up to date",
        "gone: ops.aws:no: ops/aws.py defines no 0 times, not once; bring the fault up to date",
        "away: ops.azure:reason: 0 files are module ops.azure, not one; bring the fault up to date",
        "table: environments/dev.toml:no: environments/dev.toml has 0 tables no, not one; bring the fault up to date",
        "file: environments/qa.toml: there is no file environments/qa.toml; bring the fault up to date",
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
