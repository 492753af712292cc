"""`make harden`: what of it can be told without checkov."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from check_report.errors import InvalidInputError
from check_report.forms import rendered
from config.request import PROJECT_ROOT
from ops.errors import CommandError
from ops.supply_chain import harden
from ops.supply_chain.harden import Exemption, Result, load_exceptions, report_of, scan


def result(where: str = "vpr-dev/aws_sqs_queue.Q", check: str = "CKV_1", *, failed: bool = True) -> Result:
    return Result(check=check, title="Ensure it", where=where, failed=failed)


def exemption(where: str = "vpr-*/aws_sqs_queue.Q", check: str = "CKV_1", *, may_be_absent: bool = False) -> Exemption:
    return Exemption(check=check, where=where, reason="so", may_be_absent=may_be_absent)


NOT_EXCEPTED = "error [CKV_1] vpr-dev/aws_sqs_queue.Q: Ensure it; fix it, or except it in checkov.toml with the reason"
NEEDLESS = (
    "checkov.toml: error [needless-exception] exception 1 (CKV_1 of vpr-*/aws_sqs_queue.Q): {}; remove the exception"
)
GONE = NEEDLESS.format("there is no such resource or check")


@pytest.mark.parametrize(
    ("results", "exceptions", "said"),
    [
        ([result(failed=False)], [], []),
        ([result()], [], [NOT_EXCEPTED]),
        ([result()], [exemption()], []),
        ([result(), result("vpr-prod/aws_sqs_queue.Q", failed=False)], [exemption()], []),
        ([result()], [exemption(check="CKV_2", may_be_absent=True)], [NOT_EXCEPTED]),
        ([result()], [exemption("vpr-prod/*", may_be_absent=True)], [NOT_EXCEPTED]),
        ([result(failed=False)], [exemption()], [NEEDLESS.format("the check passes")]),
        ([result(failed=False)], [exemption(may_be_absent=True)], [NEEDLESS.format("the check passes")]),
        ([], [exemption()], [GONE]),
        ([result(check="CKV_2", failed=False)], [exemption()], [GONE]),
        ([], [exemption(may_be_absent=True)], []),
    ],
)
def test_what_fails_without_an_exception_is_said_and_so_is_an_exception_that_nothing_needs(
    results: list[Result], exceptions: list[Exemption], said: list[str]
) -> None:
    report = report_of(results, exceptions)
    assert rendered(report, "text").splitlines()[:-1] == said
    assert report.exit_status == int(bool(said))


def test_a_stack_that_is_missing_is_in_each_form_and_status_2() -> None:
    """The text has it on stderr; an exception may be for it, so that none is needless."""
    report = report_of([result(failed=False)], [exemption("vpr-prod/*")], ["vpr-prod"])
    message = "could not be synthesized, so it was not checked"
    assert report.exit_status == 2
    assert rendered(report, "text") == "1 passed, 0 excepted, 0 failed"
    assert json.loads(rendered(report, "json")) == {
        "exit_status": 2,
        "passed": 1,
        "excepted": 0,
        "failed": 0,
        "findings": [],
        "unreadable": [{"subject": "vpr-prod", "message": message}],
    }
    assert f"::error title=unreadable::vpr-prod: {message}" in rendered(report, "github")


def test_every_exception_that_ships_says_of_which_check_where_and_why() -> None:
    exceptions = load_exceptions(PROJECT_ROOT / "checkov.toml")
    assert exceptions
    assert all(each.check.startswith("CKV") and "/" in each.where for each in exceptions)
    assert all(len(each.reason) > 40 for each in exceptions)
    assert len({(each.check, each.where) for each in exceptions}) == len(exceptions)


ENTRY = '[[exception]]\ncheck = "CKV_1"\nwhere = "a/b"\n'
FAULTY: list[tuple[str, list[str]]] = [
    ("[[exception", ["checkov.toml: not valid TOML: "]),
    ("a = " + "[" * 5000, ["checkov.toml: nested too deeply"]),
    ("exception = 1", ["checkov.toml: exception = 1: not allowed; allowed: tables that begin with [[exception]]"]),
    ("exceptions = []", ["checkov.toml: exceptions = []: unknown key; allowed: exception"]),
    (ENTRY, ["checkov.toml: exception 1: reason: missing; required: a text that is not empty"]),
    (
        ENTRY + 'reason = " "',
        ['checkov.toml: exception 1: reason = " ": not allowed; allowed: a text that is not empty'],
    ),
    (ENTRY + "reason = 7", ["checkov.toml: exception 1: reason = 7: not allowed; allowed: a text that is not empty"]),
    (
        ENTRY + 'reason = "x"\nmay_be_absent = "yes"\nuntil = 1',
        [
            'checkov.toml: exception 1: may_be_absent = "yes": not allowed; allowed: true or false',
            "checkov.toml: exception 1: until = 1: unknown key; allowed: check, may_be_absent, reason, where",
        ],
    ),
]


@pytest.mark.parametrize(("content", "said"), FAULTY)
def test_every_fault_of_the_exceptions_is_said_with_its_place(tmp_path: Path, content: str, said: list[str]) -> None:
    file = tmp_path / "checkov.toml"
    file.write_text(content)
    with pytest.raises(InvalidInputError) as caught:
        load_exceptions(file)
    assert [each[: len(begin)] for each, begin in zip(caught.value.faults, said, strict=True)] == said


def test_exceptions_that_cannot_be_read_are_said_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^checkov\.toml: no such file; it has"):
        load_exceptions(tmp_path / "checkov.toml")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo it broke >&2; exit 2", "checkov failed:\nit broke"),
        ("echo '{\"passed\": 0}'", "checkov could not read /0/vpr-dev/cdk.tf.json"),
    ],
)
def test_a_checkov_that_fails_or_passes_over_a_file_is_no_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    checkov = tmp_path / "bin" / "checkov"
    checkov.parent.mkdir()
    checkov.write_text(f"{script}\n")
    (checkov.parent / "python").symlink_to("/bin/sh")
    monkeypatch.setattr(harden, "TOOLS", tmp_path)
    stack = tmp_path / "vpr-dev" / "cdk.tf.json"
    stack.parent.mkdir()
    stack.write_text("{}")
    with pytest.raises(CommandError) as caught:
        harden.scan([stack], {"PATH": "/usr/bin:/bin"})
    assert str(caught.value) == said


def test_checkov_is_run_by_a_python_and_not_by_its_own_first_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """That line would name a path, and Linux takes none with a space."""
    ran: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], *_: Any, **__: Any) -> CompletedProcess[str]:
        ran.append(command)
        return CompletedProcess(command, 0, "[]", "")

    monkeypatch.setattr("ops.supply_chain.harden.process.run", run)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(CommandError, match="could not read"):
        scan([tmp_path / "plan.json"], {"PATH": ""})
    assert [[Path(word).name for word in command[:2]] for command in ran] == [["python", "checkov"]]
