"""The command `harden`: checkov checks every synthesized stack, and every plan under `plans/`, without any network.

Each finding is fixed, or excepted in `checkov.toml` with the reason. An exception that nothing needs is a finding too.
"""

import argparse
import json
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import attrs

from check_report.forms import add_format, rendered
from check_report.model import Check, Level, Place, Report, Section, exit_status
from check_report.toml_file import read_toml
from config.request import PROJECT_ROOT, Request
from config.tables import FILLED_TEXT, TRUE_OR_FALSE, Tables
from ops import process
from ops.command import Command
from ops.errors import CommandError, NoAnswerError
from ops.progress import step
from ops.setup import TOOLS
from ops.synthesis import synthesize_everything
from ops.workspace import PLANS

EXCEPTIONS = PROJECT_ROOT / "checkov.toml"


@attrs.frozen(kw_only=True)
class Exemption:
    """A check that may fail on some resources."""

    check: str
    where: str
    """`<stack>/<address>`; `*` stands for any characters."""
    reason: str
    may_be_absent: bool = False
    """Whether the resource is there in some settings only."""


@attrs.frozen(kw_only=True)
class _File:
    exception: list[Exemption] = attrs.field(factory=list[Exemption])


_TABLES = Tables({str: FILLED_TEXT, bool: TRUE_OR_FALSE}, (Exemption, _File))
_MOST_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Result:
    """One check's result for one resource."""

    check: str
    title: str
    where: str
    failed: bool


def run(request: Request, options: argparse.Namespace) -> int:
    """Print the findings; return 0 for none, 1 for some, 2 if a stack could not be synthesized.

    Raises InvalidInputError if `checkov.toml` is faulty, CommandError if nothing is synthesized or checkov fails.
    """
    exceptions = load_exceptions(EXCEPTIONS)
    with synthesize_everything(request, "harden") as synthesized:
        files = [folder / "cdk.tf.json" for folder in synthesized.stacks] + sorted(PLANS.glob("*/*/plan.json"))
        if not files:
            message = "nothing could be synthesized, so there is nothing to check"
            raise NoAnswerError(message)
        with step(f"checkov on {len(files)} files"):
            results = scan(files, request.variables)
    report = report_of(results, exceptions, synthesized.missing)
    print(rendered(report, options.format))
    return report.exit_status


def report_of(results: Sequence[Result], exceptions: Sequence[Exemption], missing: Sequence[str] = ()) -> Report:
    """Return the report of checkov's results; missing: the stacks that could not be synthesized."""
    found = tuple(findings(results, exceptions, complete=not missing))
    failed = [result for result in results if result.failed]
    excepted = sum(any(_covers(each, result) for each in exceptions) for result in failed)
    counts = {"passed": len(results) - len(failed), "excepted": excepted, "failed": len(failed) - excepted}
    message = "could not be synthesized, so it was not checked"
    # What is wrong with their settings is on stderr.
    unread = tuple(
        Check(level=Level.UNREADABLE, subject=stack, message=message, data={"subject": stack, "message": message})
        for stack in missing
    )
    return Report(
        tool="harden",
        target="synthesized stacks and plans",
        sections=(
            Section(key="findings", checks=found),
            Section(key="unreadable", checks=unread, in_text=False),
        ),
        summary=", ".join(f"{count} {what}" for what, count in counts.items()),
        head={"exit_status": exit_status(found + unread), **counts},
    )


def load_exceptions(path: Path) -> Sequence[Exemption]:
    """Read a file of exceptions. Raises InvalidInputError with every error of it."""
    missing = "it has the exceptions from checkov's checks, and may be empty"
    raw = read_toml(path, path.name, most_bytes=_MOST_BYTES, what="exceptions", missing=missing)
    return _TABLES.read(raw, _File, shown=path.name).exception


def findings(results: Sequence[Result], exceptions: Sequence[Exemption], *, complete: bool = True) -> Iterator[Check]:
    """Yield a finding for each failure without an exception, and for each exception that nothing needs.

    complete: the results are of all stacks; otherwise an exception may be for one that is not among them.
    """
    for result in results:
        if result.failed and not any(_covers(each, result) for each in exceptions):
            message = f"{result.title}; fix it, or except it in {EXCEPTIONS.name} with the reason"
            yield _finding(result.where, result.check, message)
    for number, each in enumerate(exceptions, 1):
        covered = [result.failed for result in results if _covers(each, result)]
        if not any(covered) and (covered or not each.may_be_absent) and complete:
            reason = "the check passes" if covered else "there is no such resource or check"
            subject = f"exception {number} ({each.check} of {each.where})"
            message = f"{reason}; remove the exception"
            yield _finding(subject, "needless-exception", message, Place(file=EXCEPTIONS.name))


def _finding(subject: str, rule: str, message: str, place: Place | None = None) -> Check:
    data = {"rule": rule, "subject": subject, "message": message, "file": place.file if place else None}
    return Check(level=Level.ERROR, subject=subject, rule=rule, message=message, place=place, data=data)


def _covers(exception: Exemption, result: Result) -> bool:
    return exception.check == result.check and fnmatchcase(result.where, exception.where)


# --- checkov ------------------------------------------------------------------------------------------------------


def scan(files: Iterable[Path], variables: Mapping[str, str]) -> list[Result]:
    """Return checkov's results for synthesized stacks and plans, each in a folder of its stack's name.

    Raises CommandError if checkov fails, or passes over a file.
    """
    with tempfile.TemporaryDirectory() as name:
        # A folder that has nothing else in it: no configuration of the user's, no provider to walk through.
        folder = Path(name)
        for number, file in enumerate(files):
            copy = folder / "judged" / str(number) / file.parent.name / file.name
            copy.parent.mkdir(parents=True)
            content: dict[str, Any] = json.loads(file.read_text())
            # A move of an address has nothing to check, and checkov fails on a list beside the resources.
            content.pop("moved", None)
            copy.write_text(json.dumps(content, indent=2))
        reports = _reports(folder, variables)
        results = [
            (each["file_path"], _result(folder, each, failed=kind == "failed_checks"))
            for report in reports
            for kind in ("passed_checks", "failed_checks")
            for each in report["results"][kind]
        ]
        passed_over = {f"/{copy.relative_to(folder / 'judged')}" for copy in folder.glob("judged/*/*/*")}
        passed_over -= {file for file, _ in results}
    if passed_over or any(report["summary"]["parsing_errors"] for report in reports):
        message = f"checkov could not read {', '.join(sorted(passed_over)) or 'a file'}"
        raise CommandError(message)
    return [result for _, result in results]


def _reports(folder: Path, variables: Mapping[str, str]) -> list[Any]:
    """Run checkov, which with --skip-download calls nobody, and which no variable of the user's turns otherwise."""
    options = ("--skip-download", "--soft-fail", "--output", "json")
    frameworks = ("--framework", "terraform_json", "--framework", "terraform_plan")
    done = process.run(
        # Its own first line names a Python, in which no path may have a space.
        (str(TOOLS / "bin" / "python"), str(TOOLS / "bin" / "checkov"), "--directory", "judged", *frameworks, *options),
        {"PATH": variables["PATH"], "HOME": str(folder)},
        folder,
        capture=True,
    )
    if done.returncode:
        message = f"checkov failed:\n{(done.stderr.strip() or done.stdout.strip())[-4000:]}"
        raise CommandError(message)
    said: Any = json.loads(done.stdout)
    return [report for report in (said if isinstance(said, list) else [said]) if "results" in report]  # pyright: ignore[reportUnknownVariableType] - JSON


def _result(folder: Path, said: Mapping[str, Any], *, failed: bool) -> Result:
    file = folder / "judged" / said["file_path"].lstrip("/")
    kind, _, name = said["resource"].partition(".")
    if kind == "resource":
        # Of synthesized JSON, checkov knows some resources by their name alone.
        kind = next(type_ for type_, named in json.loads(file.read_text())["resource"].items() if name in named)
    return Result(
        check=said["check_id"], title=said["check_name"], where=f"{file.parent.name}/{kind}.{name}", failed=failed
    )


COMMANDS = (
    Command(
        name="harden",
        summary="Have checkov check every synthesized stack, and every plan under plans/.",
        run=run,
        add_options=add_format,
        answers=True,
    ),
)
