"""The command `audit`: the locked packages against the published advisories, by pip-audit (OSV) and `npm audit`.

Each finding is fixed, or decided on in `audit.toml` until a day. A service that does not answer is never a pass.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs

from check_report.forms import add_format, rendered
from check_report.model import Check, Level, Place, Report, Section, exit_status
from check_report.toml_file import read_toml
from config.request import PROJECT_ROOT, Request
from config.tables import DAY, FILLED_TEXT, Tables, choice
from ops import process
from ops.command import Command
from ops.progress import say, step
from ops.setup import TOOLS
from ops.uv import requirements

DECISIONS = PROJECT_ROOT / "audit.toml"
PYTHON_LOCKS = ("Pipfile.lock", "tools/Pipfile.lock")
NPM_LOCKS = ("package-lock.json", "tests/review/browser/package-lock.json")


class Verdict(StrEnum):
    """A decision on a finding."""

    NOT_AFFECTED = "not affected"
    ACCEPTED = "accepted"


@attrs.frozen(kw_only=True)
class Decision:
    """One advisory of one package, which somebody answers for."""

    id: str
    package: str
    decision: Verdict
    reason: str
    expires: date
    """The last day on which it holds."""


@attrs.frozen(kw_only=True)
class _File:
    decision: list[Decision] = attrs.field(factory=list[Decision])


_TABLES = Tables({str: FILLED_TEXT, date: DAY, Verdict: choice(Verdict)}, (Decision, _File))
_MOST_BYTES = 65_536


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """One advisory of one locked package."""

    lock: str
    package: str
    version: str
    ids: tuple[str, ...]
    """The advisory's id, then what else it is called."""
    title: str


class UnreachableError(Exception):
    """An advisory service did not answer; the message says which, in one line."""


def run(request: Request, options: argparse.Namespace) -> int:
    """Print the findings; return 0 for none, 1 for some, 2 if a service could not be asked.

    Raises InvalidInputError if `audit.toml` is faulty.
    """
    decided = load_decisions(DECISIONS)
    try:
        with step("ask OSV and npm's registry"):
            advisories = [
                *(each for lock in PYTHON_LOCKS for each in _python(lock, request.shell)),
                *(each for lock in NPM_LOCKS for each in _npm(lock, request.shell)),
            ]
    except UnreachableError as error:
        message = f"{error}; nothing is known of the packages"
        say(message)
        failed = Check(level=Level.UNREADABLE, subject="", message=message, data={"message": message})
        report = _report((), (failed,), "not audited")
    else:
        found = tuple(findings(advisories, decided, today=datetime.now(UTC).date()))
        report = _report(found, (), f"{len(advisories)} findings, {len(decided)} decisions")
    print(rendered(report, options.format))
    return report.exit_status


def _report(found: tuple[Check, ...], failed: tuple[Check, ...], summary: str) -> Report:
    return Report(
        tool="audit",
        target="locked packages",
        sections=(
            Section(key="findings", checks=found),
            Section(key="unreadable", checks=failed, in_text=False),
        ),
        summary=summary,
        head={"exit_status": exit_status(found + failed), "summary": summary},
    )


def load_decisions(path: Path) -> Sequence[Decision]:
    """Read a file of decisions. Raises InvalidInputError with every error of it."""
    missing = "it has the decisions on advisories, and may be empty"
    raw = read_toml(path, path.name, most_bytes=_MOST_BYTES, what="decisions", missing=missing)
    return _TABLES.read(raw, _File, shown=path.name).decision


def findings(advisories: Sequence[Advisory], decided: Sequence[Decision], *, today: date) -> Iterator[Check]:
    """Yield the advisories without a decision, the decisions that have expired, and those on nothing that is found."""
    for each in advisories:
        if not any(_is_on(decision, each) for decision in decided):
            message = f"{each.title}; upgrade it, or decide on it in {DECISIONS.name}"
            yield _finding(each.lock, f"{each.package} {each.version}", each.ids[0], message)
    for number, each in enumerate(decided, 1):
        subject = f"decision {number} ({each.id} of {each.package})"
        if not any(_is_on(each, advisory) for advisory in advisories):
            yield _finding(DECISIONS.name, subject, "needless-decision", "no such finding; remove the decision")
        elif each.expires < today:
            message = f"expired on {each.expires}; upgrade the package, or decide again"
            yield _finding(DECISIONS.name, subject, "expired-decision", message)


def _finding(file: str, subject: str, rule: str, message: str) -> Check:
    data = {"file": file, "subject": subject, "rule": rule, "message": message}
    return Check(level=Level.ERROR, subject=subject, rule=rule, message=message, place=Place(file=file), data=data)


def _is_on(decision: Decision, finding: Advisory) -> bool:
    return decision.package == finding.package and decision.id in finding.ids


# --- the services -------------------------------------------------------------------------------------------------


def _python(lock: str, variables: Mapping[str, str]) -> Iterator[Advisory]:
    """Ask OSV, which answers for packages alone: no index is asked, and pip does not run."""
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "requirements.txt"
        groups = json.loads((PROJECT_ROOT / lock).read_text())
        pins.write_text("\n".join(requirements(*(groups[name] for name in groups if name != "_meta"))))
        options = ("--vulnerability-service", "osv", "--disable-pip", "--no-deps", "--require-hashes")
        shown = ("--format", "json", "--aliases", "on", "--desc", "on", "--progress-spinner", "off")
        command = (str(TOOLS / "bin" / "pip-audit"), "--requirement", str(pins), *options, *shown)
        done = process.run(command, variables, PROJECT_ROOT, capture=True)
    said = _object(done.stdout)
    if "dependencies" not in said or any("skip_reason" in each for each in said["dependencies"]):
        raise UnreachableError(_unanswered("pip-audit", lock, done.stderr))
    for package in said["dependencies"]:
        for each in package["vulns"]:
            yield Advisory(
                lock=lock,
                package=package["name"],
                version=package["version"],
                ids=(each["id"], *each["aliases"]),
                title=_line(each["description"]),
            )


def _npm(lock: str, variables: Mapping[str, str]) -> Iterator[Advisory]:
    """Ask npm's registry; packages bundled with others are among them."""
    folder = (PROJECT_ROOT / lock).parent
    done = process.run(("npm", "audit", "--json", "--package-lock-only"), variables, folder, capture=True)
    said = _object(done.stdout)
    if "vulnerabilities" not in said:
        raise UnreachableError(_unanswered("npm audit", lock, str(said.get("message", done.stderr))))
    advisories: dict[int, Any] = {
        each["source"]: each
        for package in said["vulnerabilities"].values()
        for each in package["via"]
        if not isinstance(each, str)  # which names another package, whose advisory it has
    }
    for each in advisories.values():
        id_ = each["url"].rsplit("/", 1)[-1]
        yield Advisory(lock=lock, package=each["name"], version=each["range"], ids=(id_,), title=_line(each["title"]))


def _object(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}  # pyright: ignore[reportUnknownVariableType] - JSON


def _unanswered(tool: str, lock: str, said: str) -> str:
    lines = said.strip().splitlines() or ["it said nothing"]
    return f"{tool} had no answer for {lock}: {_line(lines[-1])}"


def _line(text: str) -> str:
    """Return the beginning of a stranger's text as one line that is safe for any terminal."""
    return "".join(character if character.isprintable() else " " for character in text)[:160].strip()


COMMANDS = (
    Command(
        name="audit",
        summary="Check the locked packages against the published advisories.",
        run=run,
        add_options=add_format,
        answers=True,
    ),
)
