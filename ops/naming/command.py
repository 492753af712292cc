"""The command line of the naming validator."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ops.naming.checks import check
from ops.naming.formats import FORMATS, unreadable
from ops.naming.inputs import read
from ops.naming.json_reader import line_numbers
from ops.naming.model import Finding, Place, Report, Resource, Unreadable
from ops.naming.model import Path as JsonPath


def main(arguments: Sequence[str] | None = None) -> int:
    """Validate what --path names and print the findings.

    Return the exit status: 0 no error, 1 errors, 2 something could not be read.
    """
    parsed = _parser().parse_args(arguments)
    report = validate(parsed.path, strict=parsed.strict)
    for found in report.unreadable:
        print(unreadable(found), file=sys.stderr)
    print(FORMATS[parsed.format](report))
    return report.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="validate_naming.py",
        description="Judge the names of AWS resources in Terraform JSON, HCL, plans and Python source.",
        epilog="Exit status: 0 no error, 1 errors, 2 something could not be read.",
    )
    parser.add_argument(
        "--path", required=True, action="append", type=_path, metavar="PATH", help="a file or folder; may be repeated"
    )
    parser.add_argument("--strict", action="store_true", help="faults of convention are errors, not warnings")
    parser.add_argument("--format", choices=tuple(FORMATS), default="text", help="how the findings are printed")
    return parser


def _path(given: str) -> Path:
    """Return the path; an empty one is refused, for it comes of a variable that is not set, and would mean here."""
    if not given:
        message = "is empty; name a file or folder, and this folder as ."
        raise argparse.ArgumentTypeError(message)
    return Path(given)


def validate(paths: Iterable[Path], *, strict: bool) -> Report:
    """Read and judge everything under the paths."""
    resources: list[Resource] = []
    failed: list[Unreadable] = []
    for known, why in read(paths):
        resources += known or []
        failed += [why] if why else []
    if not failed and not any(resource.is_judged for resource in resources):
        failed.append(Unreadable(place=Place(file="--path"), message=_why_nothing(len(resources))))
    return Report(
        findings=tuple(sorted(_with_lines(list(check(resources))), key=_order)),
        unreadable=tuple(failed),
        resources=tuple(resources),
        files=len({resource.place.file for resource in resources}),
        strict=strict,
    )


def _why_nothing(untold: int) -> str:
    if untold:
        return f"nothing was validated: source does not tell the names in it ({untold}); synthesized JSON does"
    return "nothing was validated: no resource that has a name was found"


def _order(finding: Finding) -> tuple[str, int]:
    return finding.resource.place.file, finding.resource.place.line or 0


def _with_lines(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Add the lines to findings in JSON, which only then are looked for."""
    wanted: dict[str, set[JsonPath]] = {}
    for finding in findings:
        wanted.setdefault(finding.resource.place.file, set()).add(finding.resource.place.path)
    lines = {
        file: line_numbers(Path(file).read_text("utf-8-sig"), paths) if any(paths) else {}
        for file, paths in wanted.items()
    }
    for finding in findings:
        place = finding.resource.place
        line = place.line or lines[place.file].get(place.path)
        yield replace(finding, resource=replace(finding.resource, place=replace(place, line=line)))
